#include "transform/relation.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "transform/index_changes.h"
#include "transform/record.h"
#include "transform/relation_fields.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Ref;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

constexpr std::size_t kPostgresNameLength = 63;
std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

Value type_value(std::string_view type) {
  return type.empty() ? Value::none() : Value(type);
}

Value path_record(const RelationPath& path) {
  return Value(jinja::make<Record>("Path", std::vector<Record::Field>{{"database", part_value(path.database)},
                                                                      {"schema", part_value(path.schema)},
                                                                      {"identifier", part_value(path.identifier)}}));
}

Value policy_record(const RelationPolicy& policy) {
  return Value(jinja::make<Record>(
      "Policy", std::vector<Record::Field>{
                    {"database", policy.database}, {"schema", policy.schema}, {"identifier", policy.identifier}}));
}

// The types that a rename or a replacement in one statement works for.
std::vector<std::string_view> swappable_types(db::Kind engine) {
  if (engine == db::Kind::Postgres) return {"table", "view"};
  return {};
}

Value swappable_value(db::Kind engine) {
  std::vector<Value> types;
  for (std::string_view type : swappable_types(engine)) types.emplace_back(type);
  return Value::set(types);
}

bool is_swappable(const RelationFields& fields) {
  auto types = swappable_types(fields.engine);
  return std::find(types.begin(), types.end(), fields.type) != types.end();
}

std::string join_parts(const RelationFields& fields, const std::string& identifier_text) {
  std::string text;
  auto add = [&](const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += '.';
    text += part;
  };
  // dbt doubles no quotes within a name, and so neither does this.
  auto shown = [](const std::optional<std::string>& part, bool included, bool quoted) -> std::string {
    if (!included || !part) return {};
    return quoted ? "\"" + *part + "\"" : *part;
  };
  add(shown(fields.path.database, fields.include.database, fields.quote.database));
  add(shown(fields.path.schema, fields.include.schema, fields.quote.schema));
  add(identifier_text);
  return text;
}

// include() and quote(): a bool for each part that is given.
RelationPolicy read_parts(State& state, RelationPolicy policy, const Signature& signature, Arguments arguments) {
  auto [database, schema, identifier] = bind<3>(signature, arguments);
  if (given(database) && !database.is_none()) policy.database = jinja::truth(state, database);
  if (given(schema) && !schema.is_none()) policy.schema = jinja::truth(state, schema);
  if (given(identifier) && !identifier.is_none()) policy.identifier = jinja::truth(state, identifier);
  return policy;
}

using RelationMethod = Value (*)(State&, const Relation&, Arguments);
struct NamedMethod {
  std::string_view name;
  RelationMethod function;
};

Value changed(State& state, const Relation& relation, Arguments arguments) {
  return Value(relation.with([&](RelationFields& fields) {
    for (const auto& [name, value] : arguments.keywords) read_field(state, fields, name.as_string(), value);
  }));
}

Value matches(State& state, const Relation& relation, Arguments arguments) {
  static const Signature kMatches{"BaseRelation.matches", {"database", "schema", "identifier"}, 0};
  auto [database, schema, identifier] = bind<3>(kMatches, arguments);
  db::Kind engine = relation.fields().engine;
  return relation.matches(
      {read_part(state, database, engine), read_part(state, schema, engine), read_part(state, identifier, engine)});
}

Value get_field(State& state, const Relation& relation, Arguments arguments) {
  static const Signature kGet{"BaseRelation.get", {"key", "default"}, 1};
  auto [key, fallback] = bind<2>(kGet, arguments);
  // Not an attribute; packages tell by it that a value is a relation.
  if (key.is_string() && key.as_string() == "metadata") {
    return Value::dict({{"type", relation_class_name(relation.fields().engine)}});
  }
  if (key.is_string()) {
    if (auto found = const_cast<Relation&>(relation).find_attribute(state, key.as_string())) return *found;
  }
  return given(fallback) ? fallback : Value::none();
}

