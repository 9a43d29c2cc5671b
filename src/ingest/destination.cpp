#include "ingest/destination.h"

#include <algorithm>
#include <filesystem>

#include "base/format.h"

namespace plumb::ingest {

namespace {

using data::Field;
using data::Schema;
using data::Type;

constexpr std::string_view kStateTable = "_plumb_state";
constexpr std::string_view kLoadsTable = "_plumb_loads";
constexpr std::string_view kColumnsTable = "_plumb_columns";

const Schema& state_schema() {
  static const Schema schema({{"pipeline", Type::text(), false},
                              {"resource", Type::text(), false},
                              {"cursor", Type::text()},
                              {"cursor_type", Type::text()},
                              {"load_id", Type::text(), false},
                              {"updated_at", Type::timestamp_tz(), false}});
  return schema;
}

const Schema& loads_schema() {
  static const Schema schema({{"load_id", Type::text(), false},
                              {"pipeline", Type::text(), false},
                              {"resource", Type::text(), false},
                              {"table_name", Type::text(), false},
                              {"started_at", Type::timestamp_tz(), false},
                              {"finished_at", Type::timestamp_tz(), false},
                              {"rows_read", Type::int64(), false},
                              {"rows_written", Type::int64(), false},
                              {"cursor", Type::text()},
                              {"format_version", Type::int64(), false}});
  return schema;
}

const Schema& columns_schema() {
  static const Schema schema({{"table_name", Type::text(), false},
                              {"column_name", Type::text(), false},
                              {"type", Type::text(), false},
                              {"load_id", Type::text(), false}});
  return schema;
}

// The version of the three tables' layout.
constexpr std::int64_t kFormatVersion = 1;

// Under which name the state holds the cursor of a resource's part: "transactions/94F0A582".
std::string part_of(std::string_view resource, std::string_view part) {
  return format("{}/{}", resource, part);
}

void make_table(db::Connection& connection, const db::TableName& name, const Schema& schema,
                std::vector<std::string> primary_key) {
  if (!connection.find_table(name)) connection.execute(connection.create_table_sql(name, schema, primary_key));
}

}  // namespace

Destination::Destination(std::string name, db::DatabaseConfig config, std::string dataset)
    : name_(std::move(name)), config_(std::move(config)), dataset_(std::move(dataset)) {}

void Destination::open() {
  if (!config_.path.empty() && config_.path.has_parent_path()) {
    std::error_code failed;
    std::filesystem::create_directories(config_.path.parent_path(), failed);
    if (failed) {
      throw Error(ErrorKind::Io,
                  format("can't make the folder {}: {}", config_.path.parent_path().string(), failed.message()));
    }
  }
  database_ = db::open(config_);
  connection_ = database_->connect();
}

std::optional<Cursor> Destination::find_cursor(std::string_view pipeline, std::string_view resource) {
  auto table = this->table(kStateTable);
  if (!connection_->find_table(table)) return std::nullopt;
  auto rows = connection_->query(
      format("SELECT cursor, cursor_type FROM {} WHERE pipeline = ? AND resource = ?", connection_->quote(table)),
      {std::string(pipeline), std::string(resource)});
  std::optional<Cursor> cursor;
  while (auto batch = rows->next()) {
    if (batch->column(0).null_at(0)) continue;
    cursor = Cursor{std::string(batch->column(0).text_at(0)), Type::parse(batch->column(1).text_at(0))};
  }
  return cursor;
}

std::map<std::string, Cursor> Destination::part_cursors(std::string_view pipeline, std::string_view resource) {
  auto table = this->table(kStateTable);
  if (!connection_->find_table(table)) return {};
  const auto prefix = part_of(resource, "");
  auto rows = connection_->query(
      format("SELECT resource, cursor, cursor_type FROM {} WHERE pipeline = ? AND substr(resource, 1, {}) = ?",
             connection_->quote(table), prefix.size()),
      {std::string(pipeline), prefix});
  std::map<std::string, Cursor> cursors;
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      cursors.emplace(batch->column(0).text_at(row).substr(prefix.size()),
                      Cursor{std::string(batch->column(1).text_at(row)), Type::parse(batch->column(2).text_at(row))});
    }
  }
  return cursors;
}

