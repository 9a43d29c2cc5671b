#include "transform/result_table.h"

#include <algorithm>

#include "base/format.h"
#include "project/project.h"
#include "transform/named_sequence.h"
#include "transform/sql_values.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

ColumnKind kind_of(const data::Type& type) {
  switch (type.kind()) {
    case data::TypeKind::Bool:
      return ColumnKind::Boolean;
    case data::TypeKind::Int64:
      return ColumnKind::Integer;
    case data::TypeKind::Decimal:
      return type.scale() == 0 ? ColumnKind::Integer : ColumnKind::Number;
    case data::TypeKind::Double:
      return ColumnKind::Number;
    case data::TypeKind::Date:
      return ColumnKind::Date;
    case data::TypeKind::Timestamp:
    case data::TypeKind::TimestampTz:
      return ColumnKind::DateTime;
    default:
      return ColumnKind::Text;
  }
}

ColumnKind kind_of(const Value& value) {
  if (value.kind() == jinja::Kind::Bool) return ColumnKind::Boolean;
  if (value.is_integral()) return ColumnKind::Integer;
  if (value.is_number() || project::find_decimal_places(value)) return ColumnKind::Number;
  if (value.kind() != jinja::Kind::Object) return ColumnKind::Text;
  std::string_view type = value.as_object().type_name();
  if (type == "datetime.date") return ColumnKind::Date;
  return type == "datetime.datetime" ? ColumnKind::DateTime : ColumnKind::Text;
}

Value names_tuple(const std::vector<std::string>& names) {
  std::vector<Value> items(names.begin(), names.end());
  return Value::tuple(std::move(items));
}

Value column_values(const TableData& table, std::size_t column) {
  std::vector<Value> items;
  items.reserve(table.rows.size());
  for (const Value& row : table.rows) items.push_back(row.items()[column]);
  return Value(
      jinja::make<ColumnValues>(table.names[column], to_string(table.kinds[column]), Value::tuple(std::move(items))));
}

Value columns_of(const TableData& table) {
  std::vector<Value> columns;
  for (std::size_t i = 0; i < table.names.size(); ++i) columns.push_back(column_values(table, i));
  return Value(jinja::make<NamedSequence>(Value::tuple(std::move(columns)), names_tuple(table.names)));
}

Value rows_of(const TableData& table) {
  Value names = names_tuple(table.names);
  std::vector<Value> rows;
  rows.reserve(table.rows.size());
  for (const Value& row : table.rows) rows.emplace_back(jinja::make<RowObject>(row, names));
  return Value(jinja::make<NamedSequence>(Value::tuple(std::move(rows)), Value::none()));
}

std::size_t column_index(State& state, const TableData& table, const Value& name) {
  if (name.is_int() && name.as_int() >= 0 && static_cast<std::size_t>(name.as_int()) < table.names.size()) {
    return static_cast<std::size_t>(name.as_int());
  }
  std::string wanted = jinja::to_str(state, name);
  auto at = std::find(table.names.begin(), table.names.end(), wanted);
  if (at == table.names.end()) jinja::raise("KeyError", jinja::repr(state, name));
  return static_cast<std::size_t>(at - table.names.begin());
}

// One name or several.
std::vector<std::size_t> column_indices(State& state, const TableData& table, const Value& names) {
  std::vector<std::size_t> indices;
  if (names.is_string()) return {column_index(state, table, names)};
  for (const Value& name : jinja::to_vector(state, names)) indices.push_back(column_index(state, table, name));
  return indices;
}

// What order_by, distinct and where take: names of columns, or something to call with each row.
std::vector<Value> keys_of_rows(State& state, const TableData& table, const Value& key) {
  std::vector<Value> keys;
  bool by_name = key.is_string() || key.kind() == jinja::Kind::List || key.kind() == jinja::Kind::Tuple;
  std::vector<std::size_t> columns = by_name ? column_indices(state, table, key) : std::vector<std::size_t>();
  Value names = names_tuple(table.names);
  for (const Value& row : table.rows) {
    if (!by_name) {
      Value argument(jinja::make<RowObject>(row, names));
      keys.push_back(jinja::call(state, key, {.positional = std::span(&argument, 1)}));
    } else if (columns.size() == 1) {
      keys.push_back(row.items()[columns[0]]);
    } else {
      std::vector<Value> parts;
      parts.reserve(columns.size());
      for (std::size_t column : columns) parts.push_back(row.items()[column]);
      keys.push_back(Value::tuple(std::move(parts)));
    }
  }
  return keys;
}

std::string pad(std::string text, std::size_t width, bool right) {
  if (text.size() >= width) return text;
  std::string blanks(width - text.size(), ' ');
  return right ? blanks + text : text + blanks;
}

std::string clip(std::string text, std::size_t width) {
  if (width == 0 || text.size() <= width) return text;
  return text.substr(0, width - 3) + "...";
}

}  // namespace

