// Rows out of Postgres, as batches: one row at a time from the server, in binary form.
//
// The types are known before the first row (the statement is described). When one of them has no binary form that we
// know (an enum, an interval, an array) all columns come as text, and those of unknown types are text columns.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/db.h"
#include "db/postgres_session.h"
#include "db/postgres_types.h"

namespace plumb::db {

// One column that is being read.
class PostgresColumnReader {
 public:
  PostgresColumnReader(std::string name, PostgresType type, bool binary);

  void append_null();
  // False when the value does not fit the type that the first batch settled (a NUMERIC without precision), or is none
  // that we know.
  bool append(std::string_view value);
  // After the first batch: a NUMERIC without precision gets the scale that its values have.
  void settle();

  const std::string& name() const { return name_; }
  const data::Type& type() const { return builder_.type(); }
  std::size_t bytes() const { return builder_.bytes() + pending_bytes_; }
  data::Column take() { return builder_.take(); }

 private:
  bool append_binary(std::string_view value);
  bool append_as_text(std::string_view value);
  bool append_numeric(std::string_view value);

  std::string name_;
  PostgresType type_;
  bool binary_;
  bool settled_;
  data::ColumnBuilder builder_;
  std::vector<std::optional<std::string>> pending_;  // numbers whose scale is not settled yet
  std::size_t pending_bytes_ = 0;
};

class PostgresReader : public Reader {
 public:
  // The statement has been prepared without a name; `parameters` are texts, null where absent.
  PostgresReader(std::shared_ptr<PostgresSession> session, const std::vector<const char*>& parameters);
  ~PostgresReader() override;
  const data::Schema& schema() const override { return schema_; }
  std::optional<data::Batch> next() override;

 private:
  void describe();
  std::optional<data::Batch> read(bool first);
  bool read_row();
  void append_row(const PGresult* row);

  std::shared_ptr<PostgresSession> session_;
  std::size_t stream_ = 0;
  bool binary_ = true;
  bool ended_ = false;
  std::int64_t rows_read_ = 0;
  std::vector<PostgresColumnReader> columns_;
  data::Schema schema_;
  std::optional<data::Batch> first_;
};

}  // namespace plumb::db
