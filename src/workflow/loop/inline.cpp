// Tasks that need no process: waits for a time, a file or an asset, approvals, runs of other workflows, branches, and
// the opening of a map. What waits holds no place, and costs nothing until what it waits for comes.
#include <glob.h>
#include <sys/stat.h>

#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

using jinja::Kind;
using jinja::Value;

namespace {

constexpr std::chrono::seconds kLookEvery{30};
constexpr std::chrono::hours kPatience{24};

Duration duration_of(const Value& settings, std::string_view key, Duration fallback) {
  std::string text = text_of(find_entry(settings, key));
  if (text.empty()) return fallback;
  auto found = find_duration(text);
  if (!found) throw Error(ErrorKind::Config, format("'{}' is no duration", text), {.hint = "write 90s, 15m, 1h30m"});
  return *found;
}

struct FileWanted {
  std::string pattern;
  Duration age{0};  // nobody has written to it for so long
  std::int64_t size = 0;
};

FileWanted file_wanted(const Value& file, const std::filesystem::path& folder) {
  FileWanted wanted{.pattern = (folder / text_of(file, {"path"})).string(),
                    .age = duration_of(file, "older_than", Duration(0))};
  Value size = find_entry(file, "at_least");
  if (size.is_int()) wanted.size = size.as_int();
  return wanted;
}

// How long to wait: as the settings say, else the task's timeout.
std::optional<Duration> patience_of(const Task& task, const Value& settings, std::optional<Duration> fallback) {
  if (auto found = find_duration(text_of(find_entry(settings, "timeout")))) return found;
  if (task.timeout) return std::chrono::duration_cast<Duration>(*task.timeout);
  return fallback;
}

bool is_there(const FileWanted& wanted, Instant now) {
  glob_t found{};
  bool there = false;
  if (::glob(wanted.pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc && !there; ++i) {
      struct stat status {};
      if (::stat(found.gl_pathv[i], &status) != 0) continue;
      Instant changed(
          std::chrono::seconds(status.st_mtim.tv_sec) +
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
      there = status.st_size >= wanted.size && changed + wanted.age <= now;
    }
  }
  ::globfree(&found);
  return there;
}

}  // namespace

// False when it is none of these kinds.
bool Loop::carry_out_here(ActiveRun& active, run::Instance instance, const Value& settings) {
  const Task& task = active.task(instance);
  if (!done_here(task)) return false;
  switch (task.kind) {
    case TaskKind::Nothing:
      end_attempt(active, instance, {.verdict = AttemptEnd::Verdict::Success, .at = now()});
      return true;
    case TaskKind::Approve: {
      std::string text = text_of(settings, {"message"});
      std::optional<Instant> until;
      auto patience = patience_of(task, settings, {});
      if (patience) until = active.at(instance).attempt->started_at.value_or(now()) + *patience;
      defer(active, instance, "approval", text.empty() ? "waits for approval" : "waits for approval: " + text, until);
      return true;
    }
    case TaskKind::Workflow:
      begin_sub_run(active, instance, settings);
      return true;
    case TaskKind::Branch:
      begin_branch(active, instance, settings);
      return true;
    default:
      begin_wait(active, instance, settings);
      return true;
  }
}

// Waits without a place. At `until`, if given, it looks again or gives up.
void Loop::defer(ActiveRun& active, run::Instance instance, std::string_view waiting_for, std::string message,
                 std::optional<Instant> until) {
  TaskInstance& about = active.at(instance);
  free_place(active, about, instance.task);
  if (about.row.message != message) note(about, message);
  about.row.waiting_for = waiting_for;
  about.row.message = std::move(message);
  about.row.next_try_at = until;
  if (about.attempt) about.attempt->state = TaskState::Deferred;
  touch_attempt(active, instance);
  set_state(active, instance, TaskState::Deferred);
  if (waiting_for == "approval" || waiting_for == "sign-in") {
    tell({.kind = Change::Kind::Waiting,
          .run = &active.row,
          .task = &about.row,
          .workflow = active.workflow.get(),
          .text = about.row.message});
  }
  if (until) {
    at(*until,
       [this, run = active.row.id, instance, attempt = about.row.try_number] { look_again(run, instance, attempt); });
  }
}

void Loop::look_again(std::int64_t run, run::Instance instance, int try_number) {
  ActiveRun* active = find_active(run);
  if (active == nullptr) return;
  TaskInstance& about = active->at(instance);
  if (about.row.state != TaskState::Deferred || about.row.try_number != try_number) return;
  if (about.row.next_try_at && *about.row.next_try_at > now()) return;
  const Task& task = active->task(instance);
  if (task.kind != TaskKind::Wait) {
    return end_attempt(*active, instance,
                       {.verdict = AttemptEnd::Verdict::Failed,
                        .at = now(),
                        .message = "nobody answered in time",
                        .retry_may_help = false});
  }
  try {
    begin_wait(*active, instance, value_of_json(about.row.rendered_json));
  } catch (const Error& error) {
    end_attempt(*active, instance, {.at = now(), .message = error.what(), .retry_may_help = false});
  }
}

// An approval's outcome: a refusal, or no answer in time, means what the task says under `otherwise`.
void Loop::answer(ActiveRun& active, run::Instance instance, bool approved, std::string message) {
  std::string otherwise = text_of(find_entry(value_of_json(active.at(instance).row.rendered_json), "otherwise"));
  AttemptEnd end{
      .verdict = AttemptEnd::Verdict::Failed, .at = now(), .message = std::move(message), .retry_may_help = false};
  if (otherwise == "skip") end.verdict = AttemptEnd::Verdict::Skipped;
  if (approved || otherwise == "go on") end.verdict = AttemptEnd::Verdict::Success;
  end_attempt(active, instance, std::move(end));
}

void Loop::begin_wait(ActiveRun& active, run::Instance instance, const Value& settings) {
  const Task& task = active.task(instance);
  TaskInstance& about = active.at(instance);
  const AttemptEnd done{.verdict = AttemptEnd::Verdict::Success, .at = now()};
  const Instant begun = about.attempt->started_at.value_or(now());
  const Duration patience = *patience_of(task, settings, kPatience);
  const Instant latest = begun + patience;
  if (now() >= latest) {
    Value skips = find_entry(settings, "skip_on_timeout");
    const bool skip = skips.kind() == Kind::Bool && skips.as_bool();
    return end_attempt(active, instance,
                       {.verdict = skip ? AttemptEnd::Verdict::Skipped : AttemptEnd::Verdict::Failed,
                        .at = now(),
                        .message = format("what it waits for has not come within {}", format_duration(patience)),
                        .retry_may_help = false});
  }
  Value asset = find_entry(settings, "asset");
  if (!asset.is_undefined()) {
    const std::string name = text_of(asset, {"name"});
    Instant since = active.row.started_at.value_or(begun);
    std::string given = text_of(find_entry(asset, "since"));
    if (!given.empty()) since = wanted_time(active, given, begun);
    auto news = store_.reader()->asset_events({.asset = name, .at = {.from = since}}, {.limit = 1});
    if (!news.rows.empty()) return end_attempt(active, instance, done);
    // What another server's task brings is not told here.
    const Instant look = store_.shared() ? std::min<Instant>(now() + kLookEvery, latest) : latest;
    return defer(active, instance, "asset", format("waits for news of {}", name), look);
  }
  Value file = find_entry(settings, "file");
  if (!file.is_undefined()) {
    FileWanted wanted = file_wanted(file, project_.folder);
    if (is_there(wanted, now())) return end_attempt(active, instance, done);
    Duration every = duration_of(settings, "every", kLookEvery);
    return defer(active, instance, "file", format("waits for the file {}", wanted.pattern),
                 std::min<Instant>(now() + every, latest));
  }
  const Instant until = wanted_time(active, text_of(find_entry(settings, "time")), begun);
  if (until <= now()) return end_attempt(active, instance, done);
  defer(active, instance, "time", format("waits until {}", format_instant(until)), until);
}

// "2026-12-24T18:00:00Z", "10m" from the begin, or "18:30" of the day on which the attempt began, in the workflow's
// zone.
Instant Loop::wanted_time(const ActiveRun& active, const std::string& text, Instant begun) const {
  const Zone& zone = active.workflow->zone;
  std::string day = format_date(zone.date_of(begun));
  for (const char* seconds : {"", ":00"}) {
    auto wall = find_instant(format("{}T{}{}Z", day, text, seconds));
    if (wall) return zone.to_instant(LocalTime(wall->time_since_epoch()));
  }
  if (auto instant = find_instant(text)) return *instant;
  if (auto duration = find_duration(text)) return begun + *duration;
  throw Error(ErrorKind::Config, format("'{}' is no time to wait for", text),
              {.hint = "write 18:30, 10m, or 2026-12-24T18:00:00Z"});
}

void Loop::reset_waits_for(std::string_view asset, const store::AssetEventRow&) {
  for (auto& [id, active] : runs_) {
    for (std::size_t task = 0; task < active->tasks.size(); ++task) {
      if (active->workflow->tasks[task].kind != TaskKind::Wait) continue;
      for (TaskInstance& about : active->tasks[task]) {
        if (about.row.state != TaskState::Deferred || about.row.waiting_for != "asset") continue;
        Value wanted = find_entry(value_of_json(about.row.rendered_json), "asset");
        if (text_of(wanted, {"name"}) == asset) news_waits_.push_back({id, run::Instance{task, about.row.map_index}});
      }
    }
  }
  // Ends change the runs: they come after the walk.
  for (const auto& [id, instance] : std::exchange(news_waits_, {})) {
    if (ActiveRun* active = find_active(id))
      end_attempt(*active, instance, {.verdict = AttemptEnd::Verdict::Success, .at = now()});
  }
}

void Loop::begin_sub_run(ActiveRun& active, run::Instance instance, const Value& settings) {
  const std::string name = text_of(settings, {"name"});
  Scheduled& scheduled = get_scheduled(name);
  TaskInstance& about = active.at(instance);
  Value params = check_params(*scheduled.workflow, find_entry(settings, "params"));
  Value wait = find_entry(settings, "wait");
  const bool waits = wait.kind() != Kind::Bool || wait.as_bool();
  std::optional<Instant> logical_date = find_instant(text_of(find_entry(settings, "logical_date")));
  std::string suffix = about.row.map_index < 0 ? "" : format("_{}", about.row.map_index);
  auto row = make_run({.workflow = name,
                       .run_id = format("{}__{}__{}{}_{}", active.row.workflow, active.row.run_id, about.row.task,
                                        suffix, about.row.try_number),
                       .type = store::RunType::Manual,
                       .logical_date = logical_date,
                       .interval_start = active.row.interval_start,
                       .interval_end = active.row.interval_end,
                       .run_after = now(),
                       .params_json = json_of(params),
                       .triggered_by = "workflow",
                       .parent_run = waits ? std::optional(active.row.id) : std::nullopt,
                       .parent_task = about.row.task,
                       .parent_map_index = about.row.map_index},
                      *scheduled.workflow);
  // After a crash the run of this attempt may be there already.
  if (!row)
    row = store_.reader()->find_run(name, format("{}__{}__{}{}_{}", active.row.workflow, active.row.run_id,
                                                 about.row.task, suffix, about.row.try_number));
  if (!waits) return end_attempt(active, instance, {.verdict = AttemptEnd::Verdict::Success, .at = now()});
  if (row && run::finished(row->state)) return end_sub_run(active, instance, *row);
  std::optional<Instant> until;
  if (about.row.state == TaskState::Running) {
    if (active.task(instance).timeout) until = now() + *active.task(instance).timeout;
    defer(active, instance, "run", format("waits for the run {} of {}", row ? row->run_id : "", name), until);
  }
}

void Loop::end_sub_run(ActiveRun& active, run::Instance instance, const store::RunRow& child) {
  if (run::finished(active.at(instance).row.state)) return;
  const bool well = child.state == RunState::Success;
  end_attempt(active, instance,
              {.verdict = well ? AttemptEnd::Verdict::Success : AttemptEnd::Verdict::Failed,
               .at = now(),
               .message = well ? "" : format("the run {} of {} has failed", child.run_id, child.workflow)});
}

// An expression that names one task, or a list of them, of those that come right after it.
void Loop::begin_branch(ActiveRun& active, run::Instance instance, const Value& settings) {
  const Task& task = active.task(instance);
  Value chosen = find_entry(settings, "choose");
  if (chosen.is_string()) {
    // A task's bare id is meant as such.
    std::string text(chosen.as_string());
    if (active.workflow->find_task(text) == nullptr)
      chosen = renderer_.evaluate(text, render_context(active, instance), task.place);
  }
  std::vector<std::string> names;
  if (chosen.is_string() && !chosen.as_string().empty()) names.emplace_back(chosen.as_string());
  if (chosen.kind() == Kind::List || chosen.kind() == Kind::Tuple) {
    for (const Value& name : chosen.items()) names.push_back(text_of(name));
  }
  const run::Graph& graph = *active.workflow->graph;
  const auto& following = graph.following(instance.task);
  std::vector<std::size_t> skip = following;
  for (const std::string& name : names) {
    auto index = graph.find(name);
    if (!index || std::find(following.begin(), following.end(), *index) == following.end()) {
      throw Error(ErrorKind::Config, format("the branch chose '{}', which does not come right after it", name),
                  {.place = task.place});
    }
    // What comes after a chosen one runs by way of it.
    auto behind = graph.all_after({*index});
    std::erase_if(skip, [&](std::size_t other) {
      return other == *index || std::find(behind.begin(), behind.end(), other) != behind.end();
    });
  }
  keep_value(active, instance, "branch", Value::list(std::vector<Value>(names.begin(), names.end())));
  end_attempt(active, instance, {.verdict = AttemptEnd::Verdict::Success, .at = now()}, skip);
}

// ---- Maps

void Loop::begin_map(ActiveRun& active, std::size_t task) {
  const Task& definition = active.workflow->tasks[task];
  const run::Instance whole{task, -1};
  TaskInstance& about = active.at(whole);
  try {
    Value over = renderer_.render(definition.map->over, render_context(active, whole), definition.place);
    if (!find_entry(over, "query").is_undefined()) {
      Start start{.flight = ++last_flight_, .what = query_job(launch_facts(active, definition, about.row), over)};
      std::get<engine::Job>(start.what).id = start.flight;
      flights_[start.flight] = {.run = active.row.id, .instance = whole, .engine = true, .query = true};
      about.flight = start.flight;
      starts_.push_back(std::move(start));
      set_state(active, whole, TaskState::Queued);
      return;
    }
    expand_map(active, task, over);
  } catch (const Error& error) {
    about.row.message = error.what();
    conclude(active, whole, TaskState::Failed);
  }
}

void Loop::expand_map(ActiveRun& active, std::size_t task, const Value& list) {
  const Task& definition = active.workflow->tasks[task];
  std::vector<Value> items;
  if (list.kind() == Kind::List || list.kind() == Kind::Tuple) {
    items = list.items();
  } else if (list.kind() == Kind::Dict) {
    std::size_t position = 0;
    while (const Value::Entry* entry = list.as_dict().next(position))
      items.push_back(Value::dict({{"key", entry->key}, {"value", entry->value}}));
  } else {
    throw Error(ErrorKind::Config, format("the map of '{}' is over {}, which is no list", definition.id, json_of(list)),
                {.place = definition.place});
  }
  if (items.empty()) {
    TaskInstance& about = active.at({task, -1});
    about.row.message = "its map is empty";
    return conclude(active, {task, -1}, TaskState::Skipped);
  }
  batch().remove_tasks_from(active.row.id, definition.id, -1);
  active.map_items[definition.id] = list;
  batch().save(store::ValueRow{.run = active.row.id,
                               .task = definition.id,
                               .map_index = -1,
                               .key = std::string(kMapItems),
                               .value_json = json_of(list),
                               .at = now()});
  active.expand(task, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    TaskInstance& about = active.tasks[task][i];
    if (definition.map->label.empty()) continue;
    Value label = renderer_.render(Value(definition.map->label), render_context(active, {task, static_cast<int>(i)}),
                                   definition.place);
    about.row.map_label = text_of(label);
  }
  dirty_runs_.insert(active.row.id);
  take_steps(active, active.progress.expand(task, items.size()));
}

}  // namespace plumb::workflow
