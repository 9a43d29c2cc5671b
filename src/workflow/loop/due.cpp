// Schedules: every workflow has one timer, for its next run. What falls due becomes a run, unless enough of them are
// open: then the next is made when one of those ends, and without catchup it is the latest.
#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

namespace {

constexpr std::chrono::seconds kPace{1};        // between two runs of a continuous workflow
constexpr std::chrono::seconds kPrecedence{1};  // of the server that makes a workflow's runs before the others

std::size_t most_open(const Workflow& workflow) {
  return workflow.timetable->continuous() ? 1 : static_cast<std::size_t>(workflow.max_active_runs);
}

std::string summary_of(const Workflow& workflow) {
  return workflow.timetable->summary();
}

}  // namespace

void Loop::read_definitions() {
  auto fresh = std::make_shared<Definitions>(load_definitions(project_, *definitions_));
  {
    std::lock_guard lock(definitions_mutex_);
    // A file with a fault keeps what it said before.
    std::set<std::string_view> faulty;
    for (const Error& fault : fresh->faults) {
      if (const Place* place = fault.find_place()) faulty.insert(place->file);
    }
    for (const auto& [name, workflow] : definitions_->workflows) {
      if (faulty.contains(workflow->place.file)) fresh->workflows.emplace(name, workflow);
    }
    definitions_ = fresh;
  }
  adopt_all(*fresh);
  for (auto& [name, scheduled] : scheduled_) {
    if (fresh->workflows.contains(name) || !scheduled.row.active) continue;
    scheduled.row.active = false;
    scheduled.workflow = nullptr;
    scheduled.next.reset();
    drop_timer(scheduled.timer);
    put_due(scheduled);
  }
  index_assets();
  plan_sweeps();
}

void Loop::adopt_all(const Definitions& definitions) {
  // All that the store knows of them, in one question.
  std::map<std::string, store::WorkflowRow, std::less<>> rows;
  if (scheduled_.empty() && definitions.workflows.size() > 10) {
    for (store::WorkflowRow& row : store_.reader()->workflows({.active = std::nullopt}, {.limit = 1'000'000}).rows)
      rows[row.name] = std::move(row);
  }
  for (const auto& [name, workflow] : definitions.workflows) {
    if (!rows.contains(name) && !scheduled_.contains(name)) {
      if (auto row = store_.reader()->find_workflow(name)) rows[name] = *std::move(row);
    }
    auto known = rows.find(name);
    adopt(workflow, known == rows.end() ? nullptr : &known->second);
  }
}

void Loop::reload() {
  read_definitions();
  load_pools();
  for (auto& [name, scheduled] : scheduled_) start_if_fulfilled(scheduled);
  const auto known = definitions();
  tell({.kind = Change::Kind::Definitions});
  for (const Error& fault : known->faults) log_.warn(fault.render());
}

void Loop::adopt(const std::shared_ptr<const Workflow>& workflow, const store::WorkflowRow* known) {
  auto [entry, fresh] = scheduled_.try_emplace(workflow->name);
  Scheduled& scheduled = entry->second;
  if (fresh) {
    if (const store::WorkflowRow* row = known) {
      scheduled.row = *row;
      if (row->last_logical_date) {
        scheduled.last = Due{*row->last_logical_date,
                             {row->last_interval_start.value_or(*row->last_logical_date),
                              row->last_interval_end.value_or(*row->last_logical_date)},
                             row->last_run_after.value_or(*row->last_logical_date)};
      }
    } else {
      scheduled.row.name = workflow->name;
      scheduled.row.paused = workflow->paused;
      scheduled.row.version = 0;
    }
    if (workflow->timetable->assets() != nullptr) {
      for (store::AssetEventRow& event : store_.reader()->news_for(workflow->name)) scheduled.news[event.asset] = event;
    }
  } else if (scheduled.workflow == workflow) {
    return;  // the same file, and nothing around it has changed
  } else if (scheduled.workflow != nullptr && scheduled.workflow->hash == workflow->hash) {
    scheduled.workflow = workflow;  // pipelines may have changed around it
    return plan_next(scheduled);
  }
  scheduled.workflow = workflow;
  store::WorkflowRow& row = scheduled.row;
  store::WorkflowRow before = row;
  row.active = true;
  row.file = workflow->file;
  row.description = workflow->description;
  row.schedule = summary_of(*workflow);
  row.timezone = workflow->zone.name();
  row.tags_json = json_of(jinja::Value::list({workflow->tags.begin(), workflow->tags.end()}));
  row.definition_json = json_of(jinja::Value::dict({{"hash", workflow->hash}}));
  if (row.version == 0 || before.definition_json != row.definition_json) {
    ++row.version;
    batch().take_turn();
    batch().save(store::VersionRow{.workflow = row.name,
                                   .number = row.version,
                                   .hash = workflow->hash,
                                   .text = workflow->text,
                                   .created_at = now()});
    row.parsed_at = now();
    scheduled.dirty = true;
    urgent_ = true;
  } else if (before.active != row.active || before.file != row.file || before.schedule != row.schedule) {
    scheduled.dirty = true;
    urgent_ = true;
  }
  plan_next(scheduled);
}

std::int64_t Loop::version_of(const Workflow& workflow) {
  auto found = scheduled_.find(workflow.name);
  return found == scheduled_.end() ? 0 : found->second.row.version;
}

Loop::Scheduled& Loop::get_scheduled(std::string_view name) {
  auto found = scheduled_.find(name);
  if (found != scheduled_.end() && found->second.workflow != nullptr) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, scheduled] : scheduled_) {
    if (scheduled.workflow != nullptr) names.push_back(known);
  }
  auto nearest = find_nearest(name, names);
  throw Error(ErrorKind::NotFound, format("there is no workflow '{}'", name),
              {.hint = nearest.empty() ? "workflows stand in workflows/*.yml" : format("did you mean '{}'?", nearest)});
}