Value to_dict(State& state, const Relation& relation, Arguments) {
  const RelationFields& fields = relation.fields();
  auto list = [&] {
    std::vector<Value> types;
    for (std::string_view type : swappable_types(fields.engine)) types.emplace_back(type);
    return Value::list(std::move(types));
  };
  auto plain = [](const Value& record) { return record.find_object<Record>()->to_dict(); };
  Value dict = Value::dict({{"path", plain(path_record(fields.path))},
                            {"type", type_value(fields.type)},
                            {"quote_character", "\""},
                            {"include_policy", plain(policy_record(fields.include))},
                            {"quote_policy", plain(policy_record(fields.quote))},
                            {"dbt_created", fields.dbt_created},
                            {"limit", fields.limit ? Value(*fields.limit) : Value::none()},
                            {"event_time_filter", type_value(fields.event_time_filter)},
                            {"require_alias", fields.require_alias},
                            {"catalog", fields.catalog},
                            {"renameable_relations", list()},
                            {"replaceable_relations", list()}});
  if (fields.engine == db::Kind::DuckDb) dict.as_dict().set("external", part_value(fields.external));
  (void)state;
  return dict;
}

const Signature kInclude{"BaseRelation.include", {"database", "schema", "identifier"}, 0};
const Signature kQuote{"BaseRelation.quote", {"database", "schema", "identifier"}, 0};

constexpr std::array<NamedMethod, 18> kMethods{{
    {"render", [](State&, const Relation& relation, Arguments) { return Value(relation.render()); }},
    {"include",
     [](State& state, const Relation& relation, Arguments arguments) {
       return Value(relation.with([&](auto& it) { it.include = read_parts(state, it.include, kInclude, arguments); }));
     }},
    {"quote",
     [](State& state, const Relation& relation, Arguments arguments) {
       return Value(relation.with([&](auto& it) { it.quote = read_parts(state, it.quote, kQuote, arguments); }));
     }},
    {"incorporate", changed},
    {"replace", changed},
    {"replace_path", changed},
    {"without_identifier",
     [](State&, const Relation& relation, Arguments) {
       return Value(relation.with([](auto& it) { it.include.identifier = false; }));
     }},
    {"information_schema",
     [](State& state, const Relation& relation, Arguments arguments) {
       static const Signature kView{"BaseRelation.information_schema", {"view_name"}, 0};
       auto [view] = bind<1>(kView, arguments);
       std::string name = given(view) && !view.is_none() ? jinja::to_str(state, view) : "";
       return Value(jinja::make<InformationSchema>(relation.fields(), std::move(name)));
     }},
    {"information_schema_only",
     [](State&, const Relation& relation, Arguments) {
       return Value(jinja::make<InformationSchema>(relation.fields(), std::string()));
     }},
    {"matches", matches},
    {"quoted",
     [](State& state, const Relation&, Arguments arguments) {
       static const Signature kQuoted{"BaseRelation.quoted", {"identifier"}, 1};
       auto [identifier] = bind<1>(kQuoted, arguments);
       return Value("\"" + jinja::to_str(state, identifier) + "\"");
     }},
    {"get", get_field},
    {"to_dict", to_dict},
    {"render_limited", [](State&, const Relation& relation, Arguments) { return Value(relation.text()); }},
    {"add_ephemeral_prefix",
     [](State& state, const Relation&, Arguments arguments) {
       static const Signature kPrefix{"BaseRelation.add_ephemeral_prefix", {"name"}, 1};
       auto [name] = bind<1>(kPrefix, arguments);
       return Value("__dbt__cte__" + jinja::to_str(state, name));
     }},
    {"create", [](State& state, const Relation& relation,
                  Arguments arguments) { return create_relation(state, relation.fields().engine, {}, arguments); }},
    {"get_default_quote_policy", [](State&, const Relation&, Arguments) { return policy_record({}); }},
    {"get_default_include_policy", [](State&, const Relation&, Arguments) { return policy_record({}); }},
}};

RelationMethod find_relation_method(std::string_view name) {
  for (const auto& method : kMethods) {
    if (method.name == name) return method.function;
  }
  return nullptr;
}

}  // namespace