std::string_view to_string(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::Integer:
      return "Integer";
    case ColumnKind::Number:
      return "Number";
    case ColumnKind::Boolean:
      return "Boolean";
    case ColumnKind::Date:
      return "Date";
    case ColumnKind::DateTime:
      return "DateTime";
    case ColumnKind::Text:
      break;
  }
  return "Text";
}

std::string ResultTable::table_text(State& state, const PrintOptions& options) const {
  std::size_t columns = data_->names.size();
  bool cut_columns = options.columns != 0 && columns > options.columns;
  if (cut_columns) columns = options.columns;
  std::size_t rows = data_->rows.size();
  bool cut_rows = options.rows != 0 && rows > options.rows;
  if (cut_rows) rows = options.rows;

  // Lines of cells, the names first; then how wide each column is.
  std::vector<std::vector<std::string>> lines(1);
  for (std::size_t i = 0; i < columns; ++i) lines[0].push_back(clip(data_->names[i], options.column_width));
  for (std::size_t row = 0; row < rows; ++row) {
    auto& line = lines.emplace_back();
    for (std::size_t i = 0; i < columns; ++i) {
      const Value& value = data_->rows[row].items()[i];
      line.push_back(value.is_none() ? "" : clip(jinja::to_str(state, value), options.column_width));
    }
  }
  if (cut_rows) lines.emplace_back(columns, "...");
  if (cut_columns) {
    for (auto& line : lines) line.emplace_back("...");
  }
  std::size_t shown = lines[0].size();
  std::vector<std::size_t> widths(shown, 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < shown; ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    for (std::size_t i = 0; i < shown; ++i) {
      bool right = i < columns && data_->kinds[i] != ColumnKind::Text && data_->kinds[i] != ColumnKind::Date;
      text += "| " + pad(lines[row][i], widths[i], right) + ' ';
    }
    text += "|\n";
    if (row != 0) continue;
    for (std::size_t i = 0; i < shown; ++i) text += "| " + std::string(widths[i], '-') + ' ';
    text += "|\n";
  }
  return text;
}

std::string ResultTable::str(State&) {
  std::size_t width = std::string_view("column").size();
  for (const auto& name : data_->names) width = std::max(width, name.size());
  auto line = [&](std::string_view name, std::string_view kind) {
    return "| " + pad(std::string(name), width, false) + " | " + pad(std::string(kind), 9, false) + " |\n";
  };
  std::string text = line("column", "data_type") + line(std::string(width, '-'), "---------");
  for (std::size_t i = 0; i < data_->names.size(); ++i) text += line(data_->names[i], to_string(data_->kinds[i]));
  return text;
}

Value ResultTable::with(std::vector<Value> rows) const {
  auto data = std::make_shared<TableData>(*data_);
  data->rows = std::move(rows);
  return Value(jinja::make<ResultTable>(std::move(data), print_));
}

Value ResultTable::with_columns(const std::vector<std::size_t>& columns) const {
  auto data = std::make_shared<TableData>();
  for (std::size_t column : columns) {
    data->names.push_back(data_->names[column]);
    data->kinds.push_back(data_->kinds[column]);
  }
  for (const Value& row : data_->rows) {
    std::vector<Value> items;
    items.reserve(columns.size());
    for (std::size_t column : columns) items.push_back(row.items()[column]);
    data->rows.push_back(Value::tuple(std::move(items)));
  }
  return Value(jinja::make<ResultTable>(std::move(data), print_));
}

std::optional<Value> ResultTable::find_attribute(State&, std::string_view name) {
  if (name == "rows") return rows_of(*data_);
  if (name == "columns") return columns_of(*data_);
  if (name == "column_names") return names_tuple(data_->names);
  if (name == "row_names") return Value::none();
  if (name == "column_types") {
    std::vector<Value> types;
    for (ColumnKind kind : data_->kinds) types.push_back(make_column_type(to_string(kind)));
    return Value::tuple(std::move(types));
  }
  return std::nullopt;
}

std::unique_ptr<jinja::Iterator> ResultTable::iterate(State& state) {
  return jinja::iterate(state, rows_of(*data_));
}

namespace {

// What rename() makes of the names: a dict of those that change, or all of them.
std::vector<std::string> new_names(State& state, const TableData& table, const Value& wanted) {
  std::vector<std::string> names = table.names;
  if (wanted.kind() == jinja::Kind::Dict) {
    for (auto& name : names) {
      if (const Value* other = wanted.as_dict().find(name)) name = jinja::to_str(state, *other);
    }
    return names;
  }
  std::vector<Value> all = jinja::to_vector(state, wanted);
  if (all.size() != names.size()) jinja::raise_value_error("a name for each column is needed");
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = jinja::to_str(state, all[i]);
  return names;
}

PrintOptions print_options(Arguments arguments) {
  static const Signature kPrint{"print_table", {"max_rows", "max_columns", "output", "max_column_width"}, 0};
  auto [rows, columns, output, width] = bind<4>(kPrint, arguments);
  PrintOptions options;
  auto read = [](const Value& value, std::size_t& into) {
    if (given(value)) into = value.is_int() && value.as_int() > 0 ? static_cast<std::size_t>(value.as_int()) : 0;
  };
  read(rows, options.rows);
  read(columns, options.columns);
  read(width, options.column_width);
  return options;
}

}  // namespace

