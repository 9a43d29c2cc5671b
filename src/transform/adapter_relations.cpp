// adapter.get_relation, drop_relation, get_columns_in_relation and the like: what is there, and how it changes.
#include <algorithm>
#include <array>

#include "base/format.h"
#include "transform/adapter.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Ref;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

std::optional<std::string> part(State& state, const Value& value) {
  if (value.is_undefined() || value.is_none()) return std::nullopt;
  return jinja::to_str(state, value);
}

// A relation, in the words that Python has for what is none.
const Relation& relation_of(const Value& value, std::string_view attribute) {
  if (const auto* relation = value.find_object<Relation>()) return *relation;
  jinja::raise("AttributeError", format("'{}' object has no attribute '{}'", jinja::type_name(value), attribute));
}

Value get_relation(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kGet{"BaseAdapter.get_relation", {"database", "schema", "identifier"}, 3, SIZE_MAX, 1};
  auto [database, schema, identifier] = bind<3>(kGet, arguments);
  RelationPath path{part(state, database), part(state, schema), part(state, identifier)};
  if (!path.database || !path.schema || !path.identifier) return Value::none();
  auto found = adapter.find_relation(state, path);
  return found ? Value(found) : Value::none();
}

Value already_exists(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kExists{"SQLAdapter.already_exists", {"schema", "name"}, 2, SIZE_MAX, 1};
  auto [schema, name] = bind<2>(kExists, arguments);
  const std::string& database = adapter.warehouse().target().database;
  return Value(bool(adapter.find_relation(state, {database, part(state, schema), part(state, name)})));
}

Value get_columns_in_relation(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kColumns{"SQLAdapter.get_columns_in_relation", {"relation"}, 1, SIZE_MAX, 1};
  auto [relation] = bind<1>(kColumns, arguments);
  return adapter.get_columns(state, relation);
}

Value get_missing_columns(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kMissing{"BaseAdapter.get_missing_columns", {"from_relation", "to_relation"}, 2, SIZE_MAX, 1};
  auto [from, to] = bind<2>(kMissing, arguments);
  relation_argument(from, "get_missing_columns", "from_relation");
  relation_argument(to, "get_missing_columns", "to_relation");
  Value from_list = adapter.get_columns(state, from);
  Value to_list = adapter.get_columns(state, to);
  auto there = column_list(state, to_list);
  std::vector<Value> missing;
  for (const Value& column : jinja::to_vector(state, from_list)) {
    const std::string& name = column_list(state, Value::list({column})).front()->name();
    bool found = std::any_of(there.begin(), there.end(), [&](const Column* other) { return other->name() == name; });
    if (!found) missing.push_back(column);
  }
  return Value::list(std::move(missing));
}

// Text columns of `to` become as wide as those of `from`.
Value expand_target_column_types(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kExpand{
      "BaseAdapter.expand_target_column_types", {"from_relation", "to_relation"}, 2, SIZE_MAX, 1};
  auto [from, to] = bind<2>(kExpand, arguments);
  relation_argument(from, "expand_target_column_types", "from_relation");
  const Relation& target = relation_argument(to, "expand_target_column_types", "to_relation");
  Value from_list = adapter.get_columns(state, from);
  Value to_list = adapter.get_columns(state, to);
  auto wanted = column_list(state, from_list);
  for (const Column* column : column_list(state, to_list)) {
    auto like =
        std::find_if(wanted.begin(), wanted.end(), [&](const Column* it) { return it->name() == column->name(); });
    if (like == wanted.end() || !column->can_expand_to(**like)) continue;
    std::string type = format("character varying({})", (*like)->string_size());
    if (adapter.run_macro(state, "alter_column_type",
                          {{Value("relation"), to},
                           {Value("column_name"), Value(column->name())},
                           {Value("new_column_type"), Value(type)}})) {
      continue;
    }
    adapter.session().execute(
        format("alter table {} alter column \"{}\" type {}", target.render(), column->name(), type), true);
  }
  return Value::none();
}

Value check_schema_exists(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kCheck{"SQLAdapter.check_schema_exists", {"database", "schema"}, 2, SIZE_MAX, 1};
  auto [database, schema] = bind<2>(kCheck, arguments);
  auto in = part(state, database);
  Value of(adapter.make_relation({in, part(state, schema), std::nullopt}));
  Value answer;
  Value information(jinja::make<InformationSchema>(of.find_object<Relation>()->fields(), std::string()));
  if (adapter.run_macro(state, "check_schema_exists",
                        {{Value("information_schema"), information}, {Value("schema"), schema}}, &answer)) {
    const TableData& table = table_argument(answer).data();
    return Value(!table.rows.empty() && jinja::truth(state, table.rows[0].items().front()));
  }
  auto schemas = adapter.list_schemas(state, in);
  std::string wanted = part(state, schema).value_or("");
  return Value(std::find(schemas.begin(), schemas.end(), wanted) != schemas.end());
}

template <void (Adapter::*change)(State&, const Relation&)>
Value change_one(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kChange{"SQLAdapter.change", {"relation"}, 1, SIZE_MAX, 1};
  auto [relation] = bind<1>(kChange, arguments);
  (adapter.*change)(state, relation_of(relation, "without_identifier"));
  return Value::none();
}

Value drop_relation(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kDrop{"SQLAdapter.drop_relation", {"relation"}, 1, SIZE_MAX, 1};
  auto [relation] = bind<1>(kDrop, arguments);
  adapter.drop_relation(state, relation_of(relation, "type"));
  return Value::none();
}

