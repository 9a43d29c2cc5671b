// The jobs of a crontab as workflows: what `plumb init --from-crontab` writes.
//
// Each job becomes a workflow of one task, at the same times, with the same command, environment, folder and input.
// What can't be the same is said as a note.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/crontab.h"

namespace plumb::cli {

struct ImportedWorkflow {
  std::string name;  // "backup": its file is workflows/backup.yml
  std::string text;
};

struct CrontabImport {
  std::vector<ImportedWorkflow> workflows;
  std::vector<std::string> notes;   // "line 7: …": what a person should look at
  std::vector<std::string> faults;  // lines that could not be taken
};

// `zone`: cron's, written into workflows that name none; empty when it is the project's anyway.
CrontabImport import_crontab(const Crontab& crontab, std::string_view zone);

// A name for a command: that of the program it is about ("nice -n 5 /opt/backup.sh --all" is "backup").
std::string workflow_name(std::string_view command);

}  // namespace plumb::cli