Relation::Relation(RelationFields fields) : fields_(std::move(fields)) {
  bool named = fields_.path.identifier && (fields_.type == "table" || fields_.type == "view");
  if (fields_.engine == db::Kind::Postgres && named && fields_.path.identifier->size() > kPostgresNameLength) {
    jinja::raise("DbtRuntimeError", plumb::format("Relation name '{}' is longer than {} characters",
                                                  *fields_.path.identifier, kPostgresNameLength));
  }
}

std::string Relation::render() const {
  if (fields_.external) return *fields_.external;
  std::string identifier;
  if (fields_.include.identifier && fields_.path.identifier) {
    identifier = fields_.quote.identifier ? "\"" + *fields_.path.identifier + "\"" : *fields_.path.identifier;
  }
  return join_parts(fields_, identifier);
}

std::string Relation::text() const {
  if (!fields_.limit && fields_.event_time_filter.empty()) return render();
  std::string sql = "(select * from " + render();
  if (!fields_.event_time_filter.empty()) sql += " where " + fields_.event_time_filter;
  if (fields_.limit && *fields_.limit == 0) sql += fields_.event_time_filter.empty() ? " where false" : " and false";
  if (fields_.limit) sql += plumb::format(" limit {}", *fields_.limit);
  sql += ')';
  if (!fields_.require_alias || fields_.engine == db::Kind::DuckDb) return sql;
  return sql + (fields_.limit ? " _dbt_limit_subq_" : " _dbt_et_filter_subq_") + fields_.path.identifier.value_or("");
}

bool Relation::matches(const RelationPath& wanted) const {
  if (!wanted.database && !wanted.schema && !wanted.identifier) {
    jinja::raise("DbtRuntimeError", "Tried to match relation, but no search path was passed!");
  }
  bool exact = true;
  auto fits = [&](const std::optional<std::string>& mine, const std::optional<std::string>& theirs) {
    if (!theirs) return true;
    if (!mine || lower(*mine) != lower(*theirs)) return false;
    exact = exact && *mine == *theirs;
    return true;
  };
  bool fit = fits(fields_.path.database, wanted.database) && fits(fields_.path.schema, wanted.schema) &&
             fits(fields_.path.identifier, wanted.identifier);
  if (!fit || exact) return fit;
  Relation searched({.engine = fields_.engine, .path = wanted});
  std::string found = render();
  jinja::raise(
      "ApproximateMatchError",
      plumb::format("When searching for a relation, dbt found an approximate match. Instead of guessing \nwhich "
                    "relation to use, dbt will move on. Please delete {}, or rename it to be less "
                    "ambiguous.\nSearched for: {}\nFound: {}",
                    found, searched.render(), found));
}

std::string_view Relation::type_name() const {
  return relation_class_name(fields_.engine);
}

std::optional<Value> Relation::find_attribute(State&, std::string_view name) {
  if (name == "database") return part_value(fields_.path.database);
  if (name == "schema") return part_value(fields_.path.schema);
  if (name == "identifier" || name == "name" || name == "table") return part_value(fields_.path.identifier);
  if (name == "type") return type_value(fields_.type);
  if (name == "path") return path_record(fields_.path);
  if (name == "quote_policy") return policy_record(fields_.quote);
  if (name == "include_policy") return policy_record(fields_.include);
  if (name == "quote_character") return Value("\"");
  if (name == "is_table") return Value(fields_.type == "table");
  if (name == "is_view") return Value(fields_.type == "view");
  if (name == "is_cte") return Value(fields_.type == "cte");
  if (name == "is_materialized_view") return Value(fields_.type == "materialized_view");
  if (name == "is_function") return Value(fields_.type == "function");
  if (name == "is_pointer") return Value(fields_.type == "pointer_table");
  if (name == "can_be_renamed" || name == "can_be_replaced") return Value(is_swappable(fields_));
  if (name == "renameable_relations" || name == "replaceable_relations") return swappable_value(fields_.engine);
  if (name == "limit") return fields_.limit ? Value(*fields_.limit) : Value::none();
  if (name == "event_time_filter") return type_value(fields_.event_time_filter);
  if (name == "require_alias") return Value(fields_.require_alias);
  if (name == "dbt_created") return Value(fields_.dbt_created);
  if (name == "catalog") return fields_.catalog;
  if (name == "external" && fields_.engine == db::Kind::DuckDb) return part_value(fields_.external);
  if (auto type = find_type_name(name)) return type;
  if (RelationMethod method = find_relation_method(name)) {
    Ref<Relation> self(this);
    return jinja::make_function(std::string(name), [self, method](State& state, Arguments arguments) {
      return method(state, *self, arguments);
    });
  }
  return std::nullopt;
}

