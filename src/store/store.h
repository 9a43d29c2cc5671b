// What happened, and what is to happen: runs, tasks, attempts, values, assets, and who may look at them.
//
// A Store is a SQLite file (.plumb/store.db, write-ahead log, synchronous=FULL: what was committed survives a power
// cut) or a schema in Postgres, where several schedulers work on it. It is opened from a db::DatabaseConfig, brings its
// tables to this version by numbered migrations, and refuses a newer one. It is shared; a Batch and a Reader belong to
// one thread each.
//
//     Store store(config, clock);
//     Batch batch = store.begin();           // one transaction: one sync to disk for all that stands in it
//     batch.save(run); batch.save(task);
//     batch.commit();
//     Page<RunRow> last = store.reader()->runs({.workflow = "morning"}, {.limit = 25});
//
// The cost of a batch is that of its rows, never of the history; the reader's pages are found by index, totals by
// counters that the batches keep.
//
// Several schedulers: each has a row with a lease. Runs have one owner. A batch of a scheduler whose lease was taken by
// another throws Fenced: it has to let go of all its runs. With SQLite a scheduler of this machine is known to be dead
// when its process is. A lease is renewed by expect_lease(), then save(), in one batch: save() alone would bring a row
// back that was taken.
//
// What goes wrong: a batch that throws has left nothing, and the store can be used on. Error(Io) is a full disk,
// Error(Network) a Postgres server that went, Error(Busy) another writer that holds SQLite's lock for longer than 10 s:
// all may be tried again. After Error(Network) out of commit() alone nobody knows whether it arrived. Saving is the
// same twice over, insert() then says false; what gets its id from the store (events, asset events, backfills) would be
// there twice.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "db/db.h"
#include "store/reader.h"   // IWYU pragma: export
#include "store/records.h"  // IWYU pragma: export

namespace plumb::store {

// One transaction. Rolled back at the end of its scope unless committed. Statements are prepared once per store.
class Batch {
 public:
  Batch(Batch&&) noexcept;
  ~Batch();

  // Insert or update, by key; an id that is 0 is given and put into the row.
  void save(const WorkflowRow& workflow);
  void save(const VersionRow& version);
  // False when the workflow already has a run of that run_id (or, of a scheduled one, of that logical date): another
  // scheduler was quicker, or it was made before.
  [[nodiscard]] bool insert(RunRow& run);
  void save(const RunRow& run);  // of an id that is there
  void save(const TaskRow& task);
  void save(const AttemptRow& attempt);
  void save(const ValueRow& value);
  void remove_values(std::int64_t run, std::string_view task, int map_index);
  void save(AssetRow& asset);
  void save(AssetEventRow& event);
  // News for a workflow that waits for the asset; and what its next run has seen.
  void add_news(std::string_view workflow, std::string_view asset, std::int64_t event);
  // Takes the news of these assets away and notes them as what started the run.
  void take_news(std::string_view workflow, std::int64_t run);
  void save(const PoolRow& pool);
  void remove_pool(std::string_view name);
  void save(const VariableRow& variable);
  void remove_variable(std::string_view key);
  void save(BackfillRow& backfill);
  void save(const UserRow& user);
  void save(const TokenRow& token);
  void remove_token(std::string_view id);
  void save(EventRow& event);
  // A run with all that belongs to it. Its logs are the caller's to remove.
  // How many tasks went with it.
  std::int64_t remove_run(std::int64_t run);
  // A task's instances beyond `count`, when a map became shorter.
  void remove_tasks_from(std::int64_t run, std::string_view task, int map_index);
  // Small things by name: a cursor of the scheduler's, the time an alert went out.
  void set_note(std::string_view name, std::string_view value);

  // Those who make runs, or news that make runs, take turns until their commit: two batches that made the same ones in
  // another order would wait for each other. Nothing with SQLite, which has one batch at a time.
  void take_turn();
  // For limits that hold over all schedulers, asked in one's turn: what the others have at work now, and how many of a
  // workflow's runs are theirs.
  std::vector<WorkOfOthers> work_of_others(const SchedulerRow& scheduler);
  std::int64_t runs_of_others(const SchedulerRow& scheduler, std::string_view workflow,
                              const std::vector<RunState>& states);
  // As Reader's, with what this batch has added.
  std::vector<AssetEventRow> news_for(std::string_view workflow);

  // Schedulers (see above).
  void save(const SchedulerRow& scheduler);
  void remove_scheduler(std::string_view id);
  // Makes this scheduler the owner of unfinished runs that nobody alive owns; at most so many. Their ids.
  std::vector<std::int64_t> claim_runs(const SchedulerRow& scheduler, int limit);
  // Throws Error(Cancelled, type "Fenced") when the scheduler's row is gone or its lease was taken.
  void expect_lease(const SchedulerRow& scheduler);

  void commit();

 private:
  friend class Store;
  struct State;
  explicit Batch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Store {
 public:
  // Opens it, creating what is missing. Throws Error(Database) for a newer version than ours, with the hint to update.
  Store(const db::DatabaseConfig& config, Clock& clock, Log log = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // The write connection; one batch at a time, waits for another thread's to end.
  Batch begin();
  // A connection for reading, from a small pool: given back when it goes. Any thread.
  std::unique_ptr<Reader> reader();
  bool shared() const;  // Postgres: others may write as well
  // How many commits were synced to disk so far: what the bench prints.
  std::int64_t syncs() const;
  // For an idle moment: SQLite's log goes into the file (two syncs), which batches otherwise do when it has grown long.
  void rest();
  // Removes finished runs (with tasks, attempts, values, events) older than these, a slice of so many tasks at a time
  // (but a whole run) so that nobody waits.
  struct Removed {
    std::vector<std::string> folders;  // of the runs' logs: workflow/run_id
    bool more = false;                 // there may be
  };
  Removed remove_history(Instant before, std::int64_t tasks);

 private:
  friend class Batch;
  struct State;
  std::unique_ptr<State> state_;
};

// The row of this process, with an id of its own.
SchedulerRow this_scheduler(std::string_view kind, const Clock& clock, Duration lease);

}  // namespace plumb::store
