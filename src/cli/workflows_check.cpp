#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/format.h"
#include "cli/workflow_commands.h"
#include "workflow/workflow.h"

namespace plumb::cli {

namespace {

using workflow::Definitions;
using workflow::Workflow;

std::string describe(const Workflow& one, Instant now) {
  const auto due = one.timetable->next({}, {.earliest = one.start_date, .latest = one.end_date}, now);
  const std::size_t tasks = one.tasks.size();
  std::string text = format("{} task{}, {}", tasks, tasks == 1 ? "" : "s", one.timetable->describe());
  return due && due->run_after > now ? text + ", next " + format_instant(due->run_after) : text;
}

void write(JsonWriter& json, const Workflow& one) {
  json.begin_object().field("name", one.name).field("file", one.file).field("description", one.description);
  json.field("schedule", one.timetable->summary()).field("timezone", one.zone.name());
  json.key("tags").begin_array();
  for (const std::string& tag : one.tags) json.text(tag);
  json.end_array().key("tasks").begin_array();
  for (const workflow::Task& task : one.tasks) {
    json.begin_object().field("id", task.id).field("kind", to_string(task.kind)).key("after").begin_array();
    for (const std::string& before : task.after) json.text(before);
    json.end_array().end_object();
  }
  json.end_array().key("assets").begin_array();
  for (const std::string& asset : one.produces()) json.text(asset);
  json.end_array().end_object();
}

void write(JsonWriter& json, const Error& fault) {
  json.begin_object();
  if (const Place* place = fault.find_place()) {
    json.field("file", place->file).field("line", place->line).field("column", place->column);
  }
  json.field("message", fault.message()).field("hint", fault.hint()).end_object();
}

// Which of the folder's files are meant: by the file's path, its stem, or the workflow's name. None named: all.
class Chosen {
 public:
  explicit Chosen(const std::vector<std::string>& words) : words_(words.begin(), words.end()) {}

  bool has(const std::filesystem::path& file, std::string_view name) {
    if (words_.empty()) return true;
    for (const std::string& word : words_) {
      std::error_code none;
      if (word != name && word != file.stem() && !std::filesystem::equivalent(word, file, none)) continue;
      found_.insert(word);
      return true;
    }
    return false;
  }
  std::vector<std::string> missing() const {
    std::vector<std::string> missing;
    std::set_difference(words_.begin(), words_.end(), found_.begin(), found_.end(), std::back_inserter(missing));
    return missing;
  }

 private:
  std::set<std::string> words_, found_;
};

// A file from elsewhere is looked at on its own.
void check_strangers(const std::vector<std::string>& files, const config::Project& project, Definitions& chosen) {
  for (const std::string& file : files) {
    // Its faults are what is asked for; they do not end the command.
    try {
      auto one = workflow::parse_workflow(read_file(file), file, project);
      chosen.workflows.emplace(one->name, one);
    } catch (const Error& error) {
      chosen.faults.push_back(error.find_place() != nullptr ? error : error.at(Place{.file = file}));
    }
  }
}

Definitions choose(const Definitions& all, const config::Project& project, const std::vector<std::string>& words) {
  Chosen chosen(words);
  Definitions some;
  for (const auto& [name, one] : all.workflows) {
    if (chosen.has(project.folder / one->file, name)) some.workflows.emplace(name, one);
  }
  for (const Error& fault : all.faults) {
    if (chosen.has(fault.find_place() != nullptr ? fault.find_place()->file : "", "")) some.faults.push_back(fault);
  }
  check_strangers(chosen.missing(), project, some);
  return some;
}

}  // namespace

int check_workflows(Context& context, const std::vector<std::string>& names) {
  const auto project = context.project();
  const auto some = choose(workflow::load_definitions(project), project, names);
  JsonWriter json;
  json.begin_object().key("workflows").begin_array();
  for (const auto& [name, one] : some.workflows) {
    if (context.json) {
      write(json, *one);
    } else {
      context.terminal.print(format("{}: {}: {}\n", one->file, name, describe(*one, context.clock.now())));
    }
  }
  json.end_array().key("faults").begin_array();
  for (const Error& fault : some.faults) {
    if (context.json) {
      write(json, fault);
    } else {
      context.terminal.say(fault);
    }
  }
  json.end_array().end_object();
  if (context.json) context.terminal.print(json.take() + "\n");
  if (!context.json && some.workflows.empty() && some.faults.empty()) {
    context.terminal.say("there are no workflows: make workflows/NAME.yml");
  }
  return some.faults.empty() ? 0 : 2;
}

}  // namespace plumb::cli
