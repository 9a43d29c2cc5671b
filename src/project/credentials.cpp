// The outputs of dbt-duckdb and dbt-postgres.
#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/profiles.h"

namespace plumb::project {
namespace {

using jinja::Dict;
using jinja::Value;

// The second word is dbt's own name for the first.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kAliases{
    {{"pass", "password"}, {"database", "dbname"}}};

class Credentials {
 public:
  Credentials(const plumb::Node& output, const ConfigRenderer& renderer, Target& target)
      : output_(output), renderer_(renderer), target_(target), settings_(jinja::make<Dict>()) {}

  void read() {
    read_type();
    bool postgres = target_.type == "postgres";
    for (std::size_t i = 0; i < output_.size(); ++i) read_key(output_.key_at(i), output_.at(i), postgres);
    postgres ? complete_postgres() : complete_duckdb();
    target_.settings = Value(settings_);
  }

 private:
  [[noreturn]] void fail(const plumb::Node& node, std::string_view what, std::string hint = {}) const {
    throw Error(ErrorKind::Config,
                format("Credentials in profile \"{}\", target \"{}\" invalid: {}", target_.profile, target_.name, what),
                {.place = node.place(), .hint = std::move(hint)});
  }

  void read_type() {
    plumb::Node type = output_.find("type");
    if (type.null()) {
      throw Error(
          ErrorKind::Config,
          format("required field \"type\" not found in profile {} and target {}", target_.profile, target_.name),
          {.place = output_.place(), .hint = "add `type: duckdb` or `type: postgres`"});
    }
    target_.type = renderer_.render_text(type);
    if (target_.type == "duckdb" || target_.type == "postgres") return;
    fail(type, format("Could not find adapter type {}!", target_.type), "Plumb has duckdb and postgres");
  }

  void read_key(std::string_view key, const plumb::Node& node, bool postgres) {
    if (key == "type" || key == "threads") return;
    std::string_view name = key;
    for (auto [alias, own] : kAliases) {
      if (postgres && key == alias) name = own;
    }
    if (settings_->find(name)) fail(node, format("Got duplicate keys: ({}) all map to \"{}\"", key, name));
    bool password = name == "password" && node.kind() == NodeKind::Text;
    settings_->set(name, password ? Value(renderer_.render_text(node)) : renderer_.render(node));
    expect_kind(name, node, postgres);
  }

  void expect_kind(std::string_view name, const plumb::Node& node, bool postgres) const {
    constexpr std::array<std::string_view, 7> kTexts = {"schema", "path",     "database", "host",
                                                        "user",   "password", "dbname"};
    const Value& value = *settings_->find(name);
    std::string hint = "a number from the environment is text until `| as_number` makes it one";
    if (postgres && name == "port" && !value.is_int())
      fail(node, format("'{}' is not of type 'integer'", to_text(node)), hint);
    bool text = std::find(kTexts.begin(), kTexts.end(), name) != kTexts.end();
    if (text && !value.is_string()) {
      // What stands there may be a password.
      fail(node,
           name == "password" ? "the password is not of type 'string'"
                              : format("{} is not of type 'string'", node.null() ? "None" : to_text(node)),
           "put it in quotes");
    }
  }

  std::string text(std::string_view key, std::string_view fallback = {}) const {
    const Value* value = settings_->find(key);
    return std::string(value && value->is_string() ? value->as_string() : fallback);
  }

  void complete_postgres() {
    for (std::string_view key : {"dbname", "schema", "host", "user", "port", "password"}) {
      if (settings_->find(key)) continue;
      fail(output_, format("'{}' is a required property", key == "dbname" ? "database" : key));
    }
    target_.database = text("dbname");
    target_.schema = text("schema");
    settings_->erase(Value("schema"));
  }

  void complete_duckdb() {
    std::string path = text("path", ":memory:");
    std::string own = database_of(path);
    target_.database = text("database", own);
    target_.schema = text("schema", "main");
    if (target_.database != own && !attached(target_.database)) {
      fail(output_.find("database"),
           format("Inconsistency detected between 'path' and 'database' fields in profile; the 'database' property "
                  "must be set to '{}' to match the 'path'",
                  own));
    }
    settings_->set("path", Value(path));
    settings_->erase(Value("database"));
    settings_->erase(Value("schema"));
  }

