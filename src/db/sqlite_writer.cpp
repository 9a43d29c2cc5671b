#include "db/sqlite_writer.h"

#include <cassert>
#include <cmath>

#include "base/format.h"
#include "db/sql_text.h"
#include "db/sqlite_types.h"
#include "db/text_check.h"
#include "db/value_text.h"

namespace plumb::db {
namespace {

using data::TypeKind;

// Every code of these calls is SQLITE_OK but for a text above SQLite's limit (1 GB), which the caller checks.
int bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  // A null pointer would bind NULL, and the empty text of an empty buffer has one.
  return sqlite3_bind_text64(statement, index, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                             SQLITE_UTF8);
}

// A decimal of at most 15 digits: its nearest double, which leads back to it. Both operands are whole numbers that a
// double holds exactly, so the quotient is rounded once.
int bind_number(sqlite3_stmt* statement, int index, const data::Decimal& decimal) {
  if (decimal.scale == 0) return sqlite3_bind_int64(statement, index, static_cast<std::int64_t>(decimal.units));
  auto power = static_cast<double>(data::kPowersOfTen[static_cast<std::size_t>(decimal.scale)]);
  return sqlite3_bind_double(statement, index, static_cast<double>(decimal.units) / power);
}

int bind_double(sqlite3_stmt* statement, int index, double value) {
  // SQLite has no NaN: it would become NULL.
  return std::isnan(value) ? bind_text(statement, index, "NaN") : sqlite3_bind_double(statement, index, value);
}

int bind_decimal(sqlite3_stmt* statement, int index, data::Decimal decimal, const data::Type& stored,
                 std::string& text) {
  bool number = stored.kind() != TypeKind::Decimal || kept_as_number(stored);
  if (number && data::fits_digits(decimal.units, kSqliteNumberDigits)) return bind_number(statement, index, decimal);
  // Canonical: as many decimals as the column is declared with.
  if (stored.kind() == TypeKind::Decimal && decimal.scale < stored.scale()) {
    if (auto rescaled = decimal.find_rescaled(stored.scale())) decimal = *rescaled;
  }
  text.clear();
  decimal.append_to(text);
  return bind_text(statement, index, text);
}

}  // namespace

void bind_value(SqliteHandle& handle, const SqliteStatement& statement, int index, const Value& value) {
  auto* raw = statement.get();
  auto bind_copy = [&](std::string_view text) {
    return sqlite3_bind_text64(raw, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  };
  int code = SQLITE_OK;
  if (const auto* flag = std::get_if<bool>(&value)) {
    code = sqlite3_bind_int(raw, index, *flag ? 1 : 0);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    code = sqlite3_bind_int64(raw, index, *number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    code = bind_double(raw, index, *real);
  } else if (const auto* decimal = std::get_if<data::Decimal>(&value);
             decimal != nullptr && data::fits_digits(decimal->units, kSqliteNumberDigits) &&
             decimal->scale <= kSqliteNumberDigits) {
    code = bind_number(raw, index, *decimal);
  } else if (!std::holds_alternative<std::monostate>(value)) {
    code = bind_copy(text_of(value));
  }
  handle.check(code, statement.sql);
}

void bind_cell(sqlite3_stmt* statement, int index, const data::Column& column, std::size_t row,
               const data::Type& stored, std::string& text) {
  int code = SQLITE_OK;
  if (column.null_at(row)) {
    code = sqlite3_bind_null(statement, index);
  } else {
    switch (column.type().kind()) {
      case TypeKind::Bool:
        code = sqlite3_bind_int(statement, index, column.bool_at(row) ? 1 : 0);
        break;
      case TypeKind::Int64:
        code = sqlite3_bind_int64(statement, index, column.int64_at(row));
        break;
      case TypeKind::Double:
        code = bind_double(statement, index, column.double_at(row));
        break;
      case TypeKind::Decimal:
        code = bind_decimal(statement, index, column.decimal_at(row), stored, text);
        break;
      case TypeKind::Text:
      case TypeKind::Json:
        code = bind_text(statement, index, column.text_at(row));
        break;
      case TypeKind::Binary: {
        auto bytes = column.text_at(row);
        const char* data = bytes.empty() ? "" : bytes.data();  // a null pointer would bind NULL
        code = sqlite3_bind_blob64(statement, index, data, bytes.size(), SQLITE_STATIC);
        break;
      }
      default:
        text.clear();
        data::append_text(column, row, text);
        code = bind_text(statement, index, text);
    }
  }
  if (code == SQLITE_TOOBIG) throw Error(ErrorKind::Data, "a text of more than 1 GB does not fit into SQLite");
  assert(code == SQLITE_OK && "a value binds to a statement that was made for it");
}

SqliteWriter::SqliteWriter(std::shared_ptr<SqliteHandle> handle, TableName table, const data::Schema& schema,
                           std::vector<data::Type> stored)
    : handle_(std::move(handle)),
      table_(std::move(table)),
      schema_(schema),
      stored_(std::move(stored)),
      texts_(schema_.size()) {
  handle_->take_cancel();
  std::string columns;
  std::string places;
  for (const data::Field& field : schema_) {
    columns += (columns.empty() ? "" : ", ") + quote_name(field.name);
    places += places.empty() ? "?" : ", ?";
  }
  statement_ = handle_->prepare(format("INSERT INTO {} ({}) VALUES ({})", quote_name(table_.table), columns, places),
                                nullptr, SQLITE_PREPARE_PERSISTENT);
  own_transaction_ = sqlite3_get_autocommit(handle_->get()) != 0;
  if (own_transaction_) handle_->run("BEGIN IMMEDIATE");
}

SqliteWriter::~SqliteWriter() {
  statement_.handle.reset();
  if (own_transaction_ && sqlite3_get_autocommit(handle_->get()) == 0) {
    sqlite3_exec(handle_->get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void SqliteWriter::append(const data::Batch& batch) {
  assert(batch.schema().size() == schema_.size() && "a batch has the columns that the writer was made for");
  check_texts(batch, table_, rows_);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    if ((row & 1023) == 0) handle_->take_cancel();
    insert(batch, row);
    ++rows_;
  }
}

void SqliteWriter::insert(const data::Batch& batch, std::size_t row) {
  auto* statement = statement_.get();
  for (std::size_t i = 0; i < stored_.size(); ++i) {
    bind_cell(statement, static_cast<int>(i) + 1, batch.column(i), row, stored_[i], texts_[i]);
  }
  int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (code == SQLITE_DONE) return;
  if ((code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH) {
    throw Error(ErrorKind::Data,
                format("table {}, row {}: {}", table_.table, rows_ + 1, sqlite3_errmsg(handle_->get())));
  }
  handle_->fail(code, statement_.sql);
}

std::int64_t SqliteWriter::finish() {
  statement_.handle.reset();
  if (own_transaction_) handle_->run("COMMIT");
  own_transaction_ = false;  // when COMMIT throws, the destructor rolls back
  return rows_;
}

}  // namespace plumb::db
