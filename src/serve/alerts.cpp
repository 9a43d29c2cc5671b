#include "serve/alerts.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/format.h"
#include "base/process.h"
#include "run/run.h"
#include "serve/alert_outbox.h"

namespace plumb::serve {
namespace {

constexpr std::size_t kMostWaiting = 1000;  // events that the thread has not taken up
constexpr std::size_t kMostAttempts = 3;    // failing ones that are told of a run, with their logs
constexpr std::size_t kLongestLine = 300;   // bytes of a log's line
constexpr auto kLongestDelay = std::chrono::minutes(30);
constexpr auto kOverlap = std::chrono::minutes(1);  // rows may be committed later than the clock says

// What the listener takes along. The rest is read from the store when the message is written: now it is not there yet.
std::optional<AlertEvent> read_change(const workflow::Change& change, Instant now) {
  using Kind = workflow::Change::Kind;
  if (change.run == nullptr) return std::nullopt;
  const store::RunRow& run = *change.run;
  AlertEvent event{.workflow = run.workflow, .run_id = run.run_id, .text = change.text, .at = now};
  if (change.task != nullptr) event.task = change.task->task;
  auto key = [&](std::string_view what, const std::string& more) {
    event.key = format("{} {} {} {}", run.id, what, event.task, more);
  };
  switch (change.kind) {
    case Kind::RunState:
      if (!run::finished(run.state)) return std::nullopt;
      event.kind = run.state == run::RunState::Failed ? AlertKind::Failure : AlertKind::Success;
      event.at = run.ended_at.value_or(now);
      key(to_string(run.state), format_instant(event.at));
      return event;
    case Kind::AttemptEnded:
      if (change.last_attempt || change.attempt == nullptr || change.task == nullptr) return std::nullopt;
      event.kind = AlertKind::Retry;
      event.attempts.push_back({.task = change.task->task,
                                .map_index = change.task->map_index,
                                .try_number = change.attempt->try_number,
                                .message = change.attempt->message});
      key("retry", format("{} {}", change.task->map_index, change.attempt->try_number));
      return event;
    case Kind::Deadline:
      event.kind = AlertKind::Deadline;
      key("deadline", "");
      return event;
    case Kind::Waiting:
      event.kind = AlertKind::Approval;
      key("approval", change.task == nullptr ? "" : format("{} {}", change.task->map_index, change.task->try_number));
      return event;
    default:
      return std::nullopt;
  }
}

}  // namespace

struct Alerts::State {
  State(AlertOptions used, std::vector<AlertRule> known, store::Store& used_store, Clock& used_clock, Log used_log)
      : options(std::move(used)),
        rules(std::move(known)),
        store(used_store),
        clock(used_clock),
        log(used_log.module("alerts")) {}

  void hear(const workflow::Change& change);
  void work(const std::stop_token& stop);
  void take_up();
  bool take(const AlertEvent& event);
  bool send_due(const std::stop_token& stop);
  void complete(AlertEvent& event, store::Reader& reader) const;
  std::vector<std::string> log_lines(const std::string& file) const;

  AlertOptions options;
  std::vector<AlertRule> rules;
  store::Store& store;
  Clock& clock;
  Log log;
  AlertOutbox outbox;

