// What the objects have in common that stand for those of Python's library: dates, decimals, patterns.
//
// An object is a class with a table of its methods (jinja::Method, sorted by name), and what makes it from a template
// is a PythonClass: `modules.datetime.datetime` can be called, and has methods of its own (`now`) as well as those of
// its objects (`datetime.strftime(x, '%Y')`). Messages for calls that do not fit are CPython's; its type names are as
// its messages have them, "datetime.date".
//
// Inside the room; its door is modules.h.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "jinja/jinja.h"

namespace plumb::project::python {

using jinja::Arguments;
using jinja::BinaryOperator;
using jinja::Kind;
using jinja::Method;
using jinja::Ref;
using jinja::State;
using jinja::Takes;
using jinja::Value;

class PythonObject : public jinja::Object {
 public:
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override;

 protected:
  virtual std::span<const Method> methods() const { return {}; }
  // Attributes that are no methods.
  virtual std::optional<Value> find_member(State&, std::string_view) { return std::nullopt; }
  // As messages about a method's arguments name the class: "date" of "datetime.date".
  virtual std::string_view owner() const;
  Value self() { return Value(Ref<jinja::Object>(this)); }
};

// What a method is called on: its table belongs to the class.
template <class T>
T& self_of(const Value& self) {
  return static_cast<T&>(self.as_object());
}

struct ClassTable {
  std::string_view name;  // "datetime.date"
  // Null: "cannot create 're.Match' instances".
  jinja::MethodFunction make = nullptr;
  std::span<const Method> class_methods = {};  // their self is the class
  std::span<const Method> methods = {};
  std::optional<Value> (*find_constant)(std::string_view name) = nullptr;
  bool (*is_instance)(const Value& value) = nullptr;
};

class PythonClass final : public PythonObject {
 public:
  // The table has to stay; so has the clock, which only those need that tell the time.
  explicit PythonClass(const ClassTable& table, const Clock* clock = nullptr) : table_(table), clock_(clock) {}
  const Clock& clock() const { return *clock_; }

  std::string_view type_name() const override { return "type"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override;
  std::string repr(State&) override { return "<class '" + std::string(table_.name) + "'>"; }

 protected:
  std::span<const Method> methods() const override { return table_.class_methods; }
  std::string_view owner() const override;
  std::optional<Value> find_member(State& state, std::string_view name) override;

 private:
  Value make_unbound(const Method& method) const;

  const ClassTable& table_;
  const Clock* clock_;
};

// ---- Calls
struct CallShape {
  std::string_view function;  // empty: messages say "function"
  std::span<const std::string_view> names;
  std::size_t required = 0;
  std::size_t positional = SIZE_MAX;
  std::string_view keyword_owner = {};  // "'foo' is an invalid keyword argument for …"; the function unless told
};
void bind_call(const CallShape& shape, Arguments arguments, std::span<Value> into);
template <std::size_t N>
std::array<Value, N> bind_call(const CallShape& shape, Arguments arguments) {
  std::array<Value, N> bound;
  bind_call(shape, arguments, bound);
  return bound;
}
// One that C takes as an int; `fallback` when it was not given.
std::int64_t int_or(const Value& bound, std::int64_t fallback);
// A whole number of up to 127 bits as a value, and back.
__extension__ typedef __int128 Int128;
Value int_value(Int128 number);
std::string int128_text(Int128 number);
// a / b to the nearest whole number, ties to the even one; b is not 0.
Value divide_to_nearest(const Value& a, const Value& b);

// ---- A tuple whose items have names: time.struct_time, decimal.DecimalTuple
class NamedTuple final : public PythonObject {
 public:
  NamedTuple(std::string_view name, std::span<const std::string_view> names, std::vector<Value> items)
      : name_(name), names_(names), items_(Value::tuple(std::move(items))) {}
  std::string_view type_name() const override { return name_; }
  std::optional<Value> find_item(State& state, const Value& key) override;
  std::optional<Value> slice(State& state, const Value& start, const Value& stop, const Value& step) override;
  std::unique_ptr<jinja::Iterator> iterate(State& state) override { return jinja::iterate(state, items_); }
  std::optional<std::size_t> length(State&) override { return items_.items().size(); }
  bool is_sequence() const override { return true; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override { return jinja::hash_value(items_); }
  std::string repr(State& state) override;

 protected:
  std::optional<Value> find_member(State& state, std::string_view name) override;

 private:
  const std::string_view name_;
  const std::span<const std::string_view> names_;
  const Value items_;
};

}  // namespace plumb::project::python
