// Relation: a table, view or file as templates name it; `api.Relation` and what `ref`, `source` and `this` give.
//
//     Relation{{.path = {"shop", "main", "orders"}, .type = "table"}}   prints   "shop"."main"."orders"
//
// A Relation is a value: include(), incorporate() and the like give another one. Two are equal when all their fields
// are. Parts that are None are left out of the text, and so are those that the include policy leaves out. What DuckDB
// reads from a file has the text of that reading in place of its name (`external`).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/db.h"
#include "jinja/jinja.h"

namespace plumb::transform {

// Where a relation is. An absent part is None for templates.
struct RelationPath {
  std::optional<std::string> database = {}, schema = {}, identifier = {};
  bool operator==(const RelationPath&) const = default;
};

// Which parts are quoted, or shown at all.
struct RelationPolicy {
  bool database = true, schema = true, identifier = true;
  bool operator==(const RelationPolicy&) const = default;
};

struct RelationFields {
  db::Kind engine = db::Kind::DuckDb;
  RelationPath path = {};
  std::string type = {};  // "table", "view", "materialized_view", "external", "cte", …; empty: None
  RelationPolicy quote = {}, include = {};
  std::optional<std::string> external = {};  // DuckDB: "read_parquet('lake/orders.parquet')" or "'orders.csv'"
  std::optional<std::int64_t> limit = {};    // --empty: 0
  std::string event_time_filter = {};        // the condition of --sample and of microbatches, as SQL
  bool require_alias = true;
  bool dbt_created = false;
  jinja::Value catalog = jinja::Value::none();
};

class Relation final : public jinja::Object {
 public:
  // Throws DbtRuntimeError for a Postgres table or view whose name is over 63 characters.
  explicit Relation(RelationFields fields);

  const RelationFields& fields() const { return fields_; }
  const RelationPath& path() const { return fields_.path; }
  const std::string& type() const { return fields_.type; }
  // "shop"."main"."orders": the name alone.
  std::string render() const;
  // What stands in SQL: the name, or the subquery that a limit or a filter makes of it, or the reading of a file.
  std::string text() const;

  // The same with other fields.
  template <class Change>
  jinja::Ref<Relation> with(Change change) const {
    RelationFields changed = fields_;
    change(changed);
    return jinja::make<Relation>(std::move(changed));
  }
  // Do the parts that are given stand here? Approximately is an error: "dbt found an approximate match".
  bool matches(const RelationPath& wanted) const;

  std::string_view type_name() const override;
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> find_item(jinja::State& state, const jinja::Value& key) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  bool is_mapping() const override { return true; }
  std::unique_ptr<jinja::Iterator> iterate(jinja::State& state) override;
  std::optional<std::size_t> length(jinja::State& state) override;
  std::optional<bool> equals(jinja::State& state, const jinja::Value& other) override;
  std::optional<std::size_t> hash() const override;
  bool truth(jinja::State&) override { return true; }
  std::string str(jinja::State&) override { return text(); }
  std::string repr(jinja::State& state) override;

 private:
  const RelationFields fields_;
};

// INFORMATION_SCHEMA of a relation's database, or a view in it.
class InformationSchema final : public jinja::Object {
 public:
  InformationSchema(RelationFields of, std::string view) : of_(std::move(of)), view_(std::move(view)) {}
  const RelationFields& of() const { return of_; }
  std::string text() const;

  std::string_view type_name() const override { return "InformationSchema"; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  std::optional<bool> equals(jinja::State& state, const jinja::Value& other) override;
  std::optional<std::size_t> hash() const override { return std::hash<std::string>()(text()); }
  std::string str(jinja::State&) override { return text(); }
  std::string repr(jinja::State&) override { return "<InformationSchema " + text() + ">"; }

 private:
  const RelationFields of_;
  const std::string view_;
};

// `api.Relation`: create() and the names of types. `quoting` is what the project says of it.
jinja::Value relation_class(db::Kind engine, RelationPolicy quoting = {});
// A dict {database, schema, identifier} of bools, laid over a policy; what is missing or None leaves it as it is.
RelationPolicy merge_policy(RelationPolicy policy, const jinja::Value& dict);
// The words that dbt knows as types of relations.
bool is_relation_type(std::string_view word);
// The argument of a function that wants a relation: MacroArgTypeError of dbt's otherwise.
const Relation& relation_argument(const jinja::Value& value, std::string_view function, std::string_view parameter);

}  // namespace plumb::transform
