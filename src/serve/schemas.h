// The shapes of the api's documents, in a short notation of which the OpenAPI document is made.
//
//     {"User", "name:string role:string created_at:date-time nick?:~string tags:[string] parent?:~User"}
//
// A field each: "?" may be missing, "~" may be null, "[x]" a list, "a|b" either, a capital begins the name of another
// shape; "{a b}" alone is a closed list of words. The shapes under /api/v2 are those of Airflow's public API.
#pragma once

#include <span>
#include <string_view>

#include "base/document.h"

namespace plumb::serve {

struct Schema {
  std::string_view name;
  std::string_view fields;
};
std::span<const Schema> schemas();

// As JSON Schema (2020-12): of a shape, and of a type in the notation.
void write_schema(JsonWriter& json, const Schema& schema);
void write_type(JsonWriter& json, std::string_view type);

}  // namespace plumb::serve
