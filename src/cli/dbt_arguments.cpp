#include "cli/dbt_arguments.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "cli/dbt_console.h"

namespace plumb::cli {

namespace {

using jinja::Value;

// --NAME and --no-NAME, as the flag of dbt's that templates see.
void add_switch(CLI::App& command, ProjectArguments& project, const std::string& words, const std::string& flag,
                const std::string& help) {
  std::string off = words.substr(words.rfind("--") + 2);
  command
      .add_flag_function(
          words + ",!--no-" + off,
          [&project, flag](std::int64_t count) { project.flags.as_dict().set(flag, Value(count > 0)); }, help)
      ->group(help.empty() ? "" : "OPTIONS");
}

void add_text(CLI::App& command, ProjectArguments& project, const std::string& words, const std::string& flag,
              const std::string& help) {
  command
      .add_option_function<std::string>(
          words, [&project, flag](const std::string& text) { project.flags.as_dict().set(flag, Value(text)); }, help)
      ->group(help.empty() ? "" : "OPTIONS");
}

// "log-level" as LOG_LEVEL: the flag that an option sets.
std::string flag_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
  return name;
}

// Of every command on a dbt project.
void add_project_options(CLI::App& command, ProjectArguments& project) {
  command.add_option("--profiles-dir", project.profiles_dir, "where profiles.yml is");
  command.add_option("--profile", project.profile, "which profile of it, in place of dbt_project.yml's");
  command.add_option("-t,--target", project.target, "which of the profile's outputs");
  command.add_option("--target-path", project.target_path, "where artifacts go; target when left out");
  command.add_option("--vars", project.vars, "variables as YAML: '{limit: 10}'");
  command.add_option("--packages-install-path", project.packages_install_path, "where packages are installed");
  command.add_option("--invocation-id", project.invocation_id, "what artifacts call this run");
  command.add_option("--threads", project.threads, "how many models run at once");
  command.add_flag("-q,--quiet,!--no-quiet", project.quiet, "results and errors only");
  add_switch(command, project, "--warn-error", "WARN_ERROR", "warnings are errors");
  command.add_option_function<std::string>(
      "--warn-error-options",
      [&project](const std::string& yaml) {
        project.flags.as_dict().set("WARN_ERROR_OPTIONS",
                                    project::to_value(parse_yaml(yaml, "--warn-error-options").root()));
      },
      "which warnings are errors, as YAML: {error: all, warn: [NAME], silence: [NAME]}");
  add_switch(command, project, "-x,--fail-fast", "FAIL_FAST", "stop at the first failure");
  add_switch(command, project, "--use-colors", "USE_COLORS", "colours on a terminal");
  add_switch(command, project, "--write-json", "WRITE_JSON", "write artifacts");
  add_switch(command, project, "--print", "PRINT", "show what print() says");
  add_switch(command, project, "--show-all-deprecations", "SHOW_ALL_DEPRECATIONS", "each of them, not one of a kind");
  // What plumb has no use for.
  for (const char* name : {"partial-parse", "version-check", "send-anonymous-usage-stats", "static-parser",
                           "populate-cache", "cache-selected-only", "use-colors-file", "introspect", "log-cache-events",
                           "use-experimental-parser", "macro-debugging", "single-threaded", "partial-parse-file-diff",
                           "use-fast-test-edges", "upload-to-artifacts-ingest-api"}) {
    add_switch(command, project, std::string("--") + name, flag_of(name), "");
  }
  add_switch(command, project, "-d,--debug", "DEBUG", "");
  add_text(command, project, "-r,--record-timing-info", "RECORD_TIMING_INFO", "");
  for (const char* name : {"log-level", "log-level-file", "log-format-file", "log-path", "printer-width",
                           "partial-parse-file-path", "log-file-max-bytes"}) {
    add_text(command, project, std::string("--") + name, flag_of(name), "");
  }
}

// dbt takes these with every command, if only to pass over them.
void add_options_of_others(CLI::App& command, ProjectArguments& project) {
  auto missing = [&](const char* name) { return command.get_option_no_throw(std::string("--") + name) == nullptr; };
  for (const char* name : {"defer", "favor-state"}) {
    if (missing(name)) add_switch(command, project, std::string("--") + name, flag_of(name), "");
  }
  for (const char* name : {"state", "defer-state", "indirect-selection", "log-format", "sqlparse"}) {
    if (missing(name)) add_text(command, project, std::string("--") + name, flag_of(name), "");
  }
}

void add_selection_options(CLI::App& command, SelectionArguments& selection, ProjectArguments& project) {
  command.add_option("-s,--select,-m,--models,--model", selection.select,
                     "dbt's selection: 'tag:daily+ path:models/marts'");
  command.add_option("--exclude", selection.exclude, "what to leave out");
  command.add_option("--selector", selection.selector, "a selection of selectors.yml");
  add_text(command, project, "--indirect-selection", "INDIRECT_SELECTION",
           "which tests come along: eager, cautious, …");
}

void add_type_options(CLI::App& command, SelectionArguments& selection) {
  command.add_option("--resource-type,--resource-types", selection.resource_types,
                     "only these: model, test, source, …");
  command.add_option("--exclude-resource-type,--exclude-resource-types", selection.exclude_resource_types,
                     "all but these");
}

void add_parse(CLI::App& app, const std::shared_ptr<DbtArguments>& words, Request& request) {
  auto* command = app.add_subcommand("parse", "Read the dbt project and write target/manifest.json");
  add_project_options(*command, words->parse.project);
  add_options_of_others(*command, words->parse.project);
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return parse_command(c, words->parse); }; });
}

