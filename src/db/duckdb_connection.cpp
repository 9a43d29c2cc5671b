#include "db/duckdb_connection.h"

#include "base/format.h"
#include "base/text.h"
#include "db/drivers.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

class DuckDbDatabase final : public Database {
 public:
  explicit DuckDbDatabase(DatabaseConfig config) : config_(std::move(config)) {}

  const DatabaseConfig& config() const override { return config_; }

  std::unique_ptr<Connection> connect() override {
    std::lock_guard lock(mutex_);
    auto instance = open_.lock();
    if (!instance) {
      instance = std::make_shared<DuckDbInstance>(config_);
      open_ = instance;
      if (config_.path.empty()) in_memory_ = instance;
    }
    return std::make_unique<DuckDbConnection>(std::move(instance));
  }

 private:
  DatabaseConfig config_;
  std::mutex mutex_;
  std::weak_ptr<DuckDbInstance> open_;
  std::shared_ptr<DuckDbInstance> in_memory_;
};

// DuckDB's interface ends a text at its first NUL.
void check_statement(std::string_view sql) {
  if (std::size_t nul = sql.find('\0'); nul != std::string_view::npos) {
    throw Error(ErrorKind::Usage, "the statement holds a NUL byte", {.place = place_in_sql(sql, nul)});
  }
  if (auto bad = find_invalid_utf8(sql)) {
    throw Error(ErrorKind::Usage, "the statement is not valid UTF-8", {.place = place_in_sql(sql, *bad)});
  }
}

// Binds one value each; false when DuckDB takes it for an impossible one.
class Binder {
 public:
  Binder(const DuckDbLibrary& duckdb, duckdb_prepared_statement prepared, idx_t index)
      : duckdb_(duckdb), prepared_(prepared), index_(index) {}

  duckdb_state operator()(std::monostate) const { return duckdb_.bind_null(prepared_, index_); }
  duckdb_state operator()(bool value) const { return duckdb_.bind_boolean(prepared_, index_, value); }
  duckdb_state operator()(std::int64_t value) const { return duckdb_.bind_int64(prepared_, index_, value); }
  duckdb_state operator()(double value) const { return duckdb_.bind_double(prepared_, index_, value); }
  duckdb_state operator()(const std::string& value) const {
    if (!valid_utf8(value)) throw Error(ErrorKind::Data, format("parameter {} is not valid UTF-8", index_));
    return duckdb_.bind_varchar_length(prepared_, index_, value.data(), value.size());
  }
  duckdb_state operator()(const data::Decimal& value) const {
    duckdb_decimal decimal{.width = static_cast<std::uint8_t>(std::max(value.digits(), std::max(value.scale, 1))),
                           .scale = static_cast<std::uint8_t>(value.scale),
                           .value = {.lower = static_cast<std::uint64_t>(value.units),
                                     .upper = static_cast<std::int64_t>(value.units >> 64)}};
    return duckdb_.bind_decimal(prepared_, index_, decimal);
  }
  duckdb_state operator()(Instant value) const {
    return duckdb_.bind_timestamp_tz(prepared_, index_, {.micros = value.time_since_epoch().count()});
  }
  duckdb_state operator()(Date value) const {
    auto days = std::chrono::sys_days(value).time_since_epoch().count();
    return duckdb_.bind_date(prepared_, index_, {.days = static_cast<std::int32_t>(days)});
  }

 private:
  const DuckDbLibrary& duckdb_;
  duckdb_prepared_statement prepared_;
  idx_t index_;
};

std::string_view trim_statement(std::string_view sql) {
  while (!sql.empty() && (std::isspace(static_cast<unsigned char>(sql.back())) != 0 || sql.back() == ';')) {
    sql.remove_suffix(1);
  }
  return sql;
}

}  // namespace

std::shared_ptr<Database> open_duckdb(DatabaseConfig config) {
  return std::make_shared<DuckDbDatabase>(std::move(config));
}

DuckDbConnection::DuckDbConnection(std::shared_ptr<DuckDbInstance> instance)
    : instance_(std::move(instance)), handle_(instance_->connect()) {}

DuckDbConnection::~DuckDbConnection() {
  duckdb().disconnect(&handle_);
}

void DuckDbConnection::cancel() {
  cancelled_ = true;
  duckdb().interrupt(handle_);
}

void DuckDbConnection::throw_if_cancelled() {
  if (cancelled_.exchange(false)) throw Error(ErrorKind::Cancelled, "the statement was cancelled");
}

void DuckDbConnection::throw_words(std::string_view words, std::string_view sql) {
  Error error = instance_->error(words, sql);
  if (error.kind() == ErrorKind::Cancelled) cancelled_ = false;
  throw error;
}

DuckDbConnection::Script DuckDbConnection::take_apart(std::string_view sql, std::span<const Value> parameters) {
  check_statement(sql);
  Script script{.sql = std::string(sql), .statements = DuckDbStatements(duckdb()), .count = 0};
  script.count = duckdb().extract_statements(handle_, script.sql.c_str(), script.statements.out());
  if (script.count == 0) {
    const char* words = duckdb().extract_statements_error(script.statements.get());
    if (words != nullptr) throw_words(words, sql);
  }
  if (script.count > 1 && !parameters.empty()) {
    throw Error(ErrorKind::Usage, "several statements at once take no parameters");
  }
  return script;
}

void DuckDbConnection::bind(duckdb_prepared_statement prepared, std::span<const Value> parameters,
                            std::string_view sql) {
  idx_t wanted = duckdb().nparams(prepared);
  if (wanted != parameters.size()) {
    throw Error(ErrorKind::Usage,
                format("the statement has {} parameters, but {} values were given", wanted, parameters.size()));
  }
  for (idx_t i = 0; i < parameters.size(); ++i) {
    if (std::visit(Binder(duckdb(), prepared, i + 1), parameters[i]) != DuckDBSuccess) {
      const char* words = duckdb().prepare_error(prepared);
      throw_words(words == nullptr ? format("parameter {} can't be bound", i + 1) : words, sql);
    }
  }
}

