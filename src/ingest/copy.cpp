// `plumb copy`: one table or file into another.

#include <thread>

#include "base/crypto.h"
#include "base/format.h"
#include "base/secret.h"
#include "ingest/connectors/files.h"
#include "ingest/load.h"
#include "ingest/queue.h"

namespace plumb::ingest {

namespace {

// Where rows come from: a file whose types were found, or a table.
class CopySource {
 public:
  virtual ~CopySource() = default;
  virtual const data::Schema& schema() const = 0;
  virtual void read(const std::function<void(data::Batch)>& sink, std::stop_token stop) = 0;
};

class FileSource : public CopySource {
 public:
  FileSource(const std::filesystem::path& path, std::stop_token stop) : file_(open_row_file(path, std::move(stop))) {}
  const data::Schema& schema() const override { return file_->schema(); }
  void read(const std::function<void(data::Batch)>& sink, std::stop_token stop) override {
    file_->read(sink, std::move(stop));
  }

 private:
  std::unique_ptr<RowFile> file_;
};

class TableSource : public CopySource {
 public:
  TableSource(const db::DatabaseUri& uri, std::string_view shown) {
    if (!uri.table) {
      throw Error(ErrorKind::Usage, format("{} names no table", shown), {.hint = "add ?table=schema.name"});
    }
    auto config = uri.config;
    config.read_only = config.kind != db::Kind::Postgres;
    connection_ = db::open(std::move(config))->connect();
    if (!connection_->find_table(*uri.table)) {
      throw Error(ErrorKind::NotFound, format("there is no table {} in {}", connection_->quote(*uri.table), shown));
    }
    rows_ = connection_->query("SELECT * FROM " + connection_->quote(*uri.table));
  }
  const data::Schema& schema() const override { return rows_->schema(); }
  void read(const std::function<void(data::Batch)>& sink, std::stop_token stop) override {
    db::CancelOnStop cancel(*connection_, std::move(stop));
    while (auto batch = rows_->next()) sink(*std::move(batch));
  }

 private:
  std::unique_ptr<db::Connection> connection_;
  std::unique_ptr<db::Reader> rows_;
};

std::filesystem::path file_of_uri(std::string_view uri) {
  if (uri.starts_with("file://")) uri.remove_prefix(7);
  return percent_decode(uri);
}

// What a file's rows are called when the target names no table.
std::string stem_of(std::string_view uri) {
  return file_of_uri(uri).stem().string();
}

std::unique_ptr<CopySource> open_source(std::string_view uri, const std::stop_token& stop) {
  if (db::is_database_uri(uri)) return std::make_unique<TableSource>(db::parse_uri(uri), redact(uri));
  return std::make_unique<FileSource>(file_of_uri(uri), stop);
}

db::TableName target_table(const db::DatabaseUri& target, std::string_view source_uri) {
  if (target.table) return *target.table;
  if (!db::is_database_uri(source_uri)) return {"", stem_of(source_uri)};
  return {"", db::parse_uri(source_uri).table->table};
}

data::Schema stored_schema(const db::Connection& connection, const data::Schema& schema) {
  if (connection.kind() == db::Kind::DuckDb) return schema;
  auto fields = schema.fields();
  for (auto& field : fields) {
    if (field.type.nested()) field.type = data::Type::json();
  }
  return data::Schema(std::move(fields));
}

// Replaces the table in one transaction with what comes through the queue.
std::int64_t write_table(db::Connection& connection, const db::TableName& name, const data::Schema& schema,
                         PieceQueue& queue) {
  if (!name.schema.empty()) connection.create_schema(name.schema);
  db::Transaction transaction(connection);
  connection.execute("DROP TABLE IF EXISTS " + connection.quote(name));
  connection.execute(connection.create_table_sql(name, schema));
  auto writer = connection.write(name, schema);
  while (auto piece = queue.pop()) writer->append(data::conform(std::get<data::Batch>(*piece), schema));
  if (queue.abandoned()) return 0;  // the transaction goes with its scope
  const auto rows = writer->finish();
  writer.reset();
  transaction.commit();
  return rows;
}

}  // namespace

CopyReport copy(std::string_view source_uri, std::string_view target_uri, const CopyOptions& options) {
  if (!db::is_database_uri(target_uri)) {
    throw Error(
        ErrorKind::Usage, format("can't copy into {}", redact(target_uri)),
        {.hint = "targets are sqlite:///file.db, duckdb:///file.duckdb and postgresql://user@host/db; `plumb query "
                 "--format csv` writes files"});
  }
  auto target = db::parse_uri(target_uri);
  // DuckDB would take most of the machine's memory for rows that it can write away as they come.
  // Its threads would each hold buffers, and gain nothing: rows come from one.
  if (target.config.kind == db::Kind::DuckDb) {
    target.config.settings.emplace("memory_limit", "48MB");
    target.config.settings.emplace("threads", "1");
  }
  // The target first: whether it is there is known at once, while a file takes a while to read.
  auto connection = db::open(target.config)->connect();
  auto source = open_source(source_uri, options.stop);
  const auto name = target_table(target, source_uri);
  const auto schema = stored_schema(*connection, source->schema());

  PieceQueue queue(options.bytes_in_flight);
  std::int64_t written = 0;
  std::exception_ptr failure;
  std::jthread writer([&] {
    try {
      written = write_table(*connection, name, schema, queue);
    } catch (...) {
      failure = std::current_exception();
      queue.leave();
    }
  });
  Progress progress{.resource = connection->quote(name)};
  std::exception_ptr unread;
  try {
    source->read(
        [&](data::Batch batch) {
          progress.rows += static_cast<std::int64_t>(batch.rows());
          progress.bytes += static_cast<std::int64_t>(batch.bytes());
          if (!queue.push(std::move(batch))) throw Error(ErrorKind::Cancelled, "the target takes no rows any more");
          if (options.stop.stop_requested())
            throw Error(ErrorKind::Cancelled, "the copy was stopped; nothing was changed");
          if (options.progress) options.progress(progress);
        },
        options.stop);
    queue.finish();
  } catch (...) {
    unread = std::current_exception();
    queue.abandon();
  }
  writer.join();
  if ((failure || unread) && options.stop.stop_requested()) {
    throw Error(ErrorKind::Cancelled, "the copy was stopped; nothing was changed");
  }
  if (failure) std::rethrow_exception(failure);  // the target's failure comes before what it did to the source
  if (unread) std::rethrow_exception(unread);
  return {.rows = written, .source = redact(source_uri), .target = redact(target_uri), .schema = schema};
}

}  // namespace plumb::ingest
