// The names that every template finds: range, dict, lipsum, cycler, joiner, namespace.
#include "jinja/globals.h"

#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {

namespace {

// ---- dict

bool is_mapping(const Value& value) {
  return value.kind() == Kind::Dict || (value.kind() == Kind::Object && value.as_object().is_mapping());
}

void add_pair(State& state, Dict& dict, const Value& pair, std::size_t number) {
  const bool iterable = !pair.is_none() && !pair.is_number() &&
                        (pair.kind() != Kind::Object || pair.as_object().iterate(state) != nullptr);
  if (!iterable) {
    raise_type_error("cannot convert dictionary update sequence element #" + std::to_string(number) + " to a sequence");
  }
  std::vector<Value> both = to_vector(state, pair);
  if (both.size() != 2) {
    raise_value_error("dictionary update sequence element #" + std::to_string(number) + " has length " +
                      std::to_string(both.size()) + "; 2 is required");
  }
  dict.set(std::move(both[0]), std::move(both[1]));
}

void add_entries(State& state, Dict& dict, const Value& source) {
  if (source.is_undefined()) raise_undefined(source);
  if (is_mapping(source)) {
    for (Value::Entry& entry : entries_of(state, source)) dict.set(std::move(entry.key), std::move(entry.value));
    return;
  }
  auto pairs = iterate(state, source);
  for (std::size_t number = 0; auto pair = pairs->next(state); ++number) {
    state.tick();
    add_pair(state, dict, *pair, number);
  }
}

// ---- cycler

class Cycler final : public Object {
 public:
  explicit Cycler(std::vector<Value> items) : items_(std::move(items)) {}

  std::string_view type_name() const override { return "Cycler"; }
  std::string_view module_name() const override { return "jinja2.utils"; }

  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "current") return items_[next_];
    if (name == "items") return Value::tuple(items_);
    if (name == "pos") return Value(static_cast<std::int64_t>(next_));
    if (name != "next" && name != "reset") return std::nullopt;
    return make_function("Cycler." + std::string(name),
                         [self = Ref<Cycler>(this), method = std::string(name)](State& state, Arguments arguments) {
                           return *self->call_method(state, method, arguments);
                         });
  }

  std::optional<Value> call_method(State&, std::string_view name, Arguments arguments) override {
    static const Signature kNext{"Cycler.next", {}, 0}, kReset{"Cycler.reset", {}, 0};
    if (name == "next") {
      bind_behind_context<0>(kNext, arguments);
      const Value item = items_[next_];
      next_ = (next_ + 1) % items_.size();
      return item;
    }
    if (name != "reset") return std::nullopt;
    bind_behind_context<0>(kReset, arguments);
    next_ = 0;
    return Value::none();
  }

 private:
  const std::vector<Value> items_;
  std::size_t next_ = 0;
};

// ---- joiner

// Nothing when called first, the separator from then on.
class Joiner final : public Object {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {}

  std::string_view type_name() const override { return "Joiner"; }
  std::string_view module_name() const override { return "jinja2.utils"; }
  bool callable() const override { return true; }

  Value call(State&, Arguments arguments) override {
    static const Signature kSignature{"Joiner.__call__", {}, 0};
    bind_behind_context<0>(kSignature, arguments);
    return std::exchange(used_, true) ? separator_ : Value("");
  }

  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "sep") return separator_;
    if (name == "used") return Value(used_);
    return std::nullopt;
  }

 private:
  const Value separator_;
  bool used_ = false;
};

// ---- namespace

class Namespace final : public Object {
 public:
  explicit Namespace(Value attributes) : attributes_(std::move(attributes)) {}

  std::string_view type_name() const override { return "Namespace"; }
  std::string_view module_name() const override { return "jinja2.utils"; }

  std::optional<Value> find_attribute(State&, std::string_view name) override {
    const Value* found = attributes_.as_dict().find(name);
    return found ? std::optional<Value>(*found) : std::nullopt;
  }
  bool set_attribute(State&, std::string_view name, const Value& value) override {
    if (Value* found = attributes_.as_dict().find(name)) {
      *found = value;
    } else {
      attributes_.as_dict().set(Value(name), value);
    }
    return true;
  }
  std::string repr(State& state) override { return "<Namespace " + jinja::repr(state, attributes_) + ">"; }
  const Value& attributes() const { return attributes_; }

 private:
  const Value attributes_;
};

}  // namespace

Value make_dict(State& state, Arguments arguments) {
  if (arguments.positional.size() > 1) {
    raise_type_error("dict expected at most 1 argument, got " + std::to_string(arguments.positional.size()));
  }
  Value made = Value::dict();
  if (!arguments.positional.empty()) add_entries(state, made.as_dict(), arguments.positional[0]);
  for (Keyword& keyword : arguments.keywords) made.as_dict().set(std::move(keyword.name), std::move(keyword.value));
  return made;
}

Value make_cycler(State&, Arguments arguments) {
  if (!arguments.keywords.empty()) {
    raise_type_error("Cycler.__init__() got an unexpected keyword argument '" +
                     std::string(arguments.keywords[0].name.as_string()) + "'");
  }
  if (arguments.positional.empty()) raise("RuntimeError", "at least one item has to be provided");
  return make<Cycler>(std::vector<Value>(arguments.positional.begin(), arguments.positional.end()));
}

Value make_joiner(State&, Arguments arguments) {
  static const Signature kSignature{"Joiner.__init__", {"sep"}, 0};
  auto [separator] = bind_behind_context<1>(kSignature, arguments);
  return make<Joiner>(given(separator) ? separator : Value(", "));
}

Value make_namespace(State& state, Arguments arguments) {
  return make<Namespace>(make_dict(state, arguments));
}

const Value* find_namespace_attributes(const Value& value) {
  const auto* space = value.find_object<Namespace>();
  return space ? &space->attributes() : nullptr;
}

namespace {

// A class, as Python's globals have it: `{{ range }}` prints <class 'range'>, and dict.fromkeys is there.
class ClassObject final : public Object {
 public:
  ClassObject(std::string name, NativeFunction function) : name_(std::move(name)), function_(std::move(function)) {}
  std::string_view type_name() const override { return "type"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override { return function_(state, arguments); }
  std::optional<Value> find_attribute(State& state, std::string_view name) override {
    if (name == "fromkeys" && name_ == "dict") return find_builtin_attribute(state, Value::dict(), name);
    return std::nullopt;
  }
  std::string repr(State&) override { return "<class '" + name_ + "'>"; }

 private:
  const std::string name_;
  const NativeFunction function_;
};

}  // namespace

Value make_global(const LibraryFunction& global) {
  if (global.name == "lipsum") return make_function("generate_lorem_ipsum", global.function);
  std::string name(global.name);
  if (name != "dict" && name != "range") {
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    name = "jinja2.utils." + name;
  }
  return make<ClassObject>(std::move(name), global.function);
}

std::span<const LibraryFunction> builtin_globals() {
  static constexpr LibraryFunction kGlobals[] = {
      {"cycler", make_cycler}, {"dict", make_dict},           {"joiner", make_joiner},
      {"lipsum", make_lipsum}, {"namespace", make_namespace}, {"range", make_range},
  };
  return kGlobals;
}

}  // namespace plumb::jinja
