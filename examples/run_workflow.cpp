// run_workflow FOLDER WORKFLOW: carries a project's workflow out in this program, and tells how its tasks end.
#include <cstdio>
#include <string>

#include "workflow/workflow.h"

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("run_workflow FOLDER WORKFLOW\n", stderr);
    return 2;
  }
  try {
    auto project = plumb::config::load_project(words[1], plumb::config::Environment::of_process());
    plumb::SystemClock clock;
    plumb::store::Store store(plumb::workflow::store_of(project), clock);
    // Loads, models and queries are the work of the program plumb; shell tasks need nothing but bash.
    plumb::workflow::Scheduler scheduler({.program = "plumb", .schedules = false}, project, store, clock, {});
    scheduler.listen([](const plumb::workflow::Change& change) {
      if (change.kind != plumb::workflow::Change::Kind::AttemptEnded) return;
      std::printf("%s: %s\n", change.task->task.c_str(),
                  std::string(plumb::run::to_string(change.attempt->state)).c_str());
    });
    auto run = scheduler.trigger({.workflow = words[2]});
    auto state = scheduler.run_until_finished(run.id, {});
    std::printf("%s\n", std::string(plumb::run::to_string(state)).c_str());
    return state == plumb::run::RunState::Success ? 0 : 1;
  } catch (const plumb::Error& error) {
    std::fprintf(stderr, "%s\n", error.render().c_str());
    return 2;
  }
}
