// One handle for every database: SQLite, DuckDB, Postgres.
//
// A Database is opened from a DatabaseConfig (a kind and its settings) or a URI, is shared, and hands out Connections;
// a Connection belongs to one thread at a time. Destination, dbt adapter, page query and state store are roles of the
// same handle. Rows leave as a Reader of batches and enter through a BulkWriter, each by the fast way of its database
// (prepared statements in one transaction; data chunks; COPY in binary form).
//
//     auto database = db::open("sqlite:///data/raw_bank.db");
//     auto connection = database->connect();
//     db::Transaction transaction(*connection);
//     connection->execute("DELETE FROM t WHERE id = ?", {std::int64_t{7}});
//     auto writer = connection->write("raw", "t", schema);   // then writer->append(batch) …, writer->finish()
//     transaction.commit();
//     for (auto rows = connection->query("SELECT * FROM t"); auto batch = rows->next();) …
//
// Parameters are written ? in every database and bound, never pasted. Names are quoted by quote(). A "schema" is a
// Postgres or DuckDB schema; a SQLite file has only one, and its name is ignored.
//
// What goes wrong is thrown as Error: Database (with the statement's place where the database tells it), Busy (a lock
// held by somebody else; the message names the file, and the holder where it can be found), Auth, Network, Io (disk
// full, read-only), Cancelled. cancel() may be called from any thread and ends the running statement with Cancelled;
// nothing else here is safe from two threads. Libraries (libduckdb, libpq) are opened on first use; open() alone costs
// nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "data/data.h"

namespace plumb::db {

enum class Kind { Sqlite, DuckDb, Postgres };
std::string_view to_string(Kind kind);

struct DatabaseConfig {
  Kind kind = Kind::Sqlite;
  std::string name = {};                                     // the connection's name, for messages
  std::filesystem::path path = {};                           // SQLite, DuckDB; empty: in memory
  std::string host = {}, port = {}, dbname = {}, user = {};  // Postgres; empty: libpq's own defaults and PG* variables
  Secret password = {};
  std::map<std::string, std::string> settings = {};  // DuckDB settings; Postgres: further libpq keywords (sslmode, …)
  bool read_only = false;
  std::chrono::milliseconds busy_timeout{10'000};  // how long to wait for somebody else's lock
  Log log = {};
};

// A parameter of a statement.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, data::Decimal, Instant, Date>;

struct TableName {
  std::string schema;  // empty: the default one
  std::string table;
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual const data::Schema& schema() const = 0;
  // The next rows, at least one; empty at the end.
  virtual std::optional<data::Batch> next() = 0;
};

class BulkWriter {
 public:
  // Destroyed without finish(): what was appended is not there, or goes with the transaction.
  virtual ~BulkWriter() = default;
  // Columns in the order of the schema that the writer was made for.
  virtual void append(const data::Batch& batch) = 0;
  // Everything has arrived; returns the number of rows.
  virtual std::int64_t finish() = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual Kind kind() const = 0;

  // One statement, or several without parameters. Returns the number of rows changed.
  virtual std::int64_t execute(std::string_view sql, std::span<const Value> parameters = {}) = 0;
  std::int64_t execute(std::string_view sql, std::initializer_list<Value> parameters) {
    return execute(sql, std::span(parameters.begin(), parameters.size()));
  }
  // Streams; one Reader at a time per connection.
  virtual std::unique_ptr<Reader> query(std::string_view sql, std::span<const Value> parameters = {}) = 0;
  std::unique_ptr<Reader> query(std::string_view sql, std::initializer_list<Value> parameters) {
    return query(sql, std::span(parameters.begin(), parameters.size()));
  }
  // What the server called the statement that ended last, several of one text or rows that were read to their end:
  // "INSERT 0 3", "CREATE TABLE" of Postgres; empty elsewhere.
  virtual std::string last_answer() const { return {}; }
  // Into an existing table whose columns include those of `schema`.
  virtual std::unique_ptr<BulkWriter> write(const TableName& table, const data::Schema& schema) = 0;

  virtual void begin() = 0;   // SQLite: BEGIN IMMEDIATE, so that there is one writer
  virtual void commit() = 0;  // when it throws, the transaction is still there to be rolled back
  virtual void rollback() noexcept = 0;
  virtual bool in_transaction() const = 0;
  virtual void cancel() = 0;

  // Makes another database's tables readable under `name`. DuckDB attaches DuckDB (read-only if the configuration says
  // so), Postgres, and SQLite, both read-only: a SQLite file's columns have the types that they declare there, and a
  // folder of SQLite files is one catalog with a schema for each (files.raw_bank.transactions is in raw_bank.db). All
  // connections of a DuckDB database see what one of them has attached, and again is no harm. SQLite attaches SQLite.
  // Throws Error(Usage) where the pair is not possible.
  virtual void attach(const DatabaseConfig& other, std::string_view name) = 0;

  // The catalog.
  virtual std::vector<TableName> list_tables(std::string_view schema = {}) = 0;
  // The table's columns with Plumb's types; empty when there is no such table.
  virtual std::optional<data::Schema> find_table(const TableName& table) = 0;
  virtual void create_schema(std::string_view schema) = 0;  // if it is missing; nothing in SQLite

