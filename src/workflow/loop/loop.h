// The loop behind Scheduler (scheduler.h). One class, told in parts, each a file:
//
//   loop.cpp      a round: wait, take what has happened, apply it, commit, start what is ready
//   events.cpp    what the spawner and the engine tell
//   lease.cpp     other servers on the same store: who owns which run, and what to do when one is gone
//   due.cpp       schedules: what falls due becomes a run
//   runs.cpp      a run's life: made, started, taken up again, ended
//   dispatch.cpp  who may start now, and the begin of an attempt
//   inline.cpp    tasks that are carried out here: waits, approvals, sub-runs, branches, maps
//   ends.cpp      what the end of an attempt means: success, retry, failure
//   assets.cpp    news of assets, and who waits for them
//   control.cpp   what people ask for; backfill.cpp, clear.cpp
//   sweep.cpp     what has been kept long enough goes
//
// Everything runs on the loop's thread but perform(), the definitions and health.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/file.h"
#include "engine/engine.h"
#include "run/run.h"
#include "workflow/loop/active_run.h"
#include "workflow/loop/attempt_end.h"
#include "workflow/loop/launch.h"
#include "workflow/loop/places.h"
#include "workflow/render.h"
#include "workflow/scheduler.h"

namespace plumb::workflow {

// Under this name the entries of a map are kept among its task's values.
constexpr std::string_view kMapItems = "_plumb_map";

// "2026-11-21T06:00:00+00:00", as run ids have it.
std::string iso_instant(Instant instant);

// An event as templates see it.
jinja::Value value_of(const store::AssetEventRow& event);

class Loop {
 public:
  using RunState = run::RunState;
  using TaskState = run::TaskState;

  Loop(SchedulerOptions options, const config::Project& project, store::Store& store, Clock& clock, Log log);
  ~Loop();

  void run(const std::function<bool()>& enough, std::stop_token stop);
  // Carries it out in the loop's order and waits until it is written down; without a loop here and now.
  void perform(const std::function<void()>& work);
  std::shared_ptr<const Definitions> definitions() const;

  // --- What people ask for, called through perform().
  void reload();
  store::RunRow trigger(const Trigger& trigger);
  void set_paused(std::string_view workflow, bool paused, std::string_view who);
  std::vector<store::TaskOfRun> clear(const TaskChoice& choice, bool dry_run, bool newest_definition,
                                      std::string_view who);
  std::vector<store::TaskOfRun> mark(const TaskChoice& choice, TaskState state, bool dry_run, std::string_view who);
  store::RunRow mark_run(std::string_view workflow, std::string_view run_id, RunState state, std::string_view who);
  store::RunRow cancel(std::string_view workflow, std::string_view run_id, std::string_view who);
  void remove_run(std::string_view workflow, std::string_view run_id, std::string_view who);
  void set_note(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                std::string_view note, std::string_view who);
  void approve(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index, bool approved,
               std::string_view note, std::string_view who);
  void signed_in(std::string_view connection);
  BackfillPlan backfill(const NewBackfill& backfill);
  store::BackfillRow pause_backfill(std::int64_t id, bool paused, std::string_view who);
  store::BackfillRow cancel_backfill(std::int64_t id, std::string_view who);
  store::AssetEventRow add_asset_event(std::string_view asset, const std::string& extra_json, std::string_view by,
                                       std::string_view who);
  void save_pool(const store::PoolRow& pool, std::string_view who);
  void remove_pool(std::string_view name, std::string_view who);
  void save_variable(const store::VariableRow& variable, std::string_view who);
  void remove_variable(std::string_view key, std::string_view who);
  void audit(store::EventRow event);
  store::Batch& batch();
  void load_pools();

  std::vector<Listener> listeners;
  SchedulerHealth health() const;
  std::filesystem::path log_file(const store::AttemptRow& attempt) const { return logs_ / attempt.log; }
  // Whether anything of it is still to come, callbacks included.
  bool has_run(std::int64_t run) const { return runs_.contains(run) || waiting_.contains(run) || !callbacks_.empty(); }

