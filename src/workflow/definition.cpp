#include "workflow/definition.h"

#include <algorithm>
#include <unordered_map>

#include "base/file.h"
#include "base/format.h"
#include "workflow/definition_reader.h"

namespace plumb::workflow {

namespace {

// What the files say of each other: names that are taken twice, workflows that are started and not there, and circles
// of them, in which a run would never end.
class Linker {
 public:
  explicit Linker(Definitions& definitions) : definitions_(definitions) {}

  void add(ReadWorkflow read) {
    if (!read.name.empty()) names_.insert(read.name);
    if (!read.workflow) return;
    const auto [place, fresh] = definitions_.workflows.emplace(read.name, read.workflow);
    if (!fresh) {
      const Place& first = place->second->place;
      definitions_.faults.push_back(
          Error(ErrorKind::Config, format("there are two workflows '{}'", read.name),
                {.place = read.workflow->place, .hint = format("the first one stands in {}", first.file)}));
      return;
    }
    if (!read.workflow->starts.empty()) starting_.push_back(read.workflow.get());
  }

  void check() {
    std::sort(starting_.begin(), starting_.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const Workflow* workflow : starting_) {
      for (const WorkflowReference& reference : workflow->starts) check(workflow->name, reference);
    }
    for (const auto& [name, error] : faulty_) {
      definitions_.workflows.erase(name);
      definitions_.faults.push_back(error);
    }
  }

 private:
  void check(const std::string& name, const WorkflowReference& reference) {
    if (!names_.contains(reference.name)) {
      const auto nearest = find_nearest(reference.name, names_);
      faulty_.emplace(name, Error(ErrorKind::Config, format("unknown workflow '{}'", reference.name),
                                  {.place = reference.place,
                                   .hint = nearest.empty() ? "there is no such file in workflows/"
                                                           : format("did you mean '{}'?", nearest)}));
      return;
    }
    std::vector<std::string> path{name};
    if (leads_back(reference.name, path)) {
      path.push_back(name);
      faulty_.emplace(name, Error(ErrorKind::Config,
                                  format("the workflows start each other in a circle: {}", fmt::join(path, " -> ")),
                                  {.place = reference.place}));
    }
  }

  // Whether the runs of `at` lead back to the first of the path; then the path is the way there.
  bool leads_back(const std::string& at, std::vector<std::string>& path) const {
    if (at == path.front()) return true;
    if (std::find(path.begin(), path.end(), at) != path.end()) return false;
    const auto workflow = definitions_.find(at);
    if (workflow == nullptr) return false;
    path.push_back(at);
    for (const WorkflowReference& next : workflow->starts) {
      if (leads_back(next.name, path)) return true;
    }
    path.pop_back();
    return false;
  }

  Definitions& definitions_;
  std::set<std::string, std::less<>> names_;
  std::vector<const Workflow*> starting_;  // those that start others
  std::map<std::string, Error> faulty_;
};

// What was read before, by its file. Of no use when the pipelines have changed: workflows are checked against them.
class KnownFiles {
 public:
  KnownFiles(const Definitions& before, const Sections& sections) {
    if (before.pipelines != sections.pipelines) return;
    for (const auto& [name, workflow] : before.workflows) files_.emplace(workflow->file, workflow);
  }

  std::shared_ptr<const Workflow> find(std::string_view file, std::string_view text) const {
    const auto found = files_.find(file);
    return found != files_.end() && found->second->text == text ? found->second : nullptr;
  }

 private:
  std::unordered_map<std::string_view, std::shared_ptr<const Workflow>> files_;
};

}  // namespace

std::string_view to_string(TaskKind kind) {
  switch (kind) {
    case TaskKind::Load:
      return "load";
    case TaskKind::Dbt:
      return "dbt";
    case TaskKind::Sql:
      return "sql";
    case TaskKind::QueryCheck:
      return "query-check";
    case TaskKind::Shell:
      return "shell";
    case TaskKind::Python:
      return "python";
    case TaskKind::Http:
      return "http";
    case TaskKind::Ssh:
      return "ssh";
    case TaskKind::Container:
      return "container";
    case TaskKind::Wait:
      return "wait";
    case TaskKind::Approve:
      return "approve";
    case TaskKind::Workflow:
      return "workflow";
    case TaskKind::Branch:
      return "branch";
    case TaskKind::Nothing:
      return "nothing";
  }
  return "";
}

const Task* Workflow::find_task(std::string_view id) const {
  const auto found = graph ? graph->find(id) : std::nullopt;
  return found ? &tasks[*found] : nullptr;
}

std::vector<std::string> Workflow::produces() const {
  std::vector<std::string> assets;
  for (const Task& task : tasks) {
    for (const std::string& asset : task.produces) {
      if (std::find(assets.begin(), assets.end(), asset) == assets.end()) assets.push_back(asset);
    }
  }
  return assets;
}

std::shared_ptr<const Workflow> Definitions::find(std::string_view name) const {
  const auto found = workflows.find(name);
  return found == workflows.end() ? nullptr : found->second;
}

Definitions load_definitions(const config::Project& project, const Definitions& before) {
  Definitions definitions;
  Sections sections = read_sections(project, definitions.faults);
  const TemplateCheck templates;
  const KnownFiles known(before, sections);
  Linker linker(definitions);
  for (const auto& path : yaml_files(project.folder / "workflows")) {
    auto text = find_file(path);
    if (!text) continue;  // gone since it was listed
    std::string file = "workflows/" + path.filename().string();
    if (auto same = known.find(file, *text)) {
      linker.add({same->name, same});
    } else {
      linker.add(read_workflow({*std::move(text), shown_path(project, path), std::move(file)},
                               {project, sections, templates}, definitions.faults));
    }
  }
  linker.check();
  definitions.pools = std::move(sections.pools);
  definitions.retention = sections.retention;
  definitions.pipelines = std::move(sections.pipelines);
  return definitions;
}

std::shared_ptr<const Workflow> parse_workflow(std::string text, const std::string& file,
                                               const config::Project& project) {
  std::vector<Error> faults;
  const Sections sections = read_sections(project, faults);
  const TemplateCheck templates;
  auto read = read_workflow({std::move(text), file, file}, {project, sections, templates}, faults);
  if (!faults.empty()) throw faults.front();
  return read.workflow;
}

}  // namespace plumb::workflow
