// Who may start now, and the begin of an attempt. Ready tasks stand in one order; one that meets a limit steps aside
// until a place of that kind comes free.
#include <algorithm>

#include "base/format.h"
#include "run/run.h"
#include "workflow/loop/launch.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

namespace {

jinja::Value dict_of(const std::map<std::string, jinja::Value>& entries) {
  jinja::Value dict = jinja::Value::dict();
  for (const auto& [key, value] : entries) dict.as_dict().set(key, value);
  return dict;
}

}  // namespace

ReadyKey Loop::key_of(const ActiveRun& active, run::Instance instance) const {
  return {.urgency = -active.workflow->tasks[instance.task].total_priority,
          .run_after = active.row.run_after,
          .run = active.row.id,
          .task = instance.task,
          .map_index = instance.map_index};
}

void Loop::set_state(ActiveRun& active, run::Instance instance, TaskState state) {
  TaskInstance& task = active.at(instance);
  task.row.state = state;
  if (!run::finished(state)) active.progress.note(instance, state);
  touch(active, instance);
  tell({.kind = Change::Kind::TaskState, .run = &active.row, .task = &task.row, .workflow = active.workflow.get()});
}

void Loop::make_ready(ActiveRun& active, run::Instance instance) {
  TaskInstance& task = active.at(instance);
  task.row.scheduled_at = now();
  task.row.next_try_at.reset();
  set_state(active, instance, TaskState::Scheduled);
  ready_.insert(key_of(active, instance));
}

void Loop::dispatch() {
  while (!ready_.empty() && !stopping_ && at_work_ < options_.most_tasks) {
    const ReadyKey key = *ready_.begin();
    ready_.erase(ready_.begin());
    ActiveRun* active = find_active(key.run);
    if (active == nullptr) continue;
    run::Instance instance{key.task, key.map_index};
    if (active->at(instance).row.state == TaskState::Scheduled) begin(*active, instance);
  }
}

void Loop::begin(ActiveRun& active, run::Instance instance) {
  const Task& task = active.task(instance);
  if (task.map && instance.map_index < 0) return begin_map(active, instance.task);
  if (!past_allows(active, instance)) return;
  const bool here = done_here(task);
  if (!here && !take_place(active, instance)) return;
  begin_attempt(active, instance);
}

// The limit of a task over all runs, or of its map in this one; null without any.
Places* Loop::find_task_places(const ActiveRun& active, const Task& task) {
  const bool of_map = task.map && task.map->at_once > 0;
  if (!of_map && task.at_once == 0) return nullptr;
  Places& places = task_places_[{of_map ? active.row.id : 0, active.row.workflow + "/" + task.id}];
  places.limit = of_map ? task.map->at_once : task.at_once;
  return &places;
}

// A place in its run, its pool and its task; without one of them it steps aside. Whoever finds room lets the next look
// as well, as there may be more of it.
bool Loop::take_place(ActiveRun& active, run::Instance instance) {
  TaskInstance& about = active.at(instance);
  const ReadyKey key = key_of(active, instance);
  Places& pool = pools_[about.row.pool];
  Places* of_task = find_task_places(active, active.task(instance));
  count_others(active, instance, pool, of_task);
  const bool in_run = active.places < active.workflow->max_active_tasks;
  const bool in_pool = pool.has(about.row.slots);
  const bool in_task = of_task == nullptr || of_task->has(1);
  if (!in_run) {
    active.parked.insert(key);
  } else if (!in_pool) {
    pool.parked.insert(key);
  } else if (!in_task) {
    of_task->parked.insert(key);
  }
  if ((!in_pool && pool.elsewhere > 0) || (!in_task && of_task->elsewhere > 0)) look_around_soon();
  const bool fits = in_run && in_pool && in_task;
  if (fits) {
    about.holds_place = true;
    ++at_work_;
    ++active.places;
    pool.taken += about.row.slots;
    if (of_task != nullptr) ++of_task->taken;
  }
  if (active.places < active.workflow->max_active_tasks) unpark(active.parked);
  if (pool.has(1) && (in_pool || !in_run)) unpark(pool.parked);
  if (of_task != nullptr && of_task->has(1)) unpark(of_task->parked);
  return fits;
}

