// What plumb.yml and the project's folders have that workflows refer to: pools, calendars, defaults, alerts, pipelines.
// Read once for all workflows.
//
// Inside the room.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "workflow/definition.h"

namespace plumb::workflow {

struct Sections {
  std::map<std::string, Pool> pools;
  Calendars calendars;
  Retention retention;
  Node defaults;  // of the project's document
  std::set<std::string, std::less<>> alerts;
  // The tables that a pipeline writes, "raw.weather_observations"; none for one whose file is faulty, which is for
  // those to say who load it.
  std::map<std::string, std::vector<std::string>, std::less<>> pipelines;
};

// What is wrong is added to the faults, and left out.
Sections read_sections(const config::Project& project, std::vector<Error>& faults);

// Folder/NAME as messages show it.
std::string shown_path(const config::Project& project, const std::filesystem::path& file);
// The YAML files in a folder of the project, sorted.
std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder);

}  // namespace plumb::workflow
