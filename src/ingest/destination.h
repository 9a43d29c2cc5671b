// One destination of a load: its tables, its bookkeeping, and the writing of one resource in one transaction.
//
// What Plumb keeps beside the user's tables, in the same schema or file (docs/formats.md tells more):
//   _plumb_state    the cursor of each pipeline's resource
//   _plumb_loads    a row for each resource of each load
//   _plumb_columns  the type of each column as it was loaded
// A Destination belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/db.h"
#include "ingest/load.h"
#include "ingest/pipeline.h"
#include "ingest/queue.h"

namespace plumb::ingest {

// Where a resource was when its last load ended.
struct Cursor {
  std::string text;  // canonical text of the value
  data::Type type = data::Type::text();
};

// What one resource's transaction records of itself.
struct LoadRecord {
  std::string load_id;
  std::string pipeline;
  std::string resource;
  Instant started_at;
  Instant finished_at;
  std::int64_t rows_read = 0;
  std::optional<Cursor> cursor = {};
  std::map<std::string, Cursor> part_cursors = {};  // those that moved, by the value of `cursor_by`
};

class Destination {
 public:
  Destination(std::string name, db::DatabaseConfig config, std::string dataset);

  const std::string& name() const { return name_; }
  const std::string& dataset() const { return dataset_; }
  db::Connection& connection() { return *connection_; }
  // Connects. Separate from the constructor so that a plan touches nothing.
  void open();
  // The recorded cursor; empty when there is none, or no such database yet.
  std::optional<Cursor> find_cursor(std::string_view pipeline, std::string_view resource);
  // Of a resource whose parts have cursors of their own.
  std::map<std::string, Cursor> part_cursors(std::string_view pipeline, std::string_view resource);

  db::TableName table(std::string_view name) const { return {dataset_, std::string(name)}; }

 private:
  std::string name_;
  db::DatabaseConfig config_;
  std::string dataset_;
  std::shared_ptr<db::Database> database_;
  std::unique_ptr<db::Connection> connection_;
};

// A table that rows are written into, which grows with them.
class GrowingTable {
 public:
  GrowingTable(db::Connection& connection, db::TableName name, std::vector<std::string> primary_key);

  // Makes the table fit the batch (create, add columns, widen) and appends it.
  void append(const data::Batch& batch);
  // Ends the bulk write, so that other statements may run.
  void flush();
  bool exists() const { return schema_.has_value(); }
  const data::Schema& schema() const { return *schema_; }
  const db::TableName& name() const { return name_; }
  // Columns that were made or widened by append(), for the record.
  const std::vector<data::Field>& changed() const { return changed_; }
  std::int64_t rows() const { return rows_; }
  // Makes the columns of `wanted` without rows.
  void fit(const data::Schema& wanted);

 private:
  db::Connection& connection_;
  db::TableName name_;
  std::vector<std::string> primary_key_;
  std::optional<data::Schema> schema_;
  std::unique_ptr<db::BulkWriter> writer_;
  std::vector<data::Field> changed_;
  std::int64_t rows_ = 0;
};

// Writes one resource. Destroyed without commit(): nothing of it is there.
class ResourceWriter {
 public:
  ResourceWriter(Destination& destination, const PipelineResource& resource);
  void write(const data::Batch& batch);
  void replace_part(const std::vector<std::string>& values);
  // Merges, writes the record and the cursor, commits.
  ResourceReport commit(const LoadRecord& record);

 private:
  bool staged() const;
  void begin_replace();
  void check_keys(const data::Batch& batch) const;
  std::int64_t merge();
  void record(const LoadRecord& record, std::int64_t written);

  Destination& destination_;
  const PipelineResource& resource_;
  db::Transaction transaction_;
  GrowingTable target_;
  std::optional<GrowingTable> stage_;
  std::int64_t next_row_ = 0;  // the order in which staged rows came
};

}  // namespace plumb::ingest
