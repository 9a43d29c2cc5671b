// Cuts a template's source into tokens: text between tags, and within tags names, literals and operators.
//
//     TokenStream tokens("Hi {{ name }}!", "greeting.txt", syntax);
//     tokens.current();                                       // Text "Hi "
//     tokens.next();                                          // and so on, up to End
//
// It reads as Jinja2's lexer does, on demand: what is wrong with a token is said when the token before it is taken, so
// that of two errors the same one is met first. Comments and white space never come out; `-`, `+`, trim_blocks and
// lstrip_blocks have been obeyed. Line statements come out as tags. Time is linear in the source's length.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jinja/parser.h"
#include "jinja/tree.h"

namespace plumb::jinja {

enum class TokenKind : std::uint8_t {
  Text,
  BlockStart,
  BlockEnd,
  VariableStart,
  VariableEnd,
  Name,
  String,
  Integer,
  Float,
  Operator,
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  Position at{1, 1};
  std::string_view text = {};  // of a Text, a Name, an Operator; lives as long as the stream
  Value value = {};            // of a literal

  bool is_name(std::string_view name) const { return kind == TokenKind::Name && text == name; }
  bool is(std::string_view op) const { return kind == TokenKind::Operator && text == op; }
};

// As messages call it: "end of print statement", "integer", ",", or the name itself.
std::string_view describe(TokenKind kind);
std::string_view describe(const Token& token);

class TokenStream {
 public:
  enum class Start : std::uint8_t { Template, Expression };  // Expression: within a tag from the first byte on
  // All must outlive the stream.
  TokenStream(std::string_view source, std::string_view name, const Syntax& syntax, Start start = Start::Template);
  TokenStream(const TokenStream&) = delete;
  TokenStream& operator=(const TokenStream&) = delete;

  const Token& current() const { return current_; }
  // Moves on, and gives the token that was the current one.
  Token next();
  void skip();
  // The token after the current one.
  const Token& look();

  // An Error of this type with the place, its line and a caret.
  Error error(std::string_view type, std::string message, Position at) const;

 private:
  // What can open outside of tags. Of two that fit at one place the longer one wins, then the one that is first here.
  enum class Opening : std::uint8_t { Raw, Variable, LineStatement, LineComment, Comment, Block };
  struct Delimiter {
    Opening opening;
    std::string_view text;
  };
  struct Found {
    Opening opening;
    std::size_t begin, end;  // the signs and blanks that belong to it included
    char sign;               // '-', '+' or 0
  };
  enum class Mode : std::uint8_t { Text, Raw, Variable, Block, LineStatement };
  using TokenOrNothing = std::optional<Token>;

  void prepare_delimiters();
  Token lex();
  [[noreturn]] void fail(std::string message);  // at at_
  // Line and column of a byte. They are counted on from the last call: ask for bytes in ascending order.
  Position place(std::size_t byte);
  // A token that ends here; at_ moves behind it.
  Token take(TokenKind kind, std::size_t end);
  char byte(std::size_t at) const { return at < source_.size() ? source_[at] : '\0'; }
  bool stands(std::string_view text, std::size_t at) const { return source_.substr(at).starts_with(text); }
  std::size_t skip_space(std::size_t at) const;
  std::size_t skip_sign(std::size_t at, char& sign) const;
  // Behind the `end` of a tag that stands at `at`, and the white space or newline that go with it.
  std::optional<std::size_t> match_end(std::size_t at, std::string_view end, bool takes_plus, bool trims) const;

  // ---- Outside of tags: lexer.cpp
  TokenOrNothing lex_text();
  TokenOrNothing lex_raw();
  TokenOrNothing open(const Found& found);
  TokenOrNothing text_token(std::size_t begin, const Found& next);
  void skip_comment();
  std::optional<Found> find_opening() const;
  std::optional<Found> match_opening(std::size_t at) const;
  std::optional<Found> match_raw(std::size_t at) const;
  std::optional<std::size_t> find_line_prefix(Opening opening, std::size_t at) const;
  std::string_view with_newlines(std::string_view text);

  // ---- Within tags: lexer_tag.cpp
  TokenOrNothing lex_in_tag();
  TokenOrNothing lex_end_of_tag();
  Token lex_float(std::size_t end);
  Token lex_integer(std::size_t end);
  TokenOrNothing lex_name();
  TokenOrNothing lex_string();
  TokenOrNothing lex_operator();
  std::size_t match_digits(std::size_t at) const;
  std::size_t match_float(std::size_t at) const;
  std::size_t match_integer(std::size_t at) const;
  void balance(char bracket);

  const std::string_view name_;
  const Syntax& syntax_;
  std::string normalized_;  // the source, when its newlines had to become \n
  std::string_view source_;
  std::vector<Delimiter> delimiters_;                // in the order in which they win
  std::array<bool, 256> may_open_{};                 // bytes that a delimiter begins with
  std::optional<char> opener_;                       // the only one there is
  std::vector<std::unique_ptr<std::string>> texts_;  // texts that are not in the source as they are

  std::size_t at_ = 0;
  Mode mode_ = Mode::Text;
  std::optional<Found> found_;  // what opens at at_, behind the text that was given last
  std::string closers_;         // what has to close the brackets that are open, the innermost last

  std::size_t placed_ = 0;
  Position placed_at_{1, 1};

  Token current_;
  std::optional<Token> ahead_;
};

// A string literal's inside as Python's unicode_escape codec reads it. TemplateSyntaxError's message on failure.
struct DecodedString {
  std::string text;
  std::string_view error;
};
DecodedString decode_string(std::string_view inside, std::string_view newline_sequence);

}  // namespace plumb::jinja
