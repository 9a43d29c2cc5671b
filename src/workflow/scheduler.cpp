#include "workflow/scheduler.h"

#include "workflow/loop/loop.h"

namespace plumb::workflow {

struct Scheduler::State {
  store::Store& store;
  Loop loop;

  // What a call gives back, once it is written down.
  template <class Ask>
  auto ask(Ask call) {
    using Answer = decltype(call());
    if constexpr (std::is_void_v<Answer>) {
      loop.perform([&] { call(); });
    } else {
      std::optional<Answer> answer;
      loop.perform([&] { answer = call(); });
      return *std::move(answer);
    }
  }
};

Scheduler::Scheduler(SchedulerOptions options, const config::Project& project, store::Store& store, Clock& clock,
                     Log log)
    : state_(new State{store, Loop(std::move(options), project, store, clock, std::move(log))}) {}

Scheduler::~Scheduler() = default;

void Scheduler::listen(Listener listener) {
  state_->loop.listeners.push_back(std::move(listener));
}

void Scheduler::run(std::stop_token stop) {
  state_->loop.run([] { return false; }, stop);
}

run::RunState Scheduler::run_until_finished(std::int64_t run, std::stop_token stop) {
  state_->loop.run([&] { return !state_->loop.has_run(run); }, stop);
  auto row = state_->store.reader()->find_run(run);
  return row ? row->state : run::RunState::Failed;
}

SchedulerHealth Scheduler::health() const {
  return state_->loop.health();
}

std::filesystem::path Scheduler::log_file(const store::AttemptRow& attempt) const {
  return state_->loop.log_file(attempt);
}

std::shared_ptr<const Definitions> Scheduler::definitions() const {
  return state_->loop.definitions();
}

void Scheduler::reload() {
  state_->ask([&] { state_->loop.reload(); });
}

store::RunRow Scheduler::trigger(const Trigger& trigger) {
  return state_->ask([&] { return state_->loop.trigger(trigger); });
}

void Scheduler::set_paused(std::string_view workflow, bool paused, std::string_view who) {
  state_->ask([&] { state_->loop.set_paused(workflow, paused, who); });
}

std::vector<store::TaskOfRun> Scheduler::clear(const TaskChoice& choice, bool dry_run, bool newest_definition,
                                               std::string_view who) {
  return state_->ask([&] { return state_->loop.clear(choice, dry_run, newest_definition, who); });
}

std::vector<store::TaskOfRun> Scheduler::mark(const TaskChoice& choice, run::TaskState state, bool dry_run,
                                              std::string_view who) {
  return state_->ask([&] { return state_->loop.mark(choice, state, dry_run, who); });
}

store::RunRow Scheduler::mark_run(std::string_view workflow, std::string_view run_id, run::RunState state,
                                  std::string_view who) {
  state_->ask([&] { state_->loop.mark_run(workflow, run_id, state, who); });
  return *state_->store.reader()->find_run(workflow, run_id);
}

store::RunRow Scheduler::cancel(std::string_view workflow, std::string_view run_id, std::string_view who) {
  return state_->ask([&] { return state_->loop.cancel(workflow, run_id, who); });
}

void Scheduler::remove_run(std::string_view workflow, std::string_view run_id, std::string_view who) {
  state_->ask([&] { state_->loop.remove_run(workflow, run_id, who); });
}

void Scheduler::set_note(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                         std::string_view note, std::string_view who) {
  state_->ask([&] { state_->loop.set_note(workflow, run_id, task, map_index, note, who); });
}

void Scheduler::approve(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                        bool approved, std::string_view note, std::string_view who) {
  state_->ask([&] { state_->loop.approve(workflow, run_id, task, map_index, approved, note, who); });
}

void Scheduler::signed_in(std::string_view connection) {
  state_->ask([&] { state_->loop.signed_in(connection); });
}

BackfillPlan Scheduler::backfill(const NewBackfill& backfill) {
  return state_->ask([&] { return state_->loop.backfill(backfill); });
}

store::BackfillRow Scheduler::pause_backfill(std::int64_t id, bool paused, std::string_view who) {
  return state_->ask([&] { return state_->loop.pause_backfill(id, paused, who); });
}

store::BackfillRow Scheduler::cancel_backfill(std::int64_t id, std::string_view who) {
  return state_->ask([&] { return state_->loop.cancel_backfill(id, who); });
}

store::AssetEventRow Scheduler::add_asset_event(std::string_view asset, const std::string& extra_json,
                                                std::string_view by, std::string_view who) {
  return state_->ask([&] { return state_->loop.add_asset_event(asset, extra_json, by, who); });
}

void Scheduler::save_pool(const store::PoolRow& pool, std::string_view who) {
  state_->ask([&] { state_->loop.save_pool(pool, who); });
}

void Scheduler::remove_pool(std::string_view name, std::string_view who) {
  state_->ask([&] { state_->loop.remove_pool(name, who); });
}

void Scheduler::save_variable(const store::VariableRow& variable, std::string_view who) {
  state_->ask([&] { state_->loop.save_variable(variable, who); });
}

void Scheduler::remove_variable(std::string_view key, std::string_view who) {
  state_->ask([&] { state_->loop.remove_variable(key, who); });
}

void Scheduler::audit(store::EventRow event) {
  state_->ask([&] { state_->loop.audit(std::move(event)); });
}

}  // namespace plumb::workflow
