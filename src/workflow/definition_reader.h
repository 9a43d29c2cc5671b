// Reads one workflow's file: the shapes of its parts first (shape.h), then what they mean together.
//
// Inside the room.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/definition.h"
#include "workflow/definition_sections.h"
#include "workflow/shape.h"
#include "workflow/template_check.h"

namespace plumb::workflow {

struct ReadWorkflow {
  std::string name;                          // also of a faulty one, if it can be told
  std::shared_ptr<const Workflow> workflow;  // null when there were faults
};

struct ReaderContext {
  const config::Project& project;
  const Sections& sections;
  const TemplateCheck& templates;
};

struct WorkflowFile {
  std::string text;
  std::string shown;  // its name in messages
  std::string file;   // relative to the project's folder
};
// Every fault is added to `faults`.
ReadWorkflow read_workflow(WorkflowFile file, const ReaderContext& context, std::vector<Error>& faults);

// ---- Its parts (definition_tasks.cpp, definition_params.cpp). What they read has its shape.

// Whether a part has its shape, for a file of which some part has not.
using HasShape = std::function<bool(const Node& node, const Shape& shape)>;

class TaskReader {
 public:
  // The nodes outlive the reader. `root` is the workflow's.
  TaskReader(const ReaderContext& context, const Node& root, HasShape has_shape, std::vector<Error>& faults);
  // In the order of the file; what is faulty is left out, and its faults are told.
  std::vector<Task> read_all();
  Callbacks read_callbacks(const Node& node) const;
  std::vector<WorkflowReference> take_references() { return std::move(references_); }

 private:
  Task read(const Node& node, std::string id, const Place& place);
  void read_kind(const Node& node, Task& task);
  void read_order(const Node& node, Task& task) const;
  void read_limits(const Node& node, Task& task) const;
  void read_environment(const Node& node, Task& task) const;
  void read_assets(const Node& node, Task& task) const;
  void check_kind(const Node& settings, const Task& task);
  void check_order() const;
  std::string id_of(std::size_t index) const;
  std::vector<Callback> read_actions(const Node& node) const;
  // What the task says, else the file's defaults, else the project's.
  Node setting(const Node& task, std::string_view key) const;

  const ReaderContext& context_;
  Node root_, list_, defaults_;
  HasShape has_shape_;
  std::vector<Error>& faults_;
  std::vector<WorkflowReference> references_;
};

std::vector<Param> read_params(const Node& node);
// One text, or a list of them.
std::vector<std::string> read_texts(const Node& node);
Error fault_at(const Node& node, std::string message, std::string hint = {});
// Throws Error(Config) "unknown pool 'bnak'" with the nearest of the known names, or else `advice`.
template <class Names>
[[noreturn]] void refuse_name(const Node& node, std::string_view what, std::string_view name, const Names& known,
                              std::string advice) {
  const auto nearest = find_nearest(name, known);
  std::string message = "unknown ";
  message.append(what).append(" '").append(name).append("'");
  throw fault_at(node, std::move(message),
                 nearest.empty() ? std::move(advice) : "did you mean '" + std::string(nearest) + "'?");
}

}  // namespace plumb::workflow
