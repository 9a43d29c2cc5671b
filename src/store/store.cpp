#include "store/store.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "store/schema.h"
#include "store/state.h"

namespace plumb::store {
namespace {

// After so many rows SQLite's log goes into the file even when nobody finds the time: some 40 MB.
constexpr std::int64_t kRowsInLog = 10'000;

db::DatabaseConfig adapted(db::DatabaseConfig config) {
  if (config.kind == db::Kind::DuckDb) {
    throw Error(ErrorKind::Config, "the store can't be a DuckDB file: SQLite or Postgres",
                {.hint = "store: sqlite:///…, or postgresql://…"});
  }
  config.settings.erase("schema");
  if (config.kind == db::Kind::Sqlite) {
    config.settings["kept_statements"] = "64";
    if (!config.path.empty() && config.path.has_parent_path()) {
      std::filesystem::create_directories(config.path.parent_path());
    }
  }
  return config;
}

std::string schema_of(const db::DatabaseConfig& config) {
  auto setting = config.settings.find("schema");
  return setting == config.settings.end() ? std::string(kDefaultSchema) : setting->second;
}

void use_schema(db::Connection& connection, const std::string& schema) {
  if (connection.kind() == db::Kind::Postgres) connection.execute("SET search_path TO " + connection.quote(schema));
}

// Users' hashes and variables are nobody else's to read.
void close_to_others(const std::filesystem::path& file) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::permissions(file.string() + suffix,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
  }
}

}  // namespace

std::unique_ptr<db::Connection> ReaderPool::connect() {
  auto connection = database_->connect();
  use_schema(*connection, schema_);
  if (connection->kind() == db::Kind::Sqlite) connection->execute("PRAGMA cache_size=-256; PRAGMA query_only=1");
  return connection;
}

std::unique_ptr<db::Connection> ReaderPool::take() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return connect();
}

void ReaderPool::give_back(std::unique_ptr<db::Connection> connection) {
  std::lock_guard lock(mutex_);
  if (idle_.size() < kIdle) idle_.push_back(std::move(connection));
}

Store::State::State(const db::DatabaseConfig& given, Clock& used_clock, Log used_log)
    : clock(used_clock),
      config(adapted(given)),
      schema(schema_of(given)),
      postgres(given.kind == db::Kind::Postgres),
      log(used_log.module("store")),
      statements(postgres),
      database(db::open(config)),
      readers(std::make_shared<ReaderPool>(database, schema)) {
  writer = connect_to_write();
  if (migrate(*writer, postgres ? format("schema {}", schema) : config.path.string())) {
    ++syncs;
    if (!postgres && !config.path.empty()) close_to_others(config.path);
  }
}

std::unique_ptr<db::Connection> Store::State::connect_to_write() {
  auto connection = database->connect();
  if (postgres) {
    connection->create_schema(schema);
    use_schema(*connection, schema);
    // A scheduler that is stopped in the middle of a batch must not keep the others waiting: shorter than they wait.
    connection->execute("SET idle_in_transaction_session_timeout = '5s'");
  } else {
    // One sync for each commit, and none besides until the log is written back; what a statement would take back is
    // small, and needs no file.
    connection->execute(
        "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY");
  }
  return connection;
}

void Store::State::checkpoint() {
  if (postgres || rows_in_log == 0) return;
  writer->query("PRAGMA wal_checkpoint(PASSIVE)")->next();
  rows_in_log = 0;
  syncs += 2;  // the log before, the file after
}

Store::Store(const db::DatabaseConfig& config, Clock& clock, Log log)
    : state_(std::make_unique<State>(config, clock, std::move(log))) {}

Store::~Store() = default;

Batch Store::begin() {
  return Batch(std::make_unique<Batch::State>(*state_));
}

std::unique_ptr<Reader> Store::reader() {
  return make_reader(state_->readers);
}

bool Store::shared() const {
  return state_->postgres;
}

std::int64_t Store::syncs() const {
  return state_->syncs;
}

void Store::rest() {
  std::lock_guard lock(state_->writing);
  state_->checkpoint();
  // Its pages are read again faster than anybody would miss them.
  if (state_->writer && !state_->postgres) state_->writer->execute("PRAGMA shrink_memory");
}

Batch::State::State(Store::State& of) : store(of), lock(of.writing) {
  if (!store.writer) store.writer = store.connect_to_write();
  connection = store.writer.get();
  if (!store.postgres) {
    connection->begin();
    return;
  }
  try {
    connection->begin();
  } catch (const Error& error) {
    // The server was started again since the last batch: nothing is lost yet, so it is not the caller's to mend.
    if (error.kind() != ErrorKind::Network) throw;
    store.log.warn(format("the store's connection is gone, connecting again: {}", error.message()));
    store.writer = store.connect_to_write();
    connection = store.writer.get();
    connection->begin();
  }
}

Batch::State::~State() {
  if (!open) return;
  connection->rollback();
  // Whatever ended it: perhaps the connection.
  if (store.postgres) store.writer.reset();
}

std::int64_t Batch::State::execute(std::string_view sql, const Values& values) {
  auto changed = connection->execute(sql, values);
  rows += changed;
  return changed;
}

std::optional<data::Batch> Batch::State::ask(std::string_view sql, const Values& values) {
  return connection->query(sql, values)->next();
}

std::int64_t Batch::State::ask_id(std::string_view sql, const Values& values) {
  auto answer = ask(sql, values);
  ++rows;
  return answer ? answer->column(0).int64_at(0) : 0;
}

void Batch::State::count(std::string_view what, std::string_view name, std::string_view state, std::int64_t change) {
  counts[{std::string(what), std::string(name), std::string(state)}] += change;
}

void Batch::State::write_counts() {
  for (const auto& [key, change] : counts) {
    if (change == 0) continue;
    execute(
        "INSERT INTO counts (what, name, state, n) VALUES (?, ?, ?, ?) ON CONFLICT (what, name, state) DO UPDATE SET n "
        "= counts.n + excluded.n",
        {key.what, key.name, key.state, change});
  }
}

Batch::Batch(std::unique_ptr<State> state) : state_(std::move(state)) {}
Batch::Batch(Batch&&) noexcept = default;
Batch::~Batch() = default;

void Batch::commit() {
  State& batch = *state_;
  batch.write_counts();
  batch.connection->commit();
  batch.open = false;
  if (batch.rows > 0) {
    ++batch.store.syncs;
    batch.store.rows_in_log += batch.rows;
    if (batch.store.rows_in_log >= kRowsInLog) batch.store.checkpoint();
  }
  batch.lock.unlock();
}

}  // namespace plumb::store