ResourceWriter::ResourceWriter(Destination& destination, const PipelineResource& resource)
    : destination_(destination),
      resource_(resource),
      transaction_(destination.connection()),
      target_(destination.connection(), destination.table(resource.table),
              resource.resource.write == WriteMode::Merge || resource.resource.write == WriteMode::Insert
                  ? resource.resource.primary_key
                  : std::vector<std::string>{}) {
  if (!destination.dataset().empty()) destination.connection().create_schema(destination.dataset());
  if (staged()) {
    auto stage = destination.table("_plumb_stage_" + resource.table);
    destination.connection().execute(format("DROP TABLE IF EXISTS {}", destination.connection().quote(stage)));
    stage_.emplace(destination.connection(), stage, std::vector<std::string>{});
  }
  if (resource.resource.write == WriteMode::Replace && resource.resource.scope.empty()) begin_replace();
}

bool ResourceWriter::staged() const {
  return resource_.resource.write == WriteMode::Merge || resource_.resource.write == WriteMode::Insert;
}

void ResourceWriter::begin_replace() {
  if (target_.exists()) {
    destination_.connection().execute(format("DELETE FROM {}", destination_.connection().quote(target_.name())));
  }
}

void ResourceWriter::check_keys(const data::Batch& batch) const {
  for (const auto& key : resource_.resource.primary_key) {
    const auto* column = batch.find_column(key);
    if (column == nullptr) {
      throw Error(ErrorKind::Data,
                  format("resource '{}' has no column '{}', which is part of its key", resource_.resource.name, key),
                  {.hint = "check `primary_key` in the pipeline"});
    }
    if (column->null_count() > 0) {
      throw Error(ErrorKind::Data, format("resource '{}' has a row without '{}', which is part of its key",
                                          resource_.resource.name, key));
    }
  }
}

void ResourceWriter::write(const data::Batch& batch) {
  if (!stage_) {
    target_.append(batch);
    return;
  }
  check_keys(batch);
  // The order of arrival decides between rows of one key.
  data::ColumnBuilder order(Type::int64());
  for (std::size_t row = 0; row < batch.rows(); ++row) order.append_int64(next_row_++);
  auto fields = batch.schema().fields();
  fields.push_back({"_plumb_row", Type::int64(), false});
  std::vector<data::Column> columns;
  for (std::size_t i = 0; i < batch.columns(); ++i) columns.push_back(batch.column(i));
  columns.push_back(order.take());
  stage_->append(data::Batch(Schema(std::move(fields)), std::move(columns)));
}

void ResourceWriter::replace_part(const std::vector<std::string>& values) {
  target_.flush();
  if (!target_.exists()) return;
  auto& connection = destination_.connection();
  std::string where;
  std::vector<db::Value> parameters;
  for (std::size_t i = 0; i < resource_.resource.scope.size(); ++i) {
    where += format("{}{} = ?", i == 0 ? "" : " AND ", connection.quote(resource_.resource.scope[i]));
    parameters.emplace_back(values.at(i));
  }
  connection.execute(format("DELETE FROM {} WHERE {}", connection.quote(target_.name()), where), parameters);
}

