#include "store/values.h"

#include "base/format.h"
#include "base/text.h"

namespace plumb::store {
namespace {

// A word that this version does not know was written by something else than Plumb.
template <class T>
T known(std::optional<T> found, const std::string& text, std::string_view what) {
  if (found) return *found;
  throw Error(ErrorKind::Database, format("the store names a {} '{}' that is none", what, text));
}

}  // namespace

std::string clean_text(const std::string& text) {
  bool has_nul = text.find('\0') != std::string::npos;
  if (!has_nul && valid_utf8(text)) return text;
  std::string clean = clean_utf8(text);
  if (!has_nul) return clean;
  std::string without;
  for (char c : clean) c == '\0' ? without += encode_utf8(0xFFFD) : without += c;
  return without;
}

void read(const data::Column& column, std::size_t row, std::string& text) {
  text = std::string(column.text_at(row));
}

void read(const data::Column& column, std::size_t row, bool& value) {
  value = column.type().kind() == data::TypeKind::Bool ? column.bool_at(row) : column.int64_at(row) != 0;
}

void read(const data::Column& column, std::size_t row, std::int64_t& value) {
  value = column.int64_at(row);
}

void read(const data::Column& column, std::size_t row, int& value) {
  value = static_cast<int>(column.int64_at(row));
}

void read(const data::Column& column, std::size_t row, Instant& instant) {
  instant = Instant(Duration(column.int64_at(row)));
}

void read(const data::Column& column, std::size_t row, RunState& state) {
  std::string text(column.text_at(row));
  state = known(run::find_run_state(text), text, "state of a run");
}

void read(const data::Column& column, std::size_t row, TaskState& state) {
  std::string text(column.text_at(row));
  state = known(run::find_task_state(text), text, "state of a task");
}

void read(const data::Column& column, std::size_t row, RunType& type) {
  std::string text(column.text_at(row));
  type = known(find_run_type(text), text, "type of a run");
}

}  // namespace plumb::store
