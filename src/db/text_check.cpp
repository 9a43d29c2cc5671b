#include "db/text_check.h"

#include <algorithm>
#include <cstring>

#include "base/format.h"
#include "base/text.h"

namespace plumb::db {
namespace {

// Eight bytes at a time: how far the text is plain ASCII without NUL.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (((word | ((word - kOnes) & ~word)) & kHigh) != 0) break;
  }
  while (at < text.size() && text[at] > 0) ++at;
  return at;
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string_view trouble(std::string_view text, std::size_t at) {
  return text[at] == '\0' ? "a NUL character" : "invalid UTF-8";
}

[[noreturn]] void fail(std::string_view text, std::size_t at, const TableName& table, const std::string& column,
                       std::int64_t row) {
  throw Error(ErrorKind::Data,
              format("table {}, column '{}', row {}: the text holds {} at byte {}", table.table, column, row,
                     trouble(text, at), at + 1),
              {.hint = "no database keeps such a text; correct it in the source, or load the column as binary"});
}

// All texts of a column at once: they lie one behind the other. A character that crosses from one text into the next is
// valid in the whole and not in its parts, so no text may start with a continuation.
bool good_texts(const data::Column& column) {
  auto offsets = column.offsets();
  auto first = static_cast<std::size_t>(offsets[0]);
  auto last = static_cast<std::size_t>(offsets[column.rows()]);
  if (first == last) return true;
  std::string_view all(reinterpret_cast<const char*>(column.values_buffer()->data()), last);
  all.remove_prefix(first);
  if (plain_prefix(all) == all.size()) return true;
  if (find_bad_text(all)) return false;
  for (std::size_t row = 0; row < column.rows(); ++row) {
    auto start = static_cast<std::size_t>(offsets[row]) - first;
    if (start < all.size() && continues_character(all[start])) return false;
  }
  return true;
}

bool holds_text(const data::Column& column) {
  return column.type().kind() == data::TypeKind::Text || column.type().kind() == data::TypeKind::Json;
}

// The texts of lists and structs lie in columns as well.
bool good_column(const data::Column& column) {
  if (holds_text(column)) return column.rows() == 0 || good_texts(column);
  return std::all_of(column.children().begin(), column.children().end(), good_column);
}

struct BadText {
  std::string_view text;
  std::size_t at;
};

// The first one of a row, however deep.
std::optional<BadText> find_bad_in(const data::Column& column, std::size_t row) {
  if (column.null_at(row)) return std::nullopt;
  if (holds_text(column)) {
    auto text = column.text_at(row);
    auto bad = find_bad_text(text);
    return bad ? std::optional(BadText{text, *bad}) : std::nullopt;
  }
  std::size_t first = row;
  std::size_t last = row + 1;
  if (column.type().kind() == data::TypeKind::List) {
    first = static_cast<std::size_t>(column.offsets()[row]);
    last = static_cast<std::size_t>(column.offsets()[row + 1]);
  }
  for (const data::Column& child : column.children()) {
    for (std::size_t i = first; i < last; ++i) {
      if (auto bad = find_bad_in(child, i)) return bad;
    }
  }
  return std::nullopt;
}

void check_column(const data::Column& column, const TableName& table, const std::string& name,
                  std::int64_t rows_before) {
  if (good_column(column)) return;
  for (std::size_t row = 0; row < column.rows(); ++row) {
    if (auto bad = find_bad_in(column, row)) {
      fail(bad->text, bad->at, table, name, rows_before + static_cast<std::int64_t>(row) + 1);
    }
  }
}

}  // namespace

std::optional<std::size_t> find_bad_text(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    at += plain_prefix(text.substr(at));
    if (at == text.size()) return std::nullopt;
    Utf8Step step = step_utf8(text.substr(at));
    if (!step.valid || text[at] == '\0') return at;
    at += step.bytes;
  }
}

void check_texts(const data::Batch& batch, const TableName& table, std::int64_t rows_before) {
  for (std::size_t i = 0; i < batch.columns(); ++i) {
    check_column(batch.column(i), table, batch.schema()[i].name, rows_before);
  }
}

void check_texts(std::span<const Value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto* text = std::get_if<std::string>(&parameters[i]);
    if (text == nullptr) continue;
    if (auto bad = find_bad_text(*text)) {
      throw Error(ErrorKind::Data,
                  format("parameter {} of the statement holds {} at byte {}", i + 1, trouble(*text, *bad), *bad + 1));
    }
  }
}

}  // namespace plumb::db
