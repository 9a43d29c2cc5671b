#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/format.h"
#include "cli/completion.h"
#include "cli/dbt_arguments.h"
#include "cli/workflow_commands.h"

namespace plumb::cli {

namespace {

// Everything a command line can fill in. One of these lives as long as the chosen command runs.
struct Parsed {
  LoadArguments load;
  CopyArguments copy;
  QueryArguments query;
  DiffArguments diff;
  RenderArguments render;
  SandboxArguments sandbox;
  ConnectionsArguments connections;
  InitArguments init;
  EngineArguments engine;
  TaskArguments task;
  DbtArguments dbt;
  std::string shell;
  std::vector<std::string> help_words;
};

using Words = std::shared_ptr<Parsed>;

void add_load(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("load", "Run a pipeline: read its source into its destinations");
  command->add_option("pipeline", words->load.pipelines, "names of pipelines/NAME.yml; all of them when none is named");
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return load_command(c, words->load); }; });
}

void add_copy(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("copy", "Copy one table or file into another, types found on the way");
  command
      ->add_option("source", words->copy.source,
                   "rows.csv, rows.ndjson, sqlite:///a.db?table=t, postgresql://user@host/db?table=s.t")
      ->required();
  command
      ->add_option("target", words->copy.target,
                   "sqlite:///a.db, duckdb:///a.duckdb, postgresql://user@host/db[?table=s.t]")
      ->required();
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return copy_command(c, words->copy); }; });
}

void add_query(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("query", "Ask all connections at once, in DuckDB's SQL");
  command->add_option("sql", words->query.sql, "the statement; - or nothing reads it from standard input");
  command->add_option("-f,--file", words->query.file, "read the statement from a file");
  command->add_option("--format", words->query.format, "how to print the rows")
      ->check(CLI::IsMember({"table", "csv", "json", "ndjson", "parquet", "arrow"}));
  command->add_option("-o,--output", words->query.output, "write to a file instead of standard output");
  command->add_flag("--no-pager", words->query.no_pager, "never start a pager");
  command->add_option("-t,--target", words->query.project.target, "of a dbt project: which of the profile's outputs");
  command->add_option("--profile", words->query.project.profile, "which profile");
  command->add_option("--profiles-dir", words->query.project.profiles_dir, "where profiles.yml is");
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return query_command(c, words->query); }; });
}

void add_diff(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("diff", "Compare two relations row by row");
  auto& diff = words->diff;
  command
      ->add_option("left", diff.left,
                   "a model of the dbt project, CONNECTION.schema.table, a URI with ?table=, or a file")
      ->required();
  command->add_option("right", diff.right, "what to compare it with; here, with --state or --against, when left out");
  command->add_option("--state", diff.state, "a folder with the artifacts of another run: the left one is there");
  command->add_option("--against", diff.against, "another target of the profile: the left one is there");
  command->add_option("-k,--key", diff.key, "columns that tell rows apart: id,day")
      ->delimiter(',')
      ->take_all()
      ->expected(1);
  command->add_flag("--whole-rows", diff.whole_rows, "compare whole rows, without a key");
  command->add_option("--columns", diff.columns, "compare these alone")->delimiter(',')->take_all()->expected(1);
  command->add_option("--exclude-columns", diff.excluded_columns, "compare all but these")
      ->delimiter(',')
      ->take_all()
      ->expected(1);
  command->add_option("--samples", diff.samples, "how many rows of each kind are shown")->check(CLI::NonNegativeNumber);
  command->add_option("-t,--target", diff.project.target, "of a dbt project: which of the profile's outputs");
  command->add_option("--profile", diff.project.profile, "which profile");
  command->add_option("--profiles-dir", diff.project.profiles_dir, "where profiles.yml is");
  command->add_option("--vars", diff.project.vars, "variables as YAML: '{limit: 10}'");
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return diff_command(c, words->diff); }; });
}

void add_render(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("render", "Render a Jinja2 template");
  auto& render = words->render;
  command->add_option("template", render.file, "the file; - reads it from standard input")->required();
  command->add_option("--context", render.context, "a JSON or YAML file with the template's variables");
  command->add_flag("--strict", render.strict, "what is undefined is an error");
  command->add_flag("--native", render.native, "give a value (a list, a number) in place of text");
  command
      ->add_option("--search-path", render.search_paths,
                   "where includes are found; the template's folder when left out")
      ->take_all()
      ->expected(1);
  command->add_option("--timeout", render.timeout, "seconds it may take; 0: as many as it likes")
      ->check(CLI::NonNegativeNumber);
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return render_command(c, words->render); }; });
}

