// What the spawner and the engine tell: an attempt began, printed, ended, or was lost.
#include <algorithm>

#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

using std::chrono::milliseconds;

namespace {

std::string shown(milliseconds duration) {
  return format_duration(std::chrono::duration_cast<Duration>(duration));
}

// 99, unless the task names others.
bool means_skipped(int exit_code, const jinja::Value& settings) {
  jinja::Value codes = find_entry(settings, "skip_on_exit_code");
  if (codes.is_int()) return codes.as_int() == exit_code;
  if (codes.kind() != jinja::Kind::List) return exit_code == 99;
  const auto& items = codes.items();
  return std::any_of(items.begin(), items.end(),
                     [&](const jinja::Value& code) { return code.is_int() && code.as_int() == exit_code; });
}

AttemptEnd::Verdict verdict_of(const run::Ended& ended, TaskKind kind, const jinja::Value& settings) {
  using Verdict = AttemptEnd::Verdict;
  if (ended.lost) return Verdict::Lost;
  if (ended.ok()) return Verdict::Success;
  if (ended.signal != 0 || ended.timed_out || ended.killed || !ended.problem.empty()) return Verdict::Failed;
  if (means_skipped(ended.exit_code, settings)) return Verdict::Skipped;
  if (ended.exit_code == 75 && kind == TaskKind::Wait) return Verdict::NotYet;
  return Verdict::Failed;
}

// Our own helpers say by their exit code that another try is no use.
constexpr int kTerminal = 65;

// Of a helper of ours the error itself rather than its hint; of any other program the last thing it said.
std::string telling_line(const std::vector<std::string>& lines) {
  constexpr std::string_view kOurs = "plumb: ";
  auto ours = std::find_if(lines.rbegin(), lines.rend(), [&](const auto& line) { return line.starts_with(kOurs); });
  if (ours != lines.rend()) return ": " + ours->substr(kOurs.size());
  return lines.empty() ? "" : ": " + lines.back();
}

std::string message_of(const run::Ended& ended, const Task& task) {
  if (ended.ok()) return {};
  if (ended.timed_out) return format("timed out after {}", shown(task.timeout.value_or(milliseconds(0))));
  if (!ended.problem.empty()) return ended.problem;
  if (ended.lost) return "the process that carried it out was killed";
  if (ended.killed) return "ended by request";
  if (ended.signal != 0) return format("ended by signal {}", ended.signal);
  return format("exit code {}{}", ended.exit_code, telling_line(ended.last_lines));
}

}  // namespace

void Loop::apply(const run::SpawnerEvent& event) {
  if (const auto* started = std::get_if<run::Started>(&event)) {
    auto flight = flights_.find(started->id);
    ActiveRun* active = flight == flights_.end() ? nullptr : find_active(flight->second.run);
    if (active == nullptr) return;
    TaskInstance& task = active->at(flight->second.instance);
    task.row.pid = started->pid;
    if (task.attempt) task.attempt->pid = started->pid;
    bool urgent = urgent_;
    touch(*active, flight->second.instance);
    touch_attempt(*active, flight->second.instance);
    urgent_ = urgent;
  }
  if (const auto* ended = std::get_if<run::Ended>(&event)) {
    callbacks_.erase(ended->id);
    auto flight = flights_.find(ended->id);
    ActiveRun* active = flight == flights_.end() ? nullptr : find_active(flight->second.run);
    if (active == nullptr) {
      flights_.erase(ended->id);
      return;
    }
    const Task& task = active->task(flight->second.instance);
    end_attempt(ended->id, {.verdict = verdict_of(*ended, task.kind, task.settings),
                            .at = now(),  // by our clock, which PLUMB_NOW may have moved
                            .exit_code = ended->signal == 0 ? std::optional(ended->exit_code) : std::nullopt,
                            .signal = ended->signal,
                            .message = message_of(*ended, task),
                            .retry_may_help = ended->exit_code != kTerminal || task.kind == TaskKind::Shell ||
                                              task.kind == TaskKind::Python,
                            .last_lines = ended->last_lines});
  }
  if (std::holds_alternative<run::SpawnerLost>(event)) log_.warn("the spawner died; another one was started");
}

void Loop::apply(const engine::Event& event) {
  if (const auto* started = std::get_if<engine::Started>(&event)) {
    auto flight = flights_.find(started->job);
    ActiveRun* active = flight == flights_.end() ? nullptr : find_active(flight->second.run);
    if (active == nullptr || flight->second.query) return;
    TaskInstance& task = active->at(flight->second.instance);
    bool urgent = urgent_;
    set_state(*active, flight->second.instance, TaskState::Running);
    if (task.attempt) task.attempt->state = TaskState::Running;
    touch_attempt(*active, flight->second.instance);
    urgent_ = urgent;
  }
  if (const auto* output = std::get_if<engine::Output>(&event)) {
    auto flight = flights_.find(output->job);
    if (flight != flights_.end() && output->stream == engine::Stream::Output) flight->second.output += output->text;
  }
  if (const auto* ended = std::get_if<engine::Ended>(&event)) {
    using Verdict = AttemptEnd::Verdict;
    const auto& failure = ended->failure;
    AttemptEnd end{.verdict = ended->exit_code == 0 ? Verdict::Success : Verdict::Failed,
                   .at = now(),  // by our clock, which PLUMB_NOW may have moved
                   .exit_code = ended->exit_code,
                   .message = failure ? failure->message : "",
                   .report = ended->report};
    if (ended->exit_code == 99) end.verdict = Verdict::Skipped;
    if (ended->exit_code == 3) end.verdict = Verdict::NeedsPerson;
    if (ended->timed_out) end.message = "timed out";
    if (ended->cancelled) end.message = "ended by request";
    if (end.message.empty() && ended->exit_code != 0) end.message = format("exit code {}", ended->exit_code);
    bool terminal = failure && (failure->kind == ErrorKind::Usage || failure->kind == ErrorKind::Config);
    end.retry_may_help = !terminal;
    if (!ended->last_lines.empty()) end.last_lines.push_back(ended->last_lines);
    end_attempt(ended->job, std::move(end));
  }
  if (const auto* lost = std::get_if<engine::Lost>(&event)) {
    log_.warn(format("the engine is gone: {}", lost->why));
    for (std::uint64_t job : lost->jobs) {
      end_attempt(job, {.verdict = AttemptEnd::Verdict::Lost, .at = now(), .message = "the engine died: " + lost->why});
    }
  }
}

}  // namespace plumb::workflow
