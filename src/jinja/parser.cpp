#include "jinja/parser.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "jinja/errors.h"
#include "jinja/lexer.h"
#include "jinja/parser_internal.h"
#include "jinja/place.h"

namespace plumb::jinja {

namespace {

// Where something stands that comes after this text.
Position end_of(std::string_view text) {
  Position at{1, 1};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends_line = text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n");
    if (ends_line) {
      at = {at.line + 1, 1};
    } else if ((text[i] & 0xC0) != 0x80) {
      ++at.column;
    }
  }
  return at;
}

// As Python's open() would refuse the file.
void check_utf8(std::string_view source, std::string_view name) {
  auto bad = find_invalid_utf8(source);
  if (!bad) return;
  static constexpr char kDigits[] = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(source[*bad]);
  bool starts = byte >= 0xC2 && byte <= 0xF4;
  auto rest = source.substr(*bad + 1);
  bool ends = std::all_of(rest.begin(), rest.end(), [](char next) { return (next & 0xC0) == 0x80; });
  std::string message = "'utf-8' codec can't decode byte 0x";
  message.append({kDigits[byte >> 4], kDigits[byte & 15]});
  message += " in position " + std::to_string(*bad) + ": ";
  message += !starts ? "invalid start byte" : ends ? "unexpected end of data" : "invalid continuation byte";
  throw make_error("UnicodeDecodeError", std::move(message))
      .at(find_place(name, clean_utf8(source), end_of(source.substr(0, *bad))));
}

}  // namespace

Tree parse(std::string_view source, std::string_view name, const Syntax& syntax, const Tags& tags) {
  check_utf8(source, name);
  TokenStream tokens(source, name, syntax);
  Tree tree;
  tree.body = Parser(tokens, tags, syntax).parse_template();
  return tree;
}

ExpressionPtr parse_expression(std::string_view source, std::string_view name, const Syntax& syntax) {
  check_utf8(source, name);
  TokenStream tokens(source, name, syntax, TokenStream::Start::Expression);
  const Tags none;
  return Parser(tokens, none, syntax).parse_expression_alone();
}

struct Parser::LateError {
  Pass pass;
  int block, order;
  Error error;
};

Parser::Parser(TokenStream& tokens, const Tags& tags, const Syntax& syntax)
    : tokens_(tokens), tags_(tags), syntax_(syntax) {}
Parser::~Parser() = default;

Statements Parser::parse_template() {
  Statements body = parse_statements();
  raise_late_errors();
  return body;
}

ExpressionPtr Parser::parse_expression_alone() {
  ExpressionPtr expression = parse_expression();
  if (current().kind != TokenKind::End) fail("chunk after expression");
  raise_late_errors();
  return expression;
}

// ---- Tokens

const Token& Parser::current() const {
  return tokens_.current();
}
Position Parser::position() const {
  return current().at;
}
bool Parser::next_is_name(std::string_view name) const {
  return current().is_name(name);
}
bool Parser::next_is(std::string_view op) const {
  return current().is(op);
}
bool Parser::next_is_end_of_tag() const {
  return current().kind == TokenKind::BlockEnd;
}
bool Parser::next_is_one_of(std::initializer_list<std::string_view> names) const {
  return std::any_of(names.begin(), names.end(), [this](std::string_view name) { return next_is_name(name); });
}

bool Parser::skip_if(std::string_view op) {
  bool found = next_is(op);
  if (found) tokens_.skip();
  return found;
}
bool Parser::skip_if_name(std::string_view name) {
  bool found = next_is_name(name);
  if (found) tokens_.skip();
  return found;
}

void Parser::expect(std::string_view op) {
  if (!skip_if(op)) fail_expected(op);
}
void Parser::expect_word(std::string_view word) {
  if (!skip_if_name(word)) fail_expected(word);
}
void Parser::expect(TokenKind kind) {
  if (current().kind != kind) fail_expected(describe(kind));
  tokens_.skip();
}
std::string Parser::expect_name() {
  if (current().kind != TokenKind::Name) fail_expected(describe(TokenKind::Name));
  return std::string(tokens_.next().text);
}
std::string Parser::expect_string() {
  if (current().kind != TokenKind::String) fail_expected(describe(TokenKind::String));
  return std::string(tokens_.next().value.as_string());
}

// ---- Errors

void Parser::fail(std::string message) const {
  fail(std::move(message), position());
}
void Parser::fail(std::string message, Position at) const {
  throw tokens_.error("TemplateSyntaxError", std::move(message), at);
}

void Parser::fail_expected(std::string_view expected) const {
  if (current().kind == TokenKind::End) fail("unexpected end of template, expected " + quoted(expected) + ".");
  fail("expected token " + quoted(expected) + ", got " + quoted(describe(current())));
}

