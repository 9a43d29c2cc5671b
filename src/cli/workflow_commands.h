// The commands around workflows: start one here and now, serve all, look and act.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/context.h"

namespace plumb::cli {

// plumb start WORKFLOW
struct StartArguments {
  std::string workflow;
  std::vector<std::string> params;  // name=value; a value that is JSON is taken as such
  std::string params_json;          // all of them as one JSON object
  std::string run_id, logical_date, note;
  bool quiet = false;
};
int start_command(Context& context, const StartArguments& arguments);

// plumb serve
struct ServeArguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string base_path;
  std::vector<std::string> trusted_proxies, hosts;
  std::string port_file;  // where the port is written once it is open
  int tasks = 32;
  int lease = 30;  // seconds, of a store that several servers share
};
int serve_command(Context& context, const ServeArguments& arguments);

// plumb workflows [list] | show NAME | pause NAME… | unpause NAME… | trigger NAME | check [FILE…] | schema
struct WorkflowsArguments {
  std::string action = "list";
  std::vector<std::string> names;
  StartArguments trigger;
};
int workflows_command(Context& context, const WorkflowsArguments& arguments);
// Every fault of every file (or of these files, or workflows of these names) at once. 0: there are none; 2: some.
int check_workflows(Context& context, const std::vector<std::string>& names);

// plumb runs [list] | show | cancel | clear | retry | mark | approve | delete
struct RunsArguments {
  std::string action = "list";
  std::string workflow;
  std::string run_id;  // "latest": the newest
  std::vector<std::string> tasks;
  std::vector<std::string> states;
  std::string state;  // of mark
  std::int64_t limit = 20;
  int map_index = -1;
  bool downstream = false, upstream = false, only_failed = false, newest = false, reject = false;
  std::string note;
};
int runs_command(Context& context, const RunsArguments& arguments);

// plumb logs WORKFLOW [RUN] [TASK]
struct LogsArguments {
  std::string workflow, run_id = "latest", task;
  int map_index = -1;
  std::optional<int> try_number;
  bool follow = false;
  std::optional<std::int64_t> tail;
  bool times = false;
};
int logs_command(Context& context, const LogsArguments& arguments);

// plumb backfill WORKFLOW --from … --to … | list | pause | cancel
struct BackfillArguments {
  std::string action = "create";
  std::string workflow, from, to, reprocess = "none";
  std::vector<std::string> params;
  int max_active_runs = 10;
  bool backwards = false;
  std::int64_t id = 0;
};
int backfill_command(Context& context, const BackfillArguments& arguments);

// plumb assets [list] | events [NAME] | news NAME
struct AssetsArguments {
  std::string action = "list";
  std::string name;
  std::string extra = "{}";
  std::int64_t limit = 50;
};
int assets_command(Context& context, const AssetsArguments& arguments);

// plumb users [list] | add NAME | passwd NAME | role NAME ROLE | remove NAME
struct UsersArguments {
  std::string action, name;
  std::string role = "viewer";
};
int users_command(Context& context, const UsersArguments& arguments);

// plumb tokens [list [USER]] | create USER | revoke TOKEN
struct TokensArguments {
  std::string action, name;
  std::string description = "api";
  int days = 0;  // 0: for ever
};
int tokens_command(Context& context, const TokensArguments& arguments);

// plumb alert test NAME (and `send NAME` for the server, with the message on standard input)
struct AlertArguments {
  std::string action = "test";
  std::string name;
};
int alert_command(Context& context, const AlertArguments& arguments);

// Their grammar.
void add_workflow_commands(CLI::App& app, Request& request);

}  // namespace plumb::cli
