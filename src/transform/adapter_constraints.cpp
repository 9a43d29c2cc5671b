// adapter.render_raw_columns_constraints and render_raw_model_constraints: a contract's constraints as DDL.
#include <algorithm>
#include <array>

#include "base/format.h"
#include "transform/adapter.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Kind;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

// A constraint as the user's YAML has it.
struct Constraint {
  std::string type, name, expression, to;
  std::string columns, to_columns;  // joined by ", "
};

constexpr std::array<std::string_view, 6> kTypes = {"check",  "not_null",    "unique",
                                                    "custom", "primary_key", "foreign_key"};

std::string text_at(State& state, const jinja::Dict& dict, std::string_view key) {
  const Value* found = dict.find(key);
  if (found == nullptr || found->is_none() || found->is_undefined()) return {};
  return jinja::to_str(state, *found);
}

std::string joined(State& state, const jinja::Dict& dict, std::string_view key) {
  const Value* found = dict.find(key);
  if (found == nullptr || found->is_none()) return {};
  std::string text;
  for (const Value& item : jinja::to_vector(state, *found))
    text += (text.empty() ? "" : ", ") + jinja::to_str(state, item);
  return text;
}

Constraint read_constraint(State& state, const Value& raw) {
  auto fail = [&] {
    jinja::raise("DbtValidationError", format("Could not parse constraint: {}", jinja::repr(state, raw)));
  };
  if (raw.kind() != Kind::Dict) fail();
  const jinja::Dict& dict = raw.as_dict();
  Constraint constraint{.type = text_at(state, dict, "type"),
                        .name = text_at(state, dict, "name"),
                        .expression = text_at(state, dict, "expression"),
                        .to = text_at(state, dict, "to"),
                        .columns = joined(state, dict, "columns"),
                        .to_columns = joined(state, dict, "to_columns")};
  if (std::find(kTypes.begin(), kTypes.end(), constraint.type) == kTypes.end()) fail();
  return constraint;
}

std::string after_blank(const std::string& text) {
  return text.empty() ? "" : " " + text;
}

// Behind its column; empty where there is nothing to say.
std::string column_constraint(const Constraint& constraint) {
  if (constraint.type == "check" && !constraint.expression.empty()) return format("check ({})", constraint.expression);
  if (constraint.type == "not_null") return "not null" + after_blank(constraint.expression);
  if (constraint.type == "unique") return "unique" + after_blank(constraint.expression);
  if (constraint.type == "primary_key") return "primary key" + after_blank(constraint.expression);
  if (constraint.type == "custom") return constraint.expression;
  if (constraint.type != "foreign_key") return {};
  if (!constraint.to.empty() && !constraint.to_columns.empty()) {
    return format("references {} ({})", constraint.to, constraint.to_columns);
  }
  return constraint.expression.empty() ? "" : "references " + constraint.expression;
}

// A line of its own among the columns.
std::string model_constraint(const Constraint& constraint) {
  std::string prefix = constraint.name.empty() ? "" : format("constraint {} ", constraint.name);
  const auto& [type, name, expression, to, columns, to_columns] = constraint;
  if (type == "check" && !expression.empty()) return format("{}check ({})", prefix, expression);
  if (type == "unique") return format("{}unique{} ({})", prefix, after_blank(expression), columns);
  if (type == "primary_key") return format("{}primary key{} ({})", prefix, after_blank(expression), columns);
  if (type == "custom" && !expression.empty()) return prefix + expression;
  if (type != "foreign_key") return {};
  if (!to.empty() && !to_columns.empty()) {
    return format("{}foreign key ({}) references {} ({})", prefix, columns, to, to_columns);
  }
  if (expression.empty()) return {};
  return format("{}foreign key ({}) references {}", prefix, columns, expression);
}

Value render_raw_columns_constraints(Adapter&, State& state, Arguments arguments) {
  static const Signature kRender{"BaseAdapter.render_raw_columns_constraints", {"raw_columns"}, 1, SIZE_MAX, 1};
  auto [columns] = bind<1>(kRender, arguments);
  if (columns.kind() != Kind::Dict) {
    jinja::raise("AttributeError", format("'{}' object has no attribute 'values'", jinja::type_name(columns)));
  }
  std::vector<Value> lines;
  std::size_t position = 0;
  while (const Value::Entry* entry = columns.as_dict().next(position)) {
    const jinja::Dict& column = entry->value.as_dict();
    std::string name = text_at(state, column, "name");
    const Value* quote = column.find("quote");
    if (quote != nullptr && jinja::truth(state, *quote)) name = format("\"{}\"", name);
    std::string line = name + " " + text_at(state, column, "data_type");
    const Value* constraints = column.find("constraints");
    if (constraints != nullptr && !constraints->is_none()) {
      for (const Value& raw : jinja::to_vector(state, *constraints)) {
        line += after_blank(column_constraint(read_constraint(state, raw)));
      }
    }
    lines.emplace_back(std::move(line));
  }
  return Value::list(std::move(lines));
}

Value render_raw_model_constraints(Adapter&, State& state, Arguments arguments) {
  static const Signature kRender{"BaseAdapter.render_raw_model_constraints", {"raw_constraints"}, 1, SIZE_MAX, 1};
  auto [constraints] = bind<1>(kRender, arguments);
  std::vector<Value> lines;
  for (const Value& raw : jinja::to_vector(state, constraints)) {
    std::string line = model_constraint(read_constraint(state, raw));
    if (!line.empty()) lines.emplace_back(std::move(line));
  }
  return Value::list(std::move(lines));
}

constexpr std::array<Adapter::NamedFunction, 2> kFunctions{{
    {"render_raw_columns_constraints", render_raw_columns_constraints},
    {"render_raw_model_constraints", render_raw_model_constraints},
}};

}  // namespace

std::span<const Adapter::NamedFunction> constraint_functions() {
  return kFunctions;
}

}  // namespace plumb::transform
