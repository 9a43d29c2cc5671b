// The kinds of tasks and the keys of each: what may stand under `shell:`, `http:`, … in a workflow's file.
//
// A kind's settings are a map; most kinds have a short form ("shell: echo hello"), which is the map with one key
// ("{command: echo hello}"): settings_of() makes one of the other, so that who carries a task out sees maps only.
//
// Inside the room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jinja/jinja.h"
#include "workflow/definition.h"
#include "workflow/shape.h"

namespace plumb::workflow {

struct TaskKindKeys {
  TaskKind kind;
  std::string_view name;       // the key that stands in the file: "shell", "build"
  std::string_view short_key;  // the key that a text or a list in place of the map stands for; may be empty
  Shape settings;              // of the map alone, or with the short form
  std::string_view description;
};
// All of them; of TaskKind::Dbt one for each command.
const std::vector<TaskKindKeys>& task_kinds();
const TaskKindKeys* find_task_kind(std::string_view name);
// The settings as a map; an empty one for nothing.
jinja::Value settings_of(const TaskKindKeys& kind, const Node& node);

}  // namespace plumb::workflow
