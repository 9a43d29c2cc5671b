#include "transform/show.h"

#include <algorithm>

#include "base/format.h"
#include "jinja/jinja.h"
#include "transform/query_comment.h"
#include "transform/run_node.h"

namespace plumb::transform {

using jinja::State;
using jinja::Value;
using project::Node;

Node inline_node(const project::ProjectSettings& settings, const std::string& sql) {
  Node node;
  node.type = project::ResourceType::Analysis;
  node.name = "inline_query";
  node.package = settings.root.name;
  node.unique_id = "sql_operation." + node.package + ".inline_query";
  node.origin = {.package = node.package, .path = "inline_query", .path_in_root = "inline_query"};
  node.raw_code = sql;
  node.config = jinja::make<jinja::Dict>();
  return node;
}

ShownRows show_rows(RunContext& context, Compiler& compiler, const Node& node, std::int64_t limit) {
  context.session().rename(node.unique_id);
  auto compiled = compiler.compile(context, node, {.write = false});
  comment_statements(context, node);
  const project::CatalogMacro* macro = context.catalog().find(node.package, "get_show_sql");
  if (macro == nullptr) jinja::raise("CompilationError", "No macro named 'get_show_sql' found");
  const Value* header = node.find_config("sql_header");
  Value sql = context.call(*macro, {{Value("compiled_code"), Value(compiled->code)},
                                    {Value("sql_header"), header ? *header : Value::none()},
                                    {Value("limit"), limit < 0 ? Value::none() : Value(limit)}});
  std::string text(sql.as_string());
  return {.sql = text, .rows = context.session().fetch(text, false).table};
}

std::string rows_as_text(RunContext& context, const TableData& table) {
  std::vector<std::vector<std::string>> cells(1, table.names);
  context.work([&](State& state) {
    for (const Value& row : table.rows) {
      std::vector<std::string> texts;
      for (const Value& value : row.items()) texts.push_back(value.is_none() ? "" : jinja::to_str(state, value));
      cells.push_back(std::move(texts));
    }
  });
  std::vector<std::size_t> widths(table.names.size());
  std::vector<bool> numbers(table.names.size());
  for (std::size_t column = 0; column < widths.size(); ++column) {
    for (const auto& row : cells) widths[column] = std::max(widths[column], jinja::count_code_points(row[column]));
    numbers[column] = table.kinds[column] == ColumnKind::Integer || table.kinds[column] == ColumnKind::Number;
  }
  std::string out;
  auto add_row = [&](const std::vector<std::string>& row) {
    for (std::size_t column = 0; column < widths.size(); ++column) {
      std::string padding(widths[column] - jinja::count_code_points(row[column]), ' ');
      out += numbers[column] ? "| " + padding + row[column] + " " : "| " + row[column] + padding + " ";
    }
    out += "|\n";
  };
  add_row(cells[0]);
  for (std::size_t width : widths) out += "| " + std::string(width, '-') + " ";
  out += "|\n";
  for (std::size_t row = 1; row < cells.size(); ++row) add_row(cells[row]);
  return out;
}

namespace {

// "2026-01-02 03:04:05" as ISO has it.
std::string iso_text(std::string text) {
  if (text.size() >= 19 && text[4] == '-' && text[10] == ' ' && text[13] == ':') text[10] = 'T';
  return text;
}

}  // namespace

std::string rows_as_json(RunContext& context, const TableData& table, const std::string& name) {
  Value rows = Value::list();
  context.work([&](State& state) {
    for (const Value& row : table.rows) {
      Value entry = Value::dict();
      for (std::size_t column = 0; column < table.names.size(); ++column) {
        Value value = row.items()[column];
        // Numbers are numbers; dates and the like their text.
        if (value.kind() == jinja::Kind::Object) {
          value = table.kinds[column] == ColumnKind::Number
                      ? state.apply_filter("float", {.positional = std::span(&value, 1)})
                      : Value(iso_text(jinja::to_str(state, value)));
        }
        entry.as_dict().set(table.names[column], value);
      }
      rows.as_list().items.push_back(std::move(entry));
    }
    rows.as_list().grown();
  });
  Value document = Value::dict();
  if (!name.empty()) document.as_dict().set("node", name);
  document.as_dict().set("show", rows);
  std::string text;
  project::append_json(text, document);
  return text;
}

}  // namespace plumb::transform
