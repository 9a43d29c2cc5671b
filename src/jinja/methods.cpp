#include "jinja/methods.h"

#include <algorithm>
#include <limits>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

std::string_view plural(std::size_t count) {
  return count == 1 ? "" : "s";
}

[[noreturn]] void raise_count(const Method& method, std::string_view owner, std::size_t given) {
  switch (method.takes) {
    case Takes::Nothing:
      raise_type_error(format("{}.{}() takes no arguments ({} given)", owner, method.name, given));
    case Takes::One:
      raise_type_error(format("{}.{}() takes exactly one argument ({} given)", owner, method.name, given));
    case Takes::Parsed: {
      const std::size_t bound = given < method.least ? method.least : method.most;
      raise_type_error(format("{}() takes {} {} argument{} ({} given)", method.name,
                              given < method.least ? "at least" : "at most", bound, plural(bound), given));
    }
    case Takes::Positional:
    case Takes::Everything:
      break;
  }
  const std::size_t bound = given < method.least ? method.least : method.most;
  const std::string_view which = method.least == method.most ? "" : given < method.least ? "at least " : "at most ";
  raise_type_error(format("{} expected {}{} argument{}, got {}", method.name, which, bound, plural(bound), given));
}

// A method with the value it was asked of.
class BoundMethod final : public Object {
 public:
  BoundMethod(const Method& method, std::string_view owner, Value self)
      : method_(method), owner_(owner), self_(std::move(self)) {}
  std::string_view type_name() const override { return "builtin_function_or_method"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override {
    return call_checked(state, method_, owner_, self_, arguments);
  }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "__name__") return Value(method_.name);
    return std::nullopt;
  }
  std::string repr(State&) override {
    const void* address = self_.identity() != nullptr ? static_cast<const void*>(self_.identity()) : this;
    return plumb::format("<built-in method {} of {} object at {}>", method_.name, jinja::type_name(self_), address);
  }

 private:
  const Method& method_;
  const std::string_view owner_;
  const Value self_;
};

// A method of Markup, which is written in Python.
class BoundMarkupMethod final : public Object {
 public:
  BoundMarkupMethod(std::string_view name, Value self) : name_(name), self_(std::move(self)) {}
  std::string_view type_name() const override { return "method"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override { return call_markup_method(state, self_, name_, arguments); }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "__name__") return Value(name_);
    return std::nullopt;
  }
  std::string repr(State& state) override {
    return plumb::format("<bound method Markup.{} of {}>", name_, jinja::repr(state, self_));
  }

 private:
  const std::string name_;
  const Value self_;
};

struct MethodsOf {
  std::string_view owner;
  std::span<const Method> methods;
};
MethodsOf methods_of(const Value& value) {
  switch (value.kind()) {
    case Kind::String:
      return {value.is_markup() ? "Markup" : "str", string_methods()};
    case Kind::List:
      return {"list", list_methods()};
    case Kind::Tuple:
      return {"tuple", tuple_methods()};
    case Kind::Dict:
      return {"dict", dict_methods()};
    case Kind::Set:
      return {"set", set_methods()};
    case Kind::Bool:
      return {"bool", int_methods()};
    case Kind::Int:
    case Kind::BigInt:
      return {"int", int_methods()};
    case Kind::Float:
      return {"float", float_methods()};
    case Kind::Undefined:
    case Kind::None:
    case Kind::Object:
      break;
  }
  return {};
}

}  // namespace

const Method* find_method(std::span<const Method> methods, std::string_view name) {
  const auto found = std::lower_bound(methods.begin(), methods.end(), name,
                                      [](const Method& each, std::string_view wanted) { return each.name < wanted; });
  return found != methods.end() && found->name == name ? &*found : nullptr;
}

Value call_checked(State& state, const Method& method, std::string_view owner, const Value& self, Arguments arguments) {
  if (method.takes == Takes::Everything) return method.function(state, self, arguments);
  if (!arguments.keywords.empty()) {
    if (method.takes == Takes::Parsed) raise_type_error(format("{}() takes no keyword arguments", method.name));
    // A static method is str's, whoever inherits it.
    if (method.name == "maketrans") owner = "str";
    raise_type_error(format("{}.{}() takes no keyword arguments", owner, method.name));
  }
  const std::size_t given = arguments.positional.size();
  std::size_t least = method.least, most = method.most;
  if (method.takes == Takes::One) least = most = 1;
  if (given < least || (given > most && most != kAnyNumber)) raise_count(method, owner, given);
  return method.function(state, self, arguments);
}