  // The name that DuckDB gives to the database of a file: "data/my.file.db" is "my".
  static std::string database_of(std::string_view path) {
    if (path == ":memory:") return "memory";
    path = path.substr(0, path.find('?'));
    path = path.substr(path.rfind('/') + 1);
    if (std::size_t scheme = path.find(':'); scheme != std::string_view::npos) path.remove_prefix(scheme + 1);
    return std::string(path.substr(0, path.find('.')));
  }

  bool attached(std::string_view database) const {
    const Value* list = settings_->find("attach");
    if (!list || list->kind() != jinja::Kind::List) return false;
    return std::any_of(list->items().begin(), list->items().end(), [&](const Value& entry) {
      if (entry.kind() != jinja::Kind::Dict) return false;
      const Value* alias = entry.as_dict().find("alias");
      const Value* path = entry.as_dict().find("path");
      if (alias && alias->is_string()) return alias->as_string() == database;
      return path && path->is_string() && database_of(path->as_string()) == database;
    });
  }

  const plumb::Node& output_;
  const ConfigRenderer& renderer_;
  Target& target_;
  jinja::Ref<Dict> settings_;
};

// A key of the target dict, and what it is when nobody says so.
struct Default {
  std::string_view key;
  Value value;
};

Value attach_entry(const Value& entry) {
  if (entry.kind() != jinja::Kind::Dict) return entry;
  auto full = jinja::make<Dict>();
  for (std::string_view key : {"path", "type", "alias", "secret", "read_only", "options", "is_ducklake"}) {
    const Value* said = entry.as_dict().find(key);
    full->set(key, said ? *said : key == "read_only" ? Value(false) : Value::none());
  }
  return Value(std::move(full));
}

Value attach_value(const Value& list) {
  if (list.kind() != jinja::Kind::List) return list;
  std::vector<Value> entries;
  for (const Value& entry : list.items()) entries.push_back(attach_entry(entry));
  return Value::list(std::move(entries));
}

void add_duckdb(const Target& target, Dict& dict) {
  dict.set("database", target.database);
  dict.set("schema", target.schema);
  const Dict& said = target.settings.as_dict();
  const Value none = Value::none();
  const std::array<Default, 12> defaults{{{"path", ":memory:"},
                                          {"config_options", none},
                                          {"extensions", none},
                                          {"settings", Value::dict()},
                                          {"external_root", "."},
                                          {"use_credential_provider", none},
                                          {"attach", none},
                                          {"filesystems", none},
                                          {"remote", none},
                                          {"plugins", none},
                                          {"disable_transactions", false},
                                          {"type", target.type}}};
  for (const auto& [key, value] : defaults) {
    const Value* found = said.find(key);
    dict.set(key, !found ? value : key == "attach" ? attach_value(*found) : *found);
  }
}

void add_postgres(const Target& target, Dict& dict) {
  const Dict& said = target.settings.as_dict();
  const Value none = Value::none();
  const std::array<Default, 18> defaults{{{"host", none},
                                          {"port", none},
                                          {"user", none},
                                          {"database", target.database},
                                          {"schema", target.schema},
                                          {"connect_timeout", 10},
                                          {"role", none},
                                          {"search_path", none},
                                          {"keepalives_idle", 0},
                                          {"sslmode", none},
                                          {"sslcert", none},
                                          {"sslkey", none},
                                          {"sslrootcert", none},
                                          {"application_name", "dbt"},
                                          {"autocommit", false},
                                          {"retries", 1},
                                          {"dbname", none},
                                          {"type", target.type}}};
  for (const auto& [key, value] : defaults) {
    const Value* found = said.find(key);
    dict.set(key, found ? *found : value);
  }
}

}  // namespace

void read_credentials(const plumb::Node& output, const ConfigRenderer& renderer, Target& target) {
  Credentials(output, renderer, target).read();
}

Value target_value(const Target& target) {
  auto dict = jinja::make<Dict>();
  target.type == "postgres" ? add_postgres(target, *dict) : add_duckdb(target, *dict);
  dict->set("threads", target.threads);
  dict->set("name", target.name);
  dict->set("target_name", target.name);
  dict->set("profile_name", target.profile);
  return Value(std::move(dict));
}

}  // namespace plumb::project
