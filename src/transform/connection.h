// The target's database, and the session that a thread has with it.
//
// A Warehouse is opened from the Target of the profile: it knows what dbt's keys mean (path, attach, secrets,
// extensions, settings; host, sslmode, search_path, role …), connects on first use and holds what belongs to all
// sessions: the one Database, the cache of relations, the warnings already given. A Session is one connection with
// dbt's idea of a transaction: statements that ask for one (auto_begin) begin it, commit() ends it, and a statement
// that fails rolls it back. Without one every statement stands for itself.
//
//     Warehouse warehouse(settings.target, settings.folder, log);
//     Session session(warehouse, "model.shop.orders");
//     session.execute("create table …", true);
//     session.commit();
//
// A Warehouse may be used from any thread. A Session belongs to one, cancel() aside, which ends the running statement
// with Error(Cancelled) from wherever it is called.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "db/db.h"
#include "project/project.h"
#include "transform/record.h"
#include "transform/relation_cache.h"
#include "transform/result_table.h"

namespace plumb::transform {

class Warehouse {
 public:
  // `folder`: the project's, from which relative paths count. Opens nothing yet.
  Warehouse(project::Target target, std::filesystem::path folder, Log log = {});
  ~Warehouse();

  db::Kind kind() const { return kind_; }
  const project::Target& target() const { return target_; }
  const db::DatabaseConfig& config() const { return database_->config(); }
  const std::filesystem::path& folder() const { return folder_; }
  const Log& log() const { return log_; }
  RelationCache& cache() { return cache_; }
  // A key of the profile's output; null where it is not set.
  const jinja::Value* find_setting(std::string_view key) const;
  std::string text_setting(std::string_view key, std::string_view fallback = {}) const;
  bool flag_setting(std::string_view key) const;

  // A new connection with everything in place that the profile asks for.
  std::unique_ptr<db::Connection> connect();
  // True the first time that somebody asks with these words.
  bool first_time(const std::string& words);

 private:
  db::DatabaseConfig database_config() const;
  std::unique_ptr<db::Connection> connect_with_retries();

  const project::Target target_;
  const std::filesystem::path folder_;
  const Log log_;
  const db::Kind kind_;
  RelationCache cache_;
  std::shared_ptr<db::Database> database_;
  std::mutex mutex_;                        // guards what is below
  std::unique_ptr<db::Connection> keeper_;  // keeps DuckDB open, and what is attached to it
  std::set<std::string> said_;
};

class Session {
 public:
  // `name`: the unique id of what runs on it; messages name it.
  Session(Warehouse& warehouse, std::string name) : warehouse_(&warehouse), name_(std::move(name)) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Warehouse& warehouse() const { return *warehouse_; }
  // The same connection for the next node.
  void rename(std::string name) { name_ = std::move(name); }
  // A comment that goes before every statement, or after it; empty: none.
  void set_comment(std::string comment, bool append = false);

  // One text, of several statements perhaps; begins a transaction first if asked to.
  Response execute(std::string_view sql, bool auto_begin);
  struct Fetched {
    Response response;
    TableDataPtr table;
  };
  // The rows of the last statement of the text.
  Fetched fetch(std::string_view sql, bool auto_begin, std::optional<std::size_t> limit = {});
  // One statement with values for its placeholders: ? for DuckDB, %s for Postgres.
  Response execute_bound(std::string_view sql, std::span<const db::Value> values, bool auto_begin);

  // Both throw DbtInternalError when there is one already, or none.
  void begin();
  void commit();
  void commit_if_open() {
    if (transaction_open_) commit();
  }
  void rollback_if_open() noexcept;
  bool transaction_open() const { return transaction_open_; }

  void cancel();
  // Opened on first use.
  db::Connection& connection();

 private:
  template <class Work>
  auto run(std::string_view sql, bool auto_begin, Work work);
  std::string commented(std::string_view sql) const;
  Response response() const;

  Warehouse* warehouse_;
  std::string name_;
  std::string comment_;
  bool append_comment_ = false;
  bool transaction_open_ = false;  // as dbt counts: begun by begin(), whatever statements did since
  std::mutex mutex_;               // guards the pointer for cancel()
  std::unique_ptr<db::Connection> connection_;
  bool cancelled_ = false;
};

// The parts of a text of several statements: at each semicolon that is not within quotes or a comment.
std::vector<std::string_view> split_statements(std::string_view sql);

}  // namespace plumb::transform