  std::mutex mutex;
  std::condition_variable_any wake;
  std::deque<AlertEvent> waiting;
  bool gone = false;
  std::jthread thread;
};

void Alerts::State::hear(const workflow::Change& change) {
  std::lock_guard lock(mutex);
  if (gone) return;
  auto event = read_change(change, clock.now());
  if (!event || waiting.size() >= kMostWaiting) return;
  bool wanted = std::any_of(rules.begin(), rules.end(),
                            [&](const AlertRule& rule) { return rule.wants(event->kind, event->workflow); });
  if (!wanted) return;
  waiting.push_back(std::move(*event));
  wake.notify_one();
}

// Sleeps until something happened or a letter is due; notes what happened; closes groups; sends what is due.
void Alerts::State::work(const std::stop_token& stop) {
  take_up();
  while (!stop.stop_requested()) {
    std::deque<AlertEvent> news;
    {
      std::unique_lock lock(mutex);
      auto some = [&] { return !waiting.empty(); };
      if (auto next = outbox.next()) {
        wake.wait_for(lock, stop, std::max(*next - clock.now(), Duration(0)), some);
      } else {
        wake.wait(lock, stop, some);
      }
      news.swap(waiting);
    }
    bool changed = false;
    for (const AlertEvent& event : news) changed |= take(event);
    changed |= outbox.close_groups(clock.now(), [&](AlertEvent& event) { complete(event, *store.reader()); });
    if (changed) outbox.save(store);
    while (!stop.stop_requested() && send_due(stop)) {
    }
  }
}

void Alerts::State::take_up() {
  auto reader = store.reader();
  std::size_t lost = 0;
  outbox = AlertOutbox::load(*reader, lost);
  if (lost > 0) log.warn(format("{} on the way when the server went: not sent again", lost));
  if (auto since = outbox.since()) {
    auto failed = reader->runs({.states = {run::RunState::Failed}, .ended_at = {.from = *since}}, {.limit = 100});
    for (const store::RunRow& run : failed.rows) {
      if (auto event = read_change({.kind = workflow::Change::Kind::RunState, .run = &run}, clock.now())) take(*event);
    }
  }
  outbox.set_since(clock.now() - kOverlap);
  outbox.save(store);
}

bool Alerts::State::take(const AlertEvent& event) {
  if (!outbox.see(event)) return false;
  for (const AlertRule& rule : rules) {
    if (rule.wants(event.kind, event.workflow)) outbox.add(rule.name, event, clock.now() + options.window);
  }
  outbox.set_since(std::max(outbox.since().value_or(Instant()), event.at - kOverlap));
  return true;
}

// Of a run that failed: the tasks that did, each with its last attempt. Of an attempt: its log.
void Alerts::State::complete(AlertEvent& event, store::Reader& reader) const {
  if (event.kind == AlertKind::Failure) {
    auto failed = reader.tasks({.workflow = event.workflow, .run_id = event.run_id, .states = {run::TaskState::Failed}},
                               {.limit = 100});
    for (const store::TaskOfRun& row : failed.rows) {
      if (event.attempts.size() == kMostAttempts) break;
      event.attempts.push_back({.task = row.task.task,
                                .map_index = row.task.map_index,
                                .try_number = row.task.try_number,
                                .message = row.task.message});
    }
  }
  auto run = event.attempts.empty() ? std::nullopt : reader.find_run(event.workflow, event.run_id);
  if (!run) return;
  for (AlertAttempt& about : event.attempts) {
    for (const store::AttemptRow& attempt : reader.attempts_of(run->id, about.task, about.map_index)) {
      if (attempt.try_number == about.try_number) about.log = log_lines(attempt.log);
    }
  }
}

std::vector<std::string> Alerts::State::log_lines(const std::string& file) const {
  std::vector<std::string> lines;
  if (file.empty()) return lines;
  for (run::LogLine& line : run::read_log_tail(options.logs / file, options.lines, true).lines) {
    if (line.text.size() > kLongestLine) line.text = line.text.substr(0, kLongestLine) + "…";
    lines.push_back(std::move(line.text));
  }
  return lines;
}

bool Alerts::State::send_due(const std::stop_token& stop) {
  AlertLetter* letter = outbox.find_due(clock.now());
  if (letter == nullptr) return false;
  letter->on_its_way = true;
  outbox.save(store);
  AlertAnswer answer = options.send(letter->alert, letter->message, stop);
  letter->on_its_way = false;
  ++letter->tries;
  bool old = clock.now() - letter->written > options.patience;
  if (answer.sent) {
    log.info(format("'{}' was told", letter->alert));
    outbox.remove(letter);
  } else if (!answer.again || old) {
    log.error(format("alert '{}' could not be sent: {}", letter->alert, answer.problem));
    outbox.remove(letter);
  } else {
    Duration delay = options.first_delay * (1 << std::min(letter->tries - 1, 10));
    letter->next_try = clock.now() + std::min<Duration>(delay, kLongestDelay);
    log.warn(format("alert '{}' is sent again later: {}", letter->alert, answer.problem));
  }
  outbox.save(store);
  return true;
}

AlertAnswer send_by_child(const std::string& program, const std::filesystem::path& project_folder,
                          const std::string& alert, const std::string& message, std::stop_token stop) {
  auto result = run_command({.arguments = {program, "--project-dir", project_folder.string(), "alert", "send", alert},
                             .input = message,
                             .timeout = std::chrono::seconds(40)},
                            std::move(stop));
  std::string problem = result.errors.substr(0, result.errors.find_last_not_of('\n') + 1);
  return {.sent = result.ok(), .again = result.timed_out || result.exit_code == 75, .problem = std::move(problem)};
}

Alerts::Alerts(AlertOptions options, std::vector<AlertRule> rules, store::Store& store, Clock& clock, Log log)
    : state_(std::make_shared<State>(std::move(options), std::move(rules), store, clock, std::move(log))) {
  if (state_->rules.empty()) return;
  state_->thread = std::jthread([state = state_.get()](const std::stop_token& stop) {
    try {
      state->work(stop);
    } catch (const Error& error) {
      // The end of this thread's work, as a worker's is: nobody else is told.
      if (!stop.stop_requested()) state->log.error(format("alerts have ended: {}", error.render()));
    }
  });
}

Alerts::~Alerts() {
  {
    std::lock_guard lock(state_->mutex);
    state_->gone = true;
  }
  state_->thread = {};
}

workflow::Listener Alerts::listener() {
  return [state = state_](const workflow::Change& change) { state->hear(change); };
}

}  // namespace plumb::serve