void add_sandbox(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("sandbox", "Run a local stand-in for a service");
  auto& sandbox = words->sandbox;
  command->add_option("service", sandbox.service, "which one")
      ->required()
      ->check(CLI::IsMember({"comdirect", "openweather"}));
  command->add_option("--port", sandbox.port, "0: any free one");
  command->add_option("--port-file", sandbox.port_file, "write the port here once it is open");
  command->add_option("--seed", sandbox.seed, "other seeds make other data");
  command->add_option("--now", sandbox.now, "a clock that stands still there: 2026-11-21T07:00:00Z");
  command->add_option("--tan", sandbox.tan, "how the bank's customer confirms")
      ->check(CLI::IsMember({"P_TAN", "M_TAN", "P_TAN_PUSH"}));
  command->add_option("--push-delay-ms", sandbox.push_delay_ms, "until the app approves by itself; negative: never");
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return sandbox_command(c, words->sandbox); }; });
}

void add_connections(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("connections", "List connections, test them, sign in");
  auto choose = [&request, words](std::string action) {
    return [&request, words, action] {
      words->connections.action = action;
      request.command = [words](Context& c) { return connections_command(c, words->connections); };
    };
  };
  command->add_subcommand("list", "The connections of plumb.yml")->callback(choose("list"));
  auto* test = command->add_subcommand("test", "Open each connection");
  test->add_option("name", words->connections.names, "all of them when none is named");
  test->callback(choose("test"));
  auto* login = command->add_subcommand("login", "Sign in where a person is needed, and keep the session");
  login->add_option("name", words->connections.names)->required();
  login->callback(choose("login"));
  auto* logout = command->add_subcommand("logout", "Forget a kept session");
  logout->add_option("name", words->connections.names)->required();
  logout->callback(choose("logout"));
  auto* refresh = command->add_subcommand("refresh", "Refresh a kept session, so that it does not end");
  refresh->add_option("name", words->connections.names)->required();
  refresh->callback(choose("refresh"));
  // What a session's guard runs (session_guard.h): nobody types it.
  auto* keep = command->add_subcommand("keep", "Keep the session that standard input brings")->group("");
  keep->add_option("name", words->connections.names)->required()->expected(1);
  keep->callback(choose("keep"));
  command->callback([&request, words, command] {
    if (command->get_subcommands().empty()) {
      request.command = [words](Context& c) { return connections_command(c, words->connections); };
    }
  });
  command->require_subcommand(0, 1);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// "plumb connections login": how a command is called.
std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

std::string help_of(const CLI::App& app) {
  // App::help() would tell of the chosen command ("help") in its place.
  return app.get_formatter()->make_help(&app, full_name(app), CLI::AppFormatMode::Normal);
}

const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.front());
}

Error unknown_command(const CLI::App& app, const std::string& word) {
  const auto names = command_names(app);
  const auto nearest = find_nearest(word, names);
  auto hint =
      nearest.empty() ? format("`{} --help` lists them", full_name(app)) : format("did you mean '{}'?", nearest);
  return Error(ErrorKind::Usage, format("there is no command '{} {}'", full_name(app), word), {.hint = hint});
}

Error unknown_option(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const auto* at = &app; at != nullptr; at = at->get_parent()) {
    for (const auto* option : at->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  const auto typed = word.substr(0, word.find('='));
  const auto nearest = find_nearest(typed, names);
  auto hint =
      nearest.empty() ? format("`{} --help` lists them", full_name(app)) : format("did you mean '{}'?", nearest);
  return Error(ErrorKind::Usage, format("{} has no option '{}'", full_name(app), typed), {.hint = hint});
}

// The first word that nothing took.
Error unexpected(const CLI::App& app) {
  const auto& command = chosen_command(app);
  const auto words = app.remaining(true);
  const auto word = words.empty() ? std::string() : words.front();
  if (word.starts_with("-")) return unknown_option(command, word);
  if (!command_names(command).empty()) return unknown_command(command, word);
  return Error(ErrorKind::Usage, format("'{}' is one word too many for {}", word, full_name(command)),
               {.hint = format("`{} --help` explains its words", full_name(command))});
}

const CLI::App& get_command(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* about = &app;
  for (const auto& word : words) {
    const auto names = command_names(*about);
    if (std::find(names.begin(), names.end(), word) == names.end()) throw unknown_command(*about, word);
    about = about->get_subcommand(word);
  }
  return *about;
}

// Nobody types it: without a group it is in no help.
void add_engine(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("engine", "Work for the server that started this")->group("");
  command->add_option("--owner", words->engine.owner);
  command->add_option("--idle", words->engine.idle_seconds);
  command->add_option("--jobs", words->engine.most_jobs);
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return engine_command(c, words->engine); }; });
}

