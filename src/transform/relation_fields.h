// From what templates say to a relation's fields: keywords, policies, types; and api.Relation.
//
// Inside the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transform/relation.h"

namespace plumb::transform {

std::string_view relation_class_name(db::Kind engine);  // "DuckDBRelation"
jinja::Value part_value(const std::optional<std::string>& part);
// Text or None; anything else is InvalidFieldValue.
std::optional<std::string> read_part(jinja::State& state, const jinja::Value& value, db::Kind engine);
// A keyword of create(), incorporate() or replace(); others are ignored, as dbt does.
void read_field(jinja::State& state, RelationFields& fields, std::string_view name, const jinja::Value& value);
jinja::Value create_relation(jinja::State& state, db::Kind engine, RelationPolicy quoting, jinja::Arguments arguments);
// Relation.View is "view".
std::optional<jinja::Value> find_type_name(std::string_view name);

}  // namespace plumb::transform