void add_ls(CLI::App& app, const std::shared_ptr<DbtArguments>& words, Request& request) {
  auto* command = app.add_subcommand("ls", "List the nodes of the dbt project that a selection chooses")->alias("list");
  auto& ls = words->ls;
  add_project_options(*command, ls.project);
  add_selection_options(*command, ls.selection, ls.project);
  add_type_options(*command, ls.selection);
  command->add_option("--output", ls.output, "how to name them")
      ->check(CLI::IsMember({"selector", "name", "path", "json"}));
  command->add_option("--output-keys", ls.output_keys, "which keys of --output json");
  command->add_option("--state", ls.state, "a folder with the artifacts of another run");
  add_options_of_others(*command, ls.project);
  command->callback([&request, words] { request.command = [words](Context& c) { return ls_command(c, words->ls); }; });
}

struct NodeCommand {
  const char* name;
  const char* help;
};
constexpr std::array<NodeCommand, 6> kNodeCommands{{
    {"run", "Build the models of the dbt project"},
    {"build", "Build seeds, models and snapshots, and test each before what reads it"},
    {"test", "Run the tests of the dbt project"},
    {"seed", "Load the CSV files of the dbt project"},
    {"snapshot", "Keep what changed since the last snapshot"},
    {"compile", "Write the SQL of the dbt project to target/compiled"},
}};

void add_run_options(CLI::App& command, NodeArguments& nodes) {
  ProjectArguments& project = nodes.project;
  add_switch(command, project, "-f,--full-refresh", "FULL_REFRESH", "build incremental models and seeds anew");
  add_switch(command, project, "--store-failures", "STORE_FAILURES", "keep the rows that fail tests");
  add_switch(command, project, "--empty", "EMPTY", "read no rows: only the shape is built");
  add_text(command, project, "--sample", "SAMPLE", "read only rows of this time: '3 days'");
  add_text(command, project, "--event-time-start", "EVENT_TIME_START", "microbatches from this time on");
  add_text(command, project, "--event-time-end", "EVENT_TIME_END", "microbatches up to this time");
  add_switch(command, project, "--show", "SHOW", "");
  add_switch(command, project, "--export-saved-queries", "EXPORT_SAVED_QUERIES", "");
  add_switch(command, project, "--include-saved-query", "INCLUDE_SAVED_QUERY", "");
}

void add_state_options(CLI::App& command, NodeArguments& nodes) {
  ProjectArguments& project = nodes.project;
  add_switch(command, project, "--defer", "DEFER", "read what was not built here from the state's tables");
  add_switch(command, project, "--favor-state", "FAVOR_STATE",
             "from the state's tables even where there are some here");
  command.add_option("--state", nodes.state, "a folder with the artifacts of another run");
  command.add_option("--defer-state", nodes.defer_state, "such a folder for --defer alone");
}

using NodeFunction = int (*)(Context& context, const NodeArguments& arguments);

