#include "project/relation.h"

#include <functional>

namespace plumb::project {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

namespace {

Value text_or_none(const std::string& text) {
  return text.empty() ? Value::none() : Value(text);
}

std::string text_of(State& state, const Value& value) {
  return value.is_none() || value.is_undefined() ? std::string() : jinja::to_str(state, value);
}

// The keywords database, schema and identifier of a call, each a bool.
void set_flags(State& state, Arguments arguments, bool& database, bool& schema, bool& identifier) {
  static const jinja::Signature kSignature{"include", {"database", "schema", "identifier"}, 0};
  auto [d, s, i] = jinja::bind<3>(kSignature, arguments);
  auto set = [&](const Value& value, bool& flag) {
    if (jinja::given(value) && !value.is_none()) flag = jinja::truth(state, value);
  };
  set(d, database);
  set(s, schema);
  set(i, identifier);
}

// create(database=…, path={…}, type=…, quote_policy={…}) and incorporate(…), which changes what is said.
RelationParts change_parts(State& state, RelationParts parts, Arguments arguments) {
  auto set_path = [&](std::string_view key, const Value& value) {
    if (key == "database") parts.database = text_of(state, value);
    if (key == "schema") parts.schema = text_of(state, value);
    if (key == "identifier") parts.identifier = text_of(state, value);
  };
  auto each = [](const Value& dict, auto&& visit) {
    if (dict.kind() != jinja::Kind::Dict) return;
    std::size_t position = 0;
    while (const auto* entry = dict.as_dict().next(position)) {
      if (entry->key.is_string()) visit(entry->key.as_string(), entry->value);
    }
  };
  constexpr std::string_view kPositional[] = {"database", "schema", "identifier", "type"};
  auto set = [&](std::string_view key, const Value& value) {
    set_path(key, value);
    if (key == "type") parts.type = text_of(state, value);
    if (key == "path") each(value, set_path);
    if (key == "quote_policy") {
      each(value, [&](std::string_view part, const Value& flag) {
        if (part == "database") parts.quote_database = jinja::truth(state, flag);
        if (part == "schema") parts.quote_schema = jinja::truth(state, flag);
        if (part == "identifier") parts.quote_identifier = jinja::truth(state, flag);
      });
    }
    if (key == "include_policy") {
      each(value, [&](std::string_view part, const Value& flag) {
        if (part == "database") parts.has_database = jinja::truth(state, flag);
        if (part == "schema") parts.has_schema = jinja::truth(state, flag);
        if (part == "identifier") parts.has_identifier = jinja::truth(state, flag);
      });
    }
  };
  for (std::size_t i = 0; i < std::min(arguments.positional.size(), std::size(kPositional)); ++i) {
    set(kPositional[i], arguments.positional[i]);
  }
  for (const jinja::Keyword& keyword : arguments.keywords) set(keyword.name.as_string(), keyword.value);
  return parts;
}

Value flags_dict(bool database, bool schema, bool identifier) {
  return Value::dict({{"database", database}, {"schema", schema}, {"identifier", identifier}});
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

std::string render_relation(const RelationParts& parts) {
  if (!parts.text.empty()) return parts.text;
  std::string text;
  auto add = [&](bool shown, const std::string& part, bool quoted) {
    if (!shown || part.empty()) return;
    if (!text.empty()) text += '.';
    text += quoted ? quote_name(part) : part;
  };
  add(parts.has_database, parts.database, parts.quote_database);
  add(parts.has_schema, parts.schema, parts.quote_schema);
  add(parts.has_identifier, parts.identifier, parts.quote_identifier);
  return text;
}

std::optional<Value> Relation::find_attribute(State&, std::string_view name) {
  if (name == "database") return text_or_none(parts_.database);
  if (name == "schema") return text_or_none(parts_.schema);
  if (name == "identifier" || name == "name" || name == "table") return text_or_none(parts_.identifier);
  if (name == "type") return text_or_none(parts_.type);
  if (name == "is_table") return Value(parts_.type == "table");
  if (name == "is_view") return Value(parts_.type == "view");
  if (name == "is_cte") return Value(parts_.type == "cte");
  if (name == "is_materialized_view") return Value(parts_.type == "materialized_view");
  if (name == "is_external_table") return Value(parts_.type == "external");
  if (name == "can_be_renamed" || name == "can_be_replaced") {
    return Value(parts_.type == "table" || parts_.type == "view");
  }
  if (name == "quote_policy") {
    return flags_dict(parts_.quote_database, parts_.quote_schema, parts_.quote_identifier);
  }
  if (name == "include_policy") return flags_dict(parts_.has_database, parts_.has_schema, parts_.has_identifier);
  return std::nullopt;
}

std::optional<Value> Relation::find_item(State& state, const Value& key) {
  return key.is_string() ? find_attribute(state, key.as_string()) : std::nullopt;
}

Value Relation::get(State& state, Arguments arguments) {
  static const jinja::Signature kGet{"BaseRelation.get", {"key", "default"}, 1};
  auto [key, fallback] = jinja::bind<2>(kGet, arguments);
  // Packages tell by it that a value is a relation.
  if (key.is_string() && key.as_string() == "metadata") return Value::dict({{"type", "Relation"}});
  if (auto found = find_item(state, key)) return *found;
  return jinja::given(fallback) ? fallback : Value::none();
}

std::optional<Value> Relation::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "get") return get(state, arguments);
  RelationParts changed = parts_;
  if (name == "render") return Value(render_relation(parts_));
  if (name == "include") {
    set_flags(state, arguments, changed.has_database, changed.has_schema, changed.has_identifier);
  } else if (name == "quote") {
    set_flags(state, arguments, changed.quote_database, changed.quote_schema, changed.quote_identifier);
  } else if (name == "incorporate") {
    changed = change_parts(state, std::move(changed), arguments);
  } else if (name == "create" || name == "create_from") {
    return Value(jinja::make<Relation>(change_parts(state, {}, arguments)));
  } else if (name == "without_identifier") {
    changed.has_identifier = false;
    changed.identifier.clear();
  } else if (name == "replace_path") {
    changed = change_parts(state, std::move(changed), arguments);
  } else if (name == "quoted") {
    return Value(quote_name(arguments.positional.empty() ? "" : jinja::to_str(state, arguments.positional[0])));
  } else if (name == "information_schema") {
    changed.identifier = "INFORMATION_SCHEMA";
    changed.quote_identifier = false;
    changed.schema.clear();
  } else {
    return std::nullopt;
  }
  return Value(jinja::make<Relation>(std::move(changed)));
}

std::optional<bool> Relation::equals(State&, const Value& other) {
  const auto* relation = other.find_object<Relation>();
  if (relation == nullptr) return false;
  return render_relation(parts_) == render_relation(relation->parts_);
}

std::optional<std::size_t> Relation::hash() const {
  return std::hash<std::string>()(render_relation(parts_));
}

std::string Relation::repr(State&) {
  return "<Relation " + render_relation(parts_) + ">";
}

namespace {

class RelationClass final : public jinja::Object {
 public:
  std::string_view type_name() const override { return "type"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override {
    return Value(jinja::make<Relation>(change_parts(state, {}, arguments)));
  }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "Table") return Value("table");
    if (name == "View") return Value("view");
    if (name == "CTE") return Value("cte");
    if (name == "MaterializedView") return Value("materialized_view");
    if (name == "External") return Value("external");
    return std::nullopt;
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name == "create") return call(state, arguments);
    if (name == "get_relation_type") return Value("table");
    return std::nullopt;
  }
};

}  // namespace

Value relation_class() {
  return Value(jinja::make<RelationClass>());
}

}  // namespace plumb::project
