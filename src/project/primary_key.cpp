// What dbt takes for a model's primary key: the constraint of that name, or the columns that tests say are unique.
#include <algorithm>

#include "project/parse.h"

namespace plumb::project {

using jinja::Value;

namespace {

using Names = std::vector<std::string>;

void add(Names& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

bool is_primary_key(const Value& constraint) {
  const Value* type = constraint.as_dict().find("type");
  return type && type->is_string() && type->as_string() == "primary_key";
}

Names of_constraints(const Node& node) {
  Names names;
  if (node.constraints.kind() == jinja::Kind::List) {
    for (const Value& constraint : node.constraints.items()) {
      if (!is_primary_key(constraint)) continue;
      for (const Value& column : constraint.as_dict().find("columns")->items()) names.push_back(python_text(column));
      return names;
    }
  }
  for (const Column& column : node.columns) {
    if (column.constraints.kind() != jinja::Kind::List) continue;
    const auto& all = column.constraints.items();
    if (std::any_of(all.begin(), all.end(), is_primary_key)) return {column.name};
  }
  return names;
}

// The columns a test of uniqueness is about.
Names tested_columns(const Node& test) {
  if (test.test->arguments.kind() != jinja::Kind::Dict) return {};
  if (test.test->name == "unique_combination_of_columns") {
    Names names;
    const Value* columns = test.test->arguments.as_dict().find("combination_of_columns");
    if (columns && columns->kind() == jinja::Kind::List) {
      for (const Value& column : columns->items()) names.push_back(python_text(column));
    }
    return names;
  }
  if (test.test->name != "unique" && test.test->name != "not_null") return {};
  const Value* column = test.test->arguments.as_dict().find("column_name");
  return column && column->is_string() ? Names{std::string(column->as_string())} : Names{};
}

}  // namespace

std::vector<std::string> find_primary_key(const Node& node, const std::vector<const Node*>& tests) {
  if (Names names = of_constraints(node); !names.empty()) return names;
  Names unique, unique_disabled, not_null;
  for (const Node* test : tests) {
    for (std::string& column : tested_columns(*test)) {
      if (test->test->name != "not_null") {
        add(test->enabled ? unique : unique_disabled, std::move(column));
      } else if (test->enabled) {
        add(not_null, std::move(column));
      }
    }
  }
  auto contains = [](const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  Names both;
  for (const std::string& column : not_null) {
    if (contains(unique, column) || contains(unique_disabled, column)) both.push_back(column);
  }
  if (!both.empty()) return both;
  return unique.empty() ? unique_disabled : unique;
}

}  // namespace plumb::project
