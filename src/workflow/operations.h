// What a person (or another program) may do to workflows and runs: the same for the API, the command line against a
// server, and the command line straight on the store.
//
// Each returns when it is written down. Throws Error(NotFound) for what is not there, Error(Usage) for what can't be
// done (a params fault, a run id that is taken: type "Conflict"). `who` is for the audit log.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/jinja.h"
#include "store/store.h"
#include "workflow/definition.h"

namespace plumb::workflow {

struct Trigger {
  std::string workflow;
  std::string run_id = {};  // empty: "manual__" and the time
  std::optional<Instant> logical_date = {};
  std::optional<Instant> interval_start = {}, interval_end = {};
  std::optional<Instant> run_after = {};  // not before
  jinja::Value params = {};               // a dict; undefined: none
  std::string note = {};
  std::string by = "rest_api";  // what triggered it: "cli", "rest_api", "workflow", "asset"
  std::string who = {};
  std::optional<std::int64_t> parent_run = {};
  std::string parent_task = {};
  int parent_map_index = -1;
};

// Which tasks of a run, or of all runs in a range of logical dates.
struct TaskChoice {
  std::string workflow;
  std::string run_id = {};  // empty: all in the range
  std::optional<Instant> from = {}, to = {};
  std::vector<std::pair<std::string, std::optional<int>>> tasks = {};  // with a map_index or all; none: all tasks
  bool only_failed = false;
  bool only_running = false;
  bool upstream = false, downstream = false, future = false, past = false;
};

struct NewBackfill {
  std::string workflow;
  Instant from, to;
  jinja::Value params = {};
  int max_active_runs = 10;
  bool backwards = false;
  std::string reprocess = "none";  // none, failed, completed
  bool dry_run = false;
  std::string who = {};
};

struct BackfillPlan {
  store::BackfillRow backfill;
  std::vector<Instant> logical_dates;  // of the runs that it makes
};

class Operations {
 public:
  virtual ~Operations() = default;

  virtual std::shared_ptr<const Definitions> definitions() const = 0;
  // Reads the files again. Returns the faults that were found.
  virtual void reload() = 0;

  virtual store::RunRow trigger(const Trigger& trigger) = 0;
  virtual void set_paused(std::string_view workflow, bool paused, std::string_view who) = 0;
  // Back to the start: finished tasks run again, with the workflow's newest definition if asked for; the run is open
  // again. What would be cleared (dry_run), or was.
  virtual std::vector<store::TaskOfRun> clear(const TaskChoice& choice, bool dry_run, bool newest_definition,
                                              std::string_view who) = 0;
  // Says what became of tasks: Success, Failed or Skipped. What runs is ended.
  virtual std::vector<store::TaskOfRun> mark(const TaskChoice& choice, run::TaskState state, bool dry_run,
                                             std::string_view who) = 0;
  // Of a whole run: Success and Failed end what is open in it, Queued clears all of it.
  virtual store::RunRow mark_run(std::string_view workflow, std::string_view run_id, run::RunState state,
                                 std::string_view who) = 0;
  // Ends what runs; the run fails as "cancelled".
  virtual store::RunRow cancel(std::string_view workflow, std::string_view run_id, std::string_view who) = 0;
  virtual void remove_run(std::string_view workflow, std::string_view run_id, std::string_view who) = 0;
  virtual void set_note(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                        std::string_view note, std::string_view who) = 0;
  // A person's word on an approve task, or on runs that wait for a connection's sign-in.
  virtual void approve(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                       bool approved, std::string_view note, std::string_view who) = 0;
  // A connection has been signed in again: what waits for it goes on.
  virtual void signed_in(std::string_view connection) = 0;

  virtual BackfillPlan backfill(const NewBackfill& backfill) = 0;
  virtual store::BackfillRow pause_backfill(std::int64_t id, bool paused, std::string_view who) = 0;
  virtual store::BackfillRow cancel_backfill(std::int64_t id, std::string_view who) = 0;

  // An asset has news that no task of ours made.
  virtual store::AssetEventRow add_asset_event(std::string_view asset, const std::string& extra_json,
                                               std::string_view by, std::string_view who) = 0;

  // The store's own small things, with their audit.
  virtual void save_pool(const store::PoolRow& pool, std::string_view who) = 0;
  virtual void remove_pool(std::string_view name, std::string_view who) = 0;
  virtual void save_variable(const store::VariableRow& variable, std::string_view who) = 0;
  virtual void remove_variable(std::string_view key, std::string_view who) = 0;
  virtual void audit(store::EventRow event) = 0;
};

}  // namespace plumb::workflow
