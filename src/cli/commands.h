// The commands, each a function from its arguments to an exit code. What they print is their whole interface.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/project_options.h"

namespace plumb::cli {

// plumb load PIPELINE...   (all of them when none is named). One that fails does not keep the others from being loaded;
// the exit code is that of the first failure.
struct LoadArguments {
  std::vector<std::string> pipelines;
};
int load_command(Context& context, const LoadArguments& arguments);

// plumb copy SRC_URI DST_URI
struct CopyArguments {
  std::string source;
  std::string target;
};
int copy_command(Context& context, const CopyArguments& arguments);

// plumb query SQL [--format F] [--output FILE]
struct QueryArguments {
  std::string sql;     // "-" or empty: from standard input
  std::string file;    // --file
  std::string format;  // table, csv, json, ndjson, parquet, arrow; empty: table on a terminal, csv in a pipe
  std::string output;  // a file; empty: standard output
  bool no_pager = false;
  ProjectArguments project;  // which target of a dbt project's profile
};
int query_command(Context& context, const QueryArguments& arguments);

// plumb diff A [B]: what two relations have in common, row by row. 0: they are equal; 1: they are not.
struct DiffArguments {
  ProjectArguments project;
  std::string left;     // a model, CONNECTION.schema.table, a URI, a file
  std::string right;    // empty: the left one, here
  std::string state;    // a folder with another run's manifest.json: the left one is there
  std::string against;  // another target: the left one is there
  std::vector<std::string> key, columns, excluded_columns;
  bool whole_rows = false;
  int samples = 5;
};
int diff_command(Context& context, const DiffArguments& arguments);

// plumb render TEMPLATE [--context FILE] [--strict] [--native] [--search-path DIR]...
struct RenderArguments {
  std::string file;                       // "-": from standard input
  std::string context;                    // a JSON or YAML file
  bool strict = false;                    // what is undefined is an error
  bool native = false;                    // a value in place of text, as jinja2.nativetypes
  std::vector<std::string> search_paths;  // of includes, imports and parents; none: the template's folder
  double timeout = 0;                     // seconds; 0: none
};
int render_command(Context& context, const RenderArguments& arguments);

// plumb sandbox comdirect|openweather
struct SandboxArguments {
  std::string service;
  std::uint16_t port = 0;
  std::uint64_t seed = 1;
  std::string now;  // an instant; empty: the system's clock
  std::string tan = "P_TAN_PUSH";
  std::int64_t push_delay_ms = 1000;
  std::string port_file;  // where the port is written once it is open
};
int sandbox_command(Context& context, const SandboxArguments& arguments);

// plumb connections [list] | test NAME... | login NAME | logout NAME | refresh NAME | keep NAME
struct ConnectionsArguments {
  std::string action = "list";
  std::vector<std::string> names;
};
int connections_command(Context& context, const ConnectionsArguments& arguments);

// plumb init [FOLDER] [--from-crontab [FILE|-]]
struct InitArguments {
  std::string folder = ".";
  bool from_crontab = false;  // workflows in place of the example
  std::string crontab;        // a file, "-": standard input, empty: what `crontab -l` prints
  // dbt's, without effect.
  bool skip_profile_setup = false;
  ProjectArguments unused;
};
int init_command(Context& context, const InitArguments& arguments);
int crontab_command(Context& context, const InitArguments& arguments);

// plumb parse: reads the dbt project and writes target/manifest.json.
struct ParseArguments {
  ProjectArguments project;
};
int parse_command(Context& context, const ParseArguments& arguments);

// plumb ls: names the nodes that a selection chooses.
struct LsArguments {
  ProjectArguments project;
  SelectionArguments selection;
  std::vector<std::string> output_keys;
  std::string state;                // a folder with another run's artifacts
  std::string output = "selector";  // selector, name, path, json
};
int ls_command(Context& context, const LsArguments& arguments);

// plumb run, build, test, seed, snapshot, compile: dbt's commands that work through nodes.
struct NodeArguments {
  std::string command;  // "run"
  ProjectArguments project;
  SelectionArguments selection;
  std::string state, defer_state;  // folders with another run's artifacts
  std::string log_format = "default";
  std::string inline_sql;                               // of compile: a query in place of a selection
  std::string output = "text";                          // of compile and show: text, json
  std::int64_t limit = 5;                               // of show
  std::string output_file;                              // of source freshness, in place of target/sources.json
  std::string macro, macro_arguments;                   // of run-operation: its name, and YAML
  bool compile_docs = true;                             // of docs generate
  bool empty_catalog = false;                           // of docs generate
  std::string inline_direct;                            // of show: a query without templates
  std::string new_package, new_package_source = "hub";  // of deps: "dbt-labs/dbt_utils@1.0.0"
  bool upgrade = false;                                 // of deps: whatever package-lock.yml says
  bool lock_only = false;                               // of deps: write package-lock.yml, install nothing
  bool only_connection = false;                         // of debug
  bool config_dir = false;                              // of debug: only where profiles.yml is
  std::set<std::string> only;                           // of retry: these unique ids, whatever is selected
  // And of those that were run in part, the batches that are missing.
  std::map<std::string, std::vector<std::pair<Instant, Instant>>, std::less<>> missing_batches;
};
int node_command(Context& context, const NodeArguments& arguments);

// plumb show --select MODEL | --inline SQL; plumb run-operation MACRO; plumb source freshness; plumb docs generate;
// plumb retry; plumb clean; plumb debug: as dbt's.
int show_command(Context& context, const NodeArguments& arguments);
int run_operation_command(Context& context, const NodeArguments& arguments);
int freshness_command(Context& context, const NodeArguments& arguments);
int docs_generate_command(Context& context, const NodeArguments& arguments);
int retry_command(Context& context, const NodeArguments& arguments);
int clean_command(Context& context, const NodeArguments& arguments);
int debug_command(Context& context, const NodeArguments& arguments);
// plumb deps: installs what packages.yml asks for.
int deps_command(Context& context, const NodeArguments& arguments);

// plumb docs serve: the project's documentation as a page, until Ctrl-C.
struct DocsServeArguments {
  ProjectArguments project;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  bool browser = true;
};
int docs_serve_command(Context& context, const DocsServeArguments& arguments);

// plumb engine: works for the server that started it.
struct EngineArguments {
  int owner = -1;  // the descriptor of a socket to it
  std::int64_t idle_seconds = 60;
  int most_jobs = 16;
};
int engine_command(Context& context, const EngineArguments& arguments);

// plumb task KIND: what a scheduler starts for tasks that Plumb carries out itself (workflow/tasks/tasks.h). Exit codes
// of its own: 0 done, 1 failed, 65 failed and trying again will not help, 75 not yet, 99 skipped.
struct TaskArguments {
  std::string kind;
  std::string settings;  // JSON; empty: from standard input
};
int task_command(Context& context, const TaskArguments& arguments);

// "plumb 0.1.0"; version_command is `--version --json`: beside it the databases' versions and those of the formats.
std::string version_text();
int version_command(Context& context);

}  // namespace plumb::cli
