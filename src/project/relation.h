// A relation of a database as templates see it: `this`, what ref() and source() give, api.Relation.create(…).
//
//     {{ this.schema }}   {{ ref('orders').include(database=false) }}   {{ source('raw', 'orders').identifier }}
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jinja/jinja.h"

namespace plumb::project {

struct RelationParts {
  std::string database, schema, identifier;  // empty: None
  std::string type;                          // "table", "view", "cte", "materialized_view", "external"; empty: None
  bool quote_database = true, quote_schema = true, quote_identifier = true;
  bool has_database = true, has_schema = true, has_identifier = true;  // what render() shows of it
  // What stands in its place in SQL: `(select … limit 0)` of --empty, `read_parquet('…')` of an external source.
  std::string text;
};
// "shop"."main"."orders"
std::string render_relation(const RelationParts& parts);
std::string quote_name(std::string_view name);

class Relation final : public jinja::Object {
 public:
  explicit Relation(RelationParts parts) : parts_(std::move(parts)) {}
  const RelationParts& parts() const { return parts_; }

  std::string_view type_name() const override { return "Relation"; }
  bool is_mapping() const override { return true; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> find_item(jinja::State& state, const jinja::Value& key) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  std::optional<bool> equals(jinja::State& state, const jinja::Value& other) override;
  std::optional<std::size_t> hash() const override;
  std::string str(jinja::State& state) override {
    (void)state;
    return render_relation(parts_);
  }
  std::string repr(jinja::State& state) override;

 private:
  jinja::Value get(jinja::State& state, jinja::Arguments arguments);

  RelationParts parts_;
};

// api.Relation: `create(database=…, schema=…, identifier=…, type=…)`, and the kinds of relation (Table, View, CTE, …).
jinja::Value relation_class();

}  // namespace plumb::project
