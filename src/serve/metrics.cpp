#include "serve/metrics.h"

#include <algorithm>

#include "base/document.h"
#include "base/format.h"

namespace plumb::serve {

namespace {

using std::chrono::microseconds;

void describe(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

template <class Number>
void single(std::string& out, std::string_view name, std::string_view type, std::string_view help, Number number) {
  describe(out, name, type, help);
  out += format("{} {}\n", name, number);
}

std::string label(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    c == '\n' ? out += "\\n" : out += c;
  }
  return out;
}

double seconds(Instant instant) {
  return std::chrono::duration<double>(instant.time_since_epoch()).count();
}

std::int64_t rows_of(const std::string& extra) {
  if (extra.find("\"rows\"") == std::string::npos) return 0;
  try {
    Document document = parse_json(extra, "extra");
    Node rows = document.root().find("rows");
    return rows.kind() == NodeKind::Int ? rows.as_int() : 0;
  } catch (const Error&) {
    return 0;  // what somebody sent by the api need not be ours
  }
}

// Kinds of tasks whose failure is one of the data's.
bool checks_data(const store::TaskRow& task) {
  return task.kind == "query-check" || task.kind == "test" || task.kind == "build";
}

}  // namespace

void Histogram::observe(microseconds time) {
  double value = std::chrono::duration<double>(time).count();
  auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), value) - kBounds.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(std::max(time, microseconds(0)).count(), std::memory_order_relaxed);
}

void Histogram::render(std::string& out, std::string_view name, std::string_view labels) const {
  std::string comma = labels.empty() ? "" : std::string(labels) + ",";
  std::string braces = labels.empty() ? "" : "{" + std::string(labels) + "}";
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    std::string bound = i < kBounds.size() ? format("{}", kBounds[i]) : "+Inf";
    out += format("{}_bucket{{{}le=\"{}\"}} {}\n", name, comma, bound, total);
  }
  out += format("{}_sum{} {}\n{}_count{} {}\n", name, braces,
                static_cast<double>(sum_.load(std::memory_order_relaxed)) / 1e6, name, braces, total);
}

void Metrics::changed(const workflow::Change& change) {
  using Kind = workflow::Change::Kind;
  auto add = [](std::atomic<std::int64_t>& counter, std::int64_t count = 1) {
    counter.fetch_add(count, std::memory_order_relaxed);
  };
  switch (change.kind) {
    case Kind::RunState:
      if (!change.run) return;
      add(run_states_[static_cast<std::size_t>(change.run->state)]);
      if (change.run->state == run::RunState::Running && change.run->started_at) {
        run_lag_.observe(*change.run->started_at - change.run->run_after);
      }
      if (run::finished(change.run->state) && change.run->started_at && change.run->ended_at) {
        run_time_.observe(*change.run->ended_at - *change.run->started_at);
      }
      return;
    case Kind::TaskState:
      if (change.task) add(task_states_[static_cast<std::size_t>(change.task->state)]);
      return;
    case Kind::AttemptEnded:
      if (change.attempt && change.attempt->started_at && change.attempt->ended_at) {
        task_time_.observe(*change.attempt->ended_at - *change.attempt->started_at);
        if (change.attempt->queued_at) queue_time_.observe(*change.attempt->started_at - *change.attempt->queued_at);
      }
      if (!change.attempt || change.attempt->state == run::TaskState::Success) return;
      if (change.task && checks_data(*change.task)) add(failed_checks_);
      add(change.last_attempt ? failed_for_good_ : retries_);
      return;
    case Kind::AssetEvent:
      add(asset_events_);
      if (change.event) add(rows_, rows_of(change.event->extra_json));
      return;
    case Kind::Deadline:
      add(deadlines_);
      return;
    case Kind::Definitions:
    case Kind::Waiting:
      return;
  }
}

void Metrics::answered(int status, microseconds time) {
  auto kind = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  answers_[kind].fetch_add(1, std::memory_order_relaxed);
  answer_time_.observe(time);
}

std::string Metrics::render() const {
  std::string out;
  render_counts(out);
  render_now(out);
  render_assets(out);
  return out;
}

