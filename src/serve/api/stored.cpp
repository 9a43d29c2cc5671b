// Pools, variables, and the connections of plumb.yml.
#include <algorithm>

#include "base/format.h"
#include "base/secret.h"
#include "serve/api/bulk.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

// A part of a list that is small enough to be whole in memory.
template <class Row>
std::vector<Row> slice(std::vector<Row> rows, const store::PageRequest& page) {
  auto first = std::min<std::size_t>(static_cast<std::size_t>(page.offset), rows.size());
  auto last = std::min<std::size_t>(first + static_cast<std::size_t>(page.limit), rows.size());
  return {rows.begin() + static_cast<std::ptrdiff_t>(first), rows.begin() + static_cast<std::ptrdiff_t>(last)};
}

// --- Pools

void write_pool(JsonWriter& json, Call& call, const store::PoolRow& pool) {
  auto places = [&](run::TaskState state) {
    store::Page<store::TaskOfRun> tasks = call.reader().tasks({.states = {state}, .pool = pool.name}, {.limit = 1000});
    std::int64_t slots = 0;
    for (const store::TaskOfRun& row : tasks.rows) slots += row.task.slots;
    return slots;
  };
  std::int64_t running = places(run::TaskState::Running), queued = places(run::TaskState::Queued);
  std::int64_t scheduled = places(run::TaskState::Scheduled), deferred = places(run::TaskState::Deferred);
  std::int64_t occupied = running + queued + (pool.include_deferred ? deferred : 0);
  json.begin_object().field("name", pool.name).field("slots", pool.slots);
  put_text(json, "description", pool.description);
  json.field("include_deferred", pool.include_deferred).field("occupied_slots", occupied);
  json.field("running_slots", running).field("queued_slots", queued).field("scheduled_slots", scheduled);
  json.field("open_slots", pool.slots - occupied).field("deferred_slots", deferred).end_object();
}

