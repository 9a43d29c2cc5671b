// Filters that compare items: sort, dictsort, min, max, unique, sum; groupby is in grouping.cpp.
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {

namespace {

// What an item is compared by.
class SortKey {
 public:
  SortKey(const Value& attribute, bool case_sensitive) : path_(attribute), case_sensitive_(case_sensitive) {}
  Value get(State& state, const Value& item) const {
    Value key = path_.get(state, item);
    return case_sensitive_ ? key : ignore_case(key);
  }

 private:
  AttributePath path_;
  bool case_sensitive_;
};

// The attributes to sort by: "last_name,first_name" are two.
std::vector<SortKey> parse_sort_keys(const Value& attribute, bool case_sensitive) {
  std::vector<SortKey> keys;
  if (!attribute.is_string()) {
    keys.emplace_back(attribute, case_sensitive);
    return keys;
  }
  std::string_view rest = attribute.as_string();
  for (;;) {
    const std::size_t comma = rest.find(',');
    keys.emplace_back(Value(rest.substr(0, comma)), case_sensitive);
    if (comma == std::string_view::npos) return keys;
    rest.remove_prefix(comma + 1);
  }
}

Value filter_sort(State& state, Arguments arguments) {
  static const Signature kSignature{"do_sort", {"value", "reverse", "case_sensitive", "attribute"}, 1};
  auto [value, reverse, case_sensitive, attribute] = bind_behind_context<4>(kSignature, arguments);
  const std::vector<SortKey> sort_keys = parse_sort_keys(attribute, flag(state, case_sensitive));
  const std::vector<Value> items = to_vector(state, value);
  const bool reversed = reverse_flag(reverse);
  std::vector<Value> keys;
  keys.reserve(items.size());
  for (const Value& item : items) {
    // Always a list, as Jinja2 has it: in a list what is equal is passed over, so that None sorts beside None.
    std::vector<Value> key;
    key.reserve(sort_keys.size());
    for (const SortKey& sort_key : sort_keys) key.push_back(sort_key.get(state, item));
    keys.push_back(Value::list(std::move(key)));
  }
  std::vector<Value> sorted;
  sorted.reserve(items.size());
  for (std::size_t index : sort_by_keys(state, keys, reversed)) sorted.push_back(items[index]);
  return Value::list(std::move(sorted));
}

Value filter_dictsort(State& state, Arguments arguments) {
  static const Signature kSignature{"do_dictsort", {"value", "case_sensitive", "by", "reverse"}, 1};
  auto [value, case_sensitive, by, reverse] = bind<4>(kSignature, arguments);
  const std::string_view wanted = given(by) ? (by.is_string() ? by.as_string() : "?") : "key";
  if (wanted != "key" && wanted != "value") {
    raise_filter_argument_error("You can only sort by either \"key\" or \"value\"");
  }
  std::vector<Value::Entry> entries = entries_of(state, value);
  const bool reversed = reverse_flag(reverse);
  const bool exact = !entries.empty() && flag(state, case_sensitive);
  std::vector<Value> keys;
  keys.reserve(entries.size());
  for (const Value::Entry& entry : entries) {
    const Value& key = wanted == "key" ? entry.key : entry.value;
    keys.push_back(exact ? key : ignore_case(key));
  }
  std::vector<Value> sorted;
  sorted.reserve(entries.size());
  for (std::size_t index : sort_by_keys(state, keys, reversed)) {
    sorted.push_back(Value::tuple({std::move(entries[index].key), std::move(entries[index].value)}));
  }
  return Value::list(std::move(sorted));
}

// ---- min and max

Value find_extreme(State& state, const Signature& signature, Arguments arguments, std::string_view op) {
  auto [value, case_sensitive, attribute] = bind_behind_context<3>(signature, arguments);
  const auto wanted = op == "<" ? std::partial_ordering::less : std::partial_ordering::greater;
  auto iterator = iterate(state, value);
  std::optional<Value> best = iterator->next(state);
  if (!best) return undefined_hint(state.undefined_kind(), "No aggregated item, sequence was empty.");
  const SortKey sort_key(attribute, flag(state, case_sensitive));
  Value best_key = sort_key.get(state, *best);
  while (auto item = iterator->next(state)) {
    state.tick();
    Value key = sort_key.get(state, *item);
    if (order(state, key, best_key, op) != wanted) continue;
    best = std::move(item);
    best_key = std::move(key);
  }
  return *std::move(best);
}

Value filter_min(State& state, Arguments arguments) {
  static const Signature kSignature{"do_min", {"value", "case_sensitive", "attribute"}, 1};
  return find_extreme(state, kSignature, arguments, "<");
}

Value filter_max(State& state, Arguments arguments) {
  static const Signature kSignature{"do_max", {"value", "case_sensitive", "attribute"}, 1};
  return find_extreme(state, kSignature, arguments, ">");
}

// ---- unique

class Unique final : public Iterator {
 public:
  Unique(Value value, SortKey key) : value_(std::move(value)), key_(std::move(key)) {}

  std::optional<Value> next(State& state) override {
    if (!items_) items_ = iterate(state, value_);
    while (auto item = items_->next(state)) {
      state.tick();
      if (seen_.add(key_.get(state, *item))) return item;
    }
    return std::nullopt;
  }

 private:
  Value value_;
  SortKey key_;
  std::unique_ptr<Iterator> items_;
  Set seen_;
};

Value filter_unique(State& state, Arguments arguments) {
  static const Signature kSignature{"sync_do_unique", {"value", "case_sensitive", "attribute"}, 1};
  auto [value, case_sensitive, attribute] = bind_behind_context<3>(kSignature, arguments);
  SortKey key(attribute, flag(state, case_sensitive));
  return make_named_generator("sync_do_unique", std::make_unique<Unique>(std::move(value), std::move(key)));
}

// ---- sum

Value filter_sum(State& state, Arguments arguments) {
  static const Signature kSignature{"sync_do_sum", {"iterable", "attribute", "start"}, 1};
  auto [iterable, attribute, start] = bind_behind_context<3>(kSignature, arguments);
  const AttributePath path(attribute);
  auto iterator = iterate(state, iterable);
  if (start.is_string()) raise_type_error("sum() can't sum strings [use ''.join(seq) instead]");
  Value total = given(start) ? start : Value(0);
  while (auto item = iterator->next(state)) {
    state.tick();
    total = operate(state, BinaryOperator::Add, total, path.get(state, *item));
  }
  return total;
}

}  // namespace

std::span<const LibraryFunction> order_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"dictsort", filter_dictsort}, {"groupby", filter_groupby}, {"max", filter_max},       {"min", filter_min},
      {"sort", filter_sort},         {"sum", filter_sum},         {"unique", filter_unique},
  };
  return kFilters;
}

}  // namespace plumb::jinja
