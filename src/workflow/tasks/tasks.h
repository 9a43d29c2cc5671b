// What `plumb task KIND` does: the kinds of tasks that Plumb carries out itself, in a process of their own, so that the
// scheduler never waits for anybody else's machine. (Its own are shell and python, which are programs already, and
// load, build, sql and the like, which the engine does as command lines.)
//
//     TaskResult result = carry_out("http", settings, world);
//
// Settings are those of the workflow's file (docs/workflows.md) after rendering, as JSON: {"url": "https://…"}, or in
// the short form "https://…". The kinds:
//
//     http       a request                     ssh        a command on another machine
//     container  docker's or podman's `run`    poke       one look of a `wait`: {"file": …}, {"http": …}, {"sql": …}
//     sql        statements                    query-check  a query whose answer has to be right
//
// What a scheduler decides on is the end; an Error thrown means what its kind says (end_of). A stop ends the remote
// command, the container or the statement, not only us.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/error.h"
#include "base/log.h"
#include "config/config.h"

namespace plumb::workflow {

// As exit codes.
enum class TaskEnd {
  Success = 0,
  Failed = 1,
  Terminal = 65,  // trying again will not help
  NotYet = 75,    // of a poke: what it waits for is not there
  Skipped = 99,
};

struct TaskResult {
  TaskEnd end = TaskEnd::Success;
  std::map<std::string, std::string> values = {};  // JSON by name, for other tasks
};

struct TaskWorld {
  std::function<config::Project()> project;            // throws Error(Config) where there is none
  config::Environment environment;                     // of the process
  std::function<void(std::string_view bytes)> output;  // what a remote command writes, or we say
  std::function<void(std::string_view bytes)> errors;
  Clock& clock;
  std::stop_token stop = {};
  Log log = {};

  void say(std::string_view line) const { output(std::string(line) + "\n"); }
};

// Throws Error(Usage) for an unknown kind.
TaskResult carry_out(std::string_view kind, Node settings, const TaskWorld& world);
std::vector<std::string_view> carried_out_kinds();

// Terminal for what is wrong in a file or with a credential, else Failed.
TaskEnd end_of(const Error& error);

// Whether a file that a `wait` names is there: {"path": "in/*.csv", "older_than": "1m", "at_least": 1} or a text. A
// pattern is fulfilled by any of its files.
bool file_is_there(Node file, const std::filesystem::path& folder, Instant now);

}  // namespace plumb::workflow
