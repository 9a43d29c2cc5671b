// Scopes: after parsing, every name gets a slot.
//
// What runs on its own is a function: the root of a template, each block, macro and call block, and the body of a
// recursive loop. A function that runs has an array of slots; a Name knows its slot's index and how many functions up
// it lies. Within a function, loops, `with`, set blocks and the like are scopes: they bind names of their own, which
// start as copies of the names around them. `if` is no scope.
//
// The rules are Jinja2's, which decides about names once for a whole scope, before anything runs:
//   - a name that is read before it is bound, or never bound, is the context's
//   - a name that is bound first is empty until then, even if the context has it: undefined in a loop that stands above
//     its `set`
//   - a name that only some branches of an `if` bind is the context's until then
//   - an inner scope that binds an outer name binds its own, which starts as a copy each time the scope is entered
//   - functions see the slots of the functions around them as they are when they are read (late binding)
//   - scopes of equal depth in a function share the slots of equal names, and empty them when they end: only macros
//     that outlive their loop can tell
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jinja/tree.h"

namespace plumb::jinja {

class Environment;

// How output is escaped. Decided where a function is written, not where it is called, save for
// `{% autoescape expression %}`: there the context's flag is asked.
enum class Escaping : std::uint8_t { Off, On, Dynamic };

// On entering a scope: a slot is emptied, or becomes a copy.
struct ScopeEntry {
  std::int32_t index = 0;
  bool copies = false;
  Slot from = {};
  std::string name = {};
};
struct ScopeLayout {
  std::vector<ScopeEntry> entries;
  std::vector<std::int32_t> own;  // what is emptied on leaving, in functions that others look into
};

struct Local {
  std::string name;
  Slot slot;
};
struct Locals {
  std::vector<Local> names;
};

struct FunctionLayout {
  std::int32_t slots = 0;
  bool captured = false;  // macros or call blocks within look into it: its slots must be able to outlive it
  Escaping escaping = Escaping::Off;
  std::vector<ScopeEntry> entries;  // the copies among them; slots start empty
  // Slots of what only functions have; -1 where the body never asks for it.
  std::int32_t caller = -1, kwargs = -1, varargs = -1, self = -1, super = -1;
  bool explicit_caller = false;  // `caller` is a parameter
  std::vector<Local> context_names;
};

struct For::Scope {
  ScopeLayout body, otherwise;
  std::int32_t loop = -1;                          // the slot of `loop`; -1: nobody asks for it
  Target tested;                                   // the target as `for … if` sees it, in slots of its own
  std::shared_ptr<const FunctionLayout> function;  // of a recursive loop
};

// What names are bound in; source and file are for messages.
struct TemplateContext {
  const Environment& environment;
  std::string_view source, file;
  Escaping escaping = Escaping::Off;
};
// Fills in the tree and returns its blocks. TemplateAssertionError: unknown filters and tests, a `caller`
// without default. (What else Jinja2's compiler refuses the parser has refused before.)
std::vector<const Block*> bind_names(Tree& tree, const TemplateContext& context);
// Of an expression alone.
std::shared_ptr<const FunctionLayout> bind_names(Expression& expression, const TemplateContext& context);

}  // namespace plumb::jinja