// Those that were made here, and those of plumb.yml.
std::vector<store::PoolRow> all_pools(Call& call) {
  std::vector<store::PoolRow> pools = call.reader().pools();
  for (const auto& entry : call.definitions()->pools) {
    auto same = [&](const store::PoolRow& known) { return known.name == entry.first; };
    if (std::any_of(pools.begin(), pools.end(), same)) continue;
    const workflow::Pool& pool = entry.second;
    pools.push_back({.name = entry.first,
                     .slots = pool.slots,
                     .description = pool.description,
                     .include_deferred = pool.include_deferred});
  }
  std::sort(pools.begin(), pools.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return pools;
}

std::optional<store::PoolRow> find_pool(Call& call, const std::string& name) {
  for (store::PoolRow& pool : all_pools(call)) {
    if (pool.name == name) return pool;
  }
  return {};
}

store::PoolRow get_pool(Call& call) {
  std::optional<store::PoolRow> pool = find_pool(call, call.path("pool_name"));
  if (!pool) throw not_found(format("The Pool with name: `{}` was not found", call.path("pool_name")));
  return *pool;
}

ServerResponse list_pools(Call& call) {
  std::vector<store::PoolRow> pools = all_pools(call);
  std::string wanted = call.query("pool_name_pattern");
  std::erase_if(pools, [&](const auto& pool) {
    return !wanted.empty() && wanted != "~" && pool.name.find(wanted) == std::string::npos;
  });
  auto total = static_cast<std::int64_t>(pools.size());
  return list_answer("pools", slice(std::move(pools), call.page({{"name", "name"}, {"id", "name"}})), total,
                     [&](JsonWriter& json, const store::PoolRow& pool) { write_pool(json, call, pool); });
}

ServerResponse show_pool(Call& call) {
  store::PoolRow pool = get_pool(call);
  return one_answer([&](JsonWriter& json) { write_pool(json, call, pool); });
}

int slots_of(std::int64_t slots) {
  if (slots < -1 || slots > INT32_MAX) throw invalid("body.slots", "Input should be greater than or equal to -1");
  return static_cast<int>(slots);
}

store::PoolRow pool_of(Node body) {
  store::PoolRow pool{.name = get_text(body, "name"),
                      .description = find_text(body, "description").value_or(""),
                      .include_deferred = find_bool(body, "include_deferred").value_or(false)};
  std::optional<std::int64_t> slots = find_number(body, "slots");
  if (!slots) throw invalid("body.slots", "Field required");
  pool.slots = slots_of(*slots);
  if (pool.name.empty() || pool.name.size() > 256) throw invalid("body.name", "String should have 1 to 256 characters");
  return pool;
}

ServerResponse create_pool(Call& call) {
  store::PoolRow pool = pool_of(call.body({"name", "slots", "description", "include_deferred"}));
  if (find_pool(call, pool.name)) return error_answer(409, format("there already is a pool '{}'", pool.name));
  call.operations().save_pool(pool, call.who());
  return one_answer([&](JsonWriter& json) { write_pool(json, call, pool); }, 201);
}

ServerResponse patch_pool(Call& call) {
  Node body = call.body({"pool", "name", "slots", "description", "include_deferred"});
  store::PoolRow pool = get_pool(call);
  if (auto slots = find_number(body, "slots")) pool.slots = slots_of(*slots);
  if (auto text = find_text(body, "description")) pool.description = *text;
  if (auto include = find_bool(body, "include_deferred")) pool.include_deferred = *include;
  call.operations().save_pool(pool, call.who());
  return one_answer([&](JsonWriter& json) { write_pool(json, call, pool); });
}

void take_away_pool(Call& call, const std::string& name) {
  if (name == "default_pool") throw Error(ErrorKind::Usage, "Default Pool can't be deleted");
  if (call.definitions()->pools.contains(name)) {
    throw Error(ErrorKind::Auth, format("the pool '{}' stands in plumb.yml: remove it there", name),
                {.type = "Forbidden"});
  }
  call.operations().remove_pool(name, call.who());
}

ServerResponse remove_pool(Call& call) {
  take_away_pool(call, get_pool(call).name);
  return no_content();
}

ServerResponse change_pools(Call& call) {
  BulkKind kind{.plural = "pools with these pool names", .singular = "pool", .name = "name"};
  kind.known = [&](Node entity) { return find_pool(call, bulk_name(kind, entity)).has_value(); };
  kind.check = [](Node entity) { pool_of(entity); };
  kind.create = kind.update = [&](Node entity) { call.operations().save_pool(pool_of(entity), call.who()); };
  kind.remove = [&](const std::string& name) { take_away_pool(call, name); };
  return carry_out(call, kind);
}

// --- Variables

void write_variable(JsonWriter& json, const store::VariableRow& variable) {
  json.begin_object().field("key", variable.key);
  json.field("value", names_a_secret(variable.key) ? "***" : variable.value);
  put_text(json, "description", variable.description);
  json.field("is_encrypted", false).end_object();
}

store::VariableRow get_variable(Call& call) {
  std::optional<store::VariableRow> variable = call.reader().find_variable(call.path("variable_key"));
  if (!variable) throw not_found(format("The Variable with key: `{}` was not found", call.path("variable_key")));
  return *variable;
}

ServerResponse list_variables(Call& call) {
  store::Page<store::VariableRow> page =
      call.reader().variables(call.query_pattern("variable_key_pattern"),
                              call.page({{"key", "key"}, {"id", "key"}, {"description", "description"}}));
  return list_answer("variables", page.rows, page.total, write_variable);
}

ServerResponse show_variable(Call& call) {
  store::VariableRow variable = get_variable(call);
  return one_answer([&](JsonWriter& json) { write_variable(json, variable); });
}

// Text as it is; anything else as JSON, as Airflow keeps it.
std::string value_of(Node body) {
  Node value = body.find("value");
  return value.kind() == NodeKind::Text ? value.as_text() : value.to_json();
}

store::VariableRow variable_of(Node body) {
  store::VariableRow variable{.key = get_text(body, "key"),
                              .value = value_of(body),
                              .description = find_text(body, "description").value_or("")};
  if (!body.find("value")) throw invalid("body.value", "Field required");
  if (variable.key.empty() || variable.key.size() > 250)
    throw invalid("body.key", "String should have 1 to 250 characters");
  return variable;
}

ServerResponse create_variable(Call& call) {
  store::VariableRow variable = variable_of(call.body({"key", "value", "description", "team_name"}));
  if (call.reader().find_variable(variable.key)) {
    return error_answer(409, format("The Variable with key: `{}` already exists", variable.key));
  }
  call.operations().save_variable(variable, call.who());
  return one_answer([&](JsonWriter& json) { write_variable(json, variable); }, 201);
}

ServerResponse patch_variable(Call& call) {
  Node body = call.body({"key", "value", "description", "team_name"});
  store::VariableRow variable = get_variable(call);
  if (auto key = find_text(body, "key"); key && *key != variable.key) {
    throw Error(ErrorKind::Usage, "Invalid body, key from request body doesn't match uri parameter");
  }
  std::vector<std::string> mask = call.query_list("update_mask");
  auto wanted = [&](std::string_view name) {
    return body.find(name) && (mask.empty() || std::find(mask.begin(), mask.end(), name) != mask.end());
  };
  if (wanted("value")) variable.value = value_of(body);
  if (wanted("description")) variable.description = find_text(body, "description").value_or("");
  call.operations().save_variable(variable, call.who());
  return one_answer([&](JsonWriter& json) { write_variable(json, variable); });
}

ServerResponse remove_variable(Call& call) {
  store::VariableRow variable = get_variable(call);
  call.operations().remove_variable(variable.key, call.who());
  return no_content();
}

ServerResponse change_variables(Call& call) {
  BulkKind kind{.plural = "variables with these keys", .singular = "variable", .name = "key"};
  kind.known = [&](Node entity) { return call.reader().find_variable(bulk_name(kind, entity)).has_value(); };
  kind.check = [](Node entity) { variable_of(entity); };
  kind.create = kind.update = [&](Node entity) { call.operations().save_variable(variable_of(entity), call.who()); };
  kind.remove = [&](const std::string& key) { call.operations().remove_variable(key, call.who()); };
  return carry_out(call, kind);
}

// --- Connections: what plumb.yml says, without what must not be seen

void write_connection(JsonWriter& json, const config::Connection& connection) {
  auto text = [&](std::string_view name, std::string_view key) {
    put_text(json, name, names_a_secret(key) ? "" : connection.text(key));
  };
  json.begin_object().field("connection_id", connection.name).field("conn_type", connection.type);
  json.key("description").null();
  text("host", "host");
  text("login", "user");
  text("schema", "dbname");
  json.key("port");
  const config::Connection::Setting* port = connection.find("port");
  bool number = port && !port->value.empty() && port->value.size() < 6 &&
                port->value.find_first_not_of("0123456789") == std::string::npos;
  number ? json.number(static_cast<std::int64_t>(std::stoi(port->value))) : json.null();
  json.key("password");
  connection.find("password") ? json.text("***") : json.null();
  JsonWriter extra;
  extra.begin_object();
  for (const auto& [key, setting] : connection.settings) {
    if (key == "host" || key == "user" || key == "dbname" || key == "port" || key == "password") continue;
    extra.field(key, names_a_secret(key) ? std::string("***") : redact(setting.value));
  }
  extra.end_object();
  json.field("extra", extra.str()).end_object();
}

const config::Connection& get_connection(Call& call, const std::string& name) {
  const auto& all = call.parts().project.connections;
  auto found = all.find(name);
  if (found == all.end()) throw not_found(format("The Connection with connection_id: `{}` was not found", name));
  return found->second;
}

ServerResponse list_connections(Call& call) {
  std::vector<config::Connection> all;
  std::string wanted = call.query("connection_id_pattern");
  for (const auto& [name, connection] : call.parts().project.connections) {
    if (wanted.empty() || wanted == "~" || name.find(wanted) != std::string::npos) all.push_back(connection);
  }
  auto total = static_cast<std::int64_t>(all.size());
  return list_answer(
      "connections",
      slice(std::move(all), call.page({{"connection_id", "name"}, {"conn_id", "name"}, {"conn_type", "type"}})), total,
      write_connection);
}

ServerResponse show_connection(Call& call) {
  const config::Connection& connection = get_connection(call, call.path("connection_id"));
  return one_answer([&](JsonWriter& json) { write_connection(json, connection); });
}

ServerResponse refuse_connection(Call&) {
  return error_answer(403,
                      "connections stand in plumb.yml, their secrets in the environment or .env: change them there");
}

// What can be said without opening a database in this process, which never does.
ServerResponse test_connection(Call& call) {
  std::string name = get_text(call.body(), "connection_id");
  const auto& all = call.parts().project.connections;
  bool known = all.find(name) != all.end();
  return one_answer([&](JsonWriter& json) {
    json.begin_object().field("status", known);
    json.field("message",
               known ? format("'{0}' stands in plumb.yml; whether it answers: plumb connections test {0}", name)
                     : format("there is no connection '{}' in plumb.yml", name));
    json.end_object();
  });
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/pools", Role::Viewer, list_pools, "List pools", "PoolCollectionResponse", "", 200,
     "page pool_name_pattern"},
    {"POST", "/api/v2/pools", Role::Operator, create_pool, "Make a pool", "PoolResponse", "PoolBody", 201},
    {"PATCH", "/api/v2/pools", Role::Operator, change_pools, "Make, change and remove several pools", "BulkResponse",
     "BulkBody"},
    {"GET", "/api/v2/pools/{pool_name}", Role::Viewer, show_pool, "Show a pool", "PoolResponse"},
    {"PATCH", "/api/v2/pools/{pool_name}", Role::Operator, patch_pool, "Change a pool", "PoolResponse", "PoolPatchBody",
     200, "update_mask:[string]"},
    {"DELETE", "/api/v2/pools/{pool_name}", Role::Operator, remove_pool, "Remove a pool", "", "", 204},
    {"GET", "/api/v2/variables", Role::Operator, list_variables, "List variables", "VariableCollectionResponse", "",
     200, "page variable_key_pattern"},
    {"POST", "/api/v2/variables", Role::Operator, create_variable, "Make a variable", "VariableResponse",
     "VariableBody", 201},
    {"PATCH", "/api/v2/variables", Role::Operator, change_variables, "Make, change and remove several variables",
     "BulkResponse", "BulkBody"},
    {"GET", "/api/v2/variables/{variable_key}", Role::Operator, show_variable, "Show a variable", "VariableResponse"},
    {"PATCH", "/api/v2/variables/{variable_key}", Role::Operator, patch_variable, "Change a variable",
     "VariableResponse", "VariableBody", 200, "update_mask:[string]"},
    {"DELETE", "/api/v2/variables/{variable_key}", Role::Operator, remove_variable, "Remove a variable", "", "", 204},
    {"GET", "/api/v2/connections", Role::Operator, list_connections, "List connections", "ConnectionCollectionResponse",
     "", 200, "page connection_id_pattern"},
    {"POST", "/api/v2/connections", Role::Operator, refuse_connection, "Refused: they stand in plumb.yml", "", "", 201},
    {"PATCH", "/api/v2/connections", Role::Operator, refuse_connection, "Refused: they stand in plumb.yml"},
    {"POST", "/api/v2/connections/test", Role::Operator, test_connection, "Whether a connection is known",
     "ConnectionTestResponse", "ConnectionBody"},
    {"POST", "/api/v2/connections/defaults", Role::Operator, refuse_connection, "Refused: they stand in plumb.yml", "",
     "", 204},
    {"GET", "/api/v2/connections/{connection_id}", Role::Operator, show_connection, "Show a connection",
     "ConnectionResponse"},
    {"PATCH", "/api/v2/connections/{connection_id}", Role::Operator, refuse_connection,
     "Refused: they stand in plumb.yml"},
    {"DELETE", "/api/v2/connections/{connection_id}", Role::Operator, refuse_connection,
     "Refused: they stand in plumb.yml", "", "", 204},
};

}  // namespace

Routes store_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
