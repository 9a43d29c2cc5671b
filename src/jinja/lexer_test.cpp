#include "jinja/lexer.h"

#include <gtest/gtest.h>

#include "jinja/number.h"
#include "jinja/testing.h"

namespace plumb::jinja {
namespace {

// "Text<a > { Name<x> } Text<b>": every token, with braces for tags.
std::string tokens_of(std::string_view source, const Syntax& syntax = {}) {
  TokenStream tokens(source, "t", syntax);
  std::string out;
  for (;; tokens.skip()) {
    const Token& token = tokens.current();
    switch (token.kind) {
      case TokenKind::Text:
        out += "'" + std::string(token.text) + "' ";
        break;
      case TokenKind::BlockStart:
        out += "{% ";
        break;
      case TokenKind::BlockEnd:
        out += "%} ";
        break;
      case TokenKind::VariableStart:
        out += "{{ ";
        break;
      case TokenKind::VariableEnd:
        out += "}} ";
        break;
      case TokenKind::Name:
      case TokenKind::Operator:
        out += std::string(token.text) + " ";
        break;
      case TokenKind::String:
        out += "\"" + std::string(token.value.as_string()) + "\" ";
        break;
      case TokenKind::Integer:
        out += int_text(token.value) + " ";
        break;
      case TokenKind::Float:
        out += float_text(token.value.as_float()) + " ";
        break;
      case TokenKind::End:
        if (!out.empty()) out.pop_back();
        return out;
    }
  }
}

std::string failure_of(std::string_view source, const Syntax& syntax = {}) {
  try {
    return "no error: " + tokens_of(source, syntax);
  } catch (const Error& error) {
    const Place& place = *error.find_place();
    return std::to_string(place.line) + ":" + std::to_string(place.column) + " " + error.message();
  }
}

std::string inside(std::string_view expression) {
  std::string all = tokens_of("{{ " + std::string(expression) + " }}");
  return all.substr(3, all.size() - 6);
}

TEST(Lexer, CutsTextAndTags) {
  EXPECT_EQ(tokens_of("Hi {{ name }}!\n{% if a %}x{# no #}y{% endif %}"),
            "'Hi ' {{ name }} '!\n' {% if a %} 'x' 'y' {% endif %}");
  EXPECT_EQ(tokens_of(""), "");
  EXPECT_EQ(tokens_of("{ { }} %}"), "'{ { }} %}'");
  EXPECT_EQ(tokens_of("{{ {'a': {}} }}"), "{{ { \"a\" : { } } }}");
}

TEST(Lexer, SignsTakeWhiteSpaceAway) {
  EXPECT_EQ(tokens_of("a \n {{- b -}} \n c"), "'a' {{ b }} 'c'");
  EXPECT_EQ(tokens_of("a {%- b -%} c {#- d -#} e"), "'a' {% b %} 'c' 'e'");
  EXPECT_EQ(tokens_of("a\n  {% b %}\n c {{ d }}\n", {.trim_blocks = true, .lstrip_blocks = true}),
            "'a\n' {% b %} ' c ' {{ d }}");
  EXPECT_EQ(tokens_of("  {%+ b +%}\n", {.trim_blocks = true, .lstrip_blocks = true, .keep_trailing_newline = true}),
            "'  ' {% b %} '\n'");
}

TEST(Lexer, RawBlocksAreText) {
  EXPECT_EQ(tokens_of("a{% raw %} {{ x }} {% if %}{%- endraw -%} b"), "'a' ' {{ x }} {% if %}' 'b'");
  EXPECT_EQ(failure_of("{% raw %} a"), "1:10 Missing end of raw directive");
  EXPECT_EQ(failure_of("\n{# a"), "2:3 Missing end of comment tag");
}

TEST(Lexer, LinesCanBeStatementsAndComments) {
  Syntax syntax{.line_statement_prefix = "#", .line_comment_prefix = "##"};
  EXPECT_EQ(tokens_of("a\n  # if b:\nc ## no\n  ## no\n# endif\n\nd # e", syntax),
            "'a\n' {% if b : %} 'c' '\n' '\n' {% endif %} 'd # e'");
  EXPECT_EQ(tokens_of("# set a = [1,\n 2]\nb", syntax), "{% set a = [ 1 , 2 ] %} 'b'");
}

TEST(Lexer, DelimitersCanBeChosen) {
  Syntax syntax{.block_start = "<%", .block_end = "%>", .variable_start = "<%=", .variable_end = "%>"};
  EXPECT_EQ(tokens_of("<% if a %><%= a %>{{ b }}", syntax), "{% if a %} {{ a }} '{{ b }}'");
}

TEST(Lexer, NewlinesBecomeWhatIsAskedFor) {
  EXPECT_EQ(tokens_of("a\r\nb\rc\n\n"), "'a\nb\nc\n'");
  EXPECT_EQ(tokens_of("a\r\nb\n{{ 'c\n' }}", {.newline_sequence = "\r\n", .keep_trailing_newline = true}),
            "'a\r\nb\r\n' {{ \"c\r\n\" }}");
}

TEST(Lexer, ReadsNumbers) {
  EXPECT_EQ(inside("0 00 42 1_000 0x_fF 0b1_0 0o17"), "0 0 42 1000 255 2 15");
  EXPECT_EQ(inside("123456789012345678901234567890"), "123456789012345678901234567890");
  EXPECT_EQ(inside("1.5 1e3 1_0.2_5E-1 1e999"), "1.5 1000.0 1.025 inf");
  EXPECT_EQ(inside("a.1.2 1.x 1__2 012"), "a . 1 . 2 1 . x 1 __2 0 12");
  EXPECT_NE(failure_of("{{ " + std::string(4301, '9') + " }}").find("Exceeds the limit"), std::string::npos);
}

TEST(Lexer, ReadsStringsAsPythonDoes) {
  EXPECT_EQ(inside(R"('a\'b\n\x41\u20ac\101\q' "it's")"), "\"a'b\nA€A\\q\" \"it's\"");
  EXPECT_EQ(inside("'\\é'"), "\"\\xe9\"");
  EXPECT_EQ(failure_of("{{ '\\x4' }}"), "1:4 truncated \\xXX escape");
  EXPECT_EQ(failure_of("{{ '\\u12' }}"), "1:4 truncated \\uXXXX escape");
  EXPECT_EQ(failure_of("{{ '\\U00110000' }}"), "1:4 illegal Unicode character");
  EXPECT_EQ(failure_of("{{ '\\Nx' }}"), "1:4 malformed \\N character escape");
  EXPECT_EQ(failure_of("{{ 'a }}"), "1:4 unexpected char \"'\" at 3");
}

TEST(Lexer, ReadsNamesOfAnyScript) {
  EXPECT_EQ(inside("_a größe e\u0301"), "_a größe e\u0301");
  EXPECT_EQ(failure_of("{{ a² }}"), "1:4 Invalid character in identifier");
  EXPECT_EQ(failure_of("é\n{{ € }}"), "2:4 unexpected char '€' at 5");
}

TEST(Lexer, WatchesBrackets) {
  EXPECT_EQ(failure_of("{{ (1] }}"), "1:6 unexpected ']', expected ')'");
  EXPECT_EQ(failure_of("{{ 1) }}"), "1:5 unexpected ')'");
  EXPECT_EQ(inside("a//b**c!=d<=e~f"), "a // b ** c != d <= e ~ f");
}

TEST(Lexer, TimeIsLinear) {
  std::string text(1'000'000, '{');
  EXPECT_EQ(failure_of("{%" + std::string(100'000, ' ') + "$").substr(0, 19), "1:100003 unexpected");
  Syntax syntax{.variable_start = "[[", .line_statement_prefix = "#", .line_comment_prefix = "##"};
  EXPECT_EQ(tokens_of(text, syntax).size(), text.size() + 2);
}

}  // namespace
}  // namespace plumb::jinja