 private:
  // How far a workflow's schedule has come, and how many of its runs are at work.
  struct Scheduled {
    std::shared_ptr<const Workflow> workflow;
    store::WorkflowRow row;
    std::optional<Due> last, next;
    std::uint64_t timer = 0;
    std::set<std::int64_t> active;                     // runs that are at work
    std::set<std::pair<Instant, std::int64_t>> queue;  // runs that wait for their turn: (run_after, id)
    std::vector<std::pair<std::int64_t, run::Instance>> wait_for_past;  // instances that wait for an earlier run
    std::map<std::string, store::AssetEventRow, std::less<>> news;      // of assets, since the last run for them
    bool dirty = false;
    bool pause_changed = false;   // here, and not written down yet
    bool held_by_others = false;  // as many of its runs as may be are at work, some of them elsewhere
  };
  // An attempt that is at work somewhere else.
  struct Flight {
    std::int64_t run = 0;
    run::Instance instance;
    bool engine = false;
    std::string output;  // of a query that a map is made of
    bool query = false;
  };
  struct Start {
    std::uint64_t flight = 0;
    Carrier what;
    bool callback = false;
  };
  struct Timer {
    std::function<void()> what;
    bool delay = false;  // counts from when it was set
  };
  using HappenedEvent = std::variant<run::SpawnerEvent, engine::Event>;

  // loop.cpp
  void wait(std::stop_token stop);
  void round();
  void give_up_round();
  void take_events();
  void flush();
  void commit_now();
  void rest();
  void start_all();
  void end_flight(std::uint64_t id, const Flight& flight);
  void shut_down();
  void wake() const;
  void tell(const Change& change) const;
  void watch_files();
  void take_file_changes();
  Instant now() const { return clock_.now(); }

  // lease.cpp
  void take_up();
  void resync();
  void renew_lease();
  void let_go(const Error& fenced);
  void see_others();
  void begin_schedules_again();
  bool falls_to_us(std::string_view workflow) const;
  std::size_t runs_elsewhere(std::string_view workflow, const std::vector<RunState>& states);
  void count_others(const ActiveRun& active, run::Instance instance, Places& pool, Places* of_task);
  void look_around_soon();
  void look_around();
  void expect_ours(const store::RunRow& row);

  // events.cpp
  void apply(const run::SpawnerEvent& event);
  void apply(const engine::Event& event);

  // timers.cpp
  std::uint64_t at(Instant when, std::function<void()> what);
  std::uint64_t after(Duration delay, std::function<void()> what);
  void drop_timer(std::uint64_t& timer);
  void fire_timers();
  void see_clock();

  // due.cpp
  void read_definitions();
  void adopt_all(const Definitions& definitions);
  void adopt(const std::shared_ptr<const Workflow>& workflow, const store::WorkflowRow* known);
  void plan_next(Scheduled& scheduled);
  void see_pause(Scheduled& scheduled);
  bool made_elsewhere(const Scheduled& scheduled, const std::string& run_id);
  void make_due_run(const std::string& name);
  void put_due(Scheduled& scheduled);
  Scheduled& get_scheduled(std::string_view name);

  // runs.cpp
  std::optional<store::RunRow> make_run(store::RunRow row, const Workflow& workflow);
  std::string free_run_id(const std::string& workflow, std::string_view kind, Instant when);
  void enqueue(const store::RunRow& row);
  void start_queued(const std::string& workflow);
  void start_run(store::RunRow row);
  // Of an earlier life, or another scheduler: queued, or in the middle.
  void take_up_run(store::RunRow row);
  void restore_run(const store::RunRow& row, std::shared_ptr<const Workflow> workflow);
  std::shared_ptr<const Workflow> definition_of(const store::RunRow& row);
  std::int64_t version_of(const Workflow& workflow);
  ActiveRun* find_active(std::int64_t run);
  void restore_task(ActiveRun& active, std::size_t task, const std::vector<const store::TaskRow*>& rows);
  void go_on(ActiveRun& active, run::Instance instance);
  void retry_now(std::int64_t run, run::Instance instance, TaskState from, std::optional<Instant> due);
  void tell_deadline(std::int64_t run, std::optional<std::size_t> task);
  void save_now(ActiveRun& active);
  void wake_past_waiters(Scheduled& scheduled);
  void take_steps(ActiveRun& active, const std::vector<run::Step>& steps);
  void finish_run_if_done(ActiveRun& active);
  void finish_run(ActiveRun& active, RunState state);
  void set_run_timers(ActiveRun& active);
  void end_waiting_run(const store::RunRow& row, RunState state);
  void after_run(const store::RunRow& row);

