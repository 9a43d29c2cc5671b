// adapter.dispatch, incremental strategies, grants, snapshots' deletes: what depends on the project more than on rows.
#include <algorithm>
#include <array>

#include "base/format.h"
#include "transform/adapter.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

constexpr std::array<std::string_view, 6> kBuiltinStrategies = {"append", "delete+insert",    "default",
                                                                "merge",  "insert_overwrite", "microbatch"};
// Of both engines.
constexpr std::array<std::string_view, 5> kValidStrategies = {"append", "delete+insert", "merge", "microbatch",
                                                              "default"};

Value dispatch(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kDispatch{
      "BaseDatabaseWrapper.dispatch", {"macro_name", "macro_namespace", "packages"}, 1, SIZE_MAX, 1};
  auto [name, space, packages] = bind<3>(kDispatch, arguments);
  if (!name.is_string()) {
    jinja::raise_type_error(format("argument of type '{}' is not iterable", jinja::type_name(name)));
  }
  std::string macro(name.as_string());
  if (given(packages) && !packages.is_none()) {
    jinja::raise("MacroDispatchArgError",
                 format("The \"packages\" argument of adapter.dispatch() has been deprecated.\nUse the "
                        "\"macro_namespace\" argument instead.\n\nRaised during dispatch for: {}\n\nFor more "
                        "information, see:\n\nhttps://docs.getdbt.com/reference/dbt-jinja-functions/dispatch",
                        macro));
  }
  if (std::size_t dot = macro.find('.'); dot != std::string::npos) {
    jinja::raise("CompilationError",
                 format("In adapter.dispatch, got a macro name of \"{}\", but \".\" is not a valid macro name "
                        "component. Did you mean `adapter.dispatch(\"{}\", macro_namespace=\"{}\")`?",
                        macro, macro.substr(dot + 1), macro.substr(0, dot)));
  }
  if (!adapter.surroundings().dispatch) {
    jinja::raise("CompilationError", format("In dispatch: No macro named '{}' found", macro));
  }
  return adapter.surroundings().dispatch(state, macro, given(space) ? space : Value::none());
}

// The macro get_incremental_NAME_sql, as the context that is handed in knows it.
Value get_incremental_strategy_macro(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kStrategy{
      "BaseAdapter.get_incremental_strategy_macro", {"model_context", "strategy"}, 2, SIZE_MAX, 1};
  auto [context, strategy] = bind<2>(kStrategy, arguments);
  std::string name = jinja::to_str(state, strategy);
  auto among = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  // Custom ones may have any name.
  if (among(kBuiltinStrategies) && !among(kValidStrategies)) {
    jinja::raise("DbtRuntimeError", format("The incremental strategy '{}' is not valid for this adapter", name));
  }
  std::replace(name.begin(), name.end(), '+', '_');
  std::string macro = "get_incremental_" + name + "_sql";
  Value found = jinja::get_item(state, context, Value(macro));
  if (!found.is_undefined()) return found;
  jinja::raise("DbtRuntimeError", format("dbt could not find an incremental strategy macro with the name \"{}\" in {}",
                                         macro, adapter.surroundings().project_name));
}

// {privilege: [grantee, …]}, from rows of (grantee, privilege_type).
Value standardize_grants_dict(Adapter&, State& state, Arguments arguments) {
  static const Signature kGrants{"BaseAdapter.standardize_grants_dict", {"grants_table"}, 1, SIZE_MAX, 1};
  auto [table] = bind<1>(kGrants, arguments);
  const TableData& data = table_argument(table).data();
  auto grants = jinja::make<jinja::Dict>();
  for (std::size_t row = 0; row < data.rows.size(); ++row) {
    auto grantee = find_cell(data, row, "grantee");
    auto privilege = find_cell(data, row, "privilege_type");
    if (!grantee || !privilege) jinja::raise("KeyError", grantee ? "'privilege_type'" : "'grantee'");
    Value key(jinja::to_str(state, *privilege));
    if (grants->find(key) == nullptr) grants->set(key, Value::list());
    jinja::List& grantees = grants->find(key)->as_list();
    grantees.items.push_back(*grantee);
    grantees.grown();
  }
  return Value(std::move(grants));
}

Value get_hard_deletes_behavior(Adapter&, State& state, Arguments arguments) {
  static const Signature kDeletes{"BaseAdapter.get_hard_deletes_behavior", {"config"}, 1};
  const auto bound = bind<1>(kDeletes, arguments);
  auto setting = [&](std::string_view key) {
    Value name(key);
    return jinja::call_method(state, bound[0], "get", {.positional = std::span(&name, 1)});
  };
  Value deletes = setting("hard_deletes");
  bool invalidate = jinja::truth(state, setting("invalidate_hard_deletes"));
  bool said = !deletes.is_none() && !deletes.is_undefined();
  if (invalidate && said) {
    jinja::raise("DbtValidationError",
                 "You cannot set both the invalidate_hard_deletes and hard_deletes config properties on the same "
                 "snapshot.");
  }
  if (invalidate) return "invalidate";
  if (!said) return "ignore";
  std::string word = jinja::to_str(state, deletes);
  if (word == "invalidate" || word == "new_record" || word == "ignore") return Value(word);
  jinja::raise("DbtValidationError", "Invalid setting for property hard_deletes.");
}

Value warn_once(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kWarn{"DuckDBAdapter.warn_once", {"msg"}, 1, SIZE_MAX, 1};
  auto [message] = bind<1>(kWarn, arguments);
  std::string text = jinja::to_str(state, message);
  if (adapter.warehouse().first_time(text)) adapter.warehouse().log().warn(text);
  return Value::none();
}

Value nothing(Adapter&, State&, Arguments) {
  return Value::none();
}

constexpr std::array<Adapter::NamedFunction, 7> kFunctions{{
    {"dispatch", dispatch},
    {"get_incremental_strategy_macro", get_incremental_strategy_macro},
    {"standardize_grants_dict", standardize_grants_dict},
    {"get_hard_deletes_behavior", get_hard_deletes_behavior},
    {"warn_once", warn_once},
    // No catalog of another engine's is known.
    {"build_catalog_relation", nothing},
    {"get_catalog_integration", nothing},
}};

}  // namespace

std::span<const Adapter::NamedFunction> project_functions() {
  return kFunctions;
}

}  // namespace plumb::transform
