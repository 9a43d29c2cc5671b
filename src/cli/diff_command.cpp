// plumb diff.
#include "base/document.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/diff_sides.h"

namespace plumb::cli {

namespace {

using transform::TableDiff;

std::string shown(const std::optional<std::string>& cell) {
  return cell ? printable(*cell) : "null";
}

std::string columns_text(const TableDiff& diff) {
  std::string text;
  auto line = [&](const std::string& words) { text += (text.empty() ? "columns  " : "         ") + words + "\n"; };
  for (const auto& column : diff.added) line(plumb::format("added {} {}", column.name, column.right_type));
  for (const auto& column : diff.removed) line(plumb::format("removed {} {}", column.name, column.left_type));
  for (const auto& column : diff.retyped) {
    line(plumb::format("retyped {} {} -> {}", column.name, column.left_type, column.right_type));
  }
  return text;
}

// "  id=7: amount 10.00 -> 12.00", "  id=11: amount=5"
std::string row_text(const TableDiff::Row& row, bool right, bool both) {
  std::string text = " ";
  for (const auto& cell : row.key) text += " " + cell.column + "=" + shown(right ? cell.right : cell.left);
  for (std::size_t i = 0; i < row.changed.size(); ++i) {
    const auto& cell = row.changed[i];
    text += i == 0 ? ": " : ", ";
    text += both ? plumb::format("{} {} -> {}", cell.column, shown(cell.left), shown(cell.right))
                 : cell.column + "=" + shown(right ? cell.right : cell.left);
  }
  return text + "\n";
}

std::string samples_text(const char* title, const std::vector<TableDiff::Row>& rows, std::int64_t count, bool right,
                         bool both) {
  if (rows.empty()) return {};
  std::string text = plumb::format("\n{}\n", title);
  for (const auto& row : rows) text += row_text(row, right, both);
  const std::int64_t more = count - static_cast<std::int64_t>(rows.size());
  if (more > 0) text += plumb::format("  and {} more\n", more);
  return text;
}

std::string as_text(const DiffSides& sides, const std::string& left, const std::string& right, const TableDiff& diff) {
  std::string text = plumb::format("left     {}\nright    {}\n", left, right);
  text += sides.key().empty() ? "key      none: whole rows are compared\n"
                              : plumb::format("key      {}\n", fmt::join(diff.key, ", "));
  text += columns_text(diff);
  text += plumb::format("rows     {} left, {} right: {} equal", diff.left_rows, diff.right_rows, diff.equal_rows());
  if (diff.changed > 0) text += plumb::format(", {} changed", diff.changed);
  if (diff.only_left > 0) text += plumb::format(", {} only left", diff.only_left);
  if (diff.only_right > 0) text += plumb::format(", {} only right", diff.only_right);
  text += "\n";
  std::string counts;
  for (const auto& count : diff.changed_by_column) {
    counts += plumb::format("{}{} in {}", counts.empty() ? "" : ", ", count.column, count.rows);
  }
  if (!counts.empty()) text += "changed  " + counts + "\n";
  text += samples_text("changed", diff.changed_samples, diff.changed, false, true);
  text += samples_text("only left", diff.left_samples, diff.only_left, false, false);
  return text + samples_text("only right", diff.right_samples, diff.only_right, true, false);
}

void write_cell(JsonWriter& json, const std::optional<std::string>& cell) {
  if (cell) {
    json.text(*cell);
  } else {
    json.null();
  }
}

void write_names(JsonWriter& json, const char* name, const std::vector<std::string>& names) {
  json.key(name).begin_array();
  for (const auto& each : names) json.text(each);
  json.end_array();
}

void write_columns(JsonWriter& json, const char* name, const std::vector<TableDiff::Column>& columns) {
  json.key(name).begin_array();
  for (const auto& column : columns) {
    json.begin_object().field("name", column.name);
    if (!column.left_type.empty()) json.field("left", column.left_type);
    if (!column.right_type.empty()) json.field("right", column.right_type);
    json.end_object();
  }
  json.end_array();
}

void write_samples(JsonWriter& json, const char* name, const std::vector<TableDiff::Row>& rows, bool right, bool both) {
  json.key(name).begin_array();
  for (const auto& row : rows) {
    json.begin_object().key("key").begin_object();
    for (const auto& cell : row.key) write_cell(json.key(cell.column), right ? cell.right : cell.left);
    json.end_object().key("cells").begin_object();
    for (const auto& cell : row.changed) {
      json.key(cell.column);
      if (!both) {
        write_cell(json, right ? cell.right : cell.left);
        continue;
      }
      json.begin_array();
      write_cell(json, cell.left);
      write_cell(json, cell.right);
      json.end_array();
    }
    json.end_object().end_object();
  }
  json.end_array();
}

std::string as_json(const std::string& left, const std::string& right, const TableDiff& diff) {
  JsonWriter json;
  json.begin_object().field("left", left).field("right", right).field("equal", diff.equal());
  write_names(json, "key", diff.key);
  json.key("columns").begin_object();
  write_columns(json, "added", diff.added);
  write_columns(json, "removed", diff.removed);
  write_columns(json, "retyped", diff.retyped);
  write_names(json, "compared", diff.compared);
  json.end_object().key("rows").begin_object();
  json.field("left", diff.left_rows).field("right", diff.right_rows).field("equal", diff.equal_rows());
  json.field("changed", diff.changed).field("only_left", diff.only_left).field("only_right", diff.only_right);
  json.end_object().key("changed_by_column").begin_object();
  for (const auto& count : diff.changed_by_column) json.field(count.column, count.rows);
  json.end_object().key("samples").begin_object();
  write_samples(json, "changed", diff.changed_samples, false, true);
  write_samples(json, "only_left", diff.left_samples, false, false);
  write_samples(json, "only_right", diff.right_samples, true, false);
  return json.end_object().end_object().take();
}

int compare(Context& context, const DiffArguments& arguments) {
  DiffSides sides(context, arguments);
  const std::string left = sides.left().label, right = sides.right().label;
  if (context.dry_run) {
    context.terminal.print(plumb::format("left     {}\nright    {}\n", left, right));
    return 0;
  }
  db::Connection& connection = sides.connect();
  db::CancelOnStop cancel(connection, context.stop);
  const TableDiff diff = transform::diff_tables(connection, sides.left().relation, sides.right().relation,
                                                {.key = sides.key(),
                                                 .only = arguments.columns,
                                                 .excluded = arguments.excluded_columns,
                                                 .samples = static_cast<std::size_t>(arguments.samples)});
  context.terminal.print(context.json ? as_json(left, right, diff) + "\n" : as_text(sides, left, right, diff));
  return diff.equal() ? 0 : 1;
}

}  // namespace

int diff_command(Context& context, const DiffArguments& arguments) {
  try {
    return compare(context, arguments);
  } catch (const Error& error) {
    // 1 says that they differ, so what else would end with it ends with 2, as diff does.
    if (exit_code(error) != 1 || error.kind() == ErrorKind::Cancelled || context.terminal.output_gone()) throw;
    context.terminal.say(error);
    return 2;
  }
}

}  // namespace plumb::cli