void Metrics::render_counts(std::string& out) const {
  describe(out, "plumb_task_changes_total", "counter", "Times that a task came into a state.");
  for (std::size_t i = 0; i < task_states_.size(); ++i) {
    out += format("plumb_task_changes_total{{state=\"{}\"}} {}\n", run::to_string(static_cast<run::TaskState>(i)),
                  task_states_[i].load(std::memory_order_relaxed));
  }
  describe(out, "plumb_run_changes_total", "counter", "Times that a run came into a state.");
  for (std::size_t i = 0; i < run_states_.size(); ++i) {
    out += format("plumb_run_changes_total{{state=\"{}\"}} {}\n", run::to_string(static_cast<run::RunState>(i)),
                  run_states_[i].load(std::memory_order_relaxed));
  }
  single(out, "plumb_task_failures_total", "counter", "Tasks that failed for good.", failed_for_good_.load());
  single(out, "plumb_task_retries_total", "counter", "Attempts that failed and are tried again.", retries_.load());
  single(out, "plumb_check_failures_total", "counter", "Attempts of builds, tests and checks that failed.",
         failed_checks_.load());
  single(out, "plumb_asset_events_total", "counter", "News of assets.", asset_events_.load());
  single(out, "plumb_rows_loaded_total", "counter", "Rows that news of assets told of.", rows_.load());
  single(out, "plumb_deadlines_missed_total", "counter", "Deadlines that passed.", deadlines_.load());
  describe(out, "plumb_task_seconds", "histogram", "From an attempt's start to its end.");
  task_time_.render(out, "plumb_task_seconds", "");
  describe(out, "plumb_task_queue_seconds", "histogram", "From written down to started.");
  queue_time_.render(out, "plumb_task_queue_seconds", "");
  describe(out, "plumb_run_seconds", "histogram", "From a run's start to its end.");
  run_time_.render(out, "plumb_run_seconds", "");
  describe(out, "plumb_run_lag_seconds", "histogram", "From when a run was due to its start.");
  run_lag_.render(out, "plumb_run_lag_seconds", "");
  describe(out, "plumb_http_requests_total", "counter", "Answers by the class of their status.");
  for (std::size_t i = 2; i < answers_.size(); ++i) {
    out += format("plumb_http_requests_total{{status=\"{}xx\"}} {}\n", i, answers_[i].load(std::memory_order_relaxed));
  }
  describe(out, "plumb_http_seconds", "histogram", "From a request to its answer.");
  answer_time_.render(out, "plumb_http_seconds", "");
}

void Metrics::render_now(std::string& out) const {
  std::unique_ptr<store::Reader> reader = parts_.store.reader();
  std::map<run::TaskState, std::int64_t> counts = reader->open_task_counts();
  describe(out, "plumb_tasks", "gauge", "Tasks of runs that have not ended, by state.");
  for (std::size_t i = 0; i < kTaskStates; ++i) {
    auto state = static_cast<run::TaskState>(i);
    auto found = counts.find(state);
    out += format("plumb_tasks{{state=\"{}\"}} {}\n", run::to_string(state), found == counts.end() ? 0 : found->second);
  }
  describe(out, "plumb_pool_slots", "gauge", "Places of a pool.");
  for (const store::PoolRow& pool : reader->pools()) {
    out += format("plumb_pool_slots{{pool=\"{}\"}} {}\n", label(pool.name), pool.slots);
  }
  single(out, "plumb_store_syncs_total", "counter", "Times that the store was synced to disk.", parts_.store.syncs());
  single(out, "plumb_start_time_seconds", "gauge", "When the server started.", seconds(started_));
  if (!parts_.health) return;
  workflow::SchedulerHealth health = parts_.health();
  single(out, "plumb_scheduler_lag_seconds", "gauge", "Of the last run that the schedule made: made minus due.",
         std::chrono::duration<double>(health.lag).count());
  single(out, "plumb_scheduler_rounds_total", "counter", "Rounds of the scheduler's loop.", health.rounds);
  single(out, "plumb_scheduler_last_round_seconds", "gauge", "When the loop last went round.",
         seconds(health.last_round));
  single(out, "plumb_open_runs", "gauge", "Runs that have not ended.", health.open_runs);
  single(out, "plumb_running_tasks", "gauge", "Tasks at work.", health.running_tasks);
  single(out, "plumb_queued_tasks", "gauge", "Tasks that are about to start.", health.queued_tasks);
  single(out, "plumb_engine_up", "gauge", "1 when an engine runs.", health.engine_pid ? 1 : 0);
  single(out, "plumb_engine_memory_bytes", "gauge", "Memory of the engine.", health.engine_bytes);
}

void Metrics::render_assets(std::string& out) const {
  std::unique_ptr<store::Reader> reader = parts_.store.reader();
  describe(out, "plumb_asset_updated_seconds", "gauge", "When an asset last had news.");
  constexpr std::int64_t kMostAssets = 1000;
  for (const store::AssetRow& asset : reader->assets("", {.limit = kMostAssets}).rows) {
    store::Page<store::AssetEventRow> last = reader->asset_events({.asset = asset.name}, {.limit = 1});
    if (last.rows.empty()) continue;
    out += format("plumb_asset_updated_seconds{{asset=\"{}\"}} {:.6f}\n", label(asset.name), seconds(last.rows[0].at));
  }
}

}  // namespace plumb::serve