  // dispatch.cpp
  void make_ready(ActiveRun& active, run::Instance instance);
  ReadyKey key_of(const ActiveRun& active, run::Instance instance) const;
  void dispatch();
  void begin(ActiveRun& active, run::Instance instance);
  bool past_allows(ActiveRun& active, run::Instance instance);
  void begin_attempt(ActiveRun& active, run::Instance instance);
  LaunchFacts launch_facts(const ActiveRun& active, const Task& task, const store::TaskRow& row) const;
  void free_place(ActiveRun& active, TaskInstance& instance, std::size_t task);
  void unpark(ReadySet& parked);
  void set_state(ActiveRun& active, run::Instance instance, TaskState state);
  void touch(ActiveRun& active, run::Instance instance);
  void touch_attempt(ActiveRun& active, run::Instance instance);
  void touch(ActiveRun& active);
  jinja::Value render_context(ActiveRun& active, run::Instance instance);
  void wake_pools();
  Places* find_task_places(const ActiveRun& active, const Task& task);
  bool take_place(ActiveRun& active, run::Instance instance);
  jinja::Value asset_events(ActiveRun& active);
  jinja::Value variables();
  std::string masked(std::string text) const;
  void note(const TaskInstance& about, std::string_view text);

  // inline.cpp
  bool carry_out_here(ActiveRun& active, run::Instance instance, const jinja::Value& settings);
  void begin_wait(ActiveRun& active, run::Instance instance, const jinja::Value& settings);
  void look_again(std::int64_t run, run::Instance instance, int try_number);
  void answer(ActiveRun& active, run::Instance instance, bool approved, std::string message);
  void begin_sub_run(ActiveRun& active, run::Instance instance, const jinja::Value& settings);
  void end_sub_run(ActiveRun& active, run::Instance instance, const store::RunRow& child);
  void begin_branch(ActiveRun& active, run::Instance instance, const jinja::Value& settings);
  void begin_map(ActiveRun& active, std::size_t task);
  void expand_map(ActiveRun& active, std::size_t task, const jinja::Value& list);
  void defer(ActiveRun& active, run::Instance instance, std::string_view waiting_for, std::string message,
             std::optional<Instant> until = {});
  Instant wanted_time(const ActiveRun& active, const std::string& text, Instant begun) const;
  void reset_waits_for(std::string_view asset, const store::AssetEventRow& event);

  // ends.cpp
  void end_attempt(std::uint64_t flight, AttemptEnd end);
  void end_attempt(ActiveRun& active, run::Instance instance, AttemptEnd end, std::span<const std::size_t> skip = {});
  void succeed(ActiveRun& active, run::Instance instance, const AttemptEnd& end, std::span<const std::size_t> skip);
  void fail(ActiveRun& active, run::Instance instance, const AttemptEnd& end);
  void conclude(ActiveRun& active, run::Instance instance, TaskState state, std::span<const std::size_t> skip = {});
  void keep_values(ActiveRun& active, run::Instance instance, const AttemptEnd& end);
  void keep_value(ActiveRun& active, run::Instance instance, const std::string& key, const jinja::Value& value);
  static std::vector<std::pair<std::string, jinja::Value>> read_values(const std::string& text);
  void call_back(ActiveRun& active, const std::vector<Callback>& callbacks, std::string_view event,
                 std::optional<run::Instance> instance);
  std::chrono::microseconds retry_delay(const Task& task, int attempt) const;

  // assets.cpp
  void add_news(store::AssetEventRow& event);
  void add_task_news(ActiveRun& active, run::Instance instance, const std::string& asset,
                     const std::string& extra_json);
  void take_report(ActiveRun& active, run::Instance instance, const std::string& report);
  void start_if_fulfilled(Scheduled& scheduled);
  void index_assets();

  // clear.cpp, control.cpp
  std::vector<store::RunRow> chosen_runs(const TaskChoice& choice);
  std::vector<run::Instance> chosen_tasks(ActiveRun& active, const TaskChoice& choice);
  store::RunRow get_run(std::string_view workflow, std::string_view run_id);
  void cancel_run(ActiveRun& active, std::string_view why);
  void stop_instance(ActiveRun& active, run::Instance instance, std::string_view why);
  std::unique_ptr<ActiveRun> read_run(const store::RunRow& row, std::shared_ptr<const Workflow> workflow);
  static void reset_task(TaskInstance& about, const Task& task);
  static bool chosen_whole(const ActiveRun& active, std::size_t task, const std::vector<run::Instance>& chosen);
  void fold(ActiveRun& active, std::size_t task);
  void reopen(store::RunRow row, bool active);
  void forget(ActiveRun& active);
  void settle_ended(ActiveRun& read);
  store::TaskOfRun told(const ActiveRun& active, run::Instance instance);

