// What the end of an attempt means: done, another try, or failed for good.
#include <algorithm>
#include <random>

#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

using jinja::Value;
using Verdict = AttemptEnd::Verdict;

namespace {

// How often an attempt may die with its server or engine before that counts as its own fault.
constexpr int kMostLosses = 3;
constexpr std::chrono::seconds kPokeEvery{30};
constexpr std::size_t kLargestValues = 1u << 20;

run::TaskState state_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Success:
      return run::TaskState::Success;
    case Verdict::Skipped:
      return run::TaskState::Skipped;
    case Verdict::NotYet:
      return run::TaskState::UpForReschedule;
    case Verdict::NeedsPerson:
      return run::TaskState::Deferred;
    default:
      return run::TaskState::Failed;
  }
}

}  // namespace

void Loop::end_attempt(std::uint64_t flight, AttemptEnd end) {
  auto found = flights_.find(flight);
  if (found == flights_.end()) return;
  Flight ended = std::move(found->second);
  flights_.erase(found);
  ActiveRun* active = find_active(ended.run);
  if (active == nullptr) return;
  if (active->at(ended.instance).flight != flight) return;
  active->at(ended.instance).flight = 0;
  if (!ended.query) return end_attempt(*active, ended.instance, std::move(end));
  // The rows that a map is made of.
  try {
    if (end.verdict == Verdict::Lost) return make_ready(*active, ended.instance);
    if (end.verdict != Verdict::Success) throw Error(ErrorKind::Database, "the map's query failed: " + end.message);
    expand_map(*active, ended.instance.task, value_of_json(ended.output));
  } catch (const Error& error) {
    active->at(ended.instance).row.message = error.what();
    conclude(*active, ended.instance, TaskState::Failed);
  }
}

void Loop::end_attempt(ActiveRun& active, run::Instance instance, AttemptEnd end, std::span<const std::size_t> skip) {
  TaskInstance& about = active.at(instance);
  free_place(active, about, instance.task);
  about.flight = 0;
  if (about.attempt) {
    about.attempt->state = state_of(end.verdict);
    about.attempt->exit_code = end.exit_code;
    about.attempt->signal = end.signal;
    about.attempt->message = end.message;
    if (end.verdict != Verdict::NotYet) about.attempt->ended_at = end.at;
    touch_attempt(active, instance);
  }
  about.row.message = end.message;
  about.row.pid = 0;
  // Whoever ended it on purpose has said what becomes of it.
  if (!active.cancelled.empty() && end.verdict != Verdict::Success) {
    about.row.message = active.cancelled;
    return conclude(active, instance, TaskState::Failed);
  }
  if (run::finished(about.row.state)) return touch(active, instance);
  switch (end.verdict) {
    case Verdict::Success:
      return succeed(active, instance, end, skip);
    case Verdict::Skipped:
      return conclude(active, instance, TaskState::Skipped);
    case Verdict::NotYet: {
      auto every = find_duration(text_of(find_entry(value_of_json(about.row.rendered_json), "every")));
      about.row.next_try_at = now() + every.value_or(kPokeEvery);
      set_state(active, instance, TaskState::UpForReschedule);
      after(*about.row.next_try_at - now(), [this, run = active.row.id, instance, due = about.row.next_try_at] {
        retry_now(run, instance, TaskState::UpForReschedule, due);
      });
      return;
    }
    case Verdict::NeedsPerson:
      ++about.row.max_tries;  // the fault is not its own
      return defer(active, instance, "sign-in", "waits for approval: " + end.message);
    case Verdict::Lost:
      if (stopping_ || about.losses < kMostLosses) {
        ++about.losses;
        ++about.row.max_tries;
        note(about, end.message.empty() ? "lost" : end.message);
        return make_ready(active, instance);
      }
      [[fallthrough]];
    case Verdict::Failed:
      // A server that stops ends its attempts; they are not to blame.
      if (stopping_) {
        ++about.row.max_tries;
        return make_ready(active, instance);
      }
      return fail(active, instance, end);
  }
}

void Loop::succeed(ActiveRun& active, run::Instance instance, const AttemptEnd& end,
                   std::span<const std::size_t> skip) {
  const Task& task = active.task(instance);
  TaskInstance& about = active.at(instance);
  try {
    keep_values(active, instance, end);
    take_report(active, instance, end.report);
  } catch (const Error& error) {
    note(about, error.render());
    AttemptEnd failed = end;
    failed.message = error.what();
    about.row.message = failed.message;
    return fail(active, instance, failed);
  }
  call_back(active, task.callbacks.on_success, "success", instance);
  conclude(active, instance, TaskState::Success, skip);
}

void Loop::fail(ActiveRun& active, run::Instance instance, const AttemptEnd& end) {
  const Task& task = active.task(instance);
  TaskInstance& about = active.at(instance);
  const bool again = end.retry_may_help && about.row.try_number < about.row.max_tries;
  tell({.kind = Change::Kind::AttemptEnded,
        .run = &active.row,
        .task = &about.row,
        .attempt = about.attempt ? &*about.attempt : nullptr,
        .workflow = active.workflow.get(),
        .last_attempt = !again});
  if (!again) {
    call_back(active, task.callbacks.on_failure, "failure", instance);
    return conclude(active, instance, TaskState::Failed);
  }
  call_back(active, task.callbacks.on_retry, "retry", instance);
  const int own = std::max(1, about.row.try_number - (about.row.max_tries - task.retries.retries - 1));
  about.row.next_try_at = end.at + retry_delay(task, own);
  note(about, format("another try at {}", format_instant(*about.row.next_try_at)));
  set_state(active, instance, TaskState::UpForRetry);
  after(*about.row.next_try_at - now(), [this, run = active.row.id, instance, due = about.row.next_try_at] {
    retry_now(run, instance, TaskState::UpForRetry, due);
  });
}

