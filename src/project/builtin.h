// The macros that every dbt project finds, in words of our own: the files of builtin/, which the build puts into the
// program. They make up the packages "dbt", "dbt_duckdb" and "dbt_postgres".
#pragma once

#include <span>
#include <string_view>

namespace plumb::project {

struct BuiltinFile {
  std::string_view package;  // "dbt_duckdb"
  std::string_view path;     // "macros/adapters.sql"
  std::string_view text;
};
std::span<const BuiltinFile> builtin_files();

}  // namespace plumb::project