Value rename_relation(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kRename{"SQLAdapter.rename_relation", {"from_relation", "to_relation"}, 2, SIZE_MAX, 1};
  auto [from, to] = bind<2>(kRename, arguments);
  adapter.rename_relation(state, relation_of(from, "database"), relation_of(to, "database"));
  return Value::none();
}

// ---- What macros tell the cache; each gives an empty text.
Value cache_added(Adapter& adapter, State&, Arguments arguments) {
  static const Signature kAdded{"BaseAdapter.cache_added", {"relation"}, 1, SIZE_MAX, 1};
  auto [relation] = bind<1>(kAdded, arguments);
  if (relation.is_none()) jinja::raise("CompilationError", "Attempted to cache a null relation");
  relation_of(relation, "database");
  adapter.warehouse().cache().add(Ref<Relation>(relation.find_object<Relation>()));
  return Value("");
}

Value cache_dropped(Adapter& adapter, State&, Arguments arguments) {
  static const Signature kDropped{"BaseAdapter.cache_dropped", {"relation"}, 1, SIZE_MAX, 1};
  auto [relation] = bind<1>(kDropped, arguments);
  if (relation.is_none()) jinja::raise("CompilationError", "Attempted to drop a null relation");
  adapter.warehouse().cache().drop(relation_of(relation, "database").path());
  return Value("");
}

Value cache_renamed(Adapter& adapter, State&, Arguments arguments) {
  static const Signature kRenamed{"BaseAdapter.cache_renamed", {"from_relation", "to_relation"}, 2, SIZE_MAX, 1};
  auto [from, to] = bind<2>(kRenamed, arguments);
  if (from.is_none() || to.is_none()) {
    jinja::raise("CompilationError", "Attempted to rename null relation");
  }
  relation_of(to, "database");
  adapter.warehouse().cache().rename(relation_of(from, "database").path(), Ref<Relation>(to.find_object<Relation>()));
  return Value("");
}

// ---- Snapshots
// The columns that a snapshot's table needs, under the names that snapshot_meta_column_names gives them.
void check_snapshot_columns(Adapter& adapter, State& state, const Value& relation, const Value& names,
                            bool with_deleted) {
  std::vector<std::string> wanted = {"dbt_scd_id", "dbt_valid_from", "dbt_valid_to"};
  if (with_deleted) wanted.insert(wanted.begin(), "dbt_is_deleted");
  Value list = adapter.get_columns(state, relation);
  auto columns = column_list(state, list);
  std::string missing;
  for (const std::string& key : wanted) {
    std::string name = key;
    if (names.kind() == jinja::Kind::Dict) {
      const Value* said = names.as_dict().find(key);
      if (said != nullptr && said->is_string()) name = said->as_string();
    }
    auto same = [&](const Column* column) {
      return std::equal(name.begin(), name.end(), column->name().begin(), column->name().end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
      });
    };
    if (std::none_of(columns.begin(), columns.end(), same))
      missing += (missing.empty() ? "" : ", ") + format("\"{}\"", name);
  }
  if (missing.empty()) return;
  jinja::raise("SnapshotTargetNotSnapshotTableError",
               format("Snapshot target is missing configured columns (missing {}). See "
                      "https://docs.getdbt.com/docs/build/snapshots#snapshot-meta-fields for more information.",
                      missing));
}

Value valid_snapshot_target(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kValid{"BaseAdapter.valid_snapshot_target", {"relation", "column_names"}, 1, SIZE_MAX, 1};
  auto [relation, names] = bind<2>(kValid, arguments);
  relation_argument(relation, "valid_snapshot_target", "relation");
  check_snapshot_columns(adapter, state, relation, names, false);
  return Value::none();
}

Value assert_valid_snapshot_target(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kValid{"BaseAdapter.assert_valid_snapshot_target_given_strategy",
                                {"relation", "column_names", "strategy"},
                                3,
                                SIZE_MAX,
                                1};
  auto [relation, names, strategy] = bind<3>(kValid, arguments);
  relation_argument(relation, "assert_valid_snapshot_target_given_strategy", "relation");
  Value deletes = jinja::get_attribute(state, strategy, "hard_deletes");
  bool new_record = deletes.is_string() && deletes.as_string() == "new_record";
  check_snapshot_columns(adapter, state, relation, names, new_record);
  return Value::none();
}

constexpr std::array<Adapter::NamedFunction, 17> kFunctions{{
    {"get_relation", get_relation},
    {"already_exists", already_exists},
    {"get_columns_in_relation", get_columns_in_relation},
    {"get_missing_columns", get_missing_columns},
    {"expand_target_column_types", expand_target_column_types},
    {"check_schema_exists", check_schema_exists},
    {"create_schema", change_one<&Adapter::create_schema>},
    {"drop_schema", change_one<&Adapter::drop_schema>},
    {"truncate_relation", change_one<&Adapter::truncate_relation>},
    {"drop_relation", drop_relation},
    {"rename_relation", rename_relation},
    {"cache_added", cache_added},
    {"cache_dropped", cache_dropped},
    {"cache_renamed", cache_renamed},
    {"valid_snapshot_target", valid_snapshot_target},
    {"assert_valid_snapshot_target_given_strategy", assert_valid_snapshot_target},
    {"get_partitions_metadata",
     [](Adapter&, State&, Arguments) -> Value {
       jinja::raise("NotImplementedError", "`get_partitions_metadata` is not implemented for this adapter!");
     }},
}};

}  // namespace

std::span<const Adapter::NamedFunction> relation_functions() {
  return kFunctions;
}

}  // namespace plumb::transform
