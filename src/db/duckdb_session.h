// Statements on one DuckDB connection: taken apart, bound, run, streamed, cancelled.
//
// A text is taken apart into its statements, and each is run as a stream: rows wait in DuckDB until they are fetched.
// Each statement ends the stream of the one before it. One that fails for the lack of an extension runs again after the
// extension was loaded.
//
// cancel() may come from any thread; everything else belongs to the connection's thread. A session is shared with the
// readers of its results, so that they may outlive their Connection.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "db/db.h"
#include "db/duckdb_instance.h"

namespace plumb::db {

// A result of DuckDB's, given back at the end.
class DuckDbResult {
 public:
  explicit DuckDbResult(const DuckDbLibrary& duckdb) : duckdb_(&duckdb) {}
  DuckDbResult(DuckDbResult&& other) noexcept
      : duckdb_(other.duckdb_), result_(std::exchange(other.result_, duckdb_result{})) {}
  DuckDbResult& operator=(DuckDbResult&& other) noexcept {
    std::swap(result_, other.result_);
    return *this;
  }
  ~DuckDbResult() { duckdb_->destroy_result(&result_); }
  duckdb_result* get() { return &result_; }

 private:
  const DuckDbLibrary* duckdb_;
  duckdb_result result_{};
};

class DuckDbSession {
 public:
  explicit DuckDbSession(std::shared_ptr<DuckDbInstance> instance);
  ~DuckDbSession();
  DuckDbSession(const DuckDbSession&) = delete;
  DuckDbSession& operator=(const DuckDbSession&) = delete;

  DuckDbInstance& instance() const { return *instance_; }
  const DuckDbLibrary& duckdb() const { return instance_->duckdb(); }
  duckdb_connection handle() const { return handle_; }

  // A text and its statements.
  struct Script {
    std::string sql;
    DuckDbStatements statements;
    std::size_t count;
  };
  // Throws Error(Usage) for a text that DuckDB would misread, or several statements with parameters.
  Script take_apart(std::string_view sql, std::span<const Value> parameters);
  DuckDbResult run(const Script& script, std::size_t index, std::span<const Value> parameters);
  // Empty, with DuckDB's words, when it failed.
  std::optional<DuckDbResult> try_run(const Script& script, std::size_t index, std::span<const Value> parameters,
                                      std::string& words);
  // Fetches what is left, and returns the number of rows changed.
  std::int64_t drain(DuckDbResult result, std::string_view sql);
  // A statement of our own with a small result, all at once.
  DuckDbResult ask(const std::string& sql);

  bool in_transaction() const { return in_transaction_; }
  // Begun and ended by the caller; a statement of the user that does so is noticed.
  void begin();
  void commit();
  void rollback() noexcept;

  void cancel();
  // Throws Error(Cancelled) once for a cancel() that met no running statement.
  void throw_if_cancelled();
  [[noreturn]] void throw_words(std::string_view words, std::string_view sql);

  // The number of the statement that ran last: a reader with another one came too late.
  std::size_t generation() const { return generation_; }
  // The statement's rows have all been fetched, or nobody wants them any more.
  void finish(std::size_t generation, bool all_fetched) noexcept;

 private:
  void bind(duckdb_prepared_statement prepared, std::span<const Value> parameters, std::string_view sql);
  bool prepare(const Script& script, std::size_t index, DuckDbPrepared& prepared, std::string& words);
  bool wants_enclosure(duckdb_prepared_statement prepared) const;
  void notice_transaction();
  // Its number; empty in a transaction that has failed.
  std::optional<std::int64_t> find_transaction();
  bool try_quietly(const char* sql) noexcept;

  std::shared_ptr<DuckDbInstance> instance_;
  duckdb_connection handle_;
  std::atomic<bool> cancelled_ = false;
  bool in_transaction_ = false;
  bool enclosed_ = false;  // the running statement has a transaction around it that nobody asked for
  std::size_t generation_ = 0;
};

}  // namespace plumb::db