// depends_on_past: the same task must have done well in the run before; wait_for_downstream: and those after it.
bool Loop::past_allows(ActiveRun& active, run::Instance instance) {
  const Task& task = active.task(instance);
  if (!task.depends_on_past && !task.wait_for_downstream) return true;
  auto reader = store_.reader();
  auto before = reader->find_run_before(active.row);
  if (!before) return true;
  std::vector<std::size_t> needed = {instance.task};
  if (task.wait_for_downstream) {
    const auto& following = active.workflow->graph->following(instance.task);
    needed.insert(needed.end(), following.begin(), following.end());
  }
  // An open run's newest states are here, others' in the store.
  ActiveRun* open = find_active(before->id);
  for (const auto& ended : ended_) {
    if (ended->row.id == before->id) open = ended.get();  // not written down yet
  }
  bool fine = true;
  for (std::size_t index : needed) {
    const std::string& id = active.workflow->tasks[index].id;
    const int map_index = index == instance.task ? instance.map_index : -1;
    std::optional<TaskState> state;
    if (auto there = open ? open->workflow->graph->find(id) : std::nullopt) {
      bool known = map_index < static_cast<int>(open->tasks[*there].size());
      if (known) state = open->at({*there, map_index}).row.state;
    } else if (auto row = reader->find_task(before->id, id, map_index)) {
      state = row->state;
    }
    fine = fine && (!state || state == TaskState::Success || state == TaskState::Skipped);
  }
  if (fine) return true;
  TaskInstance& about = active.at(instance);
  const std::string message = format("waits for its run before, {}", before->run_id);
  if (about.row.message != message) touch(active, instance);
  about.row.message = message;
  look_around_soon();
  scheduled_[active.row.workflow].wait_for_past.emplace_back(active.row.id, instance);
  return false;
}

void Loop::wake_past_waiters(Scheduled& scheduled) {
  auto waiting = std::exchange(scheduled.wait_for_past, {});
  for (const auto& [run, instance] : waiting) {
    ActiveRun* active = find_active(run);
    if (active != nullptr && active->at(instance).row.state == TaskState::Scheduled)
      ready_.insert(key_of(*active, instance));
  }
}

jinja::Value Loop::render_context(ActiveRun& active, run::Instance instance) {
  const TaskInstance& about = active.at(instance);
  return run_names({.project = &project_,
                    .workflow = active.workflow.get(),
                    .run = &active.row,
                    .task = &active.task(instance),
                    .instance = &about.row,
                    .params = active.params,
                    .values = active.values,
                    .item = about.item,
                    .asset_events = asset_events(active),
                    .variables = variables(),
                    .now = now()});
}

jinja::Value Loop::asset_events(ActiveRun& active) {
  if (active.row.type != store::RunType::AssetTriggered) return jinja::Value::list();
  // Of a run that this round began the store knows nothing yet.
  if (auto known = run_news_.find(active.row.id); known != run_news_.end()) return known->second;
  std::vector<jinja::Value> events;
  for (const store::AssetEventRow& event : store_.reader()->news_of_run(active.row.id))
    events.push_back(value_of(event));
  return run_news_[active.row.id] = jinja::Value::list(std::move(events));
}

