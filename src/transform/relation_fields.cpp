#include "transform/relation_fields.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "transform/record.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::given;
using jinja::State;
using jinja::Value;

namespace {

constexpr std::array<std::string_view, 9> kTypes = {
    "table", "view", "cte", "materialized_view", "ephemeral", "external", "function", "pointer_table", "metric_view"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTypeNames{
    {{"Table", "table"},
     {"View", "view"},
     {"CTE", "cte"},
     {"MaterializedView", "materialized_view"},
     {"External", "external"},
     {"Function", "function"}}};

void read_path(State& state, RelationFields& fields, const Value& dict) {
  if (dict.kind() != jinja::Kind::Dict) {
    if (const auto* record = dict.find_object<Record>()) return read_path(state, fields, record->to_dict());
    return;
  }
  const auto& parts = dict.as_dict();
  if (const Value* part = parts.find("database")) fields.path.database = read_part(state, *part, fields.engine);
  if (const Value* part = parts.find("schema")) fields.path.schema = read_part(state, *part, fields.engine);
  if (const Value* part = parts.find("identifier")) fields.path.identifier = read_part(state, *part, fields.engine);
}

}  // namespace

std::string_view relation_class_name(db::Kind engine) {
  return engine == db::Kind::Postgres ? "PostgresRelation" : "DuckDBRelation";
}

Value part_value(const std::optional<std::string>& part) {
  return part ? Value(*part) : Value::none();
}

std::optional<std::string> read_part(State& state, const Value& value, db::Kind engine) {
  if (value.is_undefined() || value.is_none()) return std::nullopt;
  if (value.is_string()) return std::string(value.as_string());
  jinja::raise("InvalidFieldValue", plumb::format("Field \"path\" of type Path in {} has invalid value {}",
                                                  relation_class_name(engine), jinja::repr(state, value)));
}

void read_field(State& state, RelationFields& fields, std::string_view name, const Value& value) {
  if (name == "path") return read_path(state, fields, value);
  if (name == "database") fields.path.database = read_part(state, value, fields.engine);
  if (name == "schema") fields.path.schema = read_part(state, value, fields.engine);
  if (name == "identifier") fields.path.identifier = read_part(state, value, fields.engine);
  if (name == "quote_policy") fields.quote = merge_policy(fields.quote, value);
  if (name == "include_policy") fields.include = merge_policy(fields.include, value);
  if (name == "limit") fields.limit = value.is_int() ? std::optional(value.as_int()) : std::nullopt;
  if (name == "event_time_filter") fields.event_time_filter = value.is_none() ? "" : jinja::to_str(state, value);
  if (name == "external") fields.external = read_part(state, value, fields.engine);
  if (name == "require_alias") fields.require_alias = jinja::truth(state, value);
  if (name == "dbt_created") fields.dbt_created = jinja::truth(state, value);
  if (name == "catalog") fields.catalog = value;
  if (name != "type" || !given(value)) return;
  std::string type = value.is_none() ? "" : jinja::to_str(state, value);
  if (!type.empty() && !is_relation_type(type)) {
    jinja::raise("InvalidFieldValue",
                 plumb::format("Field \"type\" of type Optional[RelationType] in {} has invalid value {}",
                               relation_class_name(fields.engine), jinja::repr(state, value)));
  }
  fields.type = std::move(type);
}

Value create_relation(State& state, db::Kind engine, RelationPolicy quoting, Arguments arguments) {
  constexpr std::array<std::string_view, 4> kPositions = {"database", "schema", "identifier", "type"};
  RelationFields fields{.engine = engine, .quote = quoting, .require_alias = engine != db::Kind::DuckDb};
  for (std::size_t i = 0; i < arguments.positional.size() && i < kPositions.size(); ++i) {
    read_field(state, fields, kPositions[i], arguments.positional[i]);
  }
  for (const auto& [name, value] : arguments.keywords) read_field(state, fields, name.as_string(), value);
  return Value(jinja::make<Relation>(std::move(fields)));
}

std::optional<Value> find_type_name(std::string_view name) {
  for (auto [word, type] : kTypeNames) {
    if (word == name) return Value(type);
  }
  return std::nullopt;
}

// ---- api.Relation

namespace {

class RelationClass final : public jinja::Object {
 public:
  RelationClass(db::Kind engine, RelationPolicy quoting) : engine_(engine), quoting_(quoting) {}

  std::string_view type_name() const override { return "RelationProxy"; }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (auto type = find_type_name(name)) return type;
    if (name != "create") return std::nullopt;
    return jinja::make_function("create", [engine = engine_, quoting = quoting_](State& state, Arguments arguments) {
      return create_relation(state, engine, quoting, arguments);
    });
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name == "create") return create_relation(state, engine_, quoting_, arguments);
    if (name == "create_from" || name == "create_from_source") return create_from(state, name, arguments);
    // What belongs to the class alone any relation answers.
    bool of_class = name.starts_with("get_default_") || name == "add_ephemeral_prefix";
    return of_class ? Relation({.engine = engine_}).call_method(state, name, arguments) : std::nullopt;
  }

 private:
  // From what a node says of itself: a dict of the graph or an object with these attributes.
  Value create_from(State& state, std::string_view function, Arguments arguments) const {
    std::size_t place = function == "create_from" ? 1 : 0;
    if (arguments.positional.size() <= place) {
      jinja::raise_type_error(plumb::format("{}.{}() missing 1 required positional argument: 'source'",
                                            relation_class_name(engine_), function));
    }
    const Value& node = arguments.positional[place];
    RelationFields fields{.engine = engine_, .quote = quoting_, .require_alias = engine_ != db::Kind::DuckDb};
    auto part = [&](std::string_view name) {
      return read_part(state, jinja::get_attribute(state, node, name), engine_);
    };
    fields.path = {part("database"), part("schema"), part("identifier")};
    if (!fields.path.identifier) fields.path.identifier = part("alias");
    if (!fields.path.identifier) fields.path.identifier = part("name");
    return Value(jinja::make<Relation>(std::move(fields)));
  }

  const db::Kind engine_;
  const RelationPolicy quoting_;
};

}  // namespace

Value relation_class(db::Kind engine, RelationPolicy quoting) {
  return Value(jinja::make<RelationClass>(engine, quoting));
}

RelationPolicy merge_policy(RelationPolicy policy, const Value& dict) {
  if (const auto* record = dict.find_object<Record>()) return merge_policy(policy, record->to_dict());
  if (dict.kind() != jinja::Kind::Dict) return policy;
  auto merge = [&](std::string_view name, bool& part) {
    const Value* said = dict.as_dict().find(name);
    if (said != nullptr && said->kind() == jinja::Kind::Bool) part = said->as_bool();
  };
  merge("database", policy.database);
  merge("schema", policy.schema);
  merge("identifier", policy.identifier);
  return policy;
}

bool is_relation_type(std::string_view word) {
  return std::find(kTypes.begin(), kTypes.end(), word) != kTypes.end();
}

const Relation& relation_argument(const Value& value, std::string_view function, std::string_view parameter) {
  if (const auto* relation = value.find_object<Relation>()) return *relation;
  std::string shown = value.is_string() ? std::string(value.as_string()) + " " : "";
  jinja::raise("MacroArgTypeError",
               plumb::format("'adapter.{}' expects argument '{}' to be of type 'Relation', instead got "
                             "{}(<class '{}'>)",
                             function, parameter, shown, jinja::type_name(value)));
}

}  // namespace plumb::transform