  // sweep.cpp
  void plan_sweeps();
  void sweep();
  bool remove_old_logs(Instant before);

  // backfill.cpp
  store::BackfillRow get_backfill(std::int64_t id);
  bool backfill_allows(const store::RunRow& row);
  void check_backfill(std::int64_t id);

  SchedulerOptions options_;
  const config::Project& project_;
  store::Store& store_;
  Clock& clock_;
  Log log_;
  std::filesystem::path logs_;
  store::SchedulerRow self_;
  std::string marker_;                                           // of our processes: the first name that we had
  int lives_ = 1;                                                // each with a name of its own
  std::vector<std::string> others_;                              // servers that make runs, beside us
  std::optional<std::vector<store::WorkOfOthers>> others_work_;  // as of this batch
  std::uint64_t look_timer_ = 0;
  bool fenced_ = false;  // another server has taken our runs; we begin again under a new name
  Instant started_at_;
  std::vector<Secret> secrets_;

  Renderer renderer_;
  std::optional<run::Spawner> spawner_;  // not in a passive one
  std::unique_ptr<engine::EngineClient> engine_;

  mutable std::mutex definitions_mutex_;
  std::shared_ptr<const Definitions> definitions_;

  // The mail box of perform(). A letter is answered when what it asked for is written down.
  struct Letter {
    const std::function<void()>* work = nullptr;
    std::promise<void> answer;
  };
  std::mutex mail_mutex_;
  std::deque<Letter> mail_;
  std::vector<Letter> answered_;  // of this round
  std::optional<std::thread::id> loop_thread_;
  std::recursive_mutex direct_mutex_;  // of perform() without a loop
  FileDescriptor wake_;
  FileDescriptor files_;  // inotify
  bool files_changed_ = false;
  std::uint64_t reload_timer_ = 0, sweep_timer_ = 0, rest_timer_ = 0;
  std::optional<Instant> logs_removed_until_;

  std::map<std::string, Scheduled, std::less<>> scheduled_;
  std::map<std::string, std::vector<std::string>, std::less<>> consumers_;  // asset → workflows that wait for it
  std::map<std::int64_t, std::unique_ptr<ActiveRun>> runs_;
  std::map<std::int64_t, store::RunRow> waiting_;         // queued runs
  std::map<std::int64_t, store::BackfillRow> backfills_;  // open ones
  std::map<std::int64_t, jinja::Value> run_news_;         // what started a run, as templates see it
  std::map<std::uint64_t, Flight> flights_;
  std::uint64_t last_flight_ = 0;
  std::set<std::uint64_t> callbacks_;  // that are at work: their end decides nothing, but is waited for
  Instant last_run_id_;

  std::map<std::string, Places, std::less<>> pools_;
  std::map<std::pair<std::int64_t, std::string>, Places>
      task_places_;  // of a task over all runs (0), or of a run's map
  ReadySet ready_;
  int at_work_ = 0;
  jinja::Value variables_;  // the stored ones, as long as nobody changes them
  bool variables_known_ = false;

  // Timers: by time, then by number.
  std::map<std::pair<Instant, std::uint64_t>, Timer> timers_;
  std::map<std::uint64_t, Instant> timer_times_;
  std::uint64_t last_timer_ = 0;
  Instant clock_seen_;

  // This round's.
  std::optional<store::Batch> batch_;
  std::vector<HappenedEvent> happened_;
  std::set<std::int64_t> dirty_runs_;
  std::vector<Start> starts_;
  bool urgent_ = false;  // what changed can't wait for the next commit
  std::uint64_t lazy_timer_ = 0;
  std::vector<std::unique_ptr<ActiveRun>> ended_;  // kept until they are written down
  std::vector<std::pair<std::int64_t, run::Instance>> news_waits_;
  bool stopping_ = false;  // nothing is started any more
  bool broken_ = false;    // the last commit failed: memory is not to be trusted

  std::atomic<std::int64_t> last_round_{0}, lag_{0}, rounds_{0}, open_runs_{0}, running_tasks_{0}, queued_tasks_{0};
  std::atomic<int> engine_pid_{0};
  std::atomic<std::int64_t> engine_bytes_{0};
};

}  // namespace plumb::workflow
