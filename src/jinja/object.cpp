#include "jinja/object.h"

#include <functional>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/operators.h"
#include "jinja/text.h"

namespace plumb::jinja {

// What a plain object of Python answers.

std::optional<Value> Object::find_attribute(State&, std::string_view) {
  return std::nullopt;
}
std::optional<Value> Object::find_item(State&, const Value&) {
  return std::nullopt;
}
std::optional<Value> Object::slice(State&, const Value&, const Value&, const Value&) {
  return std::nullopt;
}
bool Object::set_attribute(State&, std::string_view, const Value&) {
  return false;
}
Value Object::call(State&, Arguments) {
  raise_type_error("'" + std::string(type_name()) + "' object is not callable");
}
std::optional<Value> Object::call_method(State&, std::string_view, Arguments) {
  return std::nullopt;
}
std::unique_ptr<Iterator> Object::iterate(State&) {
  return nullptr;
}
std::optional<std::size_t> Object::length(State&) {
  return std::nullopt;
}
std::optional<bool> Object::contains(State&, const Value&) {
  return std::nullopt;
}
std::optional<bool> Object::equals(State&, const Value&) {
  return std::nullopt;
}
std::optional<std::partial_ordering> Object::compare(State&, const Value&) {
  return std::nullopt;
}
std::optional<std::size_t> Object::hash() const {
  return std::hash<const Object*>()(this);
}
std::optional<Value> Object::operate(State&, BinaryOperator, const Value&, bool) {
  return std::nullopt;
}
std::optional<Value> Object::operate_unary(State&, UnaryOperator) {
  return std::nullopt;
}
bool Object::truth(State& state) {
  const std::optional<std::size_t> size = length(state);
  return !size || *size != 0;
}
// Without the address that Python would add: what a template prints is the same each time.
std::string Object::repr(State&) {
  return "<" + std::string(type_name()) + " object>";
}
std::string Object::str(State& state) {
  return repr(state);
}
std::string Object::format(State& state, std::string_view spec) {
  if (spec.empty()) return str(state);
  raise_type_error("unsupported format string passed to " + std::string(type_name()) + ".__format__");
}
std::optional<std::string> Object::html(State&) {
  return std::nullopt;
}

namespace {

class FunctionObject final : public Object {
 public:
  FunctionObject(std::string name, NativeFunction function, std::string_view type_name)
      : name_(std::move(name)), type_name_(type_name), function_(std::move(function)) {}
  std::string_view type_name() const override { return type_name_; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override { return function_(state, arguments); }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "__name__") return Value(name_);
    return std::nullopt;
  }
  std::string repr(State&) override { return "<" + type_name_ + " " + name_ + ">"; }

 private:
  const std::string name_;
  const std::string type_name_;
  const NativeFunction function_;
};

class Generator final : public Object {
 public:
  Generator(std::unique_ptr<Iterator> iterator, std::string_view type_name, std::string_view name)
      : iterator_(std::move(iterator)), type_name_(type_name), name_(name) {}
  std::string_view type_name() const override { return type_name_; }
  std::unique_ptr<Iterator> iterate(State&) override;
  std::string repr(State&) override {
    const auto address = reinterpret_cast<std::uintptr_t>(this);
    return plumb::format("<{} object{}{} at {:#x}>", type_name_, name_.empty() ? "" : " ", name_, address);
  }
  Iterator& iterator() { return *iterator_; }

 private:
  const std::unique_ptr<Iterator> iterator_;
  const std::string type_name_;
  const std::string name_;
};

// Whoever walks a generator moves it on for everybody else.
class GeneratorWalk final : public Iterator {
 public:
  explicit GeneratorWalk(Ref<Generator> generator) : generator_(std::move(generator)) {}
  std::optional<Value> next(State& state) override { return generator_->iterator().next(state); }
  Pair next_pair(State& state, Value& first, Value& second) override {
    return generator_->iterator().next_pair(state, first, second);
  }

 private:
  const Ref<Generator> generator_;
};

std::unique_ptr<Iterator> Generator::iterate(State&) {
  return std::make_unique<GeneratorWalk>(Ref<Generator>(this));
}

}  // namespace

Value make_function(std::string name, NativeFunction function, std::string_view type_name) {
  return make<FunctionObject>(std::move(name), std::move(function), type_name);
}

Value make_generator(std::unique_ptr<Iterator> iterator, std::string_view type_name, std::string_view name) {
  return make<Generator>(std::move(iterator), type_name, name);
}

Iterator* find_generator(const Value& value) {
  if (value.kind() != Kind::Object) return nullptr;
  Object& object = value.as_object();
  return typeid(object) == typeid(Generator) ? &static_cast<Generator&>(object).iterator() : nullptr;
}

}  // namespace plumb::jinja
