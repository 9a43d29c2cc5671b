// What follows an expression: lookups, slices, calls, filters and tests.
#include <algorithm>
#include <array>
#include <set>

#include "jinja/parser_internal.h"

namespace plumb::jinja {

namespace {

constexpr std::array<std::string_view, 35> kPythonKeywords = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

bool is_python_keyword(std::string_view name) {
  return std::binary_search(kPythonKeywords.begin(), kPythonKeywords.end(), name);
}

}  // namespace

ExpressionPtr Parser::parse_postfix(ExpressionPtr subject) {
  while (current().kind == TokenKind::Operator) {
    if (next_is(".")) {
      subject = parse_attribute(std::move(subject));
    } else if (next_is("[")) {
      subject = parse_subscript(std::move(subject));
    } else if (next_is("(")) {
      subject = parse_call(std::move(subject));
    } else {
      break;
    }
  }
  return subject;
}

ExpressionPtr Parser::parse_filters_and_tests(ExpressionPtr subject) {
  while (true) {
    if (next_is("|")) {
      subject = parse_filter(std::move(subject));
    } else if (next_is_name("is")) {
      subject = parse_test(std::move(subject));
    } else if (next_is("(")) {
      subject = parse_call(std::move(subject));
    } else {
      return subject;
    }
  }
}

ExpressionPtr Parser::parse_attribute(ExpressionPtr subject) {
  tokens_.skip();
  Token token = tokens_.next();
  if (token.kind == TokenKind::Name) {
    auto attribute = std::make_unique<Attribute>(token.at);
    attribute->name = token.text;
    attribute->object = std::move(subject);
    deepen(*attribute, attribute->object);
    return attribute;
  }
  if (token.kind != TokenKind::Integer) fail("expected name or number", token.at);
  auto item = std::make_unique<Item>(token.at);
  auto key = std::make_unique<Literal>(token.at);
  key->value = std::move(token.value);
  item->object = std::move(subject);
  item->key = std::move(key);
  deepen(*item, item->object);
  return item;
}

// x[key], x[start:stop:step], or x[a, b], whose key is a tuple.
ExpressionPtr Parser::parse_subscript(ExpressionPtr subject) {
  Position at = position();
  tokens_.skip();
  std::vector<ExpressionPtr> keys;
  bool has_slice = false;
  while (!next_is("]")) {
    if (!keys.empty()) expect(",");
    keys.push_back(parse_key_or_slice());
    has_slice = has_slice || (keys.back()->kind == ExpressionKind::Slice && !as<Slice>(*keys.back()).object);
  }
  tokens_.skip();
  if (has_slice && keys.size() == 1) {
    auto& slice = as<Slice>(*keys.front());
    slice.at = at;
    slice.object = std::move(subject);
    deepen(slice, slice.object);
    return std::move(keys.front());
  }
  if (has_slice) note(Pass::PythonSyntax, "SyntaxError", "invalid syntax", at);
  auto item = std::make_unique<Item>(at);
  item->object = std::move(subject);
  if (keys.size() == 1) {
    item->key = std::move(keys.front());
  } else {
    auto tuple = std::make_unique<Tuple>(at);
    for (const auto& key : keys) deepen(*tuple, key);
    tuple->items = std::move(keys);
    item->key = std::move(tuple);
  }
  deepen(*item, item->object);
  deepen(*item, item->key);
  return item;
}

// A key, or a slice that still has no object.
ExpressionPtr Parser::parse_key_or_slice() {
  ExpressionPtr start;
  if (!next_is(":")) {
    start = parse_expression();
    if (!next_is(":")) return start;
  }
  auto slice = std::make_unique<Slice>(position());
  tokens_.skip();
  slice->start = std::move(start);
  auto ends = [this] { return next_is("]") || next_is(","); };
  if (!next_is(":") && !ends()) slice->stop = parse_expression();
  if (skip_if(":") && !ends()) slice->step = parse_expression();
  deepen(*slice, slice->start);
  deepen(*slice, slice->stop);
  deepen(*slice, slice->step);
  return slice;
}

ExpressionPtr Parser::parse_call(ExpressionPtr callee) {
  auto call = std::make_unique<Call>(position());
  call->callee = std::move(callee);
  call->arguments = parse_arguments();
  deepen(*call, call->callee);
  deepen(*call, call->arguments);
  return call;
}

// `|name` and all filters after it. The head of a filter block stands at its name, without a bar.
ExpressionPtr Parser::parse_filter(ExpressionPtr subject, bool at_name) {
  while (at_name || skip_if("|")) {
    at_name = false;
    auto filter = std::make_unique<Filter>(position());
    filter->name = parse_dotted_name();
    filter->subject = std::move(subject);
    if (next_is("(")) filter->arguments = parse_arguments();
    deepen(*filter, filter->subject);
    deepen(*filter, filter->arguments);
    subject = std::move(filter);
  }
  return subject;
}

// `is name`, `is name(arguments)`, or `is name argument`, where the argument is a primary.
ExpressionPtr Parser::parse_test(ExpressionPtr subject) {
  Position at = position();
  auto test = std::make_unique<Test>(at);
  tokens_.skip();
  bool negated = skip_if_name("not");
  test->name = parse_dotted_name();
  test->subject = std::move(subject);
  auto kind = current().kind;
  if (next_is("(")) {
    test->arguments = parse_arguments();
  } else if ((kind == TokenKind::Name && !next_is_one_of({"else", "or", "and"})) || kind == TokenKind::String ||
             kind == TokenKind::Integer || kind == TokenKind::Float || next_is("[") || next_is("{")) {
    if (next_is_name("is")) fail("You cannot chain multiple tests with is");
    test->arguments.positional.push_back(parse_postfix(parse_primary()));
  }
  deepen(*test, test->subject);
  deepen(*test, test->arguments);
  if (!negated) return test;
  auto negation = std::make_unique<Not>(at);
  negation->operand = std::move(test);
  deepen(*negation, negation->operand);
  return negation;
}

std::string Parser::parse_dotted_name() {
  std::string name = expect_name();
  while (skip_if(".")) name.append(".").append(expect_name());
  return name;
}

ArgumentList Parser::parse_arguments() {
  Position at = position();
  expect("(");
  ArgumentList arguments;
  auto require = [&](bool allowed) {
    if (!allowed) fail("invalid syntax for function call expression", at);
  };
  for (bool first = true; !next_is(")"); first = false) {
    if (!first) {
      expect(",");
      if (next_is(")")) break;
    }
    if (next_is("*")) {
      require(!arguments.rest && !arguments.more);
      tokens_.skip();
      arguments.rest = parse_expression();
    } else if (next_is("**")) {
      require(!arguments.more);
      tokens_.skip();
      arguments.more = parse_expression();
    } else if (current().kind == TokenKind::Name && tokens_.look().is("=")) {
      require(!arguments.more);
      std::string name = expect_name();
      tokens_.skip();
      arguments.keywords.push_back({std::move(name), parse_expression()});
    } else {
      require(!arguments.rest && !arguments.more && arguments.keywords.empty());
      arguments.positional.push_back(parse_expression());
    }
  }
  tokens_.skip();
  if (arguments.keywords.size() > 1) check_keywords(arguments.keywords, at);
  return arguments;
}

// Python refuses a keyword that is there twice. Jinja2 writes calls that use one of Python's own words another way, in
// which nobody notices.
void Parser::check_keywords(const std::vector<KeywordArgument>& keywords, Position at, std::string_view given_as_well) {
  auto is_word = [](const KeywordArgument& keyword) { return is_python_keyword(keyword.name); };
  if (std::any_of(keywords.begin(), keywords.end(), is_word)) return;
  std::set<std::string_view> names = {given_as_well};
  for (const auto& keyword : keywords) {
    if (names.insert(keyword.name).second) continue;
    return note(Pass::PythonCode, "SyntaxError", "keyword argument repeated: " + keyword.name, at);
  }
}

}  // namespace plumb::jinja
