// What a Store and its Batches hold.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "store/statements.h"
#include "store/store.h"
#include "store/values.h"

namespace plumb::store {

// Totals: how many runs or tasks of a workflow are in a state; how many events there are of an asset. Kept by the
// batches, so that no page counts a million rows.
struct CountKey {
  std::string what, name, state;
  friend auto operator<=>(const CountKey&, const CountKey&) = default;
};
inline constexpr std::string_view kRunCount = "run";
inline constexpr std::string_view kTaskCount = "task";
inline constexpr std::string_view kAssetEventCount = "asset_event";
inline constexpr std::string_view kEventCount = "event";

// The newest event of each asset that a workflow has not taken yet: what follows FROM asset_events.
inline constexpr std::string_view kNewsOfWorkflow =
    "WHERE id IN (SELECT max(event) FROM news WHERE workflow = ? GROUP BY asset) ORDER BY id";

// Connections for reading: as many as are in use at once, of which two stay open.
class ReaderPool {
 public:
  ReaderPool(std::shared_ptr<db::Database> database, std::string schema)
      : database_(std::move(database)), schema_(std::move(schema)) {}
  std::unique_ptr<db::Connection> take();
  std::unique_ptr<db::Connection> connect();
  void give_back(std::unique_ptr<db::Connection> connection);

 private:
  static constexpr std::size_t kIdle = 2;
  std::shared_ptr<db::Database> database_;
  std::string schema_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<db::Connection>> idle_;
};

std::unique_ptr<Reader> make_reader(std::shared_ptr<ReaderPool> pool);

struct Store::State {
  State(const db::DatabaseConfig& config, Clock& used_clock, Log log);

  std::unique_ptr<db::Connection> connect_to_write();
  // SQLite: what was committed goes from the log into the file.
  void checkpoint();

  Clock& clock;
  db::DatabaseConfig config;
  std::string schema;  // of Postgres
  bool postgres = false;
  Log log;
  Statements statements;
  std::shared_ptr<db::Database> database;
  std::shared_ptr<ReaderPool> readers;
  std::mutex writing;
  std::unique_ptr<db::Connection> writer;  // null after a Postgres batch that failed
  std::atomic<std::int64_t> syncs = 0;
  std::int64_t rows_in_log = 0;  // written since the last checkpoint
};

struct Batch::State {
  explicit State(Store::State& of);
  ~State();

  std::int64_t execute(std::string_view sql, const Values& values);
  // The first row of the answer, of so many columns.
  std::optional<data::Batch> ask(std::string_view sql, const Values& values);
  std::int64_t ask_id(std::string_view sql, const Values& values);
  void count(std::string_view what, std::string_view name, std::string_view state, std::int64_t change);
  void write_counts();
  void remove_dead_schedulers(const SchedulerRow& alive);
  std::int64_t remove_old_events(std::string_view table, std::string_view what, std::string_view counted,
                                 Instant before, std::int64_t limit);

  Store::State& store;
  std::unique_lock<std::mutex> lock;
  db::Connection* connection = nullptr;
  std::map<CountKey, std::int64_t> counts;  // in the order in which they are locked
  std::int64_t rows = 0;
  bool open = true;
  bool has_turn = false;
};

}  // namespace plumb::store
