// Undefined: the value of what is not there.
//
// It remembers what was asked for, so that the first use that can't be forgiven says so: "'user' is undefined",
// "'dict object' has no attribute 'name'". How much is forgiven is a matter of its kind:
//
//   Lenient    prints as nothing, is false, empty, equal to other undefineds; everything else raises UndefinedError
//   Chainable  as Lenient, but its attributes and items are itself again
//   Forgiving  as Chainable, and calls of it are itself as well: for a first look at a template whose names are not all
//              known
//   Debug      as Lenient, but prints what is missing: "{{ user }}"
//   Strict     only `is defined` and its kin are allowed
#pragma once

#include <string>

#include "jinja/value.h"

namespace plumb::jinja {

class State;

enum class UndefinedKind : std::uint8_t { Lenient, Chainable, Forgiving, Debug, Strict };
// Are attributes and items of such an undefined itself again?
inline bool chains(UndefinedKind kind) {
  return kind == UndefinedKind::Chainable || kind == UndefinedKind::Forgiving;
}

class UndefinedInfo final : public Shared {
 public:
  UndefinedKind kind = UndefinedKind::Lenient;
  std::string name;  // what was looked up; for an item that is no text, its repr
  bool name_is_text = true;
  bool has_object = false;  // looked up in something, which was …
  std::string object_type;  // … "dict object", "int object", "None": as messages call it
  std::string hint;         // the whole message, when somebody knows better
  std::string error_type = "UndefinedError";
  bool unbound = false;  // stands for a name that nobody has: each time it is read it is another undefined

  // "'user' is undefined"
  std::string message() const;
  // Who has filled it in says so: its text counts as memory.
  void grown() { charge_.resize(sizeof *this + name.capacity() + object_type.capacity() + hint.capacity()); }

 private:
  Charge charge_;
};

// The Value for a name that no context has, for a missing attribute or item of `object`, and for one with a hint.
Value undefined_name(UndefinedKind kind, std::string_view name);
Value undefined_member(State& state, const Value& object, const Value& member);
Value undefined_hint(UndefinedKind kind, std::string hint);
// "dict object", "jinja2.utils.Namespace object", "None": as messages call what has no such attribute.
std::string describe_type(const Value& object);

// What printing it gives: nothing, or what Debug shows. A Strict one raises.
std::string undefined_text(const Value& undefined);
// "Undefined", "ChainableUndefined", …
std::string_view undefined_type_name(const Value& undefined);
UndefinedKind undefined_kind(const Value& undefined);

// Raises the UndefinedError of this value ("missing" when it has no info).
[[noreturn]] void raise_undefined(const Value& undefined);
// Raises it if the value is a Strict undefined: asked wherever a lenient one passes.
void forbid_strict(const Value& value);

}  // namespace plumb::jinja
