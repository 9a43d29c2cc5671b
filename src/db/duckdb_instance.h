// One open DuckDB database, shared by the connections of a Database.
//
// It is opened by the first connection and closed with the last one, so that its file is free for others in between; a
// database in memory lives as long as its Database. What DuckDB keeps for all connections together is kept here as
// well: loaded extensions, attached databases, secrets that must not show in a message.
//
// Members may be called from any thread; a handle belongs to its connection.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "db/db.h"
#include "db/duckdb_error.h"
#include "db/duckdb_library.h"

namespace plumb::db {

class DuckDbInstance {
 public:
  // Waits for a file that another process holds, as long as the configuration allows, then throws Error(Busy) that
  // names the holder. The log is that of the opening: whoever opened it may be gone while others use it.
  explicit DuckDbInstance(const DatabaseConfig& config);
  ~DuckDbInstance();
  DuckDbInstance(const DuckDbInstance&) = delete;
  DuckDbInstance& operator=(const DuckDbInstance&) = delete;

  const DuckDbLibrary& duckdb() const { return *library_; }
  const DatabaseConfig& config() const { return config_; }
  const Log& log() const { return log_; }

  duckdb_connection connect();
  void disconnect(duckdb_connection connection);

  // Lets go of what DuckDB keeps in memory only because there is room: blocks of the file that were written or read. A
  // limit for a moment does that; as it would also hit statements that run beside, nothing happens when there is
  // another connection.
  void give_back_memory();

  // True when a Database with this configuration may use it too.
  bool serves(const DatabaseConfig& config) const;
  // True when the file is this instance's own, or attached to it more than once.
  bool shows_twice(const std::filesystem::path& file);

  // Runs statements of our own on a connection.
  void run(duckdb_connection connection, const std::string& sql);

  // LOADs an extension unless that has happened: the file that came with the library, or DuckDB's own copy in the
  // user's home, installed if need be. Throws Error(NotFound).
  void load_extension(duckdb_connection connection, const std::string& name);
  // The extension that a statement failed for the lack of, if it is not loaded yet.
  std::optional<std::string> find_wanted_extension(std::string_view words);

  // Catalogs by name, with what they show. adopt() is false when that very thing is attached under the name already,
  // and throws Error(Usage) when the name is taken by something else.
  bool adopt_catalog(const std::string& name, const std::string& what);
  void forget_catalog(const std::string& name);

  // True once a view that reads through sqlite_query was made.
  bool reads_by_sqlite_query() const { return sqlite_query_; }
  void note_sqlite_query() { sqlite_query_ = true; }

  // From now on this text is masked in every message.
  void keep_secret(const Secret& secret);
  Error error(std::string_view words, std::string_view sql);

 private:
  void open_database();
  void configure(DuckDbConfigHandle& options);
  bool has_own_extension(const std::string& name) const;
  std::string scrub(std::string words);

  std::shared_ptr<const DuckDbLibrary> library_;
  DatabaseConfig config_;
  Log log_;
  duckdb_database database_ = nullptr;
  std::vector<std::pair<std::string, std::string>> late_settings_;  // of extensions: set after opening
  std::atomic<bool> sqlite_query_ = false;
  std::mutex loading_;  // held while an extension is loaded
  std::set<std::string> extensions_;
  std::mutex mutex_;  // for the rest
  int connections_ = 0;
  std::map<std::string, std::string> catalogs_;
  std::vector<Secret> secrets_;  // in every form in which they may come back
};

// Does it again, every now and then, as long as it ends with Error(Busy) and the limit is not reached.
void wait_while_busy(const std::string& what, std::chrono::milliseconds limit, const Log& log,
                     const std::function<void()>& work);

// True when this process has the file open already. POSIX locks don't see their own process, so DuckDB would open it a
// second time and the two would write over each other; and nobody may close a descriptor of such a file, as that drops
// the locks: so it is found out without opening it.
bool open_in_this_process(const std::filesystem::path& file);

}  // namespace plumb::db
