#include "project/template_exceptions.h"

#include <algorithm>
#include <map>

#include "base/format.h"

namespace plumb::project {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

namespace {

// The first argument, whatever it is called.
Value first(Arguments arguments) {
  if (!arguments.positional.empty()) return arguments.positional[0];
  return arguments.keywords.empty() ? Value("") : arguments.keywords[0].value;
}

std::string text(State& state, Arguments arguments, std::size_t index) {
  return index < arguments.positional.size() ? jinja::to_str(state, arguments.positional[index]) : std::string();
}

// Those that say what they are given, each under the name of dbt's exception.
struct Plain {
  std::string_view name, type, before;
};
constexpr Plain kPlain[] = {
    {"raise_compiler_error", "CompilationError", ""},
    {"raise_database_error", "DbtDatabaseError", ""},
    {"raise_dependency_error", "DependencyError", ""},
    {"raise_not_implemented", "NotImplementedError", "ERROR: "},
    {"raise_fail_fast_error", "FailFastError", ""},
    {"raise_duplicate_resource_name", "CompilationError", ""},
    {"raise_ambiguous_alias", "CompilationError", ""},
    {"raise_ambiguous_catalog_match", "CompilationError", ""},
    {"raise_cache_inconsistent", "CompilationError", ""},
    {"raise_dataclass_not_dict", "CompilationError", ""},
    {"raise_dep_not_found", "CompilationError", ""},
    {"raise_duplicate_patch_name", "CompilationError", ""},
    {"raise_invalid_property_yml_version", "CompilationError", ""},
    {"missing_materialization", "CompilationError", ""},
};

// name → type of a list of {name, data_type, formatted}.
std::map<std::string, std::string> columns_of(State& state, const Value& list) {
  std::map<std::string, std::string> columns;
  for (const Value& column : jinja::to_vector(state, list)) {
    columns[jinja::to_str(state, jinja::get_item(state, column, Value("name")))] =
        jinja::to_str(state, jinja::get_item(state, column, Value("data_type")));
  }
  return columns;
}

// What a contract promises beside what the model's SQL gives, a line for each column that differs.
std::string contract_table(const std::map<std::string, std::string>& promised,
                           const std::map<std::string, std::string>& found) {
  std::vector<std::array<std::string, 4>> rows{{"column_name", "definition_type", "contract_type", "mismatch_reason"}};
  std::map<std::string, std::string> all = promised;
  all.insert(found.begin(), found.end());
  for (const auto& known : all) {
    const std::string& name = known.first;
    auto wanted = promised.find(name);
    auto given = found.find(name);
    if (given == found.end()) {
      rows.push_back({name, "", wanted->second, "missing in definition"});
    } else if (wanted == promised.end()) {
      rows.push_back({name, given->second, "", "missing in contract"});
    } else if (wanted->second != given->second) {
      rows.push_back({name, given->second, wanted->second, "data type mismatch"});
    }
  }
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], jinja::count_code_points(row[i]));
  }
  std::string out;
  for (std::size_t line = 0; line < rows.size(); ++line) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      out += "| " + rows[line][i] + std::string(widths[i] - jinja::count_code_points(rows[line][i]), ' ') + " ";
    }
    out += "|\n";
    if (line != 0) continue;
    for (std::size_t width : widths) out += "| " + std::string(width, '-') + " ";
    out += "|\n";
  }
  return out;
}

}  // namespace

Value template_exceptions(const Say& warn) {
  Value functions = Value::dict();
  auto add = [&](std::string_view name, jinja::NativeFunction function) {
    functions.as_dict().set(name, jinja::make_function(std::string(name), std::move(function)));
  };
  add("warn", [warn](State& state, Arguments arguments) {
    warn(jinja::to_str(state, first(arguments)), Voice::Info);
    return Value("");
  });
  add("warn_snapshot_timestamp_data_types", [warn](State& state, Arguments arguments) {
    static const jinja::Signature kWarn{
        "warn_snapshot_timestamp_data_types", {"snapshot_time_data_type", "updated_at_data_type"}, 2};
    auto [now, updated] = jinja::bind<2>(kWarn, arguments);
    warn(format("Data type of snapshot table timestamp columns ({}) doesn't match derived column 'updated_at' ({}). "
                "Please update snapshot config 'updated_at'.",
                jinja::to_str(state, now), jinja::to_str(state, updated)),
         Voice::Info);
    return Value::none();
  });
  for (const Plain& plain : kPlain) {
    add(plain.name, [plain](State& state, Arguments arguments) -> Value {
      jinja::raise(plain.type, std::string(plain.before) + jinja::to_str(state, first(arguments)));
    });
  }
  add("raise_contract_error", [](State& state, Arguments arguments) -> Value {
    static const jinja::Signature kRaise{"raise_contract_error", {"yaml_columns", "sql_columns"}, 2};
    auto [promised, found] = jinja::bind<2>(kRaise, arguments);
    if (!jinja::truth(state, promised)) {
      jinja::raise("ContractError", "This model has an enforced contract, and its 'columns' specification is missing");
    }
    jinja::raise("ContractError",
                 "This model has an enforced contract that failed.\nPlease ensure the name, data_type, and number of "
                 "columns in your contract match the columns in your model's definition.\n\n" +
                     contract_table(columns_of(state, promised), columns_of(state, found)));
  });
  add("missing_config", [](State& state, Arguments arguments) -> Value {
    Value model = first(arguments);
    std::string id = jinja::to_str(state, jinja::get_attribute(state, model, "unique_id"));
    jinja::raise("CompilationError", plumb::format("Model '{}' does not define a required config parameter '{}'.", id,
                                                   text(state, arguments, 1)));
  });
  add("missing_relation", [](State& state, Arguments arguments) -> Value {
    jinja::raise("CompilationError", plumb::format("Relation {} not found!", text(state, arguments, 0)));
  });
  add("relation_wrong_type", [](State& state, Arguments arguments) -> Value {
    Value relation = first(arguments);
    std::string name = jinja::to_str(state, relation);
    std::string type = jinja::to_str(state, jinja::get_attribute(state, relation, "type"));
    jinja::raise("CompilationError",
                 plumb::format("Trying to create {} {}, but it currently exists as a {}. Either drop {} manually, or "
                               "run dbt with `--full-refresh` and dbt will drop it for you.",
                               text(state, arguments, 1), name, type, name));
  });
  add("column_type_missing", [](State& state, Arguments arguments) -> Value {
    jinja::raise("CompilationError",
                 plumb::format("Contracted models require data_type to be defined for each column. Please ensure that "
                               "the column name and data_type are defined within the YAML configuration for the {} "
                               "column(s).",
                               jinja::repr(state, first(arguments))));
  });
  return functions;
}

}  // namespace plumb::project
