#include "transform/index_changes.h"

#include <algorithm>

#include "transform/result_table.h"

namespace plumb::transform {

using jinja::Kind;
using jinja::State;
using jinja::Value;

namespace {

struct Index {
  std::string name;                  // of those that are there
  std::vector<std::string> columns;  // as they were given
  std::string method = "btree";
  bool unique = false;
};

// The name says nothing, and neither does the order of columns.
bool same(const Index& a, const Index& b) {
  return a.method == b.method && a.unique == b.unique &&
         std::is_permutation(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end());
}

Value find(const Value& dict, std::string_view key) {
  const Value* found = dict.kind() == Kind::Dict ? dict.as_dict().find(key) : nullptr;
  return found != nullptr ? *found : Value::none();
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<Index> read_described(State& state, const Value& described) {
  std::vector<Index> indexes;
  const TableData& rows = table_argument(find(described, "indexes")).data();
  for (std::size_t row = 0; row < rows.rows.size(); ++row) {
    auto cell = [&](std::string_view column) { return find_cell(rows, row, column).value_or(Value("")); };
    indexes.push_back({.name = jinja::to_str(state, cell("name")),
                       .columns = split(jinja::to_str(state, cell("column_names"))),
                       .method = jinja::to_str(state, cell("method")),
                       .unique = jinja::truth(state, cell("unique"))});
  }
  return indexes;
}

std::vector<Index> read_wanted(State& state, const Value& model) {
  std::vector<Index> indexes;
  Value list = find(find(model, "config"), "indexes");
  if (list.is_none()) return indexes;
  for (const Value& wanted : jinja::to_vector(state, list)) {
    Index& index = indexes.emplace_back();
    for (const Value& column : jinja::to_vector(state, find(wanted, "columns"))) {
      index.columns.push_back(jinja::to_str(state, column));
    }
    if (Value method = find(wanted, "type"); method.is_string()) index.method = method.as_string();
    index.unique = jinja::truth(state, find(wanted, "unique"));
  }
  return indexes;
}

Value as_change(std::string_view action, const Index& index) {
  Value columns = Value::list(std::vector<Value>(index.columns.begin(), index.columns.end()));
  Value config = Value::dict({{"columns", columns}, {"unique", index.unique}, {"type", index.method}});
  return Value::dict(
      {{"action", action}, {"context", Value::dict({{"name", index.name}, {"as_node_config", config}})}});
}

// Those of `from` that `others` lacks.
void add_changes(std::vector<Value>& changes, std::string_view action, const std::vector<Index>& from,
                 const std::vector<Index>& others) {
  for (const Index& index : from) {
    bool known = std::any_of(others.begin(), others.end(), [&](const Index& other) { return same(index, other); });
    if (!known) changes.push_back(as_change(action, index));
  }
}

}  // namespace

Value index_changes(State& state, jinja::Arguments arguments) {
  static const jinja::Signature kChanges{
      "PostgresRelation.get_materialized_view_config_change_collection", {"relation_results", "relation_config"}, 2};
  auto [described, model] = jinja::bind<2>(kChanges, arguments);
  std::vector<Index> there = read_described(state, described), wanted = read_wanted(state, model);
  std::vector<Value> changes;
  add_changes(changes, "drop", there, wanted);
  add_changes(changes, "create", wanted, there);
  if (changes.empty()) return Value::none();
  return Value::dict(
      {{"indexes", Value::list(std::move(changes))}, {"requires_full_refresh", false}, {"has_changes", true}});
}

}  // namespace plumb::transform
