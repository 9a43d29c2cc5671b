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
#include <set>
#include <string>
#include <string_view>
#include <vector>

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

// How deep statements, and how deep expressions may lie within each other. A chain counts a level for each of its
// links: a.b.c, x|f|g, a + b + c.
inline constexpr int kMaxNesting = 200;

// `name` is what messages show as the file. Throws Error of type TemplateSyntaxError or TemplateAssertionError, or
// SyntaxError for what Python would find wrong with Jinja2's code: `break` outside of a loop, a parameter twice.
Tree parse(std::string_view source, std::string_view name, const Syntax& syntax, const Tags& tags = {});
// The source as an expression alone, as Jinja2's compile_expression reads it.
ExpressionPtr parse_expression(std::string_view source, std::string_view name, const Syntax& syntax);

struct Token;
enum class TokenKind : std::uint8_t;
class TokenStream;

class Parser {
 public:
  Parser(TokenStream& tokens, const Tags& tags, const Syntax& syntax);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser();

  Statements parse_template();
  ExpressionPtr parse_expression_alone();

  // ---- For tags
  // Where the next token stands.
  Position position() const;
  // Is the next token this name, or this operator ("(", "=", …)? skip_if_x consumes it if it is; expect_x must.
  bool next_is_name(std::string_view name) const;
  bool next_is(std::string_view op) const;
  bool next_is_end_of_tag() const;
  bool skip_if(std::string_view op);
  bool skip_if_name(std::string_view name);
  void expect(std::string_view op);
  std::string expect_name();
  std::string expect_string();

  ExpressionPtr parse_expression();
  // (a, b=1): of macros, call blocks and what a host makes like them.
  std::vector<Parameter> parse_signature();
  // Reads the `%}` of the tag and statements up to a tag of one of these names, which it consumes. That tag's own `%}`
  // is read when the statement is complete, as is that of a tag without a body. The body is a function's: it has no
  // loop around it.
  Statements parse_body(std::initializer_list<std::string_view> end_tags);

  // A TemplateSyntaxError at the next token, or at a place.
  [[noreturn]] void fail(std::string message) const;
  [[noreturn]] void fail(std::string message, Position at) const;

 private:
  // What a statement stands in: what decides whether `break`, `extends` and some names are allowed there.
  struct Context {
    bool toplevel = true;
    bool in_loop = false;
    int scopes = 0;                // names of Python's variables in Jinja2's code count them: l_1_x
    int block = 0;                 // 0 is the template itself, n its n-th block
    int loop_block = 0, loop = 0;  // the outermost `for` around it: where it stands, and its number; 0: none
    Context within_scope() const;
    Context within_function() const;
  };
  // What Jinja2 notices only once the whole source is parsed: its compiler first, then Python's.
  enum class Pass : std::uint8_t { Blocks, Code, PythonSyntax, PythonNames, PythonCode };
  struct LateError;
  class Level;

  // parser.cpp
  const Token& current() const;
  void expect(TokenKind kind);
  void expect_word(std::string_view word);
  bool next_is_one_of(std::initializer_list<std::string_view> names) const;
  [[noreturn]] void fail_expected(std::string_view expected) const;
  [[noreturn]] void fail_unknown_tag(std::string_view name, Position at) const;
  [[noreturn]] void fail_end_of_template() const;
  std::string describe_open_tags(std::string_view unknown) const;
  void note(Pass pass, std::string_view type, std::string message, Position at);
  void note(Pass pass, std::string_view type, std::string message, Position at, int block, int order);
  void raise_late_errors() const;
  Statements parse_statements();
  void parse_statement(Statements& into);
  // The rest of a tag, then statements up to one of the tags, whose name is then the next token.
  Statements parse_until(std::initializer_list<std::string_view> end_tags, Context inside);
  Statements parse_to(std::string_view end_tag, Context inside);

  // parser_statements.cpp
  // Null when there is no such statement.
  StatementPtr find_statement(std::string_view name, Position at);
  void parse_print(Statements& into);
  StatementPtr parse_for(Position at);
  StatementPtr parse_if(Position at);
  StatementPtr parse_set(Position at);
  StatementPtr parse_with(Position at);
  StatementPtr parse_macro(Position at);
  StatementPtr parse_call_block(Position at);
  StatementPtr parse_filter_block(Position at);
  StatementPtr parse_block(Position at);
  StatementPtr parse_extends(Position at);
  StatementPtr parse_include(Position at);
  StatementPtr parse_import(Position at);
  StatementPtr parse_from(Position at);
  bool parse_import_context(bool& with_context);
  StatementPtr parse_autoescape(Position at);
  StatementPtr parse_do(Position at);
  StatementPtr parse_loop_control(bool is_break, Position at);
  void check_parameters(const std::vector<Parameter>& parameters);

  // parser_targets.cpp
  Target parse_target(bool with_namespace);
  Target parse_target_name();
  struct Candidate;
  Candidate parse_candidate(bool with_namespace);
  Candidate to_candidate(const Expression& expression) const;
  void check_loop_name(const Target& target, const Context& context);

  // parser_expressions.cpp
  struct TupleRules {
    bool conditionals = true;  // may `a if b` stand in it bare?
    bool parentheses = false;  // is it within its own?
  };
  ExpressionPtr parse_tuple(TupleRules rules);
  bool next_is_end_of_tuple() const;
  ExpressionPtr parse_operators(int weakest);
  ExpressionPtr parse_comparison(ExpressionPtr first);
  ExpressionPtr parse_concat(ExpressionPtr first);
  ExpressionPtr parse_unary(bool with_filters);
  ExpressionPtr parse_primary();
  ExpressionPtr parse_name();
  ExpressionPtr parse_strings();
  ExpressionPtr parse_list();
  ExpressionPtr parse_dict();
  // parser_postfix.cpp
  ExpressionPtr parse_postfix(ExpressionPtr subject);
  ExpressionPtr parse_filters_and_tests(ExpressionPtr subject);
  ExpressionPtr parse_attribute(ExpressionPtr subject);
  ExpressionPtr parse_subscript(ExpressionPtr subject);
  ExpressionPtr parse_key_or_slice();
  ExpressionPtr parse_call(ExpressionPtr callee);
  ExpressionPtr parse_filter(ExpressionPtr subject, bool at_name = false);
  ExpressionPtr parse_test(ExpressionPtr subject);
  ArgumentList parse_arguments();
  std::string parse_dotted_name();
  void check_keywords(const std::vector<KeywordArgument>& keywords, Position at, std::string_view given_as_well = {});
  // `child` is to be below `node`.
  void deepen(Expression& node, const ExpressionPtr& child) const;
  void deepen(Expression& node, const ArgumentList& arguments) const;

  TokenStream& tokens_;
  const Tags& tags_;
  const Syntax& syntax_;
  std::vector<std::initializer_list<std::string_view>> end_tags_;  // what each open tag waits for
  std::vector<std::string_view> open_tags_;
  std::set<std::string, std::less<>> blocks_;
  Context context_;
  std::unique_ptr<LateError> late_;  // the first
  int statements_ = 0;
  int level_ = 0;
};

}  // namespace plumb::jinja
