#include "db/duckdb_writer.h"

#include <algorithm>

#include "base/format.h"
#include "db/duckdb_vectors.h"
#include "db/text_check.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

// Bytes of batches: in the appender, and since memory was last given back.
constexpr std::size_t kMostWaiting = 4u << 20;
constexpr std::size_t kMostWritten = 32u << 20;

// The type of the chunk's column for a batch's column of type `given` and a table's of type `stored`: values that need
// our own canonical form are cast here, those that DuckDB casts alike go as they are.
Type chunk_type(const Type& given, const Type& stored) {
  bool to_words = stored.kind() == TypeKind::Text || stored.kind() == TypeKind::Json;
  bool to_decimal =
      stored.kind() == TypeKind::Decimal && (given.kind() == TypeKind::Int64 || given.kind() == TypeKind::Decimal);
  return to_words || to_decimal || given.nested() ? stored : given;
}

}  // namespace

DuckDbAppender::~DuckDbAppender() {
  if (handle_ == nullptr) return;
  // Destroying it would write what it holds.
  if (duckdb_.appender_clear != nullptr) duckdb_.appender_clear(handle_);
  duckdb_.appender_destroy(&handle_);
}

std::string DuckDbAppender::words() const {
  if (handle_ == nullptr) return {};
  duckdb_error_data data = duckdb_.appender_error_data(handle_);
  const char* text = duckdb_.error_data_message(data);
  std::string words = text == nullptr ? "" : text;
  duckdb_.destroy_error_data(&data);
  return words;
}

DuckDbWriter::DuckDbWriter(DuckDbConnection& connection, const TableName& table, const data::Schema& schema)
    : connection_(connection),
      name_(table),
      appender_(connection.session().duckdb()),
      chunk_(connection.session().duckdb()),
      chunk_rows_(connection.session().duckdb().vector_size()) {
  auto stored = connection.find_table(table);
  if (!stored) throw Error(ErrorKind::NotFound, format("there is no table {}", connection_.quote(name_)));
  for (const data::Field& field : schema) {
    auto at = stored->find(field.name);
    if (!at)
      throw Error(ErrorKind::Database, format("table {} has no column '{}'", connection_.quote(name_), field.name));
    columns_.push_back({.name = field.name, .type = chunk_type(field.type, (*stored)[*at].type)});
  }
  if (!connection.in_transaction()) own_.emplace(connection);
  open_appender(table, *stored);
}

void DuckDbWriter::open_appender(const TableName& table, const data::Schema& stored) {
  const DuckDbLibrary& duckdb = connection_.session().duckdb();
  const char* schema = table.schema.empty() ? nullptr : table.schema.c_str();
  check(duckdb.appender_create(connection_.session().handle(), schema, table.table.c_str(), appender_.out()));
  bool all = columns_.size() == stored.size();
  for (std::size_t i = 0; all && i < columns_.size(); ++i) all = columns_[i].name == stored[i].name;
  for (std::size_t i = 0; !all && i < columns_.size(); ++i) {
    check(duckdb.appender_add_column(appender_.get(), columns_[i].name.c_str()));
  }
  std::vector<DuckDbType> owned;
  std::vector<duckdb_logical_type> types;
  for (const data::Field& column : columns_) {
    owned.push_back(make_duckdb_type(duckdb, column.type));
    types.push_back(owned.back().get());
  }
  chunk_ = DuckDbChunk(duckdb, duckdb.create_data_chunk(types.data(), types.size()));
}

void DuckDbWriter::check(duckdb_state state) const {
  if (state == DuckDBSuccess) return;
  std::string words = appender_.words();
  // All that DuckDB says when one of its casts fails is "type mismatch in AppendDataChunk, expected TINYINT, got …".
  if (words.find("type mismatch in AppendDataChunk") != std::string::npos) {
    throw Error(ErrorKind::Data, format("table {}: a value does not fit into its column", connection_.quote(name_)),
                {.hint = "widen the column, or leave the value out", .cause = words});
  }
  Error error = connection_.session().instance().error(words, {});
  throw Error(error.kind(), format("table {}: {}", connection_.quote(name_), error.message()),
              {.hint = error.hint(), .retry_may_help = error.retry_may_help(), .cause = error.cause()});
}

data::Column DuckDbWriter::converted(const data::Column& column, std::size_t index) const {
  if (column.type() == columns_[index].type) return column;
  try {
    return data::cast(column, columns_[index].type);
  } catch (const Error& error) {
    throw Error(error.kind(),
                format("table {}, column '{}': {}", connection_.quote(name_), columns_[index].name, error.message()),
                {.hint = error.hint()});
  }
}

void DuckDbWriter::append(const data::Batch& batch) {
  const DuckDbLibrary& duckdb = connection_.session().duckdb();
  check_texts(batch, name_, rows_);
  std::vector<data::Column> columns;  // alive until the appender has copied their texts
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns.push_back(converted(batch.column(i), i));
  }
  for (std::size_t first = 0; first < batch.rows(); first += chunk_rows_) {
    connection_.session().throw_if_cancelled();
    std::size_t rows = std::min(chunk_rows_, batch.rows() - first);
    duckdb.data_chunk_reset(chunk_.get());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      write_vector(duckdb, columns[i], first, rows, duckdb.data_chunk_get_vector(chunk_.get(), i));
    }
    duckdb.data_chunk_set_size(chunk_.get(), rows);
    check(duckdb.append_data_chunk(appender_.get(), chunk_.get()));
  }
  rows_ += static_cast<std::int64_t>(batch.rows());
  bound_memory(batch.bytes());
}

// The appender by itself waits for 204,800 rows, of whatever size; and what it has written to the file stays in
// DuckDB's memory until there is no room for more.
void DuckDbWriter::bound_memory(std::size_t bytes) {
  waiting_ += bytes;
  written_ += bytes;
  if (waiting_ >= kMostWaiting) {
    check(connection_.session().duckdb().appender_flush(appender_.get()));
    waiting_ = 0;
  }
  if (written_ >= kMostWritten) {
    connection_.session().instance().give_back_memory();
    written_ = 0;
  }
}

std::int64_t DuckDbWriter::finish() {
  connection_.session().throw_if_cancelled();
  check(connection_.session().duckdb().appender_close(appender_.get()));
  if (own_) own_->commit();
  own_.reset();
  return rows_;
}

std::unique_ptr<BulkWriter> DuckDbConnection::write(const TableName& table, const data::Schema& schema) {
  return std::make_unique<DuckDbWriter>(*this, table, schema);
}

}  // namespace plumb::db