// Who reads records of JSON finds what ended the command among them, too.
int run_told(NodeFunction function, Context& context, const NodeArguments& arguments) {
  try {
    return function(context, arguments);
  } catch (const Error& error) {
    if (arguments.log_format == "json") {
      DbtConsole(context, {.format = "json"})
          .tell({.name = "MainEncounteredError",
                 .code = "Z002",
                 .text = plumb::format("Encountered an error:\n{}", error.render()),
                 .kind = transform::LineKind::Bad,
                 .more = Value::dict({{"exc", error.render()}})});
    }
    throw;
  }
}

// A command with the options that all of them have.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& help, NodeFunction function,
                      const std::shared_ptr<DbtArguments>& words, Request& request, bool selects = true) {
  auto* command = app.add_subcommand(name, help);
  NodeArguments& nodes = words->nodes;
  add_project_options(*command, nodes.project);
  if (selects) {
    add_selection_options(*command, nodes.selection, nodes.project);
    add_type_options(*command, nodes.selection);
    add_state_options(*command, nodes);
  }
  command->add_option("--log-format", nodes.log_format, "default, text or json")
      ->check(CLI::IsMember({"default", "text", "debug", "json"}));
  add_options_of_others(*command, nodes.project);
  command->callback([&request, words, function, name] {
    words->nodes.command = name;
    bool in_line = name == "compile" && !words->nodes.inline_sql.empty();
    request.command = [words, run = in_line ? show_command : function](Context& context) {
      return run_told(run, context, words->nodes);
    };
  });
  return command;
}

void add_inline_options(CLI::App& command, NodeArguments& nodes) {
  command.add_option("--inline", nodes.inline_sql, "a query in place of a selection");
  command.add_option("--output", nodes.output, "how it is printed")->check(CLI::IsMember({"text", "json"}));
}

void add_docs_serve(CLI::App& docs, const std::shared_ptr<DbtArguments>& words, Request& request) {
  auto* command = docs.add_subcommand("serve", "Show the documentation as a page, until Ctrl-C");
  DocsServeArguments& serve = words->docs_serve;
  add_project_options(*command, serve.project);
  add_options_of_others(*command, serve.project);
  command->add_option("--port", serve.port, "8080 when left out; 0: any free one");
  command->add_option("--host", serve.host, "127.0.0.1, this machine alone, when left out; 0.0.0.0: everybody");
  command->add_flag("--browser,!--no-browser", serve.browser, "whether to open a browser");
  command->callback([&request, words] {
    request.command = [words](Context& c) { return docs_serve_command(c, words->docs_serve); };
  });
}

void add_other_commands(CLI::App& app, const std::shared_ptr<DbtArguments>& words, Request& request) {
  NodeArguments& nodes = words->nodes;
  auto* show = add_command(app, "show", "Show the first rows of a model or a query", show_command, words, request);
  add_inline_options(*show, nodes);
  show->add_option("--limit", nodes.limit, "how many rows; -1 for all");
  show->add_option("--inline-direct", nodes.inline_direct, "a query that is sent as it stands");
  add_switch(*show, nodes.project, "-f,--full-refresh", "FULL_REFRESH", "");

  auto* operation = add_command(app, "run-operation", "Call a macro", run_operation_command, words, request, false);
  operation->add_option("macro", nodes.macro, "its name, or package.name")->required();
  operation->add_option("--args", nodes.macro_arguments, "its arguments as YAML: '{name: value}'");

  auto* source = app.add_subcommand("source", "Look at the sources of the dbt project");
  source->require_subcommand(1);
  auto* freshness =
      add_command(*source, "freshness", "How old the newest rows of sources are", freshness_command, words, request);
  freshness->alias("snapshot-freshness");
  freshness->add_option("-o,--output", nodes.output_file, "a file in place of target/sources.json");

  auto* docs = app.add_subcommand("docs", "Document the dbt project");
  docs->require_subcommand(1);
  auto* generate =
      add_command(*docs, "generate", "Write catalog.json and manifest.json", docs_generate_command, words, request);
  generate->add_flag("--compile,!--no-compile", nodes.compile_docs, "whether to compile first");
  generate->add_flag("--empty-catalog", nodes.empty_catalog, "ask no database: the catalog lists nothing");
  add_docs_serve(*docs, words, request);

  auto* retry =
      add_command(app, "retry", "Run again what did not succeed the last time", retry_command, words, request, false);
  retry->get_option("--state")
      ->description("the folder with the run's artifacts; target when left out")
      ->group("OPTIONS");
  add_run_options(*retry, nodes);
  auto* clone =
      add_command(app, "clone", "Make this target's tables of another environment's", node_command, words, request);
  add_switch(*clone, nodes.project, "-f,--full-refresh", "FULL_REFRESH", "replace what is there");
  auto* clean = add_command(app, "clean", "Remove the folders of clean-targets", clean_command, words, request, false);
  add_switch(*clean, nodes.project, "--clean-project-files-only", "CLEAN_PROJECT_FILES_ONLY", "");
  auto* deps = add_command(app, "deps", "Install the packages of packages.yml", deps_command, words, request, false);
  deps->add_flag("--upgrade", nodes.upgrade, "the newest that fit, whatever package-lock.yml says");
  deps->add_flag("--lock", nodes.lock_only, "write package-lock.yml and install nothing");
  deps->add_option("--add-package", nodes.new_package, "put NAME@VERSION into packages.yml first");
  deps->add_option("--source", nodes.new_package_source, "where that one comes from")
      ->check(CLI::IsMember({"hub", "git", "local"}));
  auto* debug = add_command(app, "debug", "Check the profile and the connection", debug_command, words, request, false);
  debug->add_flag("--connection,!--no-connection", nodes.only_connection, "the connection only");
  debug->add_flag("--config-dir,!--no-config-dir", nodes.config_dir, "only say where profiles.yml is");
}

}  // namespace

