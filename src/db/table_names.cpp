// Which tables a statement names: by DuckDB's own parser where it tells, else by looking for names.

#include <algorithm>

#include "base/document.h"
#include "db/db.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

using Name = std::vector<std::string>;

// json_serialize_sql gives the parsed statement; tables stand in it as objects with these three keys.
void collect(const Node& node, std::vector<Name>& names) {
  if (node.kind() == NodeKind::List) {
    for (std::size_t i = 0; i < node.size(); ++i) collect(node.at(i), names);
    return;
  }
  if (node.kind() != NodeKind::Map) return;
  Name name;
  for (const char* part : {"catalog_name", "schema_name", "table_name"}) {
    Node text = node.find(part);
    if (text.kind() == NodeKind::Text && !text.scalar().empty()) name.emplace_back(text.scalar());
  }
  if (!name.empty() && node.find("table_name") && std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(std::move(name));
  }
  for (std::size_t i = 0; i < node.size(); ++i) collect(node.at(i), names);
}

// Empty for what DuckDB does not serialise: everything but SELECT and its relatives.
std::optional<std::vector<Name>> find_by_parser(Connection& duckdb, std::string_view sql) {
  try {
    auto tree = find_value(duckdb, "SELECT json_serialize_sql(?::VARCHAR)", std::vector<Value>{std::string(sql)});
    if (!tree) return std::nullopt;
    Document document = parse_json(std::move(*tree), "the parsed statement");
    if (document.root().find("error").text_or({}) != "false") return std::nullopt;
    std::vector<Name> names;
    collect(document.root(), names);
    return names;
  } catch (const Error&) {
    return std::nullopt;  // too deep for our reader, or a DuckDB without the function: the other way is good enough
  }
}

}  // namespace

std::vector<Name> find_table_names(Connection& connection, std::string_view sql) {
  if (connection.kind() == Kind::DuckDb) {
    if (auto names = find_by_parser(connection, sql)) return *names;
  }
  return scan_dotted_names(sql);
}

}  // namespace plumb::db
