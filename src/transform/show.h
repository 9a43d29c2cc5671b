// The first rows of a model or of a query of one's own: `plumb show`.
#pragma once

#include <optional>
#include <string>

#include "transform/compile.h"

namespace plumb::transform {

// A query that stands in no file, as a node. It may ref() whatever there is.
project::Node inline_node(const project::ProjectSettings& settings, const std::string& sql);

struct ShownRows {
  std::string sql;  // what the database was asked, with the limit
  TableDataPtr rows;
};
// `limit`: none of -1. Throws what goes wrong.
ShownRows show_rows(RunContext& context, Compiler& compiler, const project::Node& node, std::int64_t limit);

// As a table of Markdown, and as JSON: {"node": "orders", "show": [{…}, …]}; without a name "show" alone.
std::string rows_as_text(RunContext& context, const TableData& table);
std::string rows_as_json(RunContext& context, const TableData& table, const std::string& name);

}  // namespace plumb::transform
