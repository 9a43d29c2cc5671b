#include "jinja/tree_walk.h"

namespace plumb::jinja {

void SpecialNames::bound(std::string_view name) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) hidden_ |= 1u << i;
  }
}

void SpecialNames::bound(const Target& target) {
  if (target.kind == TargetKind::Name) bound(target.name);
  for (const Target& item : target.items) bound(item);
}

void SpecialNames::look_into(Expression& expression) {
  if (expression.kind == ExpressionKind::Name) {
    const std::string& name = as<Name>(expression).name;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name && (hidden_ & (1u << i)) == 0) found_ |= 1u << i;
    }
    return;
  }
  each_part(expression, [&](Expression& part) { look_into(part); });
}

SpecialNames& SpecialNames::look_into(Statements& body) {
  for (StatementPtr& statement : body) look_into(*statement);
  return *this;
}

void SpecialNames::look_into(Function& function) {
  for (Parameter& parameter : function.parameters) bound(parameter.name);
  for (Parameter& parameter : function.parameters) {
    if (parameter.fallback) look_into(*parameter.fallback);
  }
  look_into(function.body);
}

// In the order in which Jinja2 walks: a target comes before the value that is assigned to it.
void SpecialNames::look_into(Statement& statement) {
  switch (statement.kind) {
    case StatementKind::Text:
    case StatementKind::Block:
    case StatementKind::Break:
    case StatementKind::Continue:
      break;
    case StatementKind::Output:
      look_into(*as<Output>(statement).expression);
      break;
    case StatementKind::If:
      for (If::Branch& branch : as<If>(statement).branches) {
        look_into(*branch.condition);
        look_into(branch.body);
      }
      look_into(as<If>(statement).otherwise);
      break;
    case StatementKind::For: {
      auto& node = as<For>(statement);
      bound(node.target);
      look_into(*node.iterable);
      look_into(node.body);
      look_into(node.otherwise);
      if (node.condition) look_into(*node.condition);
      break;
    }
    case StatementKind::Assign:
      bound(as<Assign>(statement).target);
      look_into(*as<Assign>(statement).value);
      break;
    case StatementKind::AssignBlock:
      bound(as<AssignBlock>(statement).target);
      if (as<AssignBlock>(statement).filter) look_into(*as<AssignBlock>(statement).filter);
      look_into(as<AssignBlock>(statement).body);
      break;
    case StatementKind::With:
      for (With::Assignment& assignment : as<With>(statement).assignments) bound(assignment.target);
      for (With::Assignment& assignment : as<With>(statement).assignments) look_into(*assignment.value);
      look_into(as<With>(statement).body);
      break;
    case StatementKind::Macro:
      look_into(as<Macro>(statement).function);
      break;
    case StatementKind::CallBlock:
      look_into(*as<CallBlock>(statement).call);
      look_into(as<CallBlock>(statement).caller);
      break;
    case StatementKind::FilterBlock:
      look_into(as<FilterBlock>(statement).body);
      look_into(*as<FilterBlock>(statement).filter);
      break;
    case StatementKind::Extends:
      look_into(*as<Extends>(statement).parent);
      break;
    case StatementKind::Include:
      look_into(*as<Include>(statement).template_name);
      break;
    case StatementKind::Import:
      look_into(*as<Import>(statement).template_name);
      break;
    case StatementKind::FromImport:
      look_into(*as<FromImport>(statement).template_name);
      break;
    case StatementKind::Autoescape:
      look_into(*as<Autoescape>(statement).enabled);
      look_into(as<Autoescape>(statement).body);
      break;
    case StatementKind::Do:
      look_into(*as<Do>(statement).expression);
      break;
  }
}

namespace {

bool has_scoped_block(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::Block: {
      const auto& node = as<Block>(statement);
      return node.scoped || has_scoped_block(node.body);
    }
    case StatementKind::If:
      for (const If::Branch& branch : as<If>(statement).branches) {
        if (has_scoped_block(branch.body)) return true;
      }
      return has_scoped_block(as<If>(statement).otherwise);
    case StatementKind::For:
      return has_scoped_block(as<For>(statement).body) || has_scoped_block(as<For>(statement).otherwise);
    case StatementKind::AssignBlock:
      return has_scoped_block(as<AssignBlock>(statement).body);
    case StatementKind::With:
      return has_scoped_block(as<With>(statement).body);
    case StatementKind::Macro:
      return has_scoped_block(as<Macro>(statement).function.body);
    case StatementKind::CallBlock:
      return has_scoped_block(as<CallBlock>(statement).caller.body);
    case StatementKind::FilterBlock:
      return has_scoped_block(as<FilterBlock>(statement).body);
    case StatementKind::Autoescape:
      return has_scoped_block(as<Autoescape>(statement).body);
    default:
      return false;
  }
}

}  // namespace

bool has_scoped_block(const Statements& body) {
  for (const StatementPtr& statement : body) {
    if (has_scoped_block(*statement)) return true;
  }
  return false;
}

}  // namespace plumb::jinja
