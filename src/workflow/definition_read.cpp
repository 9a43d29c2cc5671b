#include <algorithm>

#include "base/crypto.h"
#include "base/format.h"
#include "workflow/definition_keys.h"
#include "workflow/definition_reader.h"
#include "workflow/duration.h"

namespace plumb::workflow {

namespace {

// "2026-01-01" and "2026-01-01T07:00" are the zone's; "…+01:00" and "…Z" say themselves where they are.
std::optional<Instant> read_date(const Node& node, const Zone& zone) {
  if (node.null()) return std::nullopt;
  const std::string text(node.scalar());
  if (auto date = find_date(text)) {
    return zone.to_instant(LocalTime(std::chrono::local_days(*date).time_since_epoch()));
  }
  // A text that a "Z" can be put behind has no zone yet.
  if (auto local = find_instant(text + "Z")) return zone.to_instant(LocalTime(local->time_since_epoch()));
  return find_instant(text);
}

std::optional<std::chrono::milliseconds> read_duration(const Node& node) {
  if (node.null()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(parse_duration(node));
}

Zone read_zone(const Node& node, const config::Project& project) {
  if (node.null()) return project.zone;
  try {
    return Zone::get(project.values().text(node));
  } catch (const Error& error) {
    throw error.at(node.place());
  }
}

class WorkflowReader {
 public:
  WorkflowReader(const ReaderContext& context, const Node& root, HasShape has_shape, std::vector<Error>& faults)
      : context_(context),
        root_(root),
        has_shape_(has_shape),
        faults_(faults),
        tasks_(context, root, std::move(has_shape), faults) {}

  std::shared_ptr<const Workflow> read(WorkflowFile file) {
    auto workflow = std::make_shared<Workflow>();
    workflow->file = file.file;
    Node name = root_.get("workflow");
    workflow->name = name.as_text();
    workflow->place = name.place();
    attempt([&] { read_words(*workflow); });
    attempt([&] { read_times(*workflow); });
    attempt([&] { read_run(*workflow); });
    if (const Node params = root_.find("params"); !params.null() && has_shape_(params, map_of(param_shape()))) {
      attempt([&] { workflow->params = read_params(params); });
    }
    workflow->tasks = tasks_.read_all();
    workflow->starts = tasks_.take_references();
    attempt([&] { workflow->callbacks = tasks_.read_callbacks(root_); });
    if (!faults_.empty()) return nullptr;
    attempt([&] { finish(*workflow); });
    if (!faults_.empty()) return nullptr;
    // A change of the defaults is a new version, too.
    workflow->hash = sha256_hex(file.text + "\n" + context_.sections.defaults.to_json()).substr(0, 32);
    workflow->text = std::move(file.text);
    return workflow;
  }

 private:
  // One part's fault does not hide those of the others.
  template <class Work>
  void attempt(Work work) {
    try {
      work();
    } catch (const Error& error) {
      faults_.push_back(error);
    }
  }

  Node setting(std::string_view key) const {
    Node own = root_.find(key);
    return own ? own : context_.sections.defaults.find(key);
  }

  void read_words(Workflow& workflow) const {
    workflow.description = root_.find("description").text_or("");
    workflow.owner = setting("owner").text_or("");
    workflow.group = root_.find("group").text_or("");
    workflow.tags = read_texts(root_.find("tags"));
  }

  void read_times(Workflow& workflow) const {
    workflow.zone = read_zone(root_.find("timezone"), context_.project);
    workflow.start_date = read_date(setting("start_date"), workflow.zone);
    workflow.timetable = std::make_shared<const Timetable>(
        Timetable::parse(root_.find("schedule"), {.zone = workflow.zone,
                                                  .workflow = workflow.name,
                                                  .calendars = &context_.sections.calendars,
                                                  .start_date = workflow.start_date}));
    workflow.end_date = read_date(root_.find("end_date"), workflow.zone);
    if (workflow.start_date && workflow.end_date && *workflow.end_date < *workflow.start_date) {
      throw fault_at(root_.find("end_date"), "end_date lies before start_date");
    }
  }

  void read_run(Workflow& workflow) const {
    const auto number = [&](std::string_view key, int& into) {
      if (Node node = setting(key); !node.null()) into = static_cast<int>(node.as_int());
    };
    const auto flag = [&](std::string_view key, bool& into) {
      if (Node node = setting(key); !node.null()) into = node.as_bool();
    };
    number("max_active_runs", workflow.max_active_runs);
    number("max_active_tasks", workflow.max_active_tasks);
    flag("catchup", workflow.catchup);
    flag("paused", workflow.paused);
    workflow.timeout = read_duration(root_.find("timeout"));
    workflow.deadline = read_duration(root_.find("deadline"));
  }

  void finish(Workflow& workflow) const {
    std::vector<run::GraphTask> tasks;
    for (const Task& task : workflow.tasks) {
      tasks.push_back({.id = task.id,
                       .after = task.after,
                       .rule = task.rule,
                       .setup = task.setup,
                       .teardown_of = task.teardown_of,
                       .teardown = task.teardown});
    }
    try {
      workflow.graph = run::Graph::make(std::move(tasks));
    } catch (const Error& error) {
      throw error.at(root_.get("tasks").place());
    }
    for (std::size_t i = 0; i < workflow.tasks.size(); ++i) {
      Task& task = workflow.tasks[i];
      task.total_priority = task.priority;
      for (std::size_t later : workflow.graph->all_after({i})) task.total_priority += workflow.tasks[later].priority;
    }
    check_params_of_schedule(workflow);
    check_branches(workflow);
  }

  void check_params_of_schedule(const Workflow& workflow) const {
    if (!workflow.timetable->periodic() && workflow.timetable->assets() == nullptr) return;
    for (const Param& param : workflow.params) {
      if (param.fallback.is_undefined()) {
        throw fault_at(root_.find("params").find(param.name),
                       format("the param '{}' has no default, but the workflow runs by a schedule", param.name),
                       "give it a `default`");
      }
    }
  }

  void check_branches(const Workflow& workflow) const {
    for (std::size_t i = 0; i < workflow.tasks.size(); ++i) {
      const Task& task = workflow.tasks[i];
      if (task.kind != TaskKind::Branch || !workflow.graph->following(i).empty()) continue;
      throw Error(ErrorKind::Config, format("the branch '{}' has no tasks to choose from", task.id),
                  {.place = task.place, .hint = format("write `after: [{}]` at those that it chooses from", task.id)});
    }
  }

  const ReaderContext& context_;
  Node root_;
  HasShape has_shape_;
  std::vector<Error>& faults_;
  TaskReader tasks_;
};

bool has_tasks(const Node& tasks) {
  return tasks.kind() == NodeKind::List || tasks.kind() == NodeKind::Map;
}

// One fault for one place: what is out of shape is not told a second time in other words.
void add_others(std::vector<Error>& faults, std::vector<Error> more) {
  for (Error& error : more) {
    const Place* at = error.find_place();
    const bool told = std::any_of(faults.begin(), faults.end(), [&](const Error& other) {
      const Place* place = other.find_place();
      return at != nullptr && place != nullptr && at->line == place->line && at->column == place->column;
    });
    if (!told) faults.push_back(std::move(error));
  }
}

}  // namespace

ReadWorkflow read_workflow(WorkflowFile file, const ReaderContext& context, std::vector<Error>& faults) {
  ReadWorkflow result;
  std::vector<Error> own;
  // The file's end of the road: what can't be read at all is one fault.
  try {
    const Document document = parse_yaml(file.text, file.shown);
    const Node root = document.root();
    if (root.kind() != NodeKind::Map) {
      throw Error(ErrorKind::Config, "a workflow should be a map with at least `workflow` and `tasks`",
                  {.place = Place{file.shown, 1, 1, ""}});
    }
    if (Node name = root.find("workflow"); name.kind() == NodeKind::Text) result.name = name.as_text();
    const auto read_template = [&](const Node& node, bool expression) {
      context.templates.check(node, expression, file.text);
    };
    const bool well_shaped = check(root, workflow_shape(), {own, read_template, find_other_word});
    // Where a part is out of shape the others are still read for their faults.
    const HasShape has_shape = [&, well_shaped](const Node& node, const Shape& shape) {
      std::vector<Error> unheard;
      return well_shaped || check(node, shape, {unheard, read_template, find_other_word});
    };
    const bool readable = root.find("workflow").kind() == NodeKind::Text && has_tasks(root.find("tasks"));
    if (readable) {
      std::vector<Error> more;
      WorkflowReader reader(context, root, has_shape, more);
      auto workflow = reader.read(WorkflowFile(file));
      if (well_shaped) result.workflow = std::move(workflow);
      add_others(own, std::move(more));
    }
  } catch (const Error& error) {
    own.push_back(error);
  }
  const auto place_of = [](const Error& error) {
    const Place* place = error.find_place();
    return place != nullptr ? std::pair(place->line, place->column) : std::pair(0, 0);
  };
  std::stable_sort(own.begin(), own.end(), [&](const Error& a, const Error& b) { return place_of(a) < place_of(b); });
  faults.insert(faults.end(), own.begin(), own.end());
  return result;
}

}  // namespace plumb::workflow
