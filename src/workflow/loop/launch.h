// What a task's attempt is carried out by: a process under the spawner, or a job of the engine.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "config/config.h"
#include "engine/engine.h"
#include "jinja/jinja.h"
#include "run/run.h"
#include "store/store.h"
#include "workflow/definition.h"

namespace plumb::workflow {

using Carrier = std::variant<run::Launch, engine::Job>;

struct LaunchFacts {
  const config::Project& project;
  std::string program;  // ours
  std::filesystem::path logs;
  const std::vector<Secret>& secrets;
  const store::RunRow& run;
  const Task& task;
  const store::TaskRow& instance;
  std::string log;           // the attempt's, relative to `logs`
  jinja::Value environment;  // the task's own, rendered
};

// True for kinds that the loop itself carries out, without a place or a process.
bool done_here(const Task& task);

// `settings` are rendered. Throws Error(Config) for what only the rendering could show.
Carrier start_of(const LaunchFacts& facts, const jinja::Value& settings);
// A callback's command.
run::Launch callback_launch(const LaunchFacts& facts, const jinja::Value& action, std::string_view event);
// A query whose rows a map is made of, as JSON on its output.
engine::Job query_job(const LaunchFacts& facts, const jinja::Value& query);

// An attempt's log below the folder of logs: WORKFLOW/RUN_ID/TASK[.MAP]-TRY.log; a callback's names its event as well.
std::string log_name(const store::RunRow& run, const store::TaskRow& task, std::string_view event = {});
// Where an attempt may leave values: beside its log.
std::filesystem::path values_file(const std::filesystem::path& logs, std::string_view log);

// A dict's entry, or undefined.
jinja::Value find_entry(const jinja::Value& dict, std::string_view key);
// A text, or a dict's text under one of these keys; empty when there is none.
std::string text_of(const jinja::Value& value, std::initializer_list<std::string_view> keys = {});

}  // namespace plumb::workflow