// What the API shows of the schedule.
void Loop::put_due(Scheduled& scheduled) {
  store::WorkflowRow& row = scheduled.row;
  auto shown = [](const std::optional<Due>& due, auto member) {
    return due ? std::optional<Instant>(member(*due)) : std::nullopt;
  };
  auto logical = [](const Due& due) { return due.logical_date; };
  auto start = [](const Due& due) { return due.interval.start; };
  auto end = [](const Due& due) { return due.interval.end; };
  auto after = [](const Due& due) { return due.run_after; };
  auto before = std::tuple(row.next_logical_date, row.next_run_after, row.last_logical_date);
  row.next_logical_date = shown(scheduled.next, logical);
  row.next_interval_start = shown(scheduled.next, start);
  row.next_interval_end = shown(scheduled.next, end);
  row.next_run_after = shown(scheduled.next, after);
  row.last_logical_date = shown(scheduled.last, logical);
  row.last_interval_start = shown(scheduled.last, start);
  row.last_interval_end = shown(scheduled.last, end);
  row.last_run_after = shown(scheduled.last, after);
  if (before == std::tuple(row.next_logical_date, row.next_run_after, row.last_logical_date) && row.active) return;
  scheduled.dirty = true;
  urgent_ = true;
}

void Loop::plan_next(Scheduled& scheduled) {
  drop_timer(scheduled.timer);
  scheduled.next.reset();
  const auto& workflow = scheduled.workflow;
  if (workflow == nullptr) return;
  if (!workflow->timetable->periodic()) return put_due(scheduled);
  const std::size_t open = scheduled.active.size() + scheduled.queue.size();
  scheduled.next = workflow->timetable->next(
      scheduled.last, {.earliest = workflow->start_date, .latest = workflow->end_date, .catchup = workflow->catchup},
      now());
  put_due(scheduled);
  if (!scheduled.next || scheduled.row.paused || !options_.schedules || options_.passive) return;
  if (open >= most_open(*workflow)) return;  // the end of a run plans again
  Instant when = scheduled.next->run_after;
  // One after the other, but not as fast as a task can fail.
  if (workflow->timetable->continuous() && scheduled.last) when = std::max(when, scheduled.last->run_after + kPace);
  scheduled.timer = at(when, [this, name = workflow->name] { make_due_run(name); });
}

// In a shared store another server may have been told to pause.
void Loop::see_pause(Scheduled& scheduled) {
  if (!store_.shared() || scheduled.pause_changed) return;
  if (auto row = store_.reader()->find_workflow(scheduled.row.name)) scheduled.row.paused = row->paused;
}

bool Loop::made_elsewhere(const Scheduled& scheduled, const std::string& run_id) {
  return store_.shared() && store_.reader()->find_run(scheduled.row.name, run_id).has_value();
}

void Loop::make_due_run(const std::string& name) {
  Scheduled& scheduled = get_scheduled(name);
  scheduled.timer = 0;
  see_pause(scheduled);
  if (!scheduled.next || scheduled.row.paused) return;
  // Without catchup a later one may have fallen due while this one waited for its turn, or the machine slept.
  if (!scheduled.workflow->catchup) {
    auto latest = scheduled.workflow->timetable->next(
        scheduled.last ? scheduled.last : scheduled.next,
        {.earliest = scheduled.workflow->start_date, .latest = scheduled.workflow->end_date}, now());
    if (latest && latest->run_after <= now()) scheduled.next = latest;
  }
  const Due due = *scheduled.next;
  if (due.run_after > now()) return plan_next(scheduled);
  if (!falls_to_us(name) && now() < due.run_after + kPrecedence) {
    scheduled.timer = at(due.run_after + kPrecedence, [this, name] { make_due_run(name); });
    return;
  }
  const std::string run_id = "scheduled__" + iso_instant(due.logical_date);
  if (made_elsewhere(scheduled, run_id)) {
    // Whoever made it has said so in the workflow's row.
    const bool dirty = scheduled.dirty, urgent = urgent_;
    scheduled.last = due;
    plan_next(scheduled);
    scheduled.dirty = dirty;
    urgent_ = urgent;
    return;
  }
  const std::size_t open = scheduled.active.size() + scheduled.queue.size();
  if (open + runs_elsewhere(name, {RunState::Queued, RunState::Running}) >= most_open(*scheduled.workflow)) {
    scheduled.timer = at(now() + kPrecedence, [this, name] { make_due_run(name); });
    return;
  }
  lag_ = std::chrono::duration_cast<std::chrono::microseconds>(now() - due.run_after).count();
  make_run({.workflow = name,
            .run_id = run_id,
            .type = store::RunType::Scheduled,
            .logical_date = due.logical_date,
            .interval_start = due.interval.start,
            .interval_end = due.interval.end,
            .run_after = due.run_after,
            .triggered_by = "timetable"},
           *scheduled.workflow);
  scheduled.last = due;
  plan_next(scheduled);
}

void Loop::set_paused(std::string_view workflow, bool paused, std::string_view who) {
  Scheduled& scheduled = get_scheduled(workflow);
  audit({.event = paused ? "pause" : "unpause", .who = std::string(who), .workflow = scheduled.row.name});
  if (scheduled.row.paused == paused) return;
  scheduled.row.paused = paused;
  scheduled.pause_changed = true;
  scheduled.dirty = true;
  urgent_ = true;
  plan_next(scheduled);
  if (paused) return;
  start_if_fulfilled(scheduled);
  start_queued(scheduled.row.name);
}

}  // namespace plumb::workflow