std::optional<DuckDbResult> DuckDbConnection::try_run(const Script& script, std::size_t index,
                                                      std::span<const Value> parameters, std::string& words) {
  DuckDbPrepared prepared(duckdb());
  if (duckdb().prepare_extracted_statement(handle_, script.statements.get(), index, prepared.out()) != DuckDBSuccess) {
    words = duckdb().prepare_error(prepared.get());
    return {};
  }
  bind(prepared.get(), parameters, script.sql);
  DuckDbPending pending(duckdb());
  if (duckdb().pending_prepared_streaming(prepared.get(), pending.out()) != DuckDBSuccess) {
    words = duckdb().pending_error(pending.get());
    return {};
  }
  // From here on an interrupt holds; one that came before was wiped out when the statement was set up.
  throw_if_cancelled();
  DuckDbResult result(duckdb());
  if (duckdb().execute_pending(pending.get(), result.get()) != DuckDBSuccess) {
    words = duckdb().result_error(result.get());
    return {};
  }
  if (duckdb().prepared_statement_type(prepared.get()) == DUCKDB_STATEMENT_TYPE_TRANSACTION) notice_transaction();
  return result;
}

DuckDbResult DuckDbConnection::run(const Script& script, std::size_t index, std::span<const Value> parameters) {
  throw_if_cancelled();
  ++generation_;
  for (bool again = false;; again = true) {
    std::string words;
    if (auto result = try_run(script, index, parameters, words)) return std::move(*result);
    auto extension = again ? std::nullopt : instance_->find_wanted_extension(words);
    if (!extension) throw_words(words, script.sql);
    instance_->load_extension(handle_, *extension);
  }
}

std::int64_t DuckDbConnection::drain(DuckDbResult result, std::string_view sql) {
  while (true) {
    DuckDbChunk chunk(duckdb(), duckdb().fetch_chunk(*result.get()));
    if (!chunk) break;
    throw_if_cancelled();
  }
  if (const char* words = duckdb().result_error(result.get())) throw_words(words, sql);
  return static_cast<std::int64_t>(duckdb().rows_changed(result.get()));
}

std::int64_t DuckDbConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  Script script = take_apart(sql, parameters);
  std::int64_t changed = 0;
  for (std::size_t i = 0; i < script.count; ++i) changed += drain(run(script, i, parameters), sql);
  return changed;
}

std::unique_ptr<Reader> DuckDbConnection::query(std::string_view sql, std::span<const Value> parameters) {
  Script script = take_apart(sql, parameters);
  if (script.count == 0) throw Error(ErrorKind::Usage, "there is no statement to run");
  for (std::size_t i = 0; i + 1 < script.count; ++i) drain(run(script, i, parameters), sql);
  DuckDbResult result = run(script, script.count - 1, parameters);
  ResultPlan plan = plan_result(duckdb(), result);
  if (plan.must_be_cast) return query_with_casts(plan, script, parameters);
  return std::make_unique<DuckDbReader>(*this, std::move(result), std::move(plan), std::move(script.sql));
}

std::unique_ptr<Reader> DuckDbConnection::query_with_casts(const ResultPlan& plan, const Script& script,
                                                           std::span<const Value> parameters) {
  std::string columns;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    std::string value = format("#{}", i + 1);
    if (plan.columns[i].must_be_cast) value = format("CAST({} AS {})", value, duckdb_ddl(plan.columns[i].type));
    columns += format("{}{} AS {}", columns.empty() ? "" : ", ", value, quote_name(plan.schema[i].name));
  }
  std::string sql = format("SELECT {} FROM (\n{}\n)", columns, trim_statement(script.sql));
  Error::Details advice{.hint = "cast it to VARCHAR in the statement"};
  if (script.count > 1) {
    throw Error(ErrorKind::Data, "a column of the result has a type that only DuckDB knows", std::move(advice));
  }
  Script cast = take_apart(sql, parameters);
  DuckDbResult result = run(cast, 0, parameters);
  ResultPlan cast_plan = plan_result(duckdb(), result);
  if (cast_plan.must_be_cast) {
    throw Error(ErrorKind::Data, "a column of the result has a type that only DuckDB knows", std::move(advice));
  }
  return std::make_unique<DuckDbReader>(*this, std::move(result), std::move(cast_plan), std::string());
}

void DuckDbConnection::begin() {
  execute("BEGIN TRANSACTION");
}

void DuckDbConnection::commit() {
  execute("COMMIT");
}

void DuckDbConnection::rollback() noexcept {
  cancelled_ = false;
  in_transaction_ = false;
  ++generation_;
  duckdb_result result{};
  duckdb().query(handle_, "ROLLBACK", &result);
  duckdb().destroy_result(&result);
}

// After BEGIN, COMMIT or ROLLBACK, whoever wrote it: outside of a transaction every statement is one of its own.
void DuckDbConnection::notice_transaction() {
  auto first = find_transaction();
  in_transaction_ = !first || first == find_transaction();
}

std::optional<std::int64_t> DuckDbConnection::find_transaction() {
  DuckDbResult result(duckdb());
  if (duckdb().query(handle_, "SELECT CAST(txid_current() AS BIGINT)", result.get()) != DuckDBSuccess) return {};
  DuckDbChunk chunk(duckdb(), duckdb().fetch_chunk(*result.get()));
  return *static_cast<std::int64_t*>(duckdb().vector_get_data(duckdb().data_chunk_get_vector(chunk.get(), 0)));
}

}  // namespace plumb::db