  // This database's SQL.
  std::string quote(std::string_view identifier) const;  // "a""b"
  std::string quote(const TableName& table) const;
  virtual std::string column_type(const data::Type& type) const = 0;  // DDL: "NUMERIC(18,2)"
  // CREATE TABLE with these columns and, if not empty, this primary key.
  std::string create_table_sql(const TableName& table, const data::Schema& schema,
                               std::span<const std::string> primary_key = {}) const;
  // Statements that widen a column, in order; SQLite needs none for most.
  virtual void widen_column(const TableName& table, const data::Field& column) = 0;
  void add_column(const TableName& table, const data::Field& column);
};

// Rolls back at the end of its scope unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(&connection) { connection.begin(); }
  ~Transaction() {
    if (connection_ != nullptr) connection_->rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    connection_->commit();
    connection_ = nullptr;
  }

 private:
  Connection* connection_;
};

// Calls connection.cancel() when a stop is asked for, until the end of its scope.
class CancelOnStop {
 public:
  CancelOnStop(Connection& connection, std::stop_token stop)
      : callback_(std::move(stop), [&connection] { connection.cancel(); }) {}

 private:
  std::stop_callback<std::function<void()>> callback_;
};

class Database {
 public:
  virtual ~Database() = default;
  virtual const DatabaseConfig& config() const = 0;
  virtual std::unique_ptr<Connection> connect() = 0;
};

// Opens nothing yet; connect() does.
std::shared_ptr<Database> open(DatabaseConfig config);
std::shared_ptr<Database> open(std::string_view uri);

// A URI of SQLAlchemy's form with an optional ?table=schema.name: sqlite:///rel.db, sqlite:////abs.db,
// duckdb:////abs.duckdb, postgresql://user@host/db. Other query parameters become settings. Throws Error(Usage) with
// the place in the URI; the password in it is percent-decoded and never shown.
struct DatabaseUri {
  DatabaseConfig config;
  std::optional<TableName> table;
};
DatabaseUri parse_uri(std::string_view uri);
// True for the schemes that parse_uri knows.
bool is_database_uri(std::string_view uri);

// One value or row set, for small questions.
std::optional<std::string> find_value(Connection& connection, std::string_view sql,
                                      std::span<const Value> parameters = {});

// The tables that a statement names, each as its parts: {"files", "raw_bank", "transactions"}. On DuckDB exact for
// SELECT (names of WITH are among them); elsewhere, and for other statements, every name in it counts, of columns too.
// It need not be a statement that could run: nothing is looked up.
std::vector<std::vector<std::string>> find_table_names(Connection& connection, std::string_view sql);

// Records (data/record.h) in a table: the typed writer and readers.
//     Table<Balance> table(connection, {"", "balances"}, {"account_id", "day"});
//     table.create(); table.upsert(balances); std::vector<Balance> all = table.read("ORDER BY day");
template <class Record>
class Table {
 public:
  Table(Connection& connection, TableName name, std::vector<std::string> primary_key)
      : connection_(connection), name_(std::move(name)), primary_key_(std::move(primary_key)) {}

  // If it is missing.
  void create();
  void insert(std::span<const Record> records);
  // Rows whose key is there are replaced; all in one transaction unless one is open.
  void upsert(std::span<const Record> records);
  // `rest` follows the FROM clause: "WHERE day = ? ORDER BY account_id".
  std::vector<Record> read(std::string_view rest = {}, std::span<const Value> parameters = {});

 private:
  Connection& connection_;
  TableName name_;
  std::vector<std::string> primary_key_;
};

// Writes a batch into `table`, replacing rows of equal key: through a temporary table and one statement.
void upsert(Connection& connection, const TableName& table, const data::Batch& batch,
            std::span<const std::string> primary_key);

template <class Record>
void Table<Record>::create() {
  if (!connection_.find_table(name_))
    connection_.execute(connection_.create_table_sql(name_, data::schema_of<Record>(), primary_key_));
}

template <class Record>
void Table<Record>::insert(std::span<const Record> records) {
  auto batch = data::to_batch<Record>(records);
  auto writer = connection_.write(name_, batch.schema());
  writer->append(batch);
  writer->finish();
}

template <class Record>
void Table<Record>::upsert(std::span<const Record> records) {
  db::upsert(connection_, name_, data::to_batch<Record>(records), primary_key_);
}

template <class Record>
std::vector<Record> Table<Record>::read(std::string_view rest, std::span<const Value> parameters) {
  std::string sql = "SELECT ";
  for (const auto& field : data::schema_of<Record>()) {
    if (sql.size() > 7) sql += ", ";
    sql += connection_.quote(field.name);
  }
  sql += " FROM " + connection_.quote(name_) + " " + std::string(rest);
  std::vector<Record> records;
  auto rows = connection_.query(sql, parameters);
  while (auto batch = rows->next()) {
    auto more = data::from_batch<Record>(*batch);
    records.insert(records.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return records;
}

}  // namespace plumb::db
