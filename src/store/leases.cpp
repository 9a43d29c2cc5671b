// Several schedulers on one store: who is alive, who owns which run, and who was taken for dead.
//
// With Postgres a scheduler is alive while its lease runs, by the database's clock. Who finds a lease that has ended
// deletes the scheduler's row, in one transaction with taking over its runs. A scheduler that was only slow finds its
// row gone in its next batch (expect_lease reads it for update, so the two can't pass each other) and lets go.
// With SQLite all are on one machine, and a scheduler is dead when its process is; its lease counts only when the row
// names another host, as when a container shares the folder.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "store/state.h"

namespace plumb::store {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

// Field 22 of /proc/PID/stat, counted behind the name, which may hold blanks and brackets; 0 when there is none.
std::int64_t start_of(std::int64_t pid) {
  std::string stat = find_file(format("/proc/{}/stat", pid)).value_or("");
  std::size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return 0;
  std::int64_t ticks = 0;
  std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), ticks);
  return ticks;
}

bool process_lives(const SchedulerRow& scheduler) {
  if (::kill(static_cast<pid_t>(scheduler.pid), 0) != 0 && errno == ESRCH) return false;
  return start_of(scheduler.pid) == scheduler.started_ticks;
}

Error fenced(const SchedulerRow& scheduler) {
  return Error(ErrorKind::Cancelled, format("another scheduler has taken over the runs of {}", scheduler.id),
               {.hint = "its lease ended before it was renewed: let go of all runs, and begin as a new scheduler",
                .type = "Fenced"});
}

constexpr std::string_view kDatabaseNow = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

}  // namespace

SchedulerRow this_scheduler(std::string_view kind, const Clock& clock, Duration lease) {
  std::int64_t pid = ::getpid();
  return {.id = random_hex(8),
          .host = host_name(),
          .pid = pid,
          .started_ticks = start_of(pid),
          .started_at = clock.now(),
          .lease_until = clock.now() + lease,
          .kind = std::string(kind)};
}

void Batch::save(const SchedulerRow& scheduler) {
  Values values = to_values(scheduler);
  auto lease = scheduler.lease_until - state_->store.clock.now();
  values.push_back(state_->store.postgres ? to_value(std::int64_t{lease.count()}) : to_value(scheduler.lease_until));
  state_->execute(state_->store.statements.save_scheduler, values);
}

void Batch::expect_lease(const SchedulerRow& scheduler) {
  std::string_view lock = state_->store.postgres ? " FOR UPDATE" : "";
  if (!state_->ask(format("SELECT id FROM schedulers WHERE id = ?{}", lock), {scheduler.id})) throw fenced(scheduler);
}

void Batch::take_turn() {
  if (!state_->store.postgres || state_->has_turn) return;
  // "plumb turn" in a number, and one of the schema.
  state_->ask("SELECT pg_advisory_xact_lock(75875260, hashtext(current_schema()))", {});
  state_->has_turn = true;
}

void Batch::State::remove_dead_schedulers(const SchedulerRow& alive) {
  if (store.postgres) {
    // Who is just at work on his row is not dead.
    execute(
        format("DELETE FROM schedulers WHERE id IN (SELECT id FROM schedulers WHERE expires_at < {} AND id <> ? FOR "
               "UPDATE SKIP LOCKED)",
               kDatabaseNow),
        {alive.id});
    return;
  }
  auto answer =
      ask(format("SELECT {} FROM schedulers WHERE id <> ?", list_columns(column_names<SchedulerRow>())), {alive.id});
  for (std::size_t row = 0; answer && row < answer->rows(); ++row) {
    std::size_t column = 0;
    auto other = read_row<SchedulerRow>(*answer, row, column);
    bool lives = other.host == host_name() ? process_lives(other) : other.lease_until >= store.clock.now();
    if (!lives) execute("DELETE FROM schedulers WHERE id = ?", {other.id});
  }
}

std::vector<std::int64_t> Batch::claim_runs(const SchedulerRow& scheduler, int limit) {
  expect_lease(scheduler);
  state_->remove_dead_schedulers(scheduler);
  auto claimed = state_->ask(
      format(
          "UPDATE runs SET owner = ? WHERE id IN (SELECT id FROM runs WHERE state IN ('queued', 'running') AND owner "
          "NOT IN (SELECT id FROM schedulers) ORDER BY id LIMIT ?{}) RETURNING id",
          state_->store.postgres ? " FOR UPDATE SKIP LOCKED" : ""),
      {scheduler.id, to_value(limit)});
  std::vector<std::int64_t> ids;
  for (std::size_t row = 0; claimed && row < claimed->rows(); ++row) ids.push_back(claimed->column(0).int64_at(row));
  std::sort(ids.begin(), ids.end());
  state_->rows += static_cast<std::int64_t>(ids.size());
  return ids;
}

std::vector<WorkOfOthers> Batch::work_of_others(const SchedulerRow& scheduler) {
  std::vector<WorkOfOthers> work;
  auto answer = state_->connection->query(
      "SELECT t.workflow, t.task, t.pool, CAST(sum(t.slots) AS BIGINT), count(*) FROM tasks t "
      "JOIN runs r ON r.id = t.run WHERE t.state IN ('queued', 'running') AND r.owner <> ? "
      "GROUP BY t.workflow, t.task, t.pool",
      {scheduler.id});
  while (auto rows = answer->next()) {
    for (std::size_t row = 0; row < rows->rows(); ++row) {
      WorkOfOthers& one = work.emplace_back();
      one.workflow = rows->column(0).text_at(row);
      one.task = rows->column(1).text_at(row);
      one.pool = rows->column(2).text_at(row);
      read(rows->column(3), row, one.slots);
      read(rows->column(4), row, one.instances);
    }
  }
  return work;
}

std::int64_t Batch::runs_of_others(const SchedulerRow& scheduler, std::string_view workflow,
                                   const std::vector<RunState>& states) {
  std::int64_t runs = 0;
  for (RunState state : states) {
    auto answer = state_->ask("SELECT count(*) FROM runs WHERE workflow = ? AND state = ? AND owner <> ?",
                              {std::string(workflow), std::string(run::to_string(state)), scheduler.id});
    if (answer) runs += answer->column(0).int64_at(0);
  }
  return runs;
}

std::vector<AssetEventRow> Batch::news_for(std::string_view workflow) {
  std::vector<AssetEventRow> news;
  auto answer = state_->connection->query(
      format("SELECT {} FROM asset_events {}", list_columns(column_names<AssetEventRow>()), kNewsOfWorkflow),
      {std::string(workflow)});
  while (auto rows = answer->next()) {
    for (std::size_t row = 0; row < rows->rows(); ++row) {
      std::size_t column = 0;
      news.push_back(read_row<AssetEventRow>(*rows, row, column));
    }
  }
  return news;
}

}  // namespace plumb::store
