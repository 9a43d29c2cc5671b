// What can be assigned to: names, tuples of them, and in `set` the attributes of namespaces.
#include "jinja/parser_internal.h"

namespace plumb::jinja {

// Something that stands where a target has to: as one, or what Jinja2 calls it if it is none.
struct Parser::Candidate {
  Target target;
  std::string_view refused_as = {};
};

namespace {

std::string_view class_name(const Binary& node) {
  switch (node.op) {
    case BinaryOperator::Add:
      return "add";
    case BinaryOperator::Subtract:
      return "sub";
    case BinaryOperator::Multiply:
      return "mul";
    case BinaryOperator::Divide:
      return "div";
    case BinaryOperator::FloorDivide:
      return "floordiv";
    case BinaryOperator::Modulo:
      return "mod";
    case BinaryOperator::Power:
      return "pow";
  }
  return {};
}

// As Jinja2 names the class of a node, in lower case.
std::string_view class_name(const Expression& node) {
  switch (node.kind) {
    case ExpressionKind::Literal:
      return "const";
    case ExpressionKind::Name:
      return "name";
    case ExpressionKind::Tuple:
      return "tuple";
    case ExpressionKind::List:
      return "list";
    case ExpressionKind::Dict:
      return "dict";
    case ExpressionKind::Conditional:
      return "condexpr";
    case ExpressionKind::Filter:
      return "filter";
    case ExpressionKind::Test:
      return "test";
    case ExpressionKind::Call:
      return "call";
    case ExpressionKind::Item:
    case ExpressionKind::Slice:
      return "getitem";
    case ExpressionKind::Attribute:
      return "getattr";
    case ExpressionKind::Concat:
      return "concat";
    case ExpressionKind::Compare:
      return "compare";
    case ExpressionKind::And:
      return "and";
    case ExpressionKind::Or:
      return "or";
    case ExpressionKind::Not:
      return "not";
    case ExpressionKind::Binary:
      return class_name(as<Binary>(node));
    case ExpressionKind::Unary:
      return as<Unary>(node).op == UnaryOperator::Negative ? "neg" : "pos";
  }
  return {};
}

}  // namespace

Target Parser::parse_target_name() {
  Target target;
  target.at = position();
  target.name = expect_name();
  if (is_constant_name(target.name)) fail("can't assign to 'name'", target.at);
  return target;
}

Target Parser::parse_target(bool with_namespace) {
  Candidate whole;
  std::vector<Target> items;
  bool is_tuple = false;
  Position at = position();
  while (true) {
    if (is_tuple) expect(",");
    if (next_is_end_of_tuple()) {
      if (!is_tuple) fail("Expected an expression, got " + quoted(describe(current())));
      break;
    }
    Candidate item = parse_candidate(with_namespace);
    if (!is_tuple && !next_is(",")) {
      whole = std::move(item);
      break;
    }
    if (!item.refused_as.empty()) whole.refused_as = "tuple";
    items.push_back(std::move(item.target));
    is_tuple = true;
    if (!next_is(",")) break;
    at = position();
  }
  if (is_tuple) {
    whole.target.kind = TargetKind::Tuple;
    whole.target.at = at;
    whole.target.items = std::move(items);
  }
  if (!whole.refused_as.empty()) fail("can't assign to " + quoted(whole.refused_as), whole.target.at);
  return std::move(whole.target);
}

Parser::Candidate Parser::parse_candidate(bool with_namespace) {
  if (current().kind != TokenKind::Name || is_constant_name(current().text)) return to_candidate(*parse_primary());
  Candidate name;
  name.target.at = position();
  name.target.name = expect_name();
  if (with_namespace && skip_if(".")) {
    name.target.kind = TargetKind::NamespaceAttribute;
    name.target.attribute = expect_name();
  }
  return name;
}

Parser::Candidate Parser::to_candidate(const Expression& expression) const {
  Candidate candidate;
  candidate.target.at = expression.at;
  if (expression.kind == ExpressionKind::Name) {
    candidate.target.name = as<Name>(expression).name;
  } else if (expression.kind == ExpressionKind::Tuple) {
    candidate.target.kind = TargetKind::Tuple;
    for (const auto& item : as<Tuple>(expression).items) {
      Candidate inner = to_candidate(*item);
      if (!inner.refused_as.empty()) candidate.refused_as = "tuple";
      candidate.target.items.push_back(std::move(inner.target));
    }
  } else {
    candidate.refused_as = class_name(expression);
  }
  return candidate;
}

// Within a `for`, and in its `else`, nothing is assigned to the name `loop`.
void Parser::check_loop_name(const Target& target, const Context& context) {
  for (const auto& item : target.items) check_loop_name(item, context);
  if (context.loop == 0 || target.kind != TargetKind::Name || target.name != "loop") return;
  note(Pass::Code, "TemplateAssertionError", "Can't assign to special loop variable in for-loop target", target.at,
       context.loop_block, context.loop);
}

}  // namespace plumb::jinja
