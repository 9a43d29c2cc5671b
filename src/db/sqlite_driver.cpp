// SQLite: files in WAL mode, one writer each, readers that never wait.

#include <unistd.h>

#include <array>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/crypto.h"
#include "base/format.h"
#include "db/drivers.h"
#include "db/sql_text.h"
#include "db/sqlite_reader.h"
#include "db/sqlite_types.h"
#include "db/sqlite_widen.h"
#include "db/sqlite_writer.h"
#include "db/text_check.h"

namespace plumb::db {
namespace {

// A new file is made beside its place, in WAL mode, and then put there whole: a reader who opens it at any moment finds
// a database in WAL mode, and never the exclusive lock that the change of mode takes.
void create_file(const DatabaseConfig& config) {
  std::filesystem::path path = config.path;
  std::string fresh = format("{}.new-{}-{}", path.string(), ::getpid(), random_hex(4));
  {
    SqliteHandle handle(config, fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    handle.ask("PRAGMA journal_mode=WAL");
  }
  // Where there are no hard links, or somebody else was quicker, the usual opening does what remains.
  [[maybe_unused]] int linked = ::link(fresh.c_str(), path.c_str());
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((fresh + suffix).c_str());
}

class SqliteConnection : public Connection {
 public:
  SqliteConnection(std::shared_ptr<SqliteHandle> handle, bool in_memory)
      : handle_(std::move(handle)), in_memory_(in_memory) {
    // Closing without these would take the exclusive lock for a moment, and a reader would see "database is locked". So
    // the -wal and -shm files stay, the former empty.
    sqlite3_db_config(handle_->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    handle_->run("PRAGMA foreign_keys=ON");
    handle_->ask("SELECT count(*) FROM sqlite_schema");  // opens the file in earnest: is it a database?
  }

  ~SqliteConnection() override {
    rollback();
    if (!wrote_ || in_memory_) return;
    // What was committed goes from the log into the file, as far as readers allow, and the log becomes empty.
    sqlite3_busy_handler(handle_->get(), nullptr, nullptr);
    sqlite3_wal_checkpoint_v2(handle_->get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  }

  Kind kind() const override { return Kind::Sqlite; }

  using Connection::execute;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override {
    handle_->take_cancel();
    if (handle_->keeps_statements() && !parameters.empty()) {
      SqliteStatement statement = prepare_one(sql);
      bind(statement, parameters);
      std::int64_t changed = run(statement);
      handle_->keep(std::move(statement));
      return changed;
    }
    std::int64_t changed = 0;
    std::size_t position = 0;
    while (position < sql.size()) {
      auto statement = handle_->prepare(sql, &position);
      if (!statement.get()) break;
      if (!parameters.empty()) expect_end(sql, position);
      bind(statement, parameters);
      changed += run(statement);
    }
    return changed;
  }

  using Connection::query;
  std::unique_ptr<Reader> query(std::string_view sql, std::span<const Value> parameters) override {
    handle_->take_cancel();
    SqliteStatement statement = prepare_one(sql);
    bind(statement, parameters);
    if (writes(statement)) prepare_to_write();
    return std::make_unique<SqliteReader>(handle_, std::move(statement));
  }

  std::unique_ptr<BulkWriter> write(const TableName& table, const data::Schema& schema) override {
    prepare_to_write();
    auto stored = find_table(table);
    if (!stored) throw Error(ErrorKind::NotFound, format("there is no table {} in {}", table.table, where()));
    std::vector<data::Type> types;
    for (const data::Field& field : schema) {
      auto at = stored->find(field.name);
      if (!at) throw Error(ErrorKind::Database, format("table {} has no column '{}'", table.table, field.name));
      types.push_back((*stored)[*at].type);
    }
    return std::make_unique<SqliteWriter>(handle_, table, schema, std::move(types));
  }

  void begin() override {
    handle_->take_cancel();
    if (sqlite3_db_readonly(handle_->get(), "main") == 1) {
      // A file that may only be read can still be read in one transaction.
      handle_->run("BEGIN");
      return;
    }
    prepare_to_write();
    handle_->run("BEGIN IMMEDIATE");
  }

  void commit() override { handle_->run("COMMIT"); }

  void rollback() noexcept override {
    if (in_transaction()) sqlite3_exec(handle_->get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  bool in_transaction() const override { return sqlite3_get_autocommit(handle_->get()) == 0; }
  void cancel() override { handle_->cancel(); }

  void attach(const DatabaseConfig& other, std::string_view name) override {
    if (other.kind != Kind::Sqlite || other.path.empty()) {
      throw Error(ErrorKind::Usage, format("SQLite can't attach {}", describe(other)),
                  {.hint = "SQLite attaches files of its own kind; DuckDB attaches SQLite and Postgres as well"});
    }
    std::string uri = "file:" + percent_encode(std::filesystem::absolute(other.path).string()) +
                      (other.read_only ? "?mode=ro" : "?mode=rw");
    execute("ATTACH DATABASE ? AS " + quote(name), {uri});
  }

  std::vector<TableName> list_tables(std::string_view /*schema*/) override {
    auto statement = handle_->prepare(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY name");
    std::vector<TableName> tables;
    while (handle_->step(statement)) {
      tables.push_back({"", std::string(SqliteValue::of(statement.get(), 0).bytes)});
    }
    return tables;
  }

  std::optional<data::Schema> find_table(const TableName& table) override {
    // Generated columns are listed (2, 3), hidden ones of virtual tables are not (1).
    auto statement = handle_->prepare("SELECT name, type, \"notnull\" FROM pragma_table_xinfo(?) WHERE hidden <> 1");
    bind_value(*handle_, statement, 1, Value(table.table));
    std::vector<data::Field> fields;
    while (handle_->step(statement)) {
      auto type = find_sqlite_type(SqliteValue::of(statement.get(), 1).bytes);
      fields.push_back({std::string(SqliteValue::of(statement.get(), 0).bytes), type.value_or(data::Type::text()),
                        SqliteValue::of(statement.get(), 2).integer == 0});
    }
    if (fields.empty()) return std::nullopt;
    return data::Schema(std::move(fields));
  }

  void create_schema(std::string_view /*schema*/) override {}

  std::string column_type(const data::Type& type) const override { return sqlite_declaration(type); }

  void widen_column(const TableName& table, const data::Field& column) override {
    prepare_to_write();
    widen_sqlite_column(*this, *handle_, table, column);
  }

 private:
  std::string where() const { return describe(handle_->config()); }

  // A text that is one statement, as it was kept or anew.
  SqliteStatement prepare_one(std::string_view sql) {
    if (auto kept = handle_->find_kept(sql); kept.get()) return kept;
    std::size_t position = 0;
    auto statement = handle_->prepare(sql, &position, handle_->keeps_statements() ? SQLITE_PREPARE_PERSISTENT : 0);
    if (!statement.get()) throw Error(ErrorKind::Database, "the statement is empty");
    expect_end(sql, position);
    return statement;
  }

  void expect_end(std::string_view sql, std::size_t position) {
    // Blanks and comments make no statement.
    std::size_t at = position;
    if (position >= sql.size() || !handle_->prepare(sql, &at).get()) return;
    at = sql.find_first_not_of(" \t\r\n;", position);
    throw Error(ErrorKind::Database, "only one statement may stand here", {.place = place_in_sql(sql, at)});
  }

  void bind(const SqliteStatement& statement, std::span<const Value> parameters) {
    int places = sqlite3_bind_parameter_count(statement.get());
    if (static_cast<std::size_t>(places) != parameters.size()) {
      throw Error(ErrorKind::Database,
                  format("the statement has {} placeholders for {} parameters", places, parameters.size()));
    }
    check_texts(parameters);
    int index = 0;
    for (const Value& value : parameters) bind_value(*handle_, statement, ++index, value);
  }

  // Every PRAGMA counts as writing for SQLite, those that only ask included.
  static bool writes(const SqliteStatement& statement) {
    if (sqlite3_stmt_readonly(statement.get()) != 0) return false;
    std::size_t start = std::min(statement.sql.find_first_not_of(" \t\r\n;"), statement.sql.size());
    return sqlite3_strnicmp(statement.sql.c_str() + start, "PRAGMA", 6) != 0;
  }

  std::int64_t run(const SqliteStatement& statement) {
    if (writes(statement)) prepare_to_write();
    auto before = sqlite3_total_changes64(handle_->get());
    while (handle_->step(statement)) {
    }
    // Statements that are no INSERT, UPDATE or DELETE leave the last one's number of rows standing.
    return sqlite3_total_changes64(handle_->get()) == before ? 0 : sqlite3_changes64(handle_->get());
  }

  // A file that we write is in WAL mode from then on, so that its readers never wait.
  void prepare_to_write() {
    if (wrote_ || in_memory_ || in_transaction()) return;
    if (sqlite3_db_readonly(handle_->get(), "main") == 1) handle_->fail(SQLITE_READONLY);
    auto deadline = std::chrono::steady_clock::now() + handle_->config().busy_timeout;
    // The change of mode does not wait for locks by itself.
    while (handle_->ask("PRAGMA journal_mode") != "wal") {
      int code = sqlite3_exec(handle_->get(), "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
      if (code == SQLITE_OK) break;  // or the file's system does not know it: then without
      if ((code & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= deadline) handle_->fail(code);
      handle_->take_cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    // After a large load the log does not stay large.
    handle_->ask("PRAGMA journal_size_limit=67108864");
    wrote_ = true;
  }

  std::shared_ptr<SqliteHandle> handle_;
  bool in_memory_;
  bool wrote_ = false;
};

class SqliteDatabase : public Database {
 public:
  explicit SqliteDatabase(DatabaseConfig config) : config_(std::move(config)) {
    if (config_.path == ":memory:") config_.path.clear();
  }

  const DatabaseConfig& config() const override { return config_; }

  std::unique_ptr<Connection> connect() override {
    if (config_.path.empty()) return connect_memory();
    std::error_code ignored;
    if (!config_.read_only && !std::filesystem::exists(config_.path, ignored) &&
        std::filesystem::is_directory(folder(), ignored)) {
      create_file(config_);
    }
    int flags = config_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    auto file = std::filesystem::absolute(config_.path).string();
    return std::make_unique<SqliteConnection>(std::make_shared<SqliteHandle>(config_, file, flags | SQLITE_OPEN_URI),
                                              false);
  }

 private:
  std::filesystem::path folder() const { return std::filesystem::absolute(config_.path).parent_path(); }

  // All connections share one database in memory, which lives as long as this object.
  std::unique_ptr<Connection> connect_memory() {
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
    std::lock_guard lock(mutex_);
    if (!anchor_) {
      memory_uri_ = format("file:/plumb-{}?vfs=memdb", random_hex(8));
      anchor_ = std::make_unique<SqliteHandle>(config_, memory_uri_, kFlags);
    }
    return std::make_unique<SqliteConnection>(std::make_shared<SqliteHandle>(config_, memory_uri_, kFlags), true);
  }

  DatabaseConfig config_;
  std::mutex mutex_;
  std::string memory_uri_;
  std::unique_ptr<SqliteHandle> anchor_;
};

}  // namespace

std::shared_ptr<Database> open_sqlite(DatabaseConfig config) {
  return std::make_shared<SqliteDatabase>(std::move(config));
}

}  // namespace plumb::db
