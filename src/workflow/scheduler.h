// The loop: what falls due becomes a run, what may start is started, what ends is written down.
//
// A Scheduler owns all runs that are not finished, in memory, and is the only writer of their rows. Its loop sleeps
// until something happens (a task ended, a person asked for something, a time has come, a file changed), takes all that
// has happened, applies it, commits once (one sync to disk), and only then starts what has become ready: nothing runs
// that is not written down. Its cost is per change, never per history.
//
//     Scheduler scheduler({.kind = "serve"}, project, store, clock, log);
//     scheduler.run(stop);              // on the calling thread, until stopped
//
// The operations (operations.h) may be called from any thread: while the loop runs they are carried out by it, in its
// order; without a loop, on the calling thread. Listeners are called on the loop's thread and must be quick.
//
// After a crash: attempts that were at work when their scheduler died are recorded as failed ("lost"), and tried again
// as their task's retries say; what was queued and never started is started, as another attempt of the same number.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "store/store.h"
#include "workflow/operations.h"

namespace plumb::workflow {

struct SchedulerOptions {
  std::string kind = "serve";                 // "serve", "start"
  std::string program = {};                   // plumb, for `plumb task` and the engine; empty: this program is plumb
  bool schedules = true;                      // makes runs of what falls due; off in `plumb start`
  bool passive = false;                       // starts nothing: for operations straight on the store
  bool watches_files = true;                  // reads definitions again when they change
  int most_tasks = 32;                        // at once, of all runs
  Duration lease = std::chrono::seconds(30);  // of a shared store
  std::chrono::seconds engine_idle{60};
  std::chrono::milliseconds clock_look{10'000};  // how soon a clock that somebody has set is noticed
};

// What happened: to the metrics, the alerts, the live pages.
struct Change {
  enum class Kind { RunState, TaskState, AttemptEnded, AssetEvent, Definitions, Deadline, Waiting } kind;
  // Of the first three kinds; valid during the call.
  const store::RunRow* run = nullptr;
  const store::TaskRow* task = nullptr;
  const store::AttemptRow* attempt = nullptr;
  const store::AssetEventRow* event = nullptr;
  const Workflow* workflow = nullptr;
  bool last_attempt = false;  // of AttemptEnded: it will not be tried again
  std::string text = {};      // of Deadline and Waiting: what is late, what is waited for
};
using Listener = std::function<void(const Change&)>;

// How the loop is doing.
struct SchedulerHealth {
  Instant started_at, last_round;
  std::int64_t open_runs = 0, running_tasks = 0, queued_tasks = 0;
  std::chrono::microseconds lag{0};  // of the last run that the schedule made: made minus due
  int engine_pid = 0;                // 0: no engine now
  std::int64_t engine_bytes = 0;
  std::int64_t rounds = 0;
};

class Scheduler : public Operations {
 public:
  // Starts the spawner (so: before other threads), reads the definitions, takes up what an earlier life left.
  Scheduler(SchedulerOptions options, const config::Project& project, store::Store& store, Clock& clock, Log log);
  ~Scheduler() override;

  void listen(Listener listener);
  void run(std::stop_token stop);
  // Runs until this run and its callbacks have ended; its state. For `plumb start`.
  run::RunState run_until_finished(std::int64_t run, std::stop_token stop);
  SchedulerHealth health() const;
  // Where an attempt's log is.
  std::filesystem::path log_file(const store::AttemptRow& attempt) const;

  std::shared_ptr<const Definitions> definitions() const override;
  void reload() override;
  store::RunRow trigger(const Trigger& trigger) override;
  void set_paused(std::string_view workflow, bool paused, std::string_view who) override;
  std::vector<store::TaskOfRun> clear(const TaskChoice& choice, bool dry_run, bool newest_definition,
                                      std::string_view who) override;
  std::vector<store::TaskOfRun> mark(const TaskChoice& choice, run::TaskState state, bool dry_run,
                                     std::string_view who) override;
  store::RunRow mark_run(std::string_view workflow, std::string_view run_id, run::RunState state,
                         std::string_view who) override;
  store::RunRow cancel(std::string_view workflow, std::string_view run_id, std::string_view who) override;
  void remove_run(std::string_view workflow, std::string_view run_id, std::string_view who) override;
  void set_note(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                std::string_view note, std::string_view who) override;
  void approve(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index, bool approved,
               std::string_view note, std::string_view who) override;
  void signed_in(std::string_view connection) override;
  BackfillPlan backfill(const NewBackfill& backfill) override;
  store::BackfillRow pause_backfill(std::int64_t id, bool paused, std::string_view who) override;
  store::BackfillRow cancel_backfill(std::int64_t id, std::string_view who) override;
  store::AssetEventRow add_asset_event(std::string_view asset, const std::string& extra_json, std::string_view by,
                                       std::string_view who) override;
  void save_pool(const store::PoolRow& pool, std::string_view who) override;
  void remove_pool(std::string_view name, std::string_view who) override;
  void save_variable(const store::VariableRow& variable, std::string_view who) override;
  void remove_variable(std::string_view key, std::string_view who) override;
  void audit(store::EventRow event) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb::workflow
