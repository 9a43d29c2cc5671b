#include "jinja/scope_analysis.h"

#include <array>

#include "jinja/tree_walk.h"

namespace plumb::jinja {

namespace {

constexpr int kContextDepth = -1;

}  // namespace

std::int32_t FunctionScope::slot(int depth, std::string_view name) {
  auto [found, is_new] = slots.try_emplace({depth, name}, layout->slots);
  if (is_new) ++layout->slots;
  return found->second;
}

const Scope::Variable* Scope::Names::find(std::string_view name) const {
  for (const Names* names = this; names; names = names->base) {
    if (auto found = names->variables.find(name); found != names->variables.end()) return &found->second;
  }
  return nullptr;
}

bool Scope::Names::binds(std::string_view name) const {
  for (const Names* names = this; names; names = names->base) {
    if (names->bound.contains(name)) return true;
  }
  return false;
}

bool Scope::known_outside(std::string_view name) const {
  for (const Scope* scope = outer_; scope; scope = scope->outer_) {
    if (scope->names_.find(name)) return true;
  }
  return false;
}

void Scope::read(std::string_view name) {
  if (!now_->find(name) && !known_outside(name)) now_->variables[name] = {Start::Context};
}

void Scope::bind(std::string_view name) {
  now_->bound.insert(name);
  if (!now_->find(name)) now_->variables[name] = {known_outside(name) ? Start::Copy : Start::Empty};
}

void Scope::bind(const Target& target) {
  switch (target.kind) {
    case TargetKind::Name:
      bind(target.name);
      break;
    case TargetKind::NamespaceAttribute:
      read(target.name);
      break;
    case TargetKind::Tuple:
      for (const Target& item : target.items) bind(item);
      break;
  }
}

void Scope::declare_parameter(std::string_view name) {
  now_->bound.insert(name);
  now_->variables[name] = {Start::Parameter};
}

void Scope::declare_parameter(const Target& target) {
  if (target.kind == TargetKind::Name) declare_parameter(target.name);
  if (target.kind == TargetKind::NamespaceAttribute) read(target.name);
  for (const Target& item : target.items) declare_parameter(item);
}

void Scope::declare(Expression& expression) {
  if (expression.kind == ExpressionKind::Name) return read(as<Name>(expression).name);
  each_part(expression, [&](Expression& part) { declare(part); });
}

void Scope::declare(Statements& body) {
  for (StatementPtr& statement : body) declare(*statement);
}

// Of a statement that has a scope of its own, only what is evaluated outside of it.
void Scope::declare(Statement& statement) {
  switch (statement.kind) {
    case StatementKind::Text:
    case StatementKind::Block:
    case StatementKind::Autoescape:
    case StatementKind::Break:
    case StatementKind::Continue:
      break;
    case StatementKind::Output:
      declare(*as<Output>(statement).expression);
      break;
    case StatementKind::If:
      declare_if(as<If>(statement));
      break;
    case StatementKind::For:
      declare(*as<For>(statement).iterable);
      break;
    case StatementKind::Assign:
      declare(*as<Assign>(statement).value);
      bind(as<Assign>(statement).target);
      break;
    case StatementKind::AssignBlock:
      bind(as<AssignBlock>(statement).target);
      break;
    case StatementKind::With:
      for (With::Assignment& assignment : as<With>(statement).assignments) declare(*assignment.value);
      break;
    case StatementKind::Macro:
      bind(as<Macro>(statement).function.name);
      break;
    case StatementKind::CallBlock:
      declare(*as<CallBlock>(statement).call);
      break;
    case StatementKind::FilterBlock:
      declare(*as<FilterBlock>(statement).filter);
      break;
    case StatementKind::Extends:
      declare(*as<Extends>(statement).parent);
      break;
    case StatementKind::Include:
      declare(*as<Include>(statement).template_name);
      break;
    case StatementKind::Import:
      declare(*as<Import>(statement).template_name);
      bind(as<Import>(statement).target);
      break;
    case StatementKind::FromImport:
      declare(*as<FromImport>(statement).template_name);
      for (FromImport::Imported& imported : as<FromImport>(statement).names) bind(imported.target);
      break;
    case StatementKind::Do:
      declare(*as<Do>(statement).expression);
      break;
  }
}

// Jinja2 knows three branches, whether they are there or not: the first, all elifs together, and else.
void Scope::declare_if(If& node) {
  declare(*node.branches.front().condition);
  Names* base = now_;
  std::array<Names, 3> branches;
  auto in_branch = [&](Names& names, auto&& what) {
    names.base = now_;
    Names* before = std::exchange(now_, &names);
    what();
    now_ = before;
  };
  in_branch(branches[0], [&] { declare(node.branches.front().body); });
  in_branch(branches[1], [&] {
    for (std::size_t i = 1; i < node.branches.size(); ++i) {
      declare(*node.branches[i].condition);
      std::array<Names, 3> only;  // an elif is an if without else
      in_branch(only[0], [&] { declare(node.branches[i].body); });
      merge_branches(only.data(), only.size());
    }
  });
  in_branch(branches[2], [&] { declare(node.otherwise); });
  now_ = base;
  merge_branches(branches.data(), branches.size());
}

void Scope::merge_branches(Names* branches, std::size_t count) {
  std::map<std::string_view, std::size_t> binding;  // how many branches bind it
  for (std::size_t i = 0; i < count; ++i) {
    for (std::string_view name : branches[i].bound) {
      if (!now_->binds(name)) ++binding[name];
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (auto& [name, variable] : branches[i].variables) now_->variables[name] = variable;
    now_->bound.merge(branches[i].bound);
  }
  for (auto& [name, times] : binding) {
    if (times < count) now_->variables[name] = {known_outside(name) ? Start::Copy : Start::Context};
  }
}

// A name that is only read is the same all the time a function runs: its slot is shared by all scopes of the function.
void Scope::allocate() {
  for (auto& [name, variable] : names_.variables) {
    bool only_read = variable.start == Start::Context && !names_.binds(name);
    std::size_t before = function_->slots.size();
    variable.index = function_->slot(only_read ? kContextDepth : depth_, name);
    bool is_new = function_->slots.size() > before;
    if (variable.start == Start::Context && is_new) {
      function_->layout->context_names.push_back({std::string(name), {variable.index, 0, true}});
    }
  }
}

Slot Scope::find_slot(std::string_view name) const {
  std::int32_t functions_up = 0;
  for (const Scope* scope = this; scope; scope = scope->outer_) {
    if (const Variable* variable = scope->names_.find(name)) {
      return {variable->index, functions_up, variable->start == Start::Context};
    }
    if (scope->outer_ && scope->outer_->function_ != scope->function_) ++functions_up;
  }
  return {};
}

ScopeLayout Scope::layout() const {
  ScopeLayout layout;
  for (const auto& [name, variable] : names_.variables) {
    if (variable.start == Start::Context && !names_.binds(name)) continue;
    layout.own.push_back(variable.index);
    if (variable.start == Start::Parameter) continue;
    ScopeEntry entry{variable.index, variable.start == Start::Copy, {}, std::string(name)};
    if (entry.copies) {
      entry.from = outer_->find_slot(name);
      if (outer_->function_ != function_) ++entry.from.functions_up;
    }
    layout.entries.push_back(entry);
  }
  return layout;
}

LocalsPtr Scope::locals() const {
  if (!locals_) {
    auto locals = std::make_shared<Locals>();
    std::set<std::string_view> seen;
    for (const Scope* scope = this; scope; scope = scope->outer_) {
      for (std::string_view name : scope->names_.bound) {
        if (seen.insert(name).second) locals->names.push_back({std::string(name), find_slot(name)});
      }
    }
    locals_ = std::move(locals);
  }
  return locals_;
}

}  // namespace plumb::jinja
