#include "transform/result_store.h"

#include "base/format.h"
#include "transform/record.h"
#include "transform/result_table.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Ref;
using jinja::Signature;
using jinja::State;
using jinja::Value;

const Value* ResultStore::find(std::string_view name) const {
  auto found = results_.find(name);
  return found == results_.end() ? nullptr : &found->second.value;
}

void ResultStore::store(const std::string& name, const Value& response, const Value& table) {
  Value kept = table;
  if (kept.find_object<ResultTable>() == nullptr) {
    kept = Value(jinja::make<ResultTable>(std::make_shared<TableData>()));
  }
  Value data = Value::list(kept.find_object<ResultTable>()->data().rows);
  results_[name] = {Value::dict({{"response", response}, {"data", data}, {"table", kept}})};
}

Value ResultStore::load(const std::string& name) {
  auto found = results_.find(name);
  if (found == results_.end()) return Value::none();
  if (found->second.loaded) {
    jinja::raise("MacroResultAlreadyLoadedError",
                 format("The 'statement' result named '{}' has already been loaded into a variable", name));
  }
  // The response of "main" is the node's, and is read again when the node has ended.
  if (name != "main") found->second.loaded = true;
  return found->second.value;
}

Value ResultStore::store_function(Ref<ResultStore> store) {
  return jinja::make_function("store_result", [store = std::move(store)](State& state, Arguments arguments) {
    static const Signature kStore{"store_result", {"name", "response", "agate_table"}, 2};
    auto [name, response, table] = bind<3>(kStore, arguments);
    store->store(jinja::to_str(state, name), response, given(table) ? table : Value::none());
    return Value("");
  });
}

Value ResultStore::store_raw_function(Ref<ResultStore> store) {
  return jinja::make_function("store_raw_result", [store = std::move(store)](State& state, Arguments arguments) {
    static const Signature kStore{"store_raw_result", {"name", "message", "code", "rows_affected", "agate_table"}, 1};
    auto [name, message, code, rows, table] = bind<5>(kStore, arguments);
    auto text = [&](const Value& value) -> std::optional<std::string> {
      if (!given(value) || value.is_none()) return std::nullopt;
      return jinja::to_str(state, value);
    };
    Response response{.message = text(message).value_or(""), .code = text(code)};
    if (rows.is_int()) response.rows_affected = rows.as_int();
    store->store(jinja::to_str(state, name), make_response(response), given(table) ? table : Value::none());
    return Value("");
  });
}

Value ResultStore::load_function(Ref<ResultStore> store) {
  return jinja::make_function("load_result", [store = std::move(store)](State& state, Arguments arguments) {
    static const Signature kLoad{"load_result", {"name"}, 1};
    auto [name] = bind<1>(kLoad, arguments);
    return store->load(jinja::to_str(state, name));
  });
}

}  // namespace plumb::transform
