// How scopes.cpp finds out what a scope binds. Names are told apart in two steps: Scope::declare_… notes what a scope
// reads and binds, in order, without looking into the scopes within; allocate() then gives slots. Only after that are
// the scopes within looked at, with all that is known of this one.
#pragma once

#include <map>
#include <set>
#include <string_view>

#include "jinja/scopes.h"

namespace plumb::jinja {

// A function while its slots are handed out.
struct FunctionScope {
  FunctionScope* outer = nullptr;
  std::shared_ptr<FunctionLayout> layout = std::make_shared<FunctionLayout>();
  std::map<std::pair<int, std::string_view>, std::int32_t> slots;  // by depth and name

  std::int32_t slot(int depth, std::string_view name);
};

class Scope {
 public:
  // `depth` tells scopes of the same name within a function apart; kTestDepth and kContextDepth are kept apart from
  // all.
  Scope(Scope* outer, FunctionScope* function, int depth) : outer_(outer), function_(function), depth_(depth) {}

  // What the scope reads and binds.
  void declare_parameter(std::string_view name);
  void declare_parameter(const Target& target);
  void declare(Statements& body);
  void declare(Expression& expression);

  // Hands out slots; nothing may be declared after.
  void allocate();

  Slot find_slot(std::string_view name) const;
  ScopeLayout layout() const;
  // All variables that are bound here or in the scopes around.
  LocalsPtr locals() const;

  FunctionScope* function() const { return function_; }
  int depth() const { return depth_; }

 private:
  enum class Start { Parameter, Empty, Context, Copy };
  struct Variable {
    Start start = Start::Empty;
    std::int32_t index = -1;
  };
  // What is known of names; a branch of an `if` adds to what its base knows.
  struct Names {
    const Names* base = nullptr;
    std::map<std::string_view, Variable> variables;
    std::set<std::string_view> bound;

    const Variable* find(std::string_view name) const;
    bool binds(std::string_view name) const;
  };

  void declare(Statement& statement);
  void declare_if(If& node);
  void merge_branches(Names* branches, std::size_t count);
  void read(std::string_view name);
  void bind(std::string_view name);
  void bind(const Target& target);
  bool known_outside(std::string_view name) const;

  Scope* outer_;
  FunctionScope* function_;
  int depth_;
  Names names_;
  Names* now_ = &names_;
  mutable LocalsPtr locals_;
};

// The depth of `for … if`, which runs apart from the loop's body; never equal to another's.
constexpr int test_depth(int depth) {
  return -2 - depth;
}

}  // namespace plumb::jinja