// What stands around the place of an error, for people to see which tag is missing.
std::string Parser::describe_open_tags(std::string_view unknown) const {
  std::string text;
  if (!end_tags_.empty()) {
    std::string wanted;
    for (auto tag : end_tags_.back()) wanted += (wanted.empty() ? "" : " or ") + quoted(tag);
    bool misplaced = std::any_of(end_tags_.begin(), end_tags_.end(), [unknown](const auto& tags) {
      return std::find(tags.begin(), tags.end(), unknown) != tags.end();
    });
    text += misplaced ? " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for "
                      : " Jinja was looking for the following tags: ";
    text += wanted + ".";
  }
  if (!open_tags_.empty()) text += " The innermost block that needs to be closed is " + quoted(open_tags_.back()) + ".";
  return text;
}

void Parser::fail_unknown_tag(std::string_view name, Position at) const {
  fail("Encountered unknown tag " + quoted(name) + "." + describe_open_tags(name), at);
}
void Parser::fail_end_of_template() const {
  fail("Unexpected end of template." + describe_open_tags({}));
}

void Parser::note(Pass pass, std::string_view type, std::string message, Position at) {
  note(pass, type, std::move(message), at, context_.block, statements_);
}
void Parser::note(Pass pass, std::string_view type, std::string message, Position at, int block, int order) {
  if (late_ && std::tie(late_->pass, late_->block, late_->order) <= std::tie(pass, block, order)) return;
  late_ = std::make_unique<LateError>(LateError{pass, block, order, tokens_.error(type, std::move(message), at)});
}
void Parser::raise_late_errors() const {
  if (late_) throw late_->error;
}

Parser::Level::Level(Parser& parser) : parser_(parser) {
  if (++parser_.level_ > kMaxNesting) parser_.fail(kTooDeep);
}
Parser::Level::~Level() {
  --parser_.level_;
}

void Parser::deepen(Expression& node, const ExpressionPtr& child) const {
  if (!child || child->depth < node.depth) return;
  node.depth = static_cast<std::uint16_t>(child->depth + 1);
  if (node.depth > kMaxNesting) fail(kTooDeep, node.at);
}
void Parser::deepen(Expression& node, const ArgumentList& arguments) const {
  for (const auto& argument : arguments.positional) deepen(node, argument);
  for (const auto& argument : arguments.keywords) deepen(node, argument.value);
  deepen(node, arguments.rest);
  deepen(node, arguments.more);
}

// ---- Statements

Parser::Context Parser::Context::within_scope() const {
  Context inside = *this;
  inside.toplevel = false;
  ++inside.scopes;
  return inside;
}
Parser::Context Parser::Context::within_function() const {
  Context inside = within_scope();
  inside.in_loop = false;
  return inside;
}

// Up to the end of the template, or to a tag that the innermost open one waits for.
Statements Parser::parse_statements() {
  Statements body;
  while (true) {
    switch (current().kind) {
      case TokenKind::Text: {
        if (body.empty() || body.back()->kind != StatementKind::Text) {
          body.push_back(std::make_unique<Text>(position()));
        }
        as<Text>(*body.back()).text += tokens_.next().text;
        break;
      }
      case TokenKind::VariableStart: {
        tokens_.skip();
        auto output = std::make_unique<Output>(position());
        output->expression = parse_tuple({});
        body.push_back(std::move(output));
        expect(TokenKind::VariableEnd);
        break;
      }
      case TokenKind::BlockStart:
        tokens_.skip();
        if (!end_tags_.empty() && next_is_one_of(end_tags_.back())) return body;
        parse_statement(body);
        expect(TokenKind::BlockEnd);
        break;
      default:
        return body;
    }
  }
}

void Parser::parse_statement(Statements& into) {
  if (current().kind != TokenKind::Name) fail("tag name expected");
  Level level(*this);
  Position at = position();
  std::string_view name = current().text;
  ++statements_;
  open_tags_.push_back(name);
  if (name == "print") {
    tokens_.skip();
    parse_print(into);
  } else if (auto statement = find_statement(name, at)) {
    into.push_back(std::move(statement));
  } else {
    open_tags_.pop_back();
    fail_unknown_tag(name, at);
  }
  open_tags_.pop_back();
}

Statements Parser::parse_until(std::initializer_list<std::string_view> end_tags, Context inside) {
  skip_if(":");  // as in Python
  expect(TokenKind::BlockEnd);
  end_tags_.push_back(end_tags);
  Context around = std::exchange(context_, inside);
  Statements body = parse_statements();
  if (current().kind == TokenKind::End) fail_end_of_template();
  context_ = around;
  end_tags_.pop_back();
  return body;
}

Statements Parser::parse_to(std::string_view end_tag, Context inside) {
  Statements body = parse_until({end_tag}, inside);
  tokens_.skip();
  return body;
}

Statements Parser::parse_body(std::initializer_list<std::string_view> end_tags) {
  Statements body = parse_until(end_tags, context_.within_function());
  tokens_.skip();
  return body;
}

}  // namespace plumb::jinja
