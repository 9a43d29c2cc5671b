#include "transform/duckdb_setup.h"

#include <algorithm>

#include "base/format.h"
#include "transform/connection.h"

namespace plumb::transform {
namespace {

using jinja::Dict;
using jinja::Kind;
using jinja::Value;

std::string plain_text(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.kind() == Kind::Bool) return value.as_bool() ? "true" : "false";
  if (value.kind() == Kind::Float) return format("{}", value.as_float());
  return {};
}

std::string sql_text(std::string_view text) {
  std::string result = "'";
  for (char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

// A value as an option of ATTACH or CREATE SECRET has it.
std::string sql_value(const Value& value) {
  if (value.is_string()) return sql_text(value.as_string());
  if (value.kind() == Kind::List) {
    std::string items;
    for (const Value& item : value.items()) items += (items.empty() ? "" : ", ") + sql_value(item);
    return "[" + items + "]";
  }
  if (value.kind() == Kind::Dict) {
    std::string items;
    std::size_t position = 0;
    while (const Value::Entry* entry = value.as_dict().next(position)) {
      items += (items.empty() ? "" : ", ") + sql_value(entry->key) + ": " + sql_value(entry->value);
    }
    return "MAP {" + items + "}";
  }
  return plain_text(value);
}

std::string find_text(const Dict& dict, std::string_view key) {
  const Value* found = dict.find(key);
  return found == nullptr ? std::string() : plain_text(*found);
}

bool is_true(const Dict& dict, std::string_view key) {
  const Value* found = dict.find(key);
  return found != nullptr && found->kind() == Kind::Bool && found->as_bool();
}

// Runs a statement of the profile's; what goes wrong is the profile's fault.
void run_setup(db::Connection& connection, const std::string& sql, std::string_view what) {
  try {
    connection.execute(sql);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled || error.kind() == ErrorKind::Busy) throw;
    throw Error(ErrorKind::Config, format("the profile's {} failed: {}", what, error.message()),
                {.hint = error.hint(), .cause = error.cause()});
  }
}

std::vector<Value> list_setting(const Warehouse& warehouse, std::string_view key) {
  const Value* found = warehouse.find_setting(key);
  if (found == nullptr || (found->kind() != Kind::List && found->kind() != Kind::Tuple)) return {};
  return found->items();
}

void load_extension(db::Connection& connection, const Value& extension) {
  auto statements = extension_statements(extension);
  try {
    connection.execute(statements.back());
  } catch (const Error&) {
    // It is neither built in nor beside the library: DuckDB fetches it.
    for (const auto& sql : statements) run_setup(connection, sql, "extension");
  }
}

void warn_of_python(const Warehouse& warehouse) {
  for (std::string_view key : {"plugins", "filesystems", "module_paths"}) {
    if (list_setting(warehouse, key).empty()) continue;
    warehouse.log().warn(format("the profile's {} are Python's; Plumb goes without them", key));
  }
}

}  // namespace

std::vector<std::string> extension_statements(const Value& extension) {
  std::string name = plain_text(extension), repository;
  if (extension.kind() == Kind::Dict) {
    name = find_text(extension.as_dict(), "name");
    repository = find_text(extension.as_dict(), "repo");
    if (repository.empty()) repository = find_text(extension.as_dict(), "repository");
  }
  if (std::size_t from = name.find(" from "); from != std::string::npos) {
    repository = name.substr(from + 6);
    name.resize(from);
  }
  std::string install = "install " + name;
  bool address = repository.find_first_of("/:.") != std::string::npos;
  if (!repository.empty()) install += " from " + (address ? sql_text(repository) : repository);
  return {install, "load " + name};
}

std::string secret_statement(const Value& secret, std::size_t number) {
  if (secret.kind() != Kind::Dict) {
    throw Error(ErrorKind::Config, "an entry of the profile's secrets is no mapping",
                {.hint = "secrets: [{type: s3, key_id: …, secret: …}]"});
  }
  const Dict& dict = secret.as_dict();
  std::string name = find_text(dict, "name");
  if (name.empty()) name = format("_dbt_secret_{}", number);
  std::string options = "type " + find_text(dict, "type");
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.next(position)) {
    std::string key = plain_text(entry->key);
    if (key == "name" || key == "type" || key == "persistent" || entry->value.is_none()) continue;
    bool word = key == "provider";
    options += format(", {} {}", key, word ? plain_text(entry->value) : sql_value(entry->value));
  }
  return format("create or replace {}secret {} ({})", is_true(dict, "persistent") ? "persistent " : "", name, options);
}

std::string attach_statement(const Value& entry, const Warehouse& warehouse, Rights rights) {
  bool mapping = entry.kind() == Kind::Dict;
  std::string path = mapping ? find_text(entry.as_dict(), "path") : plain_text(entry);
  std::string type = mapping ? find_text(entry.as_dict(), "type") : "";
  std::string alias = mapping ? find_text(entry.as_dict(), "alias") : "";
  // A file's path counts from the project's folder; addresses ("md:x", "host=…", "s3://…") stay as they are.
  bool file = (type.empty() || type == "sqlite" || type == "duckdb") && path.find(':') == std::string::npos;
  if (file && !path.empty()) path = (warehouse.folder() / path).string();
  // MotherDuck gives its databases as they are.
  bool read_only = mapping && is_true(entry.as_dict(), "read_only");
  if (rights == Rights::ReadOnly && !path.starts_with("md:")) read_only = true;
  std::string options;
  auto add = [&](const std::string& option) { options += (options.empty() ? "" : ", ") + option; };
  if (!type.empty()) add("type " + type);
  if (read_only) add("read_only");
  if (mapping) {
    if (std::string secret = find_text(entry.as_dict(), "secret"); !secret.empty()) add("secret " + secret);
    const Value* more = entry.as_dict().find("options");
    std::size_t position = 0;
    while (const Value::Entry* option =
               more != nullptr && more->kind() == Kind::Dict ? more->as_dict().next(position) : nullptr) {
      add(plain_text(option->key) + " " + sql_value(option->value));
    }
  }
  std::string sql = "attach if not exists " + sql_text(path);
  if (!alias.empty()) sql += " as \"" + alias + "\"";
  return options.empty() ? sql : sql + " (" + options + ")";
}

void prepare_duckdb(db::Connection& connection, const Warehouse& warehouse, Rights rights) {
  warn_of_python(warehouse);
  for (const Value& extension : list_setting(warehouse, "extensions")) load_extension(connection, extension);
  apply_duckdb_settings(connection, warehouse);
  if (warehouse.find_setting("use_credential_provider") != nullptr) {
    run_setup(connection, "create or replace secret _dbt_credential_chain (type s3, provider credential_chain)",
              "use_credential_provider");
  }
  std::size_t number = 0;
  for (const Value& secret : list_setting(warehouse, "secrets")) {
    run_setup(connection, secret_statement(secret, ++number), "secret");
  }
  for (const Value& entry : list_setting(warehouse, "attach")) {
    run_setup(connection, attach_statement(entry, warehouse, rights), "attach");
  }
}

void apply_duckdb_settings(db::Connection& connection, const Warehouse& warehouse) {
  const Value* settings = warehouse.find_setting("settings");
  if (settings == nullptr || settings->kind() != Kind::Dict) return;
  std::size_t position = 0;
  while (const Value::Entry* entry = settings->as_dict().next(position)) {
    run_setup(connection, format("set {} = {}", plain_text(entry->key), sql_text(plain_text(entry->value))), "setting");
  }
}

}  // namespace plumb::transform