std::optional<Value> ResultTable::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "print_table") {
    std::string text = table_text(state, print_options(arguments));
    if (print_) print_(text);
    return Value::none();
  }
  if (name == "select" || name == "exclude") {
    static const Signature kSelect{"select", {"key"}, 1};
    auto [key] = bind<1>(kSelect, arguments);
    auto chosen = column_indices(state, *data_, key);
    if (name == "select") return with_columns(chosen);
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < data_->names.size(); ++i) {
      if (std::find(chosen.begin(), chosen.end(), i) == chosen.end()) others.push_back(i);
    }
    return with_columns(others);
  }
  if (name == "rename") {
    static const Signature kRename{"rename", {"column_names"}, 1};
    auto [wanted] = bind<1>(kRename, arguments);
    auto data = std::make_shared<TableData>(*data_);
    data->names = new_names(state, *data_, wanted);
    return Value(jinja::make<ResultTable>(std::move(data), print_));
  }
  if (name == "order_by") {
    static const Signature kOrder{"order_by", {"key", "reverse"}, 1};
    auto [key, reverse] = bind<2>(kOrder, arguments);
    std::vector<Value> rows;
    bool down = given(reverse) && jinja::truth(state, reverse);
    for (std::size_t at : sorted_order(state, keys_of_rows(state, *data_, key), down)) rows.push_back(data_->rows[at]);
    return with(std::move(rows));
  }
  if (name == "limit") {
    static const Signature kLimit{"limit", {"start_or_stop", "stop", "step"}, 0};
    auto [first, second, step] = bind<3>(kLimit, arguments);
    bool both = given(second) && !second.is_none();
    Value none = Value::none();
    Value rows = jinja::slice(state, Value::list(data_->rows), both ? first : none,
                              both           ? second
                              : given(first) ? first
                                             : none,
                              given(step) ? step : none);
    return with(rows.items());
  }
  if (name == "where" || name == "distinct" || name == "find") {
    static const Signature kWhere{"where", {"test"}, 1};
    auto [test] = bind<1>(kWhere, arguments);
    std::vector<Value> keys = keys_of_rows(state, *data_, test);
    std::vector<Value> rows;
    Value seen = Value::set();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      bool wanted = name == "distinct" ? seen.as_set().add(keys[i]) : jinja::truth(state, keys[i]);
      if (wanted) rows.push_back(data_->rows[i]);
    }
    if (name != "find") return with(std::move(rows));
    if (rows.empty()) return Value::none();
    return Value(jinja::make<RowObject>(rows.front(), names_tuple(data_->names)));
  }
  return std::nullopt;
}

TableDataPtr read_table(db::Reader& reader, std::optional<std::size_t> limit) {
  auto table = std::make_shared<TableData>();
  for (const auto& field : reader.schema()) {
    table->names.push_back(field.name);
    table->kinds.push_back(kind_of(field.type));
  }
  std::vector<bool> any(table->names.size(), false);
  while (auto batch = reader.next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      if (limit && table->rows.size() >= *limit) break;
      std::vector<Value> items;
      items.reserve(batch->columns());
      for (std::size_t i = 0; i < batch->columns(); ++i) {
        items.push_back(template_value(batch->column(i), row));
        if (!items.back().is_none()) any[i] = true;
      }
      table->rows.push_back(Value::tuple(std::move(items)));
    }
    if (limit && table->rows.size() >= *limit) break;
  }
  for (std::size_t i = 0; i < any.size(); ++i) {
    if (!any[i]) table->kinds[i] = ColumnKind::Integer;
  }
  return table;
}

TableDataPtr make_table(std::vector<std::string> names, std::vector<Value> rows) {
  auto table = std::make_shared<TableData>();
  table->kinds.resize(names.size(), ColumnKind::Integer);
  table->names = std::move(names);
  for (const Value& row : rows) {
    table->rows.push_back(row.kind() == jinja::Kind::Tuple ? row : Value::tuple(row.items()));
    for (std::size_t i = 0; i < table->kinds.size(); ++i) {
      if (!row.items()[i].is_none()) table->kinds[i] = kind_of(row.items()[i]);
    }
  }
  return table;
}

const ResultTable& table_argument(const Value& value) {
  if (const auto* table = value.find_object<ResultTable>()) return *table;
  jinja::raise("AttributeError", plumb::format("'{}' object has no attribute 'rows'", jinja::type_name(value)));
}

bool has_fractions(const TableData& table, std::size_t column) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const Value& row) {
    return project::find_decimal_places(row.items()[column]).value_or(0) > 0;
  });
}

std::optional<Value> find_cell(const TableData& table, std::size_t row, std::string_view column) {
  auto at = std::find(table.names.begin(), table.names.end(), column);
  if (at == table.names.end()) return std::nullopt;
  return table.rows[row].items()[static_cast<std::size_t>(at - table.names.begin())];
}

}  // namespace plumb::transform
