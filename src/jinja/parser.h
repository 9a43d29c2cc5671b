// From a template's source to its tree: lexer.h cuts the source into tokens, the Parser reads them by the grammar.
//
//     Tree tree = parse(source, "emails/welcome.txt", syntax);
//
// A syntax error is an Error of type "TemplateSyntaxError" with file, line, column and caret, in Jinja2's words:
// "expected token 'end of print statement', got 'string'". Nesting is bounded (kMaxNesting), so that no source exhausts
// the stack; a source must be UTF-8.
//
// A host's own tags (Environment::add_tag) are given the Parser right after their name and return a statement: the
// functions of Parser below are for them.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "jinja/tree.h"

namespace plumb::jinja {

// How templates are written. The defaults are Jinja2's.
struct Syntax {
  std::string block_start = "{%", block_end = "%}";
  std::string variable_start = "{{", variable_end = "}}";
  std::string comment_start = "{#", comment_end = "#}";
  std::string line_statement_prefix = {};  // empty: none
  std::string line_comment_prefix = {};
  bool trim_blocks = false;             // drop the newline after a block
  bool lstrip_blocks = false;           // drop blanks and tabs before a block at the start of a line
  std::string newline_sequence = "\n";  // what every newline of the source becomes
  bool keep_trailing_newline = false;
  bool do_statement = true;   // jinja2.ext.do
  bool loop_controls = true;  // jinja2.ext.loopcontrols
};

class Parser;
// Reads a host's statement; the tag's name is the last token that was consumed.
using TagParser = std::function<StatementPtr(Parser& parser, Position at)>;
using Tags = std::map<std::string, TagParser, std::less<>>;

inline constexpr int kMaxNesting = 200;

// `name` is what messages show as the file. Throws Error of type TemplateSyntaxError.
Tree parse(std::string_view source, std::string_view name, const Syntax& syntax, const Tags& tags = {});
// The source as an expression alone, as Jinja2's compile_expression reads it.
ExpressionPtr parse_expression(std::string_view source, std::string_view name, const Syntax& syntax);

struct Token;
class TokenStream;

class Parser {
 public:
  Parser(TokenStream& tokens, const Tags& tags, const Syntax& syntax);

  Statements parse_template();

  // ---- For tags
  Position position() const;
  // Is the next token this name, or this operator ("(", "=", …)? find_x consumes it if it is; expect_x must.
  bool next_is_name(std::string_view name) const;
  bool next_is(std::string_view op) const;
  bool skip_if(std::string_view op);
  bool skip_if_name(std::string_view name);
  void expect(std::string_view op);
  std::string expect_name();
  std::string expect_string();

  ExpressionPtr parse_expression();
  // (a, b=1): of macros, call blocks and what a host makes like them.
  std::vector<Parameter> parse_signature();
  // Reads statements up to a tag of one of these names, which it consumes together with its `%}`.
  Statements parse_body(std::initializer_list<std::string_view> end_tags);

  // A TemplateSyntaxError at the current token, or at a place.
  [[noreturn]] void fail(std::string message) const;
  [[noreturn]] void fail(std::string message, Position at) const;

 private:
  TokenStream& tokens_;
  const Tags& tags_;
  const Syntax& syntax_;
};

}  // namespace plumb::jinja