void accept_dbt_options(CLI::App& command, ProjectArguments& project) {
  add_project_options(command, project);
  add_options_of_others(command, project);
  for (CLI::Option* option : command.get_options()) {
    if (option->get_lnames() != std::vector<std::string>{"help"} && !option->get_positional()) option->group("");
  }
}

void add_dbt_commands(CLI::App& app, const std::shared_ptr<DbtArguments>& words, Request& request) {
  add_parse(app, words, request);
  add_ls(app, words, request);
  for (const NodeCommand& about : kNodeCommands) {
    auto* command = add_command(app, about.name, about.help, node_command, words, request);
    add_run_options(*command, words->nodes);
    if (std::string_view(about.name) == "compile") {
      add_inline_options(*command, words->nodes);
      add_switch(*command, words->nodes.project, "--inject-ephemeral-ctes", "INJECT_EPHEMERAL_CTES",
                 "put ephemeral models in front of the SQL that reads them");
    }
  }
  add_other_commands(app, words, request);
}

std::vector<std::string> dbt_order(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 13> kSwitches{
      "partial-parse", "use-colors",     "version-check", "send-anonymous-usage-stats",
      "static-parser", "warn-error",     "fail-fast",     "write-json",
      "print",         "populate-cache", "debug",         "cache-selected-only",
      "quiet"};
  constexpr std::array<std::string_view, 10> kWithValue{
      "log-level",          "log-format", "log-path", "target-path",    "profiles-dir",
      "warn-error-options", "target",     "profile",  "log-level-file", "log-format-file"};
  auto among = [](const auto& names, std::string_view word) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  std::vector<std::string> before, moved;
  std::size_t at = 0;
  for (; at < arguments.size() && arguments[at].starts_with("--"); ++at) {
    std::string_view word = std::string_view(arguments[at]).substr(2);
    std::string_view on = word.starts_with("no-") ? word.substr(3) : word;
    if (among(kSwitches, on)) {
      moved.push_back(arguments[at]);
    } else if (among(kWithValue, word.substr(0, word.find('=')))) {
      moved.push_back(arguments[at]);
      if (word.find('=') == std::string_view::npos && at + 1 < arguments.size()) moved.push_back(arguments[++at]);
    } else {
      before.push_back(arguments[at]);
      bool takes_value = word == "project-dir" || word == "var";
      if (takes_value && at + 1 < arguments.size()) before.push_back(arguments[++at]);
    }
  }
  if (at == arguments.size()) return arguments;
  std::vector<std::string> ordered = std::move(before);
  ordered.push_back(arguments[at]);
  bool group = arguments[at] == "source" || arguments[at] == "docs";  // of commands
  if (group && at + 1 < arguments.size()) ordered.push_back(arguments[++at]);
  ordered.insert(ordered.end(), moved.begin(), moved.end());
  ordered.insert(ordered.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
  return ordered;
}

}  // namespace plumb::cli