void add_task(CLI::App& app, const Words& words, Request& request) {
  auto* command = app.add_subcommand("task", "Carry out one task, its settings as JSON on standard input")->group("");
  command->add_option("kind", words->task.kind)->required();
  command->add_option("--settings", words->task.settings);
  command->callback(
      [&request, words] { request.command = [words](Context& c) { return task_command(c, words->task); }; });
}

void add_others(CLI::App& app, const Words& words, Request& request) {
  auto* init = app.add_subcommand("init", "Make a folder that runs");
  init->add_option("folder", words->init.folder, "where; here when left out");
  init->add_flag("-s,--skip-profile-setup", words->init.skip_profile_setup, "nothing is asked here anyway")->group("");
  accept_dbt_options(*init, words->init.unused);
  auto* crontab = init->add_option("--from-crontab", words->init.crontab,
                                   "workflows from a crontab: a file, - for standard input; yours when left out");
  crontab->expected(0, 1)->type_name("[FILE]");
  init->callback([&request, words, crontab] {
    words->init.from_crontab = crontab->count() > 0;
    request.command = [words](Context& c) {
      return words->init.from_crontab ? crontab_command(c, words->init) : init_command(c, words->init);
    };
  });

  auto* completion = app.add_subcommand("completion", "Print a shell's completion script");
  completion->add_option("shell", words->shell)->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, &request, words] { request.text = completion_script(app, words->shell); });

  auto* help = app.add_subcommand("help", "Explain a command");
  help->add_option("command", words->help_words);
  help->callback([&app, &request, words] { request.text = help_of(get_command(app, words->help_words)); });
}

constexpr const char* kFooter = R"(
Exit codes: 0 done; 1 the work failed; 2 the command line or a configuration file is wrong; 3 a person has to act (a
credential, a TAN); 4 somebody else holds a file or lock; 130 and 143 stopped by a signal.)";

}  // namespace

Request parse(const std::vector<std::string>& arguments) {
  Request request;
  auto words = std::make_shared<Parsed>();
  CLI::App app("Plumb loads, models, schedules and shows data.", "plumb");
  app.set_version_flag("--version", version_text());
  app.add_option("--project-dir", request.project_dir,
                 "the folder with plumb.yml; found from here upwards when left out");
  app.add_option("--var", request.vars, "name=value, over `vars:` in plumb.yml")->take_all()->expected(1);
  app.add_flag("--json", request.json, "print results for machines");
  app.add_flag("--dry-run", request.dry_run, "print what would be done, and do nothing");
  app.add_flag("-v,--verbose", request.verbose, "log what happens to standard error");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_load(app, words, request);
  add_copy(app, words, request);
  add_query(app, words, request);
  add_diff(app, words, request);
  add_render(app, words, request);
  add_sandbox(app, words, request);
  add_engine(app, words, request);
  add_task(app, words, request);
  add_connections(app, words, request);
  add_dbt_commands(app, std::shared_ptr<DbtArguments>(words, &words->dbt), request);
  add_workflow_commands(app, request);
  add_others(app, words, request);
  app.footer(kFooter);  // the commands would inherit it

  std::vector<std::string> reversed = dbt_order(arguments);
  std::reverse(reversed.begin(), reversed.end());
  // CLI11 tells help, version and mistakes by exceptions of its own; this is where they enter.
  try {
    app.parse(reversed);
  } catch (const CLI::CallForVersion&) {
    // Said before the other options were filled in.
    if (std::find(arguments.begin(), arguments.end(), "--json") != arguments.end()) {
      request.command = version_command;
    } else {
      request.text = version_text() + "\n";
    }
  } catch (const CLI::CallForHelp&) {
    request.text = help_of(chosen_command(app));
  } catch (const CLI::ExtrasError&) {
    throw unexpected(app);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::Usage, error.what(),
                {.hint = format("`{} --help` explains its words", full_name(chosen_command(app)))});
  }
  request.word = full_name(chosen_command(app)).substr(app.get_name().size());
  if (!request.word.empty()) request.word.erase(0, 1);  // the blank
  if (!request.command && request.text.empty()) request.text = app.help();
  return request;
}

}  // namespace plumb::cli
