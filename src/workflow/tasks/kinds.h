// Below tasks.h: the kinds, each in a file of its own.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "workflow/tasks/tasks.h"

namespace plumb::workflow {

TaskResult do_http(Node settings, const TaskWorld& world);
TaskResult do_ssh(Node settings, const TaskWorld& world);
TaskResult do_container(Node settings, const TaskWorld& world);
TaskResult do_poke(Node settings, const TaskWorld& world);
TaskResult do_sql(Node settings, const TaskWorld& world);
TaskResult do_query_check(Node settings, const TaskWorld& world);
// A query's first value is true: not null, false, 0, "" or "0".
bool query_is_true(Node query, const TaskWorld& world);

// A setting of a map, or the node itself where the short form gives that one alone.
inline Node setting(Node settings, std::string_view key, std::string_view short_key) {
  return settings.kind() == NodeKind::Map || key != short_key ? settings.find(key) : settings;
}
// What another machine or a container may know of us: no secret is among these.
inline constexpr std::array<const char*, 8> kToldVariables = {"PLUMB_WORKFLOW",
                                                              "PLUMB_RUN_ID",
                                                              "PLUMB_TASK_ID",
                                                              "PLUMB_MAP_INDEX",
                                                              "PLUMB_TRY_NUMBER",
                                                              "PLUMB_LOGICAL_DATE",
                                                              "PLUMB_DATA_INTERVAL_START",
                                                              "PLUMB_DATA_INTERVAL_END"};
// The texts of a list, or of one scalar.
std::vector<std::string> texts_of(Node node);
std::chrono::milliseconds duration_or(Node node, std::chrono::milliseconds fallback);
// The text, or an Error(Config) that names the key.
std::string needed_text(Node node, std::string_view key);

}  // namespace plumb::workflow