// Rows of one key within the load: the last wins in a Merge, the first in an Insert.
std::int64_t ResourceWriter::merge() {
  stage_->flush();
  if (!stage_->exists()) return 0;
  std::vector<Field> fields;
  for (const auto& field : stage_->schema()) {
    if (field.name != "_plumb_row") fields.push_back(field);
  }
  target_.fit(Schema(fields));

  auto& connection = destination_.connection();
  const bool replace = resource_.resource.write == WriteMode::Merge;
  const auto& key = resource_.resource.primary_key;
  std::string columns;
  std::string updates;
  for (const auto& field : fields) {
    auto name = connection.quote(field.name);
    columns += (columns.empty() ? "" : ", ") + name;
    if (std::find(key.begin(), key.end(), field.name) == key.end()) {
      updates += format("{}{} = excluded.{}", updates.empty() ? "" : ", ", name, name);
    }
  }
  std::string keys;
  for (const auto& name : key) keys += (keys.empty() ? "" : ", ") + connection.quote(name);
  auto action = replace && !updates.empty() ? "UPDATE SET " + updates : std::string("NOTHING");
  auto written = connection.execute(format(
      "INSERT INTO {} ({}) SELECT {} FROM (SELECT *, row_number() OVER (PARTITION BY {} ORDER BY _plumb_row {}) AS "
      "_plumb_rank FROM {}) AS staged WHERE _plumb_rank = 1 ON CONFLICT ({}) DO {}",
      connection.quote(target_.name()), columns, columns, keys, replace ? "DESC" : "ASC",
      connection.quote(stage_->name()), keys, action));
  connection.execute(format("DROP TABLE {}", connection.quote(stage_->name())));
  return written;
}

void ResourceWriter::record(const LoadRecord& record, std::int64_t written) {
  auto& connection = destination_.connection();
  auto state = destination_.table(kStateTable);
  auto loads = destination_.table(kLoadsTable);
  make_table(connection, state, state_schema(), {"pipeline", "resource"});
  make_table(connection, loads, loads_schema(), {"load_id", "pipeline", "resource"});

  auto keep = [&](const std::string& resource, const db::Value& cursor, const db::Value& type) {
    connection.execute(format("DELETE FROM {} WHERE pipeline = ? AND resource = ?", connection.quote(state)),
                       {record.pipeline, resource});
    connection.execute(format("INSERT INTO {} (pipeline, resource, cursor, cursor_type, load_id, updated_at) VALUES "
                              "(?, ?, ?, ?, ?, ?)",
                              connection.quote(state)),
                       {record.pipeline, resource, cursor, type, record.load_id, record.finished_at});
  };
  db::Value cursor;
  db::Value cursor_type;
  if (record.cursor) {
    cursor = record.cursor->text;
    cursor_type = record.cursor->type.to_string();
  }
  keep(record.resource, cursor, cursor_type);
  for (const auto& [part, moved] : record.part_cursors) {
    keep(part_of(record.resource, part), moved.text, moved.type.to_string());
  }
  connection.execute(
      format("INSERT INTO {} (load_id, pipeline, resource, table_name, started_at, finished_at, rows_read, "
             "rows_written, cursor, format_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             connection.quote(loads)),
      {record.load_id, record.pipeline, record.resource, resource_.table, record.started_at, record.finished_at,
       record.rows_read, written, cursor, kFormatVersion});

  if (target_.changed().empty()) return;
  auto columns = destination_.table(kColumnsTable);
  make_table(connection, columns, columns_schema(), {"table_name", "column_name"});
  for (const auto& field : target_.changed()) {
    connection.execute(format("DELETE FROM {} WHERE table_name = ? AND column_name = ?", connection.quote(columns)),
                       {resource_.table, field.name});
    connection.execute(format("INSERT INTO {} (table_name, column_name, type, load_id) VALUES (?, ?, ?, ?)",
                              connection.quote(columns)),
                       {resource_.table, field.name, field.type.to_string(), record.load_id});
  }
}

ResourceReport ResourceWriter::commit(const LoadRecord& record) {
  std::int64_t written = 0;
  if (stage_) {
    written = merge();
  } else {
    target_.flush();
    written = target_.rows();
  }
  this->record(record, written);
  transaction_.commit();
  return {.resource = resource_.resource.name,
          .destination = destination_.name(),
          .table = destination_.dataset().empty() ? resource_.table : destination_.dataset() + "." + resource_.table,
          .rows_read = record.rows_read,
          .rows_written = written,
          .columns_added = static_cast<std::int64_t>(target_.changed().size())};
}

}  // namespace plumb::ingest