Value bind_method(const Method& method, std::string_view owner, const Value& self) {
  return make<BoundMethod>(method, owner, self);
}

std::optional<Value> find_builtin_attribute(State&, const Value& value, std::string_view name) {
  if (value.kind() == Kind::String && value.is_markup() && is_markup_method(name)) {
    return make<BoundMarkupMethod>(name, value);
  }
  const auto [owner, methods] = methods_of(value);
  if (const Method* method = find_method(methods, name)) return bind_method(*method, owner, value);
  if (value.is_number()) return find_number_attribute(value, name);
  return std::nullopt;
}

std::optional<Value> call_builtin_method(State& state, const Value& value, std::string_view name, Arguments arguments) {
  if (value.kind() == Kind::String && value.is_markup() && is_markup_method(name)) {
    return call_markup_method(state, value, name, arguments);
  }
  const auto [owner, methods] = methods_of(value);
  const Method* method = find_method(methods, name);
  if (method == nullptr) return std::nullopt;
  return call_checked(state, *method, owner, value, arguments);
}

void bind_parameters(const Parameters& parameters, Arguments arguments, std::span<Value> into) {
  const auto& [function, names, positional] = parameters;
  const std::size_t by_position = arguments.positional.size(), given = by_position + arguments.keywords.size();
  if (given > names.size()) {
    raise_type_error(format("{}() takes at most {} {}argument{} ({} given)", function, names.size(),
                            by_position == 0 ? "keyword " : "", plural(names.size()), given));
  }
  if (by_position > positional) {
    if (positional == 0) raise_type_error(format("{}() takes no positional arguments", function));
    raise_type_error(format("{}() takes at most {} positional argument{} ({} given)", function, positional,
                            plural(positional), by_position));
  }
  for (std::size_t i = 0; i < by_position; ++i) into[i] = std::move(arguments.positional[i]);
  for (Keyword& keyword : arguments.keywords) {
    const auto name = std::find(names.begin(), names.end(), keyword.name.as_string());
    if (name == names.end()) {
      raise_type_error(format("'{}' is an invalid keyword argument for {}()", keyword.name.as_string(), function));
    }
    const auto index = static_cast<std::size_t>(name - names.begin());
    if (index < by_position) {
      raise_type_error(format("argument for {}() given by name ('{}') and position ({})", function, *name, index + 1));
    }
    into[index] = std::move(keyword.value);
  }
}

std::string_view text_argument(const Value& value, std::string_view otherwise) {
  if (!value.is_string()) raise_type_error(format("{}, not {}", otherwise, type_name(value)));
  return value.as_string();
}

std::string_view checked_text(std::string_view what, const Value& value) {
  if (!value.is_string()) {
    raise_type_error(format("{} must be str, not {}", what, value.is_none() ? "None" : type_name(value)));
  }
  return value.as_string();
}

std::int64_t index_argument(const Value& value) {
  if (value.is_int()) return value.as_int();
  if (!value.is_integral()) {
    raise_type_error(format("'{}' object cannot be interpreted as an integer", type_name(value)));
  }
  if (value.kind() == Kind::BigInt) raise("OverflowError", "Python int too large to convert to C ssize_t");
  return value.as_bool() ? 1 : 0;
}

std::int64_t int_argument(const Value& value) {
  const std::int64_t number =
      value.kind() == Kind::BigInt ? std::numeric_limits<std::int64_t>::max() : index_argument(value);
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    raise("OverflowError", "Python int too large to convert to C int");
  }
  return number;
}

std::int64_t bound_argument(const Value& value, std::int64_t absent) {
  if (value.is_none()) return absent;
  if (!value.is_integral()) {
    raise_type_error("slice indices must be integers or None or have an __index__ method");
  }
  return clip_to_int64(value);
}

void clip_bounds(std::int64_t& start, std::int64_t& stop, std::size_t length) {
  const auto size = static_cast<std::int64_t>(length);
  if (stop > size) stop = size;
  if (stop < 0) stop = std::max<std::int64_t>(stop + size, 0);
  if (start < 0) start = std::max<std::int64_t>(start + size, 0);
}

void raise_key_error(State& state, const Value& key) {
  raise("KeyError", repr(state, key));
}

}  // namespace plumb::jinja
