#include "transform/seed_table.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "transform/csv_rows.h"
#include "transform/seed_values.h"

namespace plumb::transform {
namespace {

using jinja::Value;

// "a" … "z", "aa", "bb" …
std::string letters_of(std::size_t column) {
  constexpr std::size_t kLetters = 26;
  return std::string(column / kLetters + 1, static_cast<char>('a' + column % kLetters));
}

std::vector<std::string> column_names(std::span<const std::string_view> header) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string name = header[i].empty() ? letters_of(i) : std::string(header[i]);
    std::string wanted = name;
    for (int number = 2; !taken.insert(name).second; ++number) name = plumb::format("{}_{}", wanted, number);
    names.push_back(std::move(name));
  }
  return names;
}

struct Reading {
  ColumnKind kind;
  std::optional<Value> (*read)(std::string_view text);
};
constexpr std::array<Reading, 5> kReadings{{{ColumnKind::Number, read_seed_number},
                                            {ColumnKind::Date, read_seed_date},
                                            {ColumnKind::DateTime, read_seed_datetime},
                                            {ColumnKind::DateTime, read_seed_iso_datetime},
                                            {ColumnKind::Boolean, read_seed_boolean}}};

// Cells of a column, the header's not among them; null where a row has none.
using Cells = std::vector<const std::string_view*>;

// All values, or nothing at the first text that is not of this kind.
std::optional<std::vector<Value>> read_all(const Cells& cells, const Reading& reading) {
  std::vector<Value> values;
  values.reserve(cells.size());
  for (const auto* cell : cells) {
    if (cell == nullptr || is_seed_null(*cell)) {
      values.push_back(Value::none());
      continue;
    }
    auto value = reading.read(*cell);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

struct ColumnValues {
  ColumnKind kind;
  std::vector<Value> values;
};

ColumnValues guess_column(const Cells& cells, bool stays_text) {
  if (!stays_text) {
    if (std::all_of(cells.begin(), cells.end(), [](const auto* cell) { return cell == nullptr; })) {
      return {ColumnKind::Integer, std::vector<Value>(cells.size(), Value::none())};
    }
    for (const Reading& reading : kReadings) {
      if (auto values = read_all(cells, reading)) return {reading.kind, std::move(*values)};
    }
  }
  constexpr Reading kText{ColumnKind::Text, [](std::string_view text) { return std::optional(Value(text)); }};
  return {ColumnKind::Text, *read_all(cells, kText)};
}

[[noreturn]] void refuse(const std::filesystem::path& file, int line, std::string message, std::string hint) {
  throw Error(ErrorKind::Config, std::move(message),
              {.place = Place{.file = file.string(), .line = line, .column = 1},
               .hint = std::move(hint),
               .type = "CompilationError"});
}

std::string read_text(const std::filesystem::path& file) {
  std::string text = plumb::read_file(file);
  if (auto bad = find_invalid_utf8(text)) {
    auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*bad), '\n') + 1;
    refuse(file, static_cast<int>(line), "the seed is not UTF-8", "save the file as UTF-8");
  }
  return text;
}

}  // namespace

TableDataPtr read_seed(const std::filesystem::path& file, std::string_view delimiter,
                       const std::set<std::string>& text_columns) {
  if (count_characters(delimiter) != 1) {
    refuse(file, 0, plumb::format("the delimiter '{}' of a seed is not one character", delimiter), "");
  }
  CsvRows csv(read_text(file), delimiter);
  if (csv.size() == 0) refuse(file, 1, "the seed is empty", "its first line has to name the columns");
  auto table = std::make_shared<TableData>();
  table->names = column_names(csv.cells(0));
  std::size_t columns = table->names.size();
  std::size_t rows = csv.size() - 1;
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t length = csv.cells(row + 1).size();
    if (length <= columns) continue;
    refuse(file, csv.line(row + 1),
           plumb::format("Row {} has {} values, but Table only has {} columns.", row, length, columns),
           "put quotes around a value that has the delimiter in it");
  }

  std::vector<std::vector<Value>> values(rows, std::vector<Value>(columns));
  Cells cells(rows);
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      auto found = csv.cells(row + 1);
      cells[row] = column < found.size() ? &found[column] : nullptr;
    }
    ColumnValues guessed = guess_column(cells, text_columns.count(table->names[column]) != 0);
    table->kinds.push_back(guessed.kind);
    for (std::size_t row = 0; row < rows; ++row) values[row][column] = std::move(guessed.values[row]);
  }
  table->rows.reserve(rows);
  for (auto& row : values) table->rows.push_back(Value::tuple(std::move(row)));
  return table;
}

}  // namespace plumb::transform