std::optional<Value> Relation::find_item(State& state, const Value& key) {
  if (!key.is_string()) return std::nullopt;
  return find_attribute(state, key.as_string());
}

std::optional<Value> Relation::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "relation_max_name_length" && fields_.engine == db::Kind::Postgres) {
    return Value(static_cast<std::int64_t>(kPostgresNameLength));
  }
  if (name == "get_materialized_view_config_change_collection" && fields_.engine == db::Kind::Postgres) {
    return index_changes(state, arguments);
  }
  RelationMethod method = find_relation_method(name);
  if (method == nullptr) return std::nullopt;
  return method(state, *this, arguments);
}

namespace {
[[noreturn]] void raise_not_a_dict(const std::string& text) {
  jinja::raise("DataclassNotDictError",
               plumb::format("The object (\"{}\") was used as a dictionary. This capability has been "
                             "removed from objects of this type.",
                             text));
}
}  // namespace

std::unique_ptr<jinja::Iterator> Relation::iterate(State&) {
  raise_not_a_dict(text());
}

std::optional<std::size_t> Relation::length(State&) {
  raise_not_a_dict(text());
}

std::optional<bool> Relation::equals(State& state, const Value& other) {
  const Relation* relation = other.find_object<Relation>();
  if (relation == nullptr) return false;
  const RelationFields& theirs = relation->fields_;
  return fields_.engine == theirs.engine && fields_.path == theirs.path && fields_.type == theirs.type &&
         fields_.quote == theirs.quote && fields_.include == theirs.include && fields_.external == theirs.external &&
         fields_.limit == theirs.limit && fields_.event_time_filter == theirs.event_time_filter &&
         jinja::equal(state, fields_.catalog, theirs.catalog);
}

std::optional<std::size_t> Relation::hash() const {
  const auto& [database, schema, identifier] = fields_.path;
  std::string all = plumb::format("{}\n{}\n{}\n{}\n{}\n{}", database.value_or("\t"), schema.value_or("\t"),
                                  identifier.value_or("\t"), fields_.type, text(), static_cast<int>(fields_.engine));
  return std::hash<std::string>()(all);
}

std::string Relation::repr(State&) {
  return plumb::format("<{} {}>", type_name(), render());
}

// ---- InformationSchema

std::string InformationSchema::text() const {
  std::string text;
  if (of_.path.database && of_.include.database) {
    text = of_.quote.database ? "\"" + *of_.path.database + "\"." : *of_.path.database + ".";
  }
  text += "INFORMATION_SCHEMA";
  return view_.empty() ? text : text + "." + view_;
}

std::optional<Value> InformationSchema::find_attribute(State&, std::string_view name) {
  if (name == "database") return part_value(of_.path.database);
  if (name == "schema") return part_value(of_.path.schema);
  if (name == "identifier" || name == "name" || name == "table") return Value("INFORMATION_SCHEMA");
  if (name == "information_schema_view") return view_.empty() ? Value::none() : Value(view_);
  if (name == "path") return path_record({of_.path.database, of_.path.schema, "INFORMATION_SCHEMA"});
  return std::nullopt;
}

std::optional<Value> InformationSchema::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "render") return Value(text());
  if (name != "replace" && name != "incorporate") return std::nullopt;
  std::string view = view_;
  RelationFields of = of_;
  for (const auto& [key, value] : arguments.keywords) {
    if (key.as_string() == "information_schema_view") {
      view = value.is_none() ? "" : jinja::to_str(state, value);
    } else {
      read_field(state, of, key.as_string(), value);
    }
  }
  return Value(jinja::make<InformationSchema>(std::move(of), std::move(view)));
}

std::optional<bool> InformationSchema::equals(State&, const Value& other) {
  const auto* schema = other.find_object<InformationSchema>();
  return schema != nullptr && schema->text() == text();
}

}  // namespace plumb::transform
