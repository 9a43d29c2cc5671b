#include "jinja/parser.h"

#include <gtest/gtest.h>

#include "jinja/errors.h"
#include "jinja/tree_text.h"

namespace plumb::jinja {
namespace {

std::string tree_of(std::string_view source, const Tags& tags = {}) {
  return tree_text(parse(source, "t", {}, tags));
}
// The expression with all its parentheses.
std::string read(std::string_view expression) {
  return tree_text(*parse_expression(expression, "t", {}));
}

// "2:4 unexpected '}'"; what is no TemplateSyntaxError says its type.
std::string failure_of(std::string_view source, const Tags& tags = {}) {
  try {
    return "no error: " + tree_of(source, tags);
  } catch (const Error& error) {
    const Place& place = *error.find_place();
    std::string type = error.type() == "TemplateSyntaxError" ? "" : error.type() + ": ";
    return std::to_string(place.line) + ":" + std::to_string(place.column) + " " + type + error.message();
  }
}

// ---- Expressions

TEST(Parser, OperatorsBindAsInJinja2) {
  EXPECT_EQ(read("a or b and not c == d + e ~ f * g ** -h.i"),
            "(a or (b and (not (c == (d + (e ~ (f * (g ** (-h.i)))))))))");
  EXPECT_EQ(read("1 - 2 - 3"), "((1 - 2) - 3)");
  EXPECT_EQ(read("a < b <= c in d not in e"), "(a < b <= c in d not in e)");
  EXPECT_EQ(read("-2 ** 2"), "((-2) ** 2)");
  EXPECT_EQ(read("2 ** 3 ** 2"), "((2 ** 3) ** 2)");
  EXPECT_EQ(read("-1|abs + +x()|f"), "((-1)|abs() + (+x())|f())");
  EXPECT_EQ(read("a if b else c if d"), "(a if b else (c if d))");
  EXPECT_EQ(read("not a is b and c"), "((not (a is b())) and c)");
}

TEST(Parser, ReadsLookupsAndCalls) {
  EXPECT_EQ(read("a.b[1].0[x, y][:][1:2][::3]"), "a.b[1][0][(x,y,)][::][1:2:][::3]");
  EXPECT_EQ(read("f(1, b=2, *c, **d,)(x)"), "f(1,b=2,*c,**d,)(x,)");
  EXPECT_EQ(read("x|a.b(1)|c is d(1)"), "(x|a.b(1,)|c() is d(1,))");
}

TEST(Parser, ReadsTestsWithABareArgument) {
  EXPECT_EQ(read("x is divisibleby 3 + 1"), "((x is divisibleby(3,)) + 1)");
  EXPECT_EQ(read("x is not in [1].y or z"), "((not (x is in([1,].y,))) or z)");
  EXPECT_EQ(failure_of("{{ a is b is c }}"), "1:11 You cannot chain multiple tests with is");
}

TEST(Parser, ReadsDisplaysAndConstants) {
  EXPECT_EQ(read("[(), (1,), (2), {'a' 'b': True,}, none, 1.0]"), "[(),(1,),2,{'ab':True,},None,1.0,]");
  EXPECT_EQ(tree_of("{{ a, b }}{{ True.x }}"), "{{ (a,b,) }}{{ True.x }}");
}

// ---- Statements

TEST(Parser, ReadsStatements) {
  EXPECT_EQ(tree_of("{% for a, (b, c) in x if a recursive: %}{{ a }}{% else %}-{% endfor %}"),
            "{% for (a,(b,c,),) in x if a recursive %}{{ a }}{% else %}-{% endfor %}");
  EXPECT_EQ(tree_of("{% if a %}1{% elif b, %}2{% else %}3{% endif %}"),
            "{% if a %}1{% elif (b,) %}2{% else %}3{% endif %}");
  EXPECT_EQ(tree_of("{% set a, n.b = 1, 2 %}{% set c|upper|f(1) %}x{% endset %}"),
            "{% set (a,n.b,) = (1,2,) %}{% set c|upper()|f(1,) %}x{% endset %}");
  EXPECT_EQ(tree_of("{% macro m(a, b=1) %}{% endmacro %}{% call(x) m(1) %}{% endcall %}"),
            "{% macro m(a,b=1,) %}{% endmacro %}{% call(x,) m(1,) %}{% endcall %}");
  EXPECT_EQ(
      tree_of("{% with a=1, b=a %}{% endwith %}{% filter f|g %}{% endfilter %}{% autoescape a %}{% endautoescape %}"),
      "{% with a=1,b=a, %}{% endwith %}{% filter |f()|g() %}{% endfilter %}{% autoescape a %}{% endautoescape %}");
  EXPECT_EQ(tree_of("{% print a, b %}{% do a.append(1) %}{% raw %}{{ x }}{% endraw %}"),
            "{{ a }}{{ b }}{% do a.append(1,) %}{{ x }}");
}

TEST(Parser, ReadsStatementsAmongTemplates) {
  EXPECT_EQ(tree_of("{% extends a %}{% block b scoped required %} {# c #}{% endblock b %}"),
            "{% extends a %}{% block b scoped required %} {% endblock %}");
  EXPECT_EQ(tree_of("{% include ['a', 'b'] ignore missing without context %}{% include 'a' %}"),
            "{% include ['a','b',] ignore missing without context %}{% include 'a' with context %}");
  EXPECT_EQ(tree_of("{% import 'a' as b with context %}{% from 'a' import b, c as d %}"),
            "{% import 'a' as b with context %}{% from 'a' import b as b, c as d, without context %}");
}

// ---- Errors

TEST(Parser, SaysWhatItExpected) {
  EXPECT_EQ(failure_of("{{ a 'b' }}"), "1:6 expected token 'end of print statement', got 'string'");
  EXPECT_EQ(failure_of("{{ }}"), "1:4 Expected an expression, got 'end of print statement'");
  EXPECT_EQ(failure_of("{{ 1 + }}"), "1:8 unexpected 'end of print statement'");
  EXPECT_EQ(failure_of("a\n{{ b.'c' }}"), "2:6 expected name or number");
  EXPECT_EQ(failure_of("{{ f(a=1, 2) }}"), "1:5 invalid syntax for function call expression");
  EXPECT_EQ(failure_of("{{ a"), "1:4 unexpected end of template, expected 'end of print statement'.");
  EXPECT_EQ(failure_of("{% %}"), "1:4 tag name expected");
  EXPECT_EQ(failure_of("{% macro a(b=1, c) %}"), "1:18 non-default argument follows default argument");
  EXPECT_EQ(failure_of("{% call a %}"), "1:4 expected call");
  EXPECT_EQ(failure_of("{% block a-b %}"),
            "1:11 Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an "
            "underscore instead.");
  EXPECT_EQ(failure_of("{% block a required %}x{% endblock %}"),
            "1:36 Required blocks can only contain comments or whitespace");
  EXPECT_EQ(failure_of("{% from 'a' import _b %}"),
            "1:20 TemplateAssertionError: names starting with an underline can not be imported");
}

TEST(Parser, SaysWhichTagIsMissing) {
  EXPECT_EQ(failure_of("{% foo %}"), "1:4 Encountered unknown tag 'foo'.");
  EXPECT_EQ(failure_of("{% if a %}{% foo %}"),
            "1:14 Encountered unknown tag 'foo'. Jinja was looking for the following tags: 'elif' or 'else' or "
            "'endif'. The innermost block that needs to be closed is 'if'.");
  EXPECT_EQ(failure_of("{% for a in b %}{% if a %}{% endfor %}"),
            "1:30 Encountered unknown tag 'endfor'. You probably made a nesting mistake. Jinja is expecting this tag, "
            "but currently looking for 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is "
            "'if'.");
  EXPECT_EQ(failure_of("{% if a %}\n"),
            "1:9 Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. "
            "The innermost block that needs to be closed is 'if'.");
}

TEST(Parser, RefusesWhatIsNoTarget) {
  EXPECT_EQ(failure_of("{% set true = 1 %}"), "1:8 can't assign to 'const'");
  EXPECT_EQ(failure_of("{% for (a, b.c) in d %}"), "1:10 can't assign to 'tuple'");
  EXPECT_EQ(failure_of("{% set (a|b) = 1 %}"), "1:11 can't assign to 'filter'");
  EXPECT_EQ(failure_of("{% macro none() %}"), "1:10 can't assign to 'name'");
}

TEST(Parser, RefusesWhatOnlyJinja2sCompilerNotices) {
  EXPECT_EQ(failure_of("{% break %}"), "1:4 SyntaxError: 'break' outside loop");
  EXPECT_EQ(failure_of("{% for a in b %}{% macro c() %}{% continue %}{% endmacro %}{% endfor %}"),
            "1:35 SyntaxError: 'continue' not properly in loop");
  EXPECT_EQ(failure_of("{% macro a(b, b) %}{% endmacro %}"),
            "1:15 SyntaxError: duplicate argument 'l_1_b' in function definition");
  EXPECT_EQ(failure_of("{{ f(a=1, a=2) }}"), "1:5 SyntaxError: keyword argument repeated: a");
  EXPECT_EQ(failure_of("{% block a %}{% endblock %}\n{% block a %}{% endblock %}"),
            "2:4 TemplateAssertionError: block 'a' defined twice");
  EXPECT_EQ(failure_of("{% with %}{% extends 'a' %}{% endwith %}"),
            "1:14 TemplateAssertionError: cannot use extend from a non top-level scope");
  EXPECT_EQ(failure_of("{% for a in b %}{% set loop = 1 %}{% endfor %}"),
            "1:24 TemplateAssertionError: Can't assign to special loop variable in for-loop target");
  // What the parser finds wrong goes first, wherever it stands.
  EXPECT_EQ(failure_of("{% break %}{{ }}"), "1:15 Expected an expression, got 'end of print statement'");
}

TEST(Parser, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(failure_of("a\n\xFF"),
            "2:1 UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 2: invalid "
            "start byte");
  EXPECT_EQ(failure_of("\xE2\x82"),
            "1:1 UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe2 in position 0: "
            "unexpected end of data");
}

// ---- Limits

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Parser, NestingHasALimit) {
  for (std::string_view link : {".b", "[1]", "(1)", "|f", " + 1", " and b", " is c()", " if c"}) {
    EXPECT_EQ(failure_of("{{ a" + repeat(link, 150) + " }}").substr(0, 9), "no error:") << link;
    EXPECT_NE(failure_of("{{ a" + repeat(link, 5000) + " }}").find("too many levels"), std::string::npos) << link;
  }
  for (std::string_view open : {"(", "[", "{1:", "-", "not ", "a if b else ", "a[", "f(", "a is b[", "f|g("}) {
    EXPECT_NE(failure_of("{{ " + repeat(open, 5000)).find("too many levels"), std::string::npos) << open;
  }
  EXPECT_NE(failure_of(repeat("{% if a %}", 5000)).find("too many levels"), std::string::npos);
  EXPECT_EQ(failure_of("{% if a %}" + repeat("{% elif b %}", 5000) + "{% endif %}").substr(0, 9), "no error:");
  EXPECT_EQ(failure_of("{{ a" + repeat(" ~ b", 5000) + repeat(" < c", 5000) + " }}").substr(0, 9), "no error:");
}

// ---- Tags of a host

// {% materialization name, adapter='x' %} … {% endmaterialization %}, as dbt has it: a macro by another name.
StatementPtr parse_materialization(Parser& parser, Position at) {
  auto macro = std::make_unique<Macro>(at);
  std::string adapter = "default";
  macro->function.name = "materialization_" + parser.expect_name();
  while (parser.skip_if(",")) {
    if (parser.skip_if_name("default")) continue;
    if (!parser.skip_if_name("adapter")) parser.fail("a materialization has an adapter and nothing else");
    parser.expect("=");
    adapter = parser.expect_string();
  }
  macro->function.name += "_" + adapter;
  macro->function.body = parser.parse_body({"endmaterialization"});
  return macro;
}

TEST(Parser, HostsAddTags) {
  Tags tags{{"materialization", parse_materialization}};
  EXPECT_EQ(tree_of("{% materialization table, adapter='duckdb' -%} {{ a }} {%- endmaterialization %}.", tags),
            "{% macro materialization_table_duckdb() %}{{ a }}{% endmacro %}.");
  EXPECT_EQ(failure_of("{% materialization table, b=1 %}", tags),
            "1:27 a materialization has an adapter and nothing else");
  EXPECT_EQ(failure_of("{% materialization table %}", tags),
            "1:26 Unexpected end of template. Jinja was looking for the following tags: 'endmaterialization'. The "
            "innermost block that needs to be closed is 'materialization'.");
}

}  // namespace
}  // namespace plumb::jinja
