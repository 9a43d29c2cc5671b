// `adapter`: what macros ask of the database, under the names that dbt gave.
//
// An Adapter belongs to one Session, so to one thread, and lives as long as templates of its node are rendered. Where
// dbt runs a macro (create_schema, drop_relation, get_columns_in_relation, list_relations_without_caching, …) this asks
// its MacroCaller for the macro of that name, so that a project's own one is honoured; only where there is none does it
// send statements of its own.
//
//     Adapter& adapter = …;   context.set("adapter", Value(ref));
//     {% set response, table = adapter.execute('select 1 as id', fetch=true) %}
//
// What the engines have of their own is in adapter_duckdb.cpp and adapter_postgres.cpp. Errors have dbt's words, and
// the name of dbt's exception as type().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transform/column.h"
#include "transform/connection.h"
#include "transform/relation.h"
#include "transform/result_table.h"

namespace plumb::transform {

// Calls a macro as the project sees it: its own one before dbt's. Nothing: there is no macro of this name.
using MacroCaller =
    std::function<std::optional<jinja::Value>(jinja::State& state, std::string_view macro, jinja::Arguments arguments)>;
// What adapter.dispatch() finds: a macro. `macro_namespace` is text or None. Throws where there is none.
using Dispatcher =
    std::function<jinja::Value(jinja::State& state, std::string_view macro, const jinja::Value& macro_namespace)>;

// What an adapter is given from outside.
struct Surroundings {
  MacroCaller call_macro = {};
  Dispatcher dispatch = {};
  std::function<void(std::string_view)> print = {};  // of table.print_table()
  RelationPolicy quoting = {};                       // of dbt_project.yml
  std::string project_name = {};
};

class Adapter : public jinja::Object {
 public:
  Adapter(Session& session, Surroundings surroundings)
      : session_(session), warehouse_(session.warehouse()), surroundings_(std::move(surroundings)) {}

  Session& session() const { return session_; }
  Warehouse& warehouse() const { return warehouse_; }
  db::Kind kind() const { return warehouse_.kind(); }

  // ---- For the runner; macros reach most of them by the same names
  // From the cache, which asks the database once for each schema.
  std::vector<jinja::Ref<Relation>> list_relations(jinja::State& state, const RelationPath& schema);
  // Null when there is none.
  jinja::Ref<Relation> find_relation(jinja::State& state, const RelationPath& path);
  std::vector<std::string> list_schemas(jinja::State& state, const std::optional<std::string>& database);
  void create_schema(jinja::State& state, const Relation& relation);
  void drop_schema(jinja::State& state, const Relation& relation);
  void drop_relation(jinja::State& state, const Relation& relation);
  void rename_relation(jinja::State& state, const Relation& from, const Relation& to);
  void truncate_relation(jinja::State& state, const Relation& relation);
  // A list of Columns.
  jinja::Value get_columns(jinja::State& state, const jinja::Value& relation);
  jinja::Ref<Relation> make_relation(RelationPath path, std::string type = {}) const;

  std::string_view type_name() const override { return "RuntimeDatabaseWrapper"; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> find_item(jinja::State& state, const jinja::Value& key) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;

  // A function of the adapter; the tables of them are in adapter_*.cpp.
  using Function = jinja::Value (*)(Adapter& adapter, jinja::State& state, jinja::Arguments arguments);
  struct NamedFunction {
    std::string_view name;
    Function function;
  };

  // ---- For those functions
  jinja::Value make_result(const TableDataPtr& table) const;
  // Runs the macro; false when there is none.
  bool run_macro(jinja::State& state, std::string_view name, std::vector<jinja::Keyword> keywords,
                 jinja::Value* result = nullptr);
  const Surroundings& surroundings() const { return surroundings_; }
  // The rows of a question of our own, outside of any transaction's beginning.
  TableDataPtr ask(const std::string& sql);

 protected:
  // The engine's own functions.
  virtual std::span<const NamedFunction> own_functions() const = 0;
  // Statements for where no macro is: what dbt's built-in macros ask.
  virtual std::string relations_sql(const RelationPath& schema) const = 0;
  virtual std::string columns_sql(const RelationPath& relation) const = 0;
  virtual std::string schemas_sql(const std::optional<std::string>& database) const = 0;
  virtual std::string rename_sql(const Relation& from, const Relation& to) const = 0;
  // After a schema was listed: what depends on what.
  virtual void add_links(const RelationPath&) {}

 private:
  std::vector<jinja::Ref<Relation>> list_uncached(jinja::State& state, const RelationPath& schema);
  Function find_function(std::string_view name) const;

  Session& session_;
  Warehouse& warehouse_;
  const Surroundings surroundings_;
};

// For the kind of the session's database.
jinja::Ref<Adapter> make_adapter(Session& session, Surroundings surroundings);
// `api`: Relation and Column.
jinja::Value make_api(db::Kind engine, RelationPolicy quoting = {});

// The functions that all engines have, in parts.
std::span<const Adapter::NamedFunction> relation_functions();   // adapter_relations.cpp
std::span<const Adapter::NamedFunction> statement_functions();  // adapter_statements.cpp
std::span<const Adapter::NamedFunction> project_functions();    // adapter_project.cpp: dispatch, strategies, grants …
std::span<const Adapter::NamedFunction> constraint_functions();  // adapter_constraints.cpp
jinja::Ref<Adapter> make_duckdb_adapter(Session& session, Surroundings surroundings);
jinja::Ref<Adapter> make_postgres_adapter(Session& session, Surroundings surroundings);

// Text as SQL has it: 'it''s'.
std::string quote_literal(std::string_view text);

}  // namespace plumb::transform