// Counted from the end of the attempt, the first being 1: delay, or delay · 2^(n-1), at most the cap, give or take the
// jitter.
std::chrono::microseconds Loop::retry_delay(const Task& task, int attempt) const {
  double delay = std::chrono::duration<double, std::micro>(task.retries.delay).count();
  const double longest = std::chrono::duration<double, std::micro>(task.retries.longest_delay).count();
  for (int i = 1; task.retries.exponential && i < attempt && delay < longest; ++i) delay *= 2;
  delay = std::min(delay, longest);
  if (task.retries.jitter > 0) {
    std::random_device source;
    delay *= std::uniform_real_distribution<double>(1 - task.retries.jitter, 1 + task.retries.jitter)(source);
  }
  return std::chrono::microseconds(static_cast<std::int64_t>(delay));
}

void Loop::conclude(ActiveRun& active, run::Instance instance, TaskState state, std::span<const std::size_t> skip) {
  TaskInstance& about = active.at(instance);
  about.row.ended_at = now();
  if (!about.row.started_at) about.row.started_at = about.row.ended_at;
  about.row.waiting_for.clear();
  about.row.next_try_at.reset();
  set_state(active, instance, state);
  if (state == TaskState::Success || state == TaskState::Skipped) {
    tell({.kind = Change::Kind::AttemptEnded,
          .run = &active.row,
          .task = &about.row,
          .attempt = about.attempt ? &*about.attempt : nullptr,
          .workflow = active.workflow.get(),
          .last_attempt = true});
  }
  take_steps(active, active.progress.finish(instance, state, skip));
  auto scheduled = scheduled_.find(active.row.workflow);
  if (scheduled != scheduled_.end() && !scheduled->second.wait_for_past.empty()) wake_past_waiters(scheduled->second);
  finish_run_if_done(active);
}

// ---- Values

// What the attempt left in its file, and what the definition says under `values`.
void Loop::keep_values(ActiveRun& active, run::Instance instance, const AttemptEnd& end) {
  const Task& task = active.task(instance);
  TaskInstance& about = active.at(instance);
  auto file = about.attempt ? values_file(logs_, about.attempt->log) : std::filesystem::path();
  if (auto text = about.attempt ? find_file(file) : std::nullopt) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (text->size() > kLargestValues)
      throw Error(ErrorKind::Data, format("the attempt left values of {} bytes; the most is 1 MB", text->size()));
    for (auto& [key, value] : read_values(*text)) keep_value(active, instance, key, value);
  }
  if (!end.report.empty()) keep_value(active, instance, "report", value_of_json(end.report));
  if (task.values.kind() != jinja::Kind::Dict) return;
  Value rendered = renderer_.render(task.values, render_context(active, instance), task.place);
  std::size_t position = 0;
  while (const Value::Entry* entry = rendered.as_dict().next(position))
    keep_value(active, instance, text_of(entry->key), entry->value);
}

void Loop::keep_value(ActiveRun& active, run::Instance instance, const std::string& key, const Value& value) {
  const TaskInstance& about = active.at(instance);
  active.put_value(about.row.task, about.row.map_index, key, value);
  batch().save(store::ValueRow{.run = active.row.id,
                               .task = about.row.task,
                               .map_index = about.row.map_index,
                               .key = key,
                               .value_json = json_of(value),
                               .at = now()});
}

// One JSON object, or lines key=value whose values are text.
std::vector<std::pair<std::string, Value>> Loop::read_values(const std::string& text) {
  std::vector<std::pair<std::string, Value>> values;
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return values;
  if (text[text.find_first_not_of(" \t\r\n")] == '{') {
    Value object = value_of_json(text);
    std::size_t position = 0;
    while (const Value::Entry* entry = object.as_dict().next(position))
      values.emplace_back(text_of(entry->key), entry->value);
    return values;
  }
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::size_t equals = line.find('=');
    if (line.empty()) continue;
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorKind::Data, "the attempt's values are neither key=value lines nor a JSON object");
    values.emplace_back(line.substr(0, equals), Value(clean_utf8(line.substr(equals + 1))));
  }
  return values;
}

// ---- Callbacks

// A process of its own, whose end decides nothing; its log lies beside the attempt's.
void Loop::call_back(ActiveRun& active, const std::vector<Callback>& callbacks, std::string_view event,
                     std::optional<run::Instance> instance) {
  if (callbacks.empty() || options_.passive || !spawner_) return;
  for (const Callback& callback : callbacks) {
    try {
      static const Task kRunTask{.id = "_run"};
      const Task& task = instance ? active.task(*instance) : kRunTask;
      store::TaskRow none{.run = active.row.id, .task = "_run"};
      const store::TaskRow& row = instance ? active.at(*instance).row : none;
      Value names = run_names({.project = &project_,
                               .workflow = active.workflow.get(),
                               .run = &active.row,
                               .task = instance ? &task : nullptr,
                               .instance = instance ? &row : nullptr,
                               .params = active.params,
                               .values = active.values,
                               .variables = variables(),
                               .now = now()});
      names.as_dict().set("event", event);
      names.as_dict().set("message", row.message);
      Value action = renderer_.render(callback.action, names, callback.place);
      LaunchFacts facts = launch_facts(active, task, row);
      facts.log = log_name(active.row, row, event);
      Start start{.flight = ++last_flight_, .what = callback_launch(facts, action, event), .callback = true};
      std::get<run::Launch>(start.what).id = start.flight;
      starts_.push_back(std::move(start));
    } catch (const Error& error) {
      log_.warn(format("a callback of {} could not be made: {}", active.row.workflow, error.what()));
    }
  }
}

}  // namespace plumb::workflow
