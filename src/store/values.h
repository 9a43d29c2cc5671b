// Members of records as parameters of a statement, and back from the columns of its answer.
//
// Instants are microseconds since 1970 (UTC), states and types their words. Texts that no database takes (bytes that
// are no UTF-8, as programs print them, and NUL) get U+FFFD in those places: a message must never keep a run from being
// written down.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "store/columns.h"

namespace plumb::store {

using Values = std::vector<db::Value>;

std::string clean_text(const std::string& text);

inline db::Value to_value(const std::string& text) {
  return clean_text(text);
}
inline db::Value to_value(bool value) {
  return value;
}
inline db::Value to_value(std::int64_t value) {
  return value;
}
inline db::Value to_value(int value) {
  return static_cast<std::int64_t>(value);
}
inline db::Value to_value(Instant instant) {
  return static_cast<std::int64_t>(instant.time_since_epoch().count());
}
inline db::Value to_value(RunState state) {
  return std::string(run::to_string(state));
}
inline db::Value to_value(TaskState state) {
  return std::string(run::to_string(state));
}
inline db::Value to_value(RunType type) {
  return std::string(to_string(type));
}
template <class T>
db::Value to_value(const std::optional<T>& value) {
  return value ? to_value(*value) : db::Value();
}

template <class Row>
Values to_values(const Row& row) {
  Values values;
  each_column(row, [&](std::string_view, const auto& member) { values.push_back(to_value(member)); });
  return values;
}

// One field of an answer that is not null.
void read(const data::Column& column, std::size_t row, std::string& text);
void read(const data::Column& column, std::size_t row, bool& value);
void read(const data::Column& column, std::size_t row, std::int64_t& value);
void read(const data::Column& column, std::size_t row, int& value);
void read(const data::Column& column, std::size_t row, Instant& instant);
void read(const data::Column& column, std::size_t row, RunState& state);
void read(const data::Column& column, std::size_t row, TaskState& state);
void read(const data::Column& column, std::size_t row, RunType& type);
template <class T>
void read(const data::Column& column, std::size_t row, std::optional<T>& value) {
  read(column, row, value.emplace());
}

// The record in a row of the answer, whose columns begin at `first`; moves `first` behind them.
template <class Row>
Row read_row(const data::Batch& batch, std::size_t row, std::size_t& first) {
  Row record{};
  each_column(record, [&](std::string_view, auto& member) {
    const data::Column& column = batch.column(first++);
    if (!column.null_at(row)) read(column, row, member);
  });
  return record;
}

}  // namespace plumb::store
