// Expressions: operators by their precedence, and what they join.
//
// From the weakest to the strongest: `a if b else c`, or, and, not, comparisons and `in`, + and -, ~, * / // %, **, the
// signs - and +, calls and lookups. Filters and tests bind closer than all operators but lookups, `-x|abs` is (-x)|abs;
// ** is read from the left, and a sign binds closer than it: -2**2 is 4.
#include <optional>

#include "jinja/parser_internal.h"

namespace plumb::jinja {

namespace {

enum Strength { kOr = 1, kAnd, kNot, kCompare, kSum, kConcat, kProduct, kPower };

std::optional<CompareOperator> find_comparison(const Token& token) {
  if (token.kind == TokenKind::Name) {
    return token.text == "in" ? std::optional(CompareOperator::In) : std::nullopt;
  }
  if (token.kind != TokenKind::Operator) return std::nullopt;
  if (token.text == "==") return CompareOperator::Equal;
  if (token.text == "!=") return CompareOperator::NotEqual;
  if (token.text == "<") return CompareOperator::Less;
  if (token.text == "<=") return CompareOperator::LessEqual;
  if (token.text == ">") return CompareOperator::Greater;
  if (token.text == ">=") return CompareOperator::GreaterEqual;
  return std::nullopt;
}

struct Arithmetic {
  BinaryOperator op;
  int strength;
};
std::optional<Arithmetic> find_arithmetic(const Token& token) {
  if (token.kind != TokenKind::Operator) return std::nullopt;
  if (token.text == "+") return Arithmetic{BinaryOperator::Add, kSum};
  if (token.text == "-") return Arithmetic{BinaryOperator::Subtract, kSum};
  if (token.text == "*") return Arithmetic{BinaryOperator::Multiply, kProduct};
  if (token.text == "/") return Arithmetic{BinaryOperator::Divide, kProduct};
  if (token.text == "//") return Arithmetic{BinaryOperator::FloorDivide, kProduct};
  if (token.text == "%") return Arithmetic{BinaryOperator::Modulo, kProduct};
  if (token.text == "**") return Arithmetic{BinaryOperator::Power, kPower};
  return std::nullopt;
}

}  // namespace

ExpressionPtr Parser::parse_expression() {
  Level level(*this);
  ExpressionPtr expression = parse_operators(kOr);
  while (next_is_name("if")) {
    auto conditional = std::make_unique<Conditional>(position());
    tokens_.skip();
    conditional->then = std::move(expression);
    conditional->condition = parse_operators(kOr);
    if (skip_if_name("else")) conditional->otherwise = parse_expression();
    deepen(*conditional, conditional->then);
    deepen(*conditional, conditional->condition);
    deepen(*conditional, conditional->otherwise);
    expression = std::move(conditional);
  }
  return expression;
}

// `a`, or `a, b` without parentheses, or what stands in parentheses.
ExpressionPtr Parser::parse_tuple(TupleRules rules) {
  auto tuple = std::make_unique<Tuple>(position());
  bool is_tuple = false;
  while (true) {
    if (!tuple->items.empty()) expect(",");
    if (next_is_end_of_tuple()) break;
    auto item = rules.conditionals ? parse_expression() : parse_operators(kOr);
    if (!is_tuple && !next_is(",")) return item;
    deepen(*tuple, item);
    tuple->items.push_back(std::move(item));
    is_tuple = true;
    if (!next_is(",")) break;
    tuple->at = position();
  }
  if (!is_tuple && !rules.parentheses) fail("Expected an expression, got " + quoted(describe(current())));
  return tuple;
}

bool Parser::next_is_end_of_tuple() const {
  auto kind = current().kind;
  return kind == TokenKind::VariableEnd || kind == TokenKind::BlockEnd || next_is(")");
}

// Operators that bind at least as strongly as `weakest`, and what they join.
ExpressionPtr Parser::parse_operators(int weakest) {
  ExpressionPtr left;
  if (weakest <= kNot && next_is_name("not")) {
    Level level(*this);
    auto negation = std::make_unique<Not>(position());
    tokens_.skip();
    negation->operand = parse_operators(kNot);
    deepen(*negation, negation->operand);
    left = std::move(negation);
  } else {
    left = parse_unary(true);
  }
  auto join = [this](auto node, ExpressionPtr first, int strength) -> ExpressionPtr {
    tokens_.skip();
    node->left = std::move(first);
    node->right = parse_operators(strength + 1);
    deepen(*node, node->left);
    deepen(*node, node->right);
    return node;
  };
  while (true) {
    const Token& token = current();
    if (auto arithmetic = find_arithmetic(token)) {
      if (arithmetic->strength < weakest) return left;
      auto node = std::make_unique<Binary>(token.at);
      node->op = arithmetic->op;
      left = join(std::move(node), std::move(left), arithmetic->strength);
    } else if (weakest <= kConcat && token.is("~")) {
      left = parse_concat(std::move(left));
    } else if (weakest <= kCompare &&
               (find_comparison(token) || (token.is_name("not") && tokens_.look().is_name("in")))) {
      left = parse_comparison(std::move(left));
    } else if (weakest <= kAnd && token.is_name("and")) {
      left = join(std::make_unique<And>(token.at), std::move(left), kAnd);
    } else if (weakest <= kOr && token.is_name("or")) {
      left = join(std::make_unique<Or>(token.at), std::move(left), kOr);
    } else {
      return left;
    }
  }
}

ExpressionPtr Parser::parse_comparison(ExpressionPtr first) {
  auto comparison = std::make_unique<Compare>(position());
  comparison->first = std::move(first);
  deepen(*comparison, comparison->first);
  while (true) {
    auto op = find_comparison(current());
    if (!op) {
      if (!next_is_name("not") || !tokens_.look().is_name("in")) return comparison;
      op = CompareOperator::NotIn;
      tokens_.skip();
    }
    tokens_.skip();
    comparison->rest.push_back({*op, parse_operators(kSum)});
    deepen(*comparison, comparison->rest.back().value);
  }
}

ExpressionPtr Parser::parse_concat(ExpressionPtr first) {
  auto concat = std::make_unique<Concat>(position());
  deepen(*concat, first);
  concat->parts.push_back(std::move(first));
  while (skip_if("~")) {
    concat->parts.push_back(parse_operators(kProduct));
    deepen(*concat, concat->parts.back());
  }
  return concat;
}

ExpressionPtr Parser::parse_unary(bool with_filters) {
  ExpressionPtr expression;
  if (next_is("-") || next_is("+")) {
    Level level(*this);
    auto sign = std::make_unique<Unary>(position());
    sign->op = next_is("-") ? UnaryOperator::Negative : UnaryOperator::Positive;
    tokens_.skip();
    sign->operand = parse_unary(false);
    deepen(*sign, sign->operand);
    expression = std::move(sign);
  } else {
    expression = parse_primary();
  }
  expression = parse_postfix(std::move(expression));
  return with_filters ? parse_filters_and_tests(std::move(expression)) : std::move(expression);
}

ExpressionPtr Parser::parse_primary() {
  switch (current().kind) {
    case TokenKind::Name:
      return parse_name();
    case TokenKind::String:
      return parse_strings();
    case TokenKind::Integer:
    case TokenKind::Float: {
      auto number = std::make_unique<Literal>(position());
      number->value = tokens_.next().value;
      return number;
    }
    default:
      break;
  }
  if (next_is("[")) return parse_list();
  if (next_is("{")) return parse_dict();
  if (!next_is("(")) fail("unexpected " + quoted(describe(current())));
  tokens_.skip();
  ExpressionPtr inside = parse_tuple({.parentheses = true});
  expect(")");
  return inside;
}

ExpressionPtr Parser::parse_name() {
  Token token = tokens_.next();
  if (!is_constant_name(token.text)) {
    auto name = std::make_unique<Name>(token.at);
    name->name = token.text;
    return name;
  }
  auto constant = std::make_unique<Literal>(token.at);
  bool is_none = token.text == "none" || token.text == "None";
  constant->value = is_none ? Value::none() : Value(token.text == "true" || token.text == "True");
  return constant;
}

// Strings side by side are one.
ExpressionPtr Parser::parse_strings() {
  auto literal = std::make_unique<Literal>(position());
  literal->value = tokens_.next().value;
  if (current().kind != TokenKind::String) return literal;
  std::string joined(literal->value.as_string());
  while (current().kind == TokenKind::String) joined += tokens_.next().value.as_string();
  literal->value = Value(std::move(joined));
  return literal;
}

ExpressionPtr Parser::parse_list() {
  auto list = std::make_unique<ListDisplay>(position());
  tokens_.skip();
  while (!next_is("]")) {
    if (!list->items.empty()) {
      expect(",");
      if (next_is("]")) break;
    }
    list->items.push_back(parse_expression());
    deepen(*list, list->items.back());
  }
  tokens_.skip();
  return list;
}

ExpressionPtr Parser::parse_dict() {
  auto dict = std::make_unique<DictDisplay>(position());
  tokens_.skip();
  while (!next_is("}")) {
    if (!dict->pairs.empty()) {
      expect(",");
      if (next_is("}")) break;
    }
    DictDisplay::Pair pair;
    pair.key = parse_expression();
    expect(":");
    pair.value = parse_expression();
    deepen(*dict, pair.key);
    deepen(*dict, pair.value);
    dict->pairs.push_back(std::move(pair));
  }
  tokens_.skip();
  return dict;
}

}  // namespace plumb::jinja
