// Batches into a Postgres table by COPY … FROM STDIN: in binary form where every column has one that fits its values,
// else as text, which the server reads as it reads literals.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/db.h"
#include "db/postgres_binary.h"
#include "db/postgres_session.h"
#include "db/postgres_types.h"

namespace plumb::db {

// How a column's values go into the table's column.
enum class PostgresForm : std::uint8_t {
  Bool,
  Int2,
  Int4,
  Int8,
  Double,
  Numeric,
  Bytes,     // text, bytea, json: as they are
  Jsonb,     // a version before them
  JsonText,  // lists and structs, into json or text
  JsonbText,
  Date,
  Int64,  // time
  Timestamp,
  Uuid,
  Text,  // none of these: the whole COPY is text
};

struct PostgresTarget {
  PostgresType type;
  PostgresForm form = PostgresForm::Text;
};

// The form for values of a type in a column of the table.
PostgresForm form_of(const data::Type& type, const PostgresType& target);

class PostgresWriter : public BulkWriter {
 public:
  // `targets` are the table's columns in the order of `schema`.
  PostgresWriter(std::shared_ptr<PostgresSession> session, TableName table, std::string quoted_table,
                 const data::Schema& schema, std::vector<PostgresTarget> targets);
  ~PostgresWriter() override;
  void append(const data::Batch& batch) override;
  std::int64_t finish() override;

 private:
  void put_row(const data::Batch& batch, std::size_t row);
  void put_cell(const data::Column& column, std::size_t row, std::size_t index);
  void put_integer(std::int64_t value, std::size_t index);
  void put_decimal(const data::Decimal& value, std::size_t index);
  void put_bytes(std::string_view bytes);
  void put_text_row(const data::Batch& batch, std::size_t row);
  std::size_t largest_row(const data::Batch& batch, std::size_t row) const;
  [[noreturn]] void fail(std::size_t index, const std::string& what) const;
  void send();
  void throw_if_ended();

  std::shared_ptr<PostgresSession> session_;
  TableName table_;
  data::Schema schema_;
  std::vector<PostgresTarget> targets_;
  bool binary_ = true;
  std::size_t stream_ = 0;
  bool finished_ = false;
  BinaryBuffer buffer_;
  std::string text_;
  std::int64_t rows_ = 0;
};

}  // namespace plumb::db
