#include "project/python_object.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::project::python {
namespace {

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

std::string_view plural(std::size_t count) {
  return count == 1 ? "" : "s";
}

}  // namespace

std::optional<Value> PythonObject::find_attribute(State& state, std::string_view name) {
  if (const Method* method = jinja::find_method(methods(), name)) return jinja::bind_method(*method, owner(), self());
  return find_member(state, name);
}

std::optional<Value> PythonObject::call_method(State& state, std::string_view name, Arguments arguments) {
  const Method* method = jinja::find_method(methods(), name);
  if (method == nullptr) return std::nullopt;
  return jinja::call_checked(state, *method, owner(), self(), arguments);
}

std::string_view PythonObject::owner() const {
  return last_part(type_name());
}

// ---- Classes

std::string_view PythonClass::owner() const {
  return last_part(table_.name);
}

Value PythonClass::call(State& state, Arguments arguments) {
  if (table_.make == nullptr) jinja::raise_type_error(plumb::format("cannot create '{}' instances", table_.name));
  return table_.make(state, self(), arguments);
}

std::optional<Value> PythonClass::find_member(State&, std::string_view name) {
  if (name == "__name__" || name == "__qualname__") return Value(owner());
  if (const Method* method = jinja::find_method(table_.methods, name)) return make_unbound(*method);
  if (table_.find_constant != nullptr) return table_.find_constant(name);
  return std::nullopt;
}

// A method that is given its object: datetime.strftime(x, '%Y').
Value PythonClass::make_unbound(const Method& method) const {
  auto call = [&method, &table = table_, owner = owner()](State& state, Arguments arguments) {
    if (arguments.positional.empty()) {
      jinja::raise_type_error(plumb::format("unbound method {}.{}() needs an argument", owner, method.name));
    }
    const Value self = arguments.positional[0];
    if (table.is_instance == nullptr || !table.is_instance(self)) {
      jinja::raise_type_error(plumb::format("descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                                            method.name, table.name, jinja::type_name(self)));
    }
    arguments.positional = arguments.positional.subspan(1);
    return jinja::call_checked(state, method, owner, self, arguments);
  };
  return jinja::make_function(std::string(method.name), call, "method_descriptor");
}

// ---- Calls

void bind_call(const CallShape& shape, Arguments arguments, std::span<Value> into) {
  const std::string function = shape.function.empty() ? "function" : std::string(shape.function) + "()";
  const std::size_t by_position = arguments.positional.size(), given = by_position + arguments.keywords.size();
  const std::size_t most = shape.names.size(), positional = std::min(shape.positional, most);
  if (given > most) {
    jinja::raise_type_error(plumb::format("{} takes {} {} {}argument{} ({} given)", function,
                                          shape.required < most || shape.function.empty() ? "at most" : "exactly", most,
                                          by_position == 0 ? "keyword " : "", plural(most), given));
  }
  if (by_position > positional) {
    jinja::raise_type_error(plumb::format("{} takes {} {} positional argument{} ({} given)", function,
                                          shape.required < most ? "at most" : "exactly", positional, plural(positional),
                                          by_position));
  }
  for (std::size_t i = 0; i < by_position; ++i) into[i] = std::move(arguments.positional[i]);
  const auto index_of = [&](const jinja::Keyword& keyword) {
    const auto found = std::find(shape.names.begin(), shape.names.end(), keyword.name.as_string());
    return static_cast<std::size_t>(found - shape.names.begin());
  };
  for (jinja::Keyword& keyword : arguments.keywords) {
    const std::size_t index = index_of(keyword);
    if (index < most && index >= by_position) into[index] = std::move(keyword.value);
  }
  for (std::size_t i = 0; i < shape.required; ++i) {
    if (jinja::given(into[i])) continue;
    jinja::raise_type_error(
        plumb::format("{} missing required argument '{}' (pos {})", function, shape.names[i], i + 1));
  }
  for (const jinja::Keyword& keyword : arguments.keywords) {
    const std::size_t index = index_of(keyword);
    if (index < by_position) {
      jinja::raise_type_error(plumb::format("argument for {} given by name ('{}') and position ({})", function,
                                            shape.names[index], index + 1));
    }
    if (index == most) {
      const std::string owner = !shape.keyword_owner.empty() ? std::string(shape.keyword_owner)
                                : shape.function.empty()     ? "this function"
                                                             : function;
      jinja::raise_type_error(
          plumb::format("'{}' is an invalid keyword argument for {}", keyword.name.as_string(), owner));
    }
  }
}

std::int64_t int_or(const Value& bound, std::int64_t fallback) {
  return jinja::given(bound) ? jinja::int_argument(bound) : fallback;
}

std::string int128_text(Int128 number) {
  return fmt::to_string(number);
}

Value int_value(Int128 number) {
  if (number >= INT64_MIN && number <= INT64_MAX) return Value(static_cast<std::int64_t>(number));
  return *jinja::parse_int(int128_text(number));
}

Value divide_to_nearest(const Value& a, const Value& b) {
  const Value low = jinja::int_floor_divide(a, b);
  // Of a negative divisor the rest is negative as well: twice the rest is compared in the divisor's direction.
  const Value twice = jinja::int_multiply(jinja::int_modulo(a, b), Value(2));
  const bool negative = jinja::int_compare(b, Value(0)) < 0;
  const auto half = negative ? 0 <=> jinja::int_compare(twice, b) : jinja::int_compare(twice, b);
  const bool odd = jinja::int_compare(jinja::int_modulo(low, Value(2)), Value(0)) != 0;
  return half > 0 || (half == 0 && odd) ? jinja::int_add(low, Value(1)) : low;
}

// ---- Named tuples

std::optional<Value> NamedTuple::find_item(State& state, const Value& key) {
  const Value item = jinja::get_item(state, items_, key);
  if (item.is_undefined()) return std::nullopt;
  return item;
}

std::optional<Value> NamedTuple::slice(State& state, const Value& start, const Value& stop, const Value& step) {
  return jinja::slice(state, items_, start, stop, step);
}

std::optional<bool> NamedTuple::equals(State& state, const Value& other) {
  if (const auto* tuple = other.find_object<NamedTuple>()) return jinja::equal(state, items_, tuple->items_);
  return jinja::equal(state, items_, other);
}

std::optional<Value> NamedTuple::find_member(State&, std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return items_.items()[static_cast<std::size_t>(found - names_.begin())];
}

std::string NamedTuple::repr(State& state) {
  std::string text = std::string(name_) + "(";
  for (std::size_t i = 0; i < names_.size(); ++i) {
    text += plumb::format("{}{}={}", i > 0 ? ", " : "", names_[i], jinja::repr(state, items_.items()[i]));
  }
  return text + ")";
}

}  // namespace plumb::project::python
