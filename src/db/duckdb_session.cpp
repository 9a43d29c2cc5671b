#include "db/duckdb_session.h"

#include <algorithm>
#include <exception>

#include "base/format.h"
#include "base/text.h"
#include "db/sql_text.h"
#include "db/text_check.h"

namespace plumb::db {
namespace {

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

}  // namespace

DuckDbSession::DuckDbSession(std::shared_ptr<DuckDbInstance> instance)
    : instance_(std::move(instance)), handle_(instance_->connect()) {}

// DuckDB stops the threads that are at a statement before it forgets the connection, but not while an exception passes
// by: then they would go on in freed memory. The next statement on the connection stops them too.
DuckDbSession::~DuckDbSession() {
  if (std::uncaught_exceptions() > 0) try_quietly("ROLLBACK");
  instance_->disconnect(handle_);
}

void DuckDbSession::cancel() {
  cancelled_ = true;
  duckdb().interrupt(handle_);
}

void DuckDbSession::throw_if_cancelled() {
  if (cancelled_.exchange(false)) throw Error(ErrorKind::Cancelled, "the statement was cancelled");
}

void DuckDbSession::throw_words(std::string_view words, std::string_view sql) {
  Error error = instance_->error(words, sql);
  if (error.kind() == ErrorKind::Cancelled) cancelled_ = false;
  throw error;
}

DuckDbSession::Script DuckDbSession::take_apart(std::string_view sql, std::span<const Value> parameters) {
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

void DuckDbSession::bind(duckdb_prepared_statement prepared, std::span<const Value> parameters, std::string_view sql) {
  check_texts(parameters);
  idx_t wanted = duckdb().nparams(prepared);
  if (wanted != parameters.size()) {
    throw Error(ErrorKind::Database,
                format("the statement has {} parameters, but {} values were given", wanted, parameters.size()));
  }
  for (idx_t i = 0; i < parameters.size(); ++i) {
    if (std::visit(Binder(duckdb(), prepared, i + 1), parameters[i]) != DuckDBSuccess) {
      const char* words = duckdb().prepare_error(prepared);
      throw_words(words == nullptr ? format("parameter {} can't be bound", i + 1) : words, sql);
    }
  }
}

// A statement can be prepared only once: what was taken apart is used up by it.
bool DuckDbSession::prepare(const Script& script, std::size_t index, DuckDbPrepared& prepared, std::string& words) {
  prepared.reset();
  if (duckdb().prepare_extracted_statement(handle_, script.statements.get(), index, prepared.out()) == DuckDBSuccess)
    return true;
  const char* text = duckdb().prepare_error(prepared.get());
  words = text == nullptr ? "" : text;
  return false;
}

// sqlite_query, which some views read through, asks for its file when the statement is prepared and needs it when it
// runs: both must happen in one transaction.
bool DuckDbSession::wants_enclosure(duckdb_prepared_statement prepared) const {
  if (in_transaction_ || enclosed_ || !instance_->reads_by_sqlite_query()) return false;
  switch (duckdb().prepared_statement_type(prepared)) {
    case DUCKDB_STATEMENT_TYPE_SELECT:
    case DUCKDB_STATEMENT_TYPE_INSERT:
    case DUCKDB_STATEMENT_TYPE_UPDATE:
    case DUCKDB_STATEMENT_TYPE_DELETE:
    case DUCKDB_STATEMENT_TYPE_CREATE:
    case DUCKDB_STATEMENT_TYPE_COPY:
    case DUCKDB_STATEMENT_TYPE_EXPLAIN:
      return true;
    default:
      return false;
  }
}

std::optional<DuckDbResult> DuckDbSession::try_run(const Script& script, std::size_t index,
                                                   std::span<const Value> parameters, std::string& words) {
  finish(generation_, false);
  ++generation_;
  DuckDbPrepared prepared(duckdb());
  if (!prepare(script, index, prepared, words)) return {};
  if (wants_enclosure(prepared.get())) {
    enclosed_ = try_quietly("BEGIN TRANSACTION");
    if (!prepare(take_apart(script.sql, parameters), index, prepared, words)) return {};
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

DuckDbResult DuckDbSession::run(const Script& script, std::size_t index, std::span<const Value> parameters) {
  throw_if_cancelled();
  std::string words;
  auto result = try_run(script, index, parameters, words);
  if (!result) {
    finish(generation_, false);
    auto extension = instance_->find_wanted_extension(words);
    if (!extension) throw_words(words, script.sql);
    instance_->load_extension(handle_, *extension);
    result = try_run(take_apart(script.sql, parameters), index, parameters, words);
  }
  if (!result) {
    finish(generation_, false);
    throw_words(words, script.sql);
  }
  return std::move(*result);
}

std::int64_t DuckDbSession::drain(DuckDbResult result, std::string_view sql) {
  while (true) {
    DuckDbChunk chunk(duckdb(), duckdb().fetch_chunk(*result.get()));
    if (!chunk) break;
    throw_if_cancelled();
  }
  if (const char* words = duckdb().result_error(result.get())) throw_words(words, sql);
  finish(generation_, true);
  return static_cast<std::int64_t>(duckdb().rows_changed(result.get()));
}

DuckDbResult DuckDbSession::ask(const std::string& sql) {
  throw_if_cancelled();
  finish(generation_, false);
  ++generation_;
  DuckDbResult result(duckdb());
  if (duckdb().query(handle_, sql.c_str(), result.get()) != DuckDBSuccess) {
    throw_words(duckdb().result_error(result.get()), {});
  }
  return result;
}

void DuckDbSession::finish(std::size_t generation, bool all_fetched) noexcept {
  if (!enclosed_ || generation != generation_) return;
  enclosed_ = false;
  try_quietly(all_fetched ? "COMMIT" : "ROLLBACK");
}

void DuckDbSession::begin() {
  ask("BEGIN TRANSACTION");
  in_transaction_ = true;
}

// One that fails may have ended the transaction or not: DuckDB knows.
void DuckDbSession::commit() {
  try {
    ask("COMMIT");
  } catch (...) {
    notice_transaction();
    throw;
  }
  in_transaction_ = false;
}

void DuckDbSession::rollback() noexcept {
  cancelled_ = false;
  in_transaction_ = false;
  ++generation_;
  try_quietly("ROLLBACK");
}

bool DuckDbSession::try_quietly(const char* sql) noexcept {
  duckdb_result result{};
  bool done = duckdb().query(handle_, sql, &result) == DuckDBSuccess;
  duckdb().destroy_result(&result);
  return done;
}

// After BEGIN, COMMIT or ROLLBACK, whoever wrote it: outside of a transaction every statement is one of its own.
void DuckDbSession::notice_transaction() {
  auto first = find_transaction();
  in_transaction_ = !first || first == find_transaction();
}

std::optional<std::int64_t> DuckDbSession::find_transaction() {
  DuckDbResult result(duckdb());
  if (duckdb().query(handle_, "SELECT CAST(txid_current() AS BIGINT)", result.get()) != DuckDBSuccess) return {};
  DuckDbChunk chunk(duckdb(), duckdb().fetch_chunk(*result.get()));
  return *static_cast<std::int64_t*>(duckdb().vector_get_data(duckdb().data_chunk_get_vector(chunk.get(), 0)));
}

}  // namespace plumb::db
