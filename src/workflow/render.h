// Templates in a workflow, rendered when a task starts: the names that they see, and the rendering of whole trees.
//
//     Renderer renderer(project);
//     jinja::Value names = run_names({.project = &project, .workflow = &workflow, .run = &run, …});
//     jinja::Value settings = renderer.render(task.settings, names, task.place);
//
// What comes out of a template is data: it is never rendered again. Throws Error(Config) at the task's place.
// Belongs to one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "config/config.h"
#include "jinja/jinja.h"
#include "store/store.h"
#include "workflow/definition.h"

namespace plumb::workflow {

// What a task's templates may ask for. Pointers may be null where there is none (callbacks of a run have no task).
struct RunFacts {
  const config::Project* project = nullptr;
  const Workflow* workflow = nullptr;
  const store::RunRow* run = nullptr;
  const Task* task = nullptr;
  const store::TaskRow* instance = nullptr;
  jinja::Value params = {};        // a dict
  jinja::Value values = {};        // {task: {key: value}}; of a mapped task {task: [{key: value}, …]}
  jinja::Value item = {};          // of a map, under its `as`
  jinja::Value asset_events = {};  // what started the run: a list of {asset, at, rows, …}
  jinja::Value variables = {};     // stored ones: {key: text}
  Instant now;
};

// The names: ds, ts, data_interval_start, run, task, params, values, item, var, env_var, macros, …
jinja::Value run_names(const RunFacts& facts);

class Renderer {
 public:
  explicit Renderer(const config::Project& project);
  ~Renderer();
  // Every text in the tree that is a template, rendered; a text that is one expression and nothing else gives the
  // expression's value (a list for a map, a number), any other a text.
  jinja::Value render(const jinja::Value& tree, const jinja::Value& names, const Place& place);
  // An expression with or without its braces: of `when`, `branch`.
  jinja::Value evaluate(std::string_view expression, const jinja::Value& names, const Place& place);
  bool truth(std::string_view expression, const jinja::Value& names, const Place& place);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A task's settings, rendered; in place of a file with SQL that they name stands what is in it, rendered as well.
// Throws Error(Io) when it can't be read.
jinja::Value render_settings(Renderer& renderer, const Task& task, const jinja::Value& names,
                             const std::filesystem::path& project_folder);

// A value as JSON, and JSON as a value.
std::string json_of(const jinja::Value& value);
jinja::Value value_of_json(std::string_view json);

}  // namespace plumb::workflow
