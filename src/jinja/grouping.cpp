// |groupby: the groups of a sequence, each a pair of what its items have in common (`grouper`) and these (`list`).
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"

namespace plumb::jinja {

namespace {

// A tuple whose two items have names. Everything but the names is the tuple's own.
class Group final : public Object {
 public:
  using Object::operate;

  Group(Value grouper, Value list) : tuple_(Value::tuple({std::move(grouper), std::move(list)})) {}

  std::string_view type_name() const override { return "_GroupTuple"; }
  std::string_view module_name() const override { return "jinja2.filters"; }
  bool is_sequence() const override { return true; }

  std::optional<Value> find_attribute(State& state, std::string_view name) override {
    if (name == "grouper") return tuple_.items()[0];
    if (name == "list") return tuple_.items()[1];
    if (name == "_fields") return Value::tuple({"grouper", "list"});
    return find_builtin_attribute(state, tuple_, name);
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    return call_builtin_method(state, tuple_, name, arguments);
  }
  std::optional<Value> find_item(State&, const Value& key) override {
    if (!key.is_integral()) return std::nullopt;
    const std::int64_t index = index_of(key);
    if (index < -2 || index > 1) return std::nullopt;
    return tuple_.items()[static_cast<std::size_t>(index < 0 ? index + 2 : index)];
  }
  std::optional<Value> slice(State& state, const Value& start, const Value& stop, const Value& step) override {
    return jinja::slice(state, tuple_, start, stop, step);
  }
  std::unique_ptr<Iterator> iterate(State& state) override { return jinja::iterate(state, tuple_); }
  std::optional<std::size_t> length(State&) override { return 2; }
  std::optional<bool> contains(State& state, const Value& item) override {
    return jinja::contains(state, tuple_, item);
  }
  std::optional<bool> equals(State& state, const Value& other) override {
    return equal(state, tuple_, as_tuple(other));
  }
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override {
    if (as_tuple(other).kind() != Kind::Tuple) return std::nullopt;
    return order(state, tuple_, as_tuple(other));
  }
  std::optional<std::size_t> hash() const override { return hash_value(tuple_); }
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override {
    const Value operand = as_tuple(other);
    return reflected ? jinja::operate(state, op, operand, tuple_) : jinja::operate(state, op, tuple_, operand);
  }
  std::string repr(State& state) override { return jinja::repr(state, tuple_); }

 private:
  static Value as_tuple(const Value& other) {
    const Group* group = other.find_object<Group>();
    return group ? group->tuple_ : other;
  }
  Value tuple_;
};

}  // namespace

Value filter_groupby(State& state, Arguments arguments) {
  static const Signature kSignature{"sync_do_groupby", {"value", "attribute", "default", "case_sensitive"}, 2};
  auto [value, attribute, otherwise, case_sensitive] = bind_behind_context<4>(kSignature, arguments);
  const AttributePath path(attribute, given(otherwise) ? otherwise : Value::none());
  const bool exact = flag(state, case_sensitive);
  const std::vector<Value> items = to_vector(state, value);
  std::vector<Value> keys;
  keys.reserve(items.size());
  for (const Value& item : items) {
    Value key = path.get(state, item);
    keys.push_back(exact ? std::move(key) : ignore_case(key));
  }
  const std::vector<std::size_t> sorted = sort_by_keys(state, keys);
  std::vector<Value> groups;
  for (std::size_t begin = 0; begin < sorted.size();) {
    const Value& key = keys[sorted[begin]];
    std::vector<Value> members;
    std::size_t end = begin;
    for (; end < sorted.size() && (end == begin || equal(state, key, keys[sorted[end]])); ++end) {
      state.tick();
      members.push_back(items[sorted[end]]);
    }
    // Grouped without regard to case, the group still bears the name that its first item has.
    Value grouper = exact ? key : path.get(state, members[0]);
    groups.push_back(make<Group>(std::move(grouper), Value::list(std::move(members))));
    begin = end;
  }
  return Value::list(std::move(groups));
}

}  // namespace plumb::jinja