jinja::Value Loop::variables() {
  jinja::Value names = jinja::Value::dict();
  if (variables_known_) return variables_;
  for (const store::VariableRow& variable : store_.reader()->variables("", {.limit = 100'000}).rows)
    names.as_dict().set(variable.key, variable.value);
  variables_known_ = true;
  return variables_ = names;
}

LaunchFacts Loop::launch_facts(const ActiveRun& active, const Task& task, const store::TaskRow& row) const {
  return {.project = project_,
          .program = options_.program,
          .logs = logs_,
          .secrets = secrets_,
          .run = active.row,
          .task = task,
          .instance = row,
          .log = {},
          .environment = {}};
}

// A new attempt, from here on in the store. What can't even be rendered is an attempt that failed.
void Loop::begin_attempt(ActiveRun& active, run::Instance instance) {
  const Task& task = active.task(instance);
  TaskInstance& about = active.at(instance);
  // A wait that looks again goes on with its attempt.
  const bool goes_on =
      about.attempt && !run::finished(about.attempt->state) && !about.attempt->ended_at && task.kind == TaskKind::Wait;
  if (!goes_on) {
    ++about.row.try_number;
    about.row.started_at = now();
    about.row.ended_at.reset();
    about.row.message.clear();
    about.attempt = store::AttemptRow{.run = active.row.id,
                                      .task = task.id,
                                      .map_index = about.row.map_index,
                                      .try_number = about.row.try_number,
                                      .state = TaskState::Running,
                                      .queued_at = now(),
                                      .started_at = now(),
                                      .log = log_name(active.row, about.row),
                                      .host = self_.host,
                                      .owner = self_.id};
  }
  about.row.queued_at = now();
  about.row.host = self_.host;
  about.row.pid = 0;
  about.row.waiting_for.clear();
  set_state(active, instance, TaskState::Running);
  touch_attempt(active, instance);
  try {
    jinja::Value names = render_context(active, instance);
    if (!task.when.empty() && !renderer_.truth(task.when, names, task.place)) {
      return end_attempt(active, instance,
                         {.verdict = AttemptEnd::Verdict::Skipped, .at = now(), .message = "its `when` is false"});
    }
    jinja::Value settings = render_settings(renderer_, task, names, project_.folder);
    about.row.rendered_json = masked(json_of(settings));
    if (carry_out_here(active, instance, settings)) return;
    LaunchFacts facts = launch_facts(active, task, about.row);
    facts.log = about.attempt->log;
    facts.environment = renderer_.render(dict_of(task.environment), names, task.place);
    Start start{.flight = ++last_flight_, .what = start_of(facts, settings)};
    const bool engine = std::holds_alternative<engine::Job>(start.what);
    std::visit([&](auto& what) { what.id = start.flight; }, start.what);
    if (engine) {
      set_state(active, instance, TaskState::Queued);
      about.attempt->state = TaskState::Queued;
    }
    about.flight = start.flight;
    flights_[start.flight] = {.run = active.row.id, .instance = instance, .engine = engine};
    starts_.push_back(std::move(start));
  } catch (const Error& error) {
    note(about, error.render());
    end_attempt(
        active, instance,
        {.verdict = AttemptEnd::Verdict::Failed, .at = now(), .message = error.what(), .retry_may_help = false});
  }
}

// What anybody may see of rendered settings.
std::string Loop::masked(std::string text) const {
  for (const Secret& secret : secrets_) {
    const std::string& word = secret.reveal();
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 3))
      text.replace(at, word.size(), "***");
  }
  return text;
}

// Words of our own in the attempt's log.
void Loop::note(const TaskInstance& about, std::string_view text) {
  if (about.attempt) run::append_note(logs_ / about.attempt->log, text, now());
}

// What waits for a place of these kinds is looked at again.
void Loop::free_place(ActiveRun& active, TaskInstance& about, std::size_t task) {
  if (!about.holds_place) return;
  about.holds_place = false;
  --at_work_;
  --active.places;
  unpark(active.parked);
  Places& pool = pools_[about.row.pool];
  pool.taken -= about.row.slots;
  unpark(pool.parked);
  if (Places* of_task = find_task_places(active, active.workflow->tasks[task])) {
    --of_task->taken;
    unpark(of_task->parked);
  }
}

// The first of them, and if it then waits for something else as well, the next: whoever comes first takes the place.
void Loop::unpark(ReadySet& parked) {
  if (parked.empty()) return;
  ready_.insert(parked.extract(parked.begin()));
}

void Loop::load_pools() {
  for (const auto& [name, pool] : definitions()->pools) pools_[name].limit = pool.slots;
  for (const store::PoolRow& pool : store_.reader()->pools()) pools_[pool.name].limit = pool.slots;
  if (!pools_.contains("default_pool")) pools_["default_pool"].limit = 128;
  wake_pools();
}

// A larger one has room for those that wait.
void Loop::wake_pools() {
  for (auto& [name, pool] : pools_) {
    for (const ReadyKey& key : pool.parked) ready_.insert(key);
    pool.parked.clear();
  }
}

}  // namespace plumb::workflow
