// One open SQLite file through the C library: statements, waiting for locks, cancelling, and errors as ours.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "db/db.h"

namespace plumb::db {

struct SqliteFinalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// A prepared statement and its text, for the place of an error.
struct SqliteStatement {
  std::unique_ptr<sqlite3_stmt, SqliteFinalizer> handle;
  std::string sql;

  sqlite3_stmt* get() const { return handle.get(); }
};

class SqliteHandle {
 public:
  // Opens `file` with sqlite3_open_v2's flags. Throws.
  SqliteHandle(const DatabaseConfig& config, const std::string& file, int flags);
  ~SqliteHandle();
  SqliteHandle(const SqliteHandle&) = delete;
  SqliteHandle& operator=(const SqliteHandle&) = delete;

  sqlite3* get() const { return handle_; }
  const DatabaseConfig& config() const { return config_; }

  // The statement at `*position` of `sql`, which moves behind it. No handle when there is only blank or comment.
  SqliteStatement prepare(std::string_view sql, std::size_t* position = nullptr, unsigned flags = 0);
  // The same for a text that is one statement, kept from an earlier time where the connection keeps statements (its
  // setting "kept_statements": how many, none unless asked): to be handed back by keep() when it is done with.
  SqliteStatement find_kept(std::string_view sql);
  void keep(SqliteStatement statement) noexcept;
  bool keeps_statements() const { return most_kept_ > 0; }
  // True when there is a row.
  bool step(const SqliteStatement& statement) {
    int code = sqlite3_step(statement.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail(code, statement.sql);
    return false;
  }
  // Statements of our own.
  void run(std::string_view sql);
  // The first column of the first row, or "".
  std::string ask(std::string_view sql);
  void check(int code, std::string_view sql = {}) {
    if (code != SQLITE_OK) fail(code, sql);
  }
  // `start` is where in `sql` the failed statement begins.
  [[noreturn]] void fail(int code, std::string_view sql = {}, std::size_t start = 0);

  // From any thread. What runs ends; else the next take_cancel() throws.
  void cancel();
  // Throws Error(Cancelled) once for each cancel().
  void take_cancel();

 private:
  // The file's methods with a gentler way to lock the index of the log: see recover_gently().
  struct FileMethods {
    sqlite3_io_methods methods;  // first: SQLite sees nothing else
    int (*lock_index)(sqlite3_file*, int, int, int);
  };

  struct Kept {
    SqliteStatement statement;
    std::uint64_t used = 0;
  };

  static int wait_for_lock(void* self, int attempt);
  static int lock_index(sqlite3_file* file, int first, int count, int flags);
  void recover_gently();

  DatabaseConfig config_;
  FileMethods methods_{};
  sqlite3* handle_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  std::chrono::steady_clock::time_point waiting_since_;
  std::size_t most_kept_ = 0;
  std::uint64_t uses_ = 0;
  std::map<std::string, Kept, std::less<>> kept_;
};

}  // namespace plumb::db
