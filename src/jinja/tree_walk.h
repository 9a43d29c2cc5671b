// Walks over trees.
#pragma once

#include <string_view>

#include "jinja/tree.h"

namespace plumb::jinja {

// Calls `visit` with each argument, in Jinja2's order.
template <class Visit>
void each_argument(ArgumentList& arguments, Visit&& visit) {
  for (ExpressionPtr& argument : arguments.positional) visit(*argument);
  for (KeywordArgument& argument : arguments.keywords) visit(*argument.value);
  if (arguments.rest) visit(*arguments.rest);
  if (arguments.more) visit(*arguments.more);
}

// Calls `visit` with each part of an expression.
template <class Visit>
void each_part(Expression& expression, Visit&& visit) {
  auto visit_all = [&](std::vector<ExpressionPtr>& parts) {
    for (ExpressionPtr& part : parts) visit(*part);
  };
  auto visit_one = [&](ExpressionPtr& part) {
    if (part) visit(*part);
  };
  switch (expression.kind) {
    case ExpressionKind::Literal:
    case ExpressionKind::Name:
      break;
    case ExpressionKind::Tuple:
      visit_all(as<Tuple>(expression).items);
      break;
    case ExpressionKind::List:
      visit_all(as<ListDisplay>(expression).items);
      break;
    case ExpressionKind::Dict:
      for (DictDisplay::Pair& pair : as<DictDisplay>(expression).pairs) {
        visit(*pair.key);
        visit(*pair.value);
      }
      break;
    case ExpressionKind::Conditional: {
      auto& node = as<Conditional>(expression);
      visit(*node.condition);
      visit(*node.then);
      visit_one(node.otherwise);
      break;
    }
    case ExpressionKind::Filter:
      visit_one(as<Filter>(expression).subject);
      each_argument(as<Filter>(expression).arguments, visit);
      break;
    case ExpressionKind::Test:
      visit_one(as<Test>(expression).subject);
      each_argument(as<Test>(expression).arguments, visit);
      break;
    case ExpressionKind::Call:
      visit(*as<Call>(expression).callee);
      each_argument(as<Call>(expression).arguments, visit);
      break;
    case ExpressionKind::Item:
      visit(*as<Item>(expression).object);
      visit(*as<Item>(expression).key);
      break;
    case ExpressionKind::Attribute:
      visit(*as<Attribute>(expression).object);
      break;
    case ExpressionKind::Slice: {
      auto& node = as<Slice>(expression);
      visit(*node.object);
      visit_one(node.start);
      visit_one(node.stop);
      visit_one(node.step);
      break;
    }
    case ExpressionKind::Concat:
      visit_all(as<Concat>(expression).parts);
      break;
    case ExpressionKind::Compare:
      visit(*as<Compare>(expression).first);
      for (Compare::Operand& operand : as<Compare>(expression).rest) visit(*operand.value);
      break;
    case ExpressionKind::And:
      visit(*as<And>(expression).left);
      visit(*as<And>(expression).right);
      break;
    case ExpressionKind::Or:
      visit(*as<Or>(expression).left);
      visit(*as<Or>(expression).right);
      break;
    case ExpressionKind::Not:
      visit(*as<Not>(expression).operand);
      break;
    case ExpressionKind::Binary:
      visit(*as<Binary>(expression).left);
      visit(*as<Binary>(expression).right);
      break;
    case ExpressionKind::Unary:
      visit(*as<Unary>(expression).operand);
      break;
  }
}

// Does a body read one of the special names (`loop`, `caller`, …) before it binds them? Looks into everything but
// blocks.
class SpecialNames {
 public:
  // At most 8 names; the answer for the nth is found(n).
  explicit SpecialNames(std::initializer_list<std::string_view> names) : names_(names) {}
  SpecialNames& look_into(Statements& body);
  bool found(std::size_t nth) const { return (found_ & (1u << nth)) != 0; }

 private:
  void look_into(Statement& statement);
  void look_into(Expression& expression);
  void look_into(Function& function);
  void bound(std::string_view name);
  void bound(const Target& target);

  std::vector<std::string_view> names_;
  unsigned found_ = 0, hidden_ = 0;
};

// Is there a scoped block within, at any depth?
bool has_scoped_block(const Statements& body);

}  // namespace plumb::jinja
