// Host objects and calls: how a program's own things come into templates.
//
// A host derives from Object and overrides what its thing can do. Everything has the answer of a plain Python object as
// default: no attributes, not callable, true, equal only to itself.
//
//     class Relation final : public Object {
//      public:
//       std::string_view type_name() const override { return "Relation"; }
//       std::optional<Value> find_attribute(State&, std::string_view name) override {
//         if (name == "schema") return Value(schema_);
//         return std::nullopt;
//       }
//       std::string str(State&) override { return schema_ + "." + name_; }
//     };
//     context.set("this", make<Relation>("main", "orders"));
//
// Functions are objects too: make_function("ref", [](State& state, Arguments arguments) { ... }).
//
// All of it is called on the thread of the render, with that render's State. A host reports trouble as plumb::Error
// (errors.h has the ones that Python's own types would raise); the renderer adds template, line, column and macro
// calls.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <functional>
#include <optional>
#include <span>

#include "jinja/value.h"

namespace plumb::jinja {

class State;

struct Keyword {
  Value name;  // text
  Value value;
};

// What a call brings. The callee may move out of both.
struct Arguments {
  std::span<Value> positional = {};
  std::span<Keyword> keywords = {};
};

enum class BinaryOperator { Add, Subtract, Multiply, Divide, FloorDivide, Modulo, Power };
enum class UnaryOperator { Negative, Positive };

// One pass over something. As Python's iterators, used up once it has given nothing.
class Iterator {
 public:
  virtual ~Iterator() = default;
  virtual std::optional<Value> next(State& state) = 0;

  // For who would take each item apart, `for key, value in …`: what gives pairs need not make tuples of them. Unknown:
  // it gives something else, and next() is to be asked.
  enum class Pair { Unknown, Found, End };
  virtual Pair next_pair(State&, Value& /*first*/, Value& /*second*/) { return Pair::Unknown; }
};

class Object : public Shared {
 public:
  Object() : charge_(kCounted) {}
  // As Python's type(x).__name__ would say.
  virtual std::string_view type_name() const = 0;
  // As type(x).__module__ would say; messages about missing attributes have it before the name, unless it is builtins.
  virtual std::string_view module_name() const { return "builtins"; }

  // Get. Nothing means "there is none", from which the environment makes its Undefined. x.name asks for the attribute
  // and then for the item, x[key] the other way round.
  virtual std::optional<Value> find_attribute(State& state, std::string_view name);
  virtual std::optional<Value> find_item(State& state, const Value& key);
  // x[start:stop:step]; a bound that is left out is None. Nothing: "'Relation' object is not subscriptable".
  virtual std::optional<Value> slice(State& state, const Value& start, const Value& stop, const Value& step);
  // `{% set x.name = value %}`; only namespaces allow it.
  virtual bool set_attribute(State& state, std::string_view name, const Value& value);

  // Call. call_method spares hosts the making of a bound method for each x.name(...); nothing means "no such method",
  // and the attribute is asked for and called instead.
  virtual bool callable() const { return false; }
  virtual Value call(State& state, Arguments arguments);
  virtual std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments);

  // Enumerate. Null: not iterable.
  virtual std::unique_ptr<Iterator> iterate(State& state);
  virtual std::optional<std::size_t> length(State& state);
  virtual std::optional<bool> contains(State& state, const Value& item);
  // Mappings and sequences, as the tests of these names tell.
  virtual bool is_mapping() const { return false; }
  virtual bool is_sequence() const { return false; }
  virtual bool is_number() const { return false; }

  // Compare. Nothing means "not comparable": == is then identity, < a TypeError, and it can't be a key of a dict. Keys
  // are equal when their types' names and hashes are. Unless told otherwise the hash stands for the identity.
  virtual std::optional<bool> equals(State& state, const Value& other);
  virtual std::optional<std::partial_ordering> compare(State& state, const Value& other);
  virtual std::optional<std::size_t> hash() const;

  // Operators. `reflected` is true when this is the right operand. Nothing means "unsupported operand".
  virtual std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected);
  virtual std::optional<Value> operate_unary(State& state, UnaryOperator op);
  virtual bool truth(State& state);

  // Text: "<Relation object>" unless told otherwise; str() is repr() unless told otherwise.
  virtual std::string repr(State& state);
  virtual std::string str(State& state);
  // '{:>10}'.format(x) and format(x, spec).
  virtual std::string format(State& state, std::string_view spec);
  // As autoescaping prints it when it knows HTML (Python's __html__); nothing: its str is escaped.
  virtual std::optional<std::string> html(State& state);

 private:
  // What an object counts as memory, whatever it is (meter.h): about what small ones take. Who holds more says so by a
  // Charge of its own.
  static constexpr std::size_t kCounted = 128;
  const Charge charge_;
};

using NativeFunction = std::function<Value(State& state, Arguments arguments)>;
// A function of the host as a value; `name` is what messages call it.
Value make_function(std::string name, NativeFunction function, std::string_view type_name = "function");

// An iterator as a value: Python's generator. `type_name` is "generator" unless said otherwise; with a `name` its repr
// is
// "<generator object NAME at 0x…>".
Value make_generator(std::unique_ptr<Iterator> iterator, std::string_view type_name = "generator",
                     std::string_view name = {});
// The iterator behind a generator, or null for anything else; a generator is its own iterator.
Iterator* find_generator(const Value& value);

// Binds a call to the parameters of a function, with Python's messages for what does not fit:
//
//     static const Signature kReplace{"do_replace", {"s", "old", "new", "count"}, 3};
//     auto [s, old, fresh, count] = bind<4>(kReplace, arguments);      // count is Undefined without name if not given
struct Signature {
  std::string_view name;
  std::initializer_list<std::string_view> parameters;
  std::size_t required = 0;
  // How many of the parameters may be given by position; all of them unless said otherwise.
  std::size_t positional = SIZE_MAX;
  // How many more Jinja2 passes itself (the environment, the context): Python's messages count them.
  std::size_t hidden = 0;
};
void bind_arguments(const Signature& signature, Arguments arguments, std::span<Value> into);
template <std::size_t N>
std::array<Value, N> bind(const Signature& signature, Arguments arguments) {
  std::array<Value, N> bound;
  const std::size_t count = arguments.positional.size();
  if (arguments.keywords.empty() && count >= signature.required && count <= std::min(N, signature.positional)) {
    for (std::size_t i = 0; i < count; ++i) bound[i] = std::move(arguments.positional[i]);
  } else {
    bind_arguments(signature, arguments, bound);
  }
  return bound;
}
// Was a parameter given? (A template can't pass an Undefined without name or info.)
inline bool given(const Value& bound) {
  return !(bound.is_undefined() && bound.find_undefined() == nullptr);
}

}  // namespace plumb::jinja
