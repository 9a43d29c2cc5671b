#include "db/postgres_writer.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "base/format.h"
#include "db/sql_text.h"
#include "db/text_check.h"

namespace plumb::db {
namespace {

using data::TypeKind;

constexpr std::size_t kSendBytes = 256 << 10;
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

bool is_text(Oid32 type) {
  return type == oid::kText || type == oid::kVarchar || type == oid::kBpchar || type == oid::kName;
}

// The columns of the table in COPY's text form: tabs, newlines and backslashes escaped.
void append_escaped(std::string_view text, std::string& out) {
  for (char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += c;
    }
  }
}

// Ours are counted from 1970. Beyond Postgres's range the server refuses the value.
std::int64_t to_postgres_micros(std::int64_t micros) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  if (micros == kMost || micros == kLeast) return micros;
  return micros < kLeast + kPostgresEpochMicros + 1 ? kLeast + 1 : micros - kPostgresEpochMicros;
}

std::int32_t to_postgres_days(std::int32_t days) {
  constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int32_t>::min();
  if (days == kMost || days == kLeast) return days;
  return days < kLeast + kPostgresEpochDays + 1 ? kLeast + 1 : days - kPostgresEpochDays;
}

PostgresForm form_of_json(bool nested, Oid32 target) {
  if (target == oid::kJsonb) return nested ? PostgresForm::JsonbText : PostgresForm::Jsonb;
  if (target == oid::kJson || is_text(target)) return nested ? PostgresForm::JsonText : PostgresForm::Bytes;
  return PostgresForm::Text;
}

}  // namespace

PostgresForm form_of(const data::Type& type, const PostgresType& target) {
  auto when = [&](Oid32 wanted, PostgresForm form) { return target.oid == wanted ? form : PostgresForm::Text; };
  switch (type.kind()) {
    case TypeKind::Bool:
      return when(oid::kBool, PostgresForm::Bool);
    case TypeKind::Int64:
      if (target.oid == oid::kInt2) return PostgresForm::Int2;
      if (target.oid == oid::kInt4) return PostgresForm::Int4;
      if (target.oid == oid::kNumeric) return PostgresForm::Numeric;
      return when(oid::kInt8, PostgresForm::Int8);
    case TypeKind::Decimal:
      return when(oid::kNumeric, PostgresForm::Numeric);
    case TypeKind::Double:
      return when(oid::kFloat8, PostgresForm::Double);
    case TypeKind::Text:
      if (target.oid == oid::kJsonb) return PostgresForm::Jsonb;
      return is_text(target.oid) || target.oid == oid::kJson ? PostgresForm::Bytes : PostgresForm::Text;
    case TypeKind::Binary:
      return when(oid::kBytea, PostgresForm::Bytes);
    case TypeKind::Date:
      return when(oid::kDate, PostgresForm::Date);
    case TypeKind::Time:
      return when(oid::kTime, PostgresForm::Int64);
    case TypeKind::Timestamp:
      return when(oid::kTimestamp, PostgresForm::Timestamp);
    case TypeKind::TimestampTz:
      return when(oid::kTimestampTz, PostgresForm::Timestamp);
    case TypeKind::Uuid:
      return when(oid::kUuid, PostgresForm::Uuid);
    case TypeKind::Json:
    case TypeKind::List:
    case TypeKind::Struct:
      return form_of_json(type.nested(), target.oid);
  }
  return PostgresForm::Text;
}

PostgresWriter::PostgresWriter(std::shared_ptr<PostgresSession> session, TableName table, std::string quoted_table,
                               const data::Schema& schema, std::vector<PostgresTarget> targets)
    : session_(std::move(session)), table_(std::move(table)), schema_(schema), targets_(std::move(targets)) {
  std::string columns;
  for (const data::Field& field : schema_) columns += (columns.empty() ? "" : ", ") + quote_name(field.name);
  binary_ = std::none_of(targets_.begin(), targets_.end(),
                         [](const PostgresTarget& target) { return target.form == PostgresForm::Text; });
  std::string sql = format("COPY {} ({}) FROM STDIN{}", quoted_table, columns, binary_ ? " (FORMAT binary)" : "");
  session_->prepare_to_send(sql);
  session_->check_sent(session_->pq().sendQuery(session_->get(), sql.c_str()));
  session_->next_result();
  stream_ = session_->begin_stream();
  buffer_.reserve(kSendBytes + (kSendBytes >> 2));
  if (binary_) buffer_.put(kHeader);
}

PostgresWriter::~PostgresWriter() {
  if (!finished_ && session_->is_current(stream_)) session_->end_stream();
}

void PostgresWriter::throw_if_ended() {
  session_->throw_if_cancelled();
  if (!session_->is_current(stream_)) {
    throw Error(ErrorKind::Internal, "rows were written after another statement of the connection");
  }
}

void PostgresWriter::append(const data::Batch& batch) {
  assert(batch.schema().size() == schema_.size() && "a batch has the columns that the writer was made for");
  throw_if_ended();
  check_texts(batch, table_, rows_);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    if (binary_) {
      put_row(batch, row);
    } else {
      put_text_row(batch, row);
    }
    ++rows_;
    if (buffer_.size() >= kSendBytes) send();
  }
}

// Room for every value but the texts, which are counted.
std::size_t PostgresWriter::largest_row(const data::Batch& batch, std::size_t row) const {
  std::size_t bytes = 2 + targets_.size() * kLongestNumeric;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    bool counted = targets_[i].form == PostgresForm::Bytes || targets_[i].form == PostgresForm::Jsonb;
    if (counted && !batch.column(i).null_at(row)) bytes += batch.column(i).text_at(row).size();
  }
  return bytes;
}

