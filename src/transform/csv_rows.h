// A CSV file as rows of cells, read as Python's csv module reads it: a quote opens a field only at its start, a doubled
// one inside is one, and what follows a closing quote still belongs to the field; a field may hold line breaks, which
// are "\n" however the file writes them. A blank line is a row without cells. A byte order mark is no text.
//
// Inside the room.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumb::transform {

class CsvRows {
 public:
  // `delimiter` is one character.
  CsvRows(std::string text, std::string_view delimiter);
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  std::size_t size() const { return rows_.size(); }
  std::span<const std::string_view> cells(std::size_t row) const {
    std::size_t end = row + 1 < rows_.size() ? rows_[row + 1].first_cell : cells_.size();
    return std::span(cells_).subspan(rows_[row].first_cell, end - rows_[row].first_cell);
  }
  int line(std::size_t row) const { return rows_[row].line; }

 private:
  void read(std::string_view delimiter);
  std::string_view read_quoted(std::size_t& at, std::string_view delimiter);

  struct Row {
    std::size_t first_cell;
    int line;
  };
  std::string text_;
  std::deque<std::string> rewritten_;  // fields that do not stand in the text as they are
  std::vector<std::string_view> cells_;
  std::vector<Row> rows_;
};

}  // namespace plumb::transform
