// ResultTable: the rows of a statement as templates read them; what run_query() and load_result('x').table give.
//
//     {% for row in run_query('select 1 as id, 2 as n').rows %}{{ row['id'] }} {{ row[1] }}{% endfor %}
//
// dbt hands out tables of the agate library, and this has what macros use of them: columns, rows, column_names,
// column_types; a row and a column are sequences with names; select, exclude, rename, where, order_by, limit, distinct,
// print_table. A table never changes: those give another one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/db.h"
#include "jinja/jinja.h"

namespace plumb::transform {

// As agate tells types, by the values: nothing but None is Integer.
enum class ColumnKind : std::uint8_t { Integer, Number, Boolean, Date, DateTime, Text };
std::string_view to_string(ColumnKind kind);

struct TableData {
  std::vector<std::string> names;
  std::vector<ColumnKind> kinds;
  std::vector<jinja::Value> rows;  // tuples, each as long as `names`
};
using TableDataPtr = std::shared_ptr<const TableData>;

// How a table is printed; a column or text beyond is "...". 0: no limit.
struct PrintOptions {
  std::size_t rows = 20, columns = 6, column_width = 20;
};

class ResultTable final : public jinja::Object {
 public:
  // `print`: where print_table() writes to; nowhere without.
  using Printer = std::function<void(std::string_view)>;
  explicit ResultTable(TableDataPtr data, Printer print = {}) : data_(std::move(data)), print_(std::move(print)) {}

  const TableData& data() const { return *data_; }
  std::string table_text(jinja::State& state, const PrintOptions& options = {}) const;

  std::string_view type_name() const override { return "Table"; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  std::optional<jinja::Value> call_method(jinja::State& state, std::string_view name,
                                          jinja::Arguments arguments) override;
  std::unique_ptr<jinja::Iterator> iterate(jinja::State& state) override;
  std::optional<std::size_t> length(jinja::State&) override { return data_->rows.size(); }
  bool truth(jinja::State&) override { return true; }
  std::string repr(jinja::State&) override { return "<agate.table.Table object>"; }
  std::string str(jinja::State& state) override;

 private:
  jinja::Value with(std::vector<jinja::Value> rows) const;
  jinja::Value with_columns(const std::vector<std::size_t>& columns) const;

  const TableDataPtr data_;
  const Printer print_;
};

// Reads all rows that are left; `limit`: so many at most.
TableDataPtr read_table(db::Reader& reader, std::optional<std::size_t> limit = {});
// A table made of values: rows are tuples or lists.
TableDataPtr make_table(std::vector<std::string> names, std::vector<jinja::Value> rows);
// The table behind a value; AttributeError of Python's otherwise.
const ResultTable& table_argument(const jinja::Value& value);
// Whether a number in the column has digits behind its point, zeros aside: 1.0 has none.
bool has_fractions(const TableData& table, std::size_t column);
// The value of a cell, by the column's name; nothing when there is no such column.
std::optional<jinja::Value> find_cell(const TableData& table, std::size_t row, std::string_view column);

}  // namespace plumb::transform