void PostgresWriter::put_row(const data::Batch& batch, std::size_t row) {
  buffer_.reserve(largest_row(batch, row));
  buffer_.put(static_cast<std::int16_t>(targets_.size()));
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const data::Column& column = batch.column(i);
    if (column.null_at(row)) {
      buffer_.put(std::int32_t{-1});
    } else {
      put_cell(column, row, i);
    }
  }
}

void PostgresWriter::put_cell(const data::Column& column, std::size_t row, std::size_t index) {
  auto sized = [&](auto value) {
    buffer_.put(static_cast<std::int32_t>(sizeof value));
    buffer_.put(value);
  };
  switch (targets_[index].form) {
    case PostgresForm::Bool:
      buffer_.put(std::int32_t{1});
      buffer_.put_byte(column.bool_at(row) ? 1 : 0);
      return;
    case PostgresForm::Int2:
    case PostgresForm::Int4:
      put_integer(column.int64_at(row), index);
      return;
    case PostgresForm::Int8:
    case PostgresForm::Int64:
      sized(column.int64_at(row));
      return;
    case PostgresForm::Timestamp:
      sized(to_postgres_micros(column.int64_at(row)));
      return;
    case PostgresForm::Date:
      sized(to_postgres_days(column.days_at(row)));
      return;
    case PostgresForm::Double:
      sized(std::bit_cast<std::int64_t>(column.double_at(row)));
      return;
    case PostgresForm::Numeric:
      put_decimal(
          column.type().kind() == TypeKind::Int64 ? data::Decimal{column.int64_at(row), 0} : column.decimal_at(row),
          index);
      return;
    case PostgresForm::Bytes:
      put_bytes(column.text_at(row));
      return;
    case PostgresForm::Jsonb: {
      auto json = column.text_at(row);
      buffer_.put(static_cast<std::int32_t>(json.size() + 1));
      buffer_.put_byte(1);
      buffer_.put(json);
      return;
    }
    case PostgresForm::JsonText:
    case PostgresForm::JsonbText:
      text_ = targets_[index].form == PostgresForm::JsonbText ? "\1" : "";
      data::append_json(column, row, text_);
      buffer_.reserve(text_.size() + kLongestNumeric * targets_.size());
      put_bytes(text_);
      return;
    case PostgresForm::Uuid:
      put_bytes({reinterpret_cast<const char*>(column.uuid_at(row)), 16});
      return;
    case PostgresForm::Text:
      assert(false && "a text COPY has no binary cells");
      return;
  }
}

void PostgresWriter::put_bytes(std::string_view bytes) {
  buffer_.put(static_cast<std::int32_t>(bytes.size()));
  buffer_.put(bytes);
}

void PostgresWriter::put_integer(std::int64_t value, std::size_t index) {
  if (targets_[index].form == PostgresForm::Int2) {
    if (value != static_cast<std::int16_t>(value)) fail(index, format("{} does not fit SMALLINT", value));
    buffer_.put(std::int32_t{2});
    buffer_.put(static_cast<std::int16_t>(value));
  } else {
    if (value != static_cast<std::int32_t>(value)) fail(index, format("{} does not fit INTEGER", value));
    buffer_.put(std::int32_t{4});
    buffer_.put(static_cast<std::int32_t>(value));
  }
}

// The server would round to the column's scale; we do not lose digits in silence.
void PostgresWriter::put_decimal(const data::Decimal& value, std::size_t index) {
  auto declared = targets_[index].type.find_decimal();
  if (declared && value.scale > declared->scale()) {
    auto rescaled = value.find_rescaled(declared->scale());
    if (!rescaled) {
      fail(index,
           format("{} does not fit NUMERIC({},{})", value.to_string(), declared->precision(), declared->scale()));
    }
    put_numeric(*rescaled, buffer_);
  } else {
    put_numeric(value, buffer_);
  }
}

void PostgresWriter::put_text_row(const data::Batch& batch, std::size_t row) {
  std::string line;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (i != 0) line += '\t';
    const data::Column& column = batch.column(i);
    if (column.null_at(row)) {
      line += "\\N";
      continue;
    }
    text_ = column.type().kind() == TypeKind::Binary ? "\\x" : "";
    data::append_text(column, row, text_);
    append_escaped(text_, line);
  }
  line += '\n';
  buffer_.reserve(line.size());
  buffer_.put(line);
}

void PostgresWriter::fail(std::size_t index, const std::string& what) const {
  throw Error(ErrorKind::Data,
              format("table {}, column '{}', row {}: {}", table_.table, schema_[index].name, rows_ + 1, what),
              {.hint = "widen the column, or load into a new table"});
}

void PostgresWriter::send() {
  int sent = session_->pq().putCopyData(session_->get(), buffer_.data(), static_cast<int>(buffer_.size()));
  buffer_.clear();
  if (sent < 0) session_->throw_broken();
}

std::int64_t PostgresWriter::finish() {
  throw_if_ended();
  if (binary_) {
    buffer_.reserve(2);
    buffer_.put(std::int16_t{-1});
  }
  send();
  if (session_->pq().putCopyEnd(session_->get(), nullptr) < 0) session_->throw_broken();
  finished_ = true;
  session_->finish();
  return rows_;
}

}  // namespace plumb::db
