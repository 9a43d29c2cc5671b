#include <memory>

#include "cli/workflow_commands.h"

namespace plumb::cli {

namespace {

// Everything these command lines can fill in.
struct Words {
  StartArguments start;
  ServeArguments serve;
  WorkflowsArguments workflows;
  RunsArguments runs;
  LogsArguments logs;
  BackfillArguments backfill;
  AssetsArguments assets;
  UsersArguments users;
  TokensArguments tokens;
  AlertArguments alert;
};

using Shared = std::shared_ptr<Words>;

template <class Arguments>
std::function<void()> choose(Request& request, const Shared& words, Arguments Words::*which,
                             int (*run)(Context&, const Arguments&), std::string action = {}) {
  return [&request, words, which, run, action] {
    if constexpr (requires(Arguments & arguments) { arguments.action; }) {
      if (!action.empty()) ((*words).*which).action = action;
    }
    request.command = [words, which, run](Context& context) { return run(context, (*words).*which); };
  };
}

void add_params(CLI::App& command, StartArguments& start) {
  command.add_option("-p,--param", start.params, "a param of the run, name=value; again for more")
      ->take_all()
      ->expected(1);
  command.add_option("--params", start.params_json, "all params as one JSON object");
  command.add_option("--run-id", start.run_id, "what the run is called; made of the time when left out");
  command.add_option("--logical-date", start.logical_date, "the date it works for: 2026-11-21T07:00:00Z");
  command.add_option("--note", start.note, "a word about it");
}

void add_start(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("start", "Carry out a workflow here and now, without a server");
  command->add_option("workflow", words->start.workflow, "name of workflows/NAME.yml")->required();
  add_params(*command, words->start);
  command->add_flag("-q,--quiet", words->start.quiet, "tell only the end");
  command->callback(choose(request, words, &Words::start, start_command));
}

void add_serve(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("serve", "Run all workflows as they fall due, and answer the API");
  auto& serve = words->serve;
  command->add_option("--host", serve.host, "the address to listen on; 0.0.0.0 is everybody");
  command->add_option("--port", serve.port, "0: any free one")->capture_default_str();
  command->add_option("--port-file", serve.port_file, "write the port here once it is open");
  command->add_option("--base-path", serve.base_path, "behind a proxy: the path that comes before ours");
  command->add_option("--trusted-proxy", serve.trusted_proxies, "an address whose X-Forwarded-… is believed")
      ->take_all()
      ->expected(1);
  command->add_option("--allowed-host", serve.hosts, "a further name under which it may be asked for")
      ->take_all()
      ->expected(1);
  command->add_option("--tasks", serve.tasks, "at once, of all runs")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--lease", serve.lease, "seconds until another server takes over from a dead one; with Postgres")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback(choose(request, words, &Words::serve, serve_command));
}

void add_workflows(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("workflows", "List, show, pause and trigger workflows");
  auto& workflows = words->workflows;
  auto act = [&](const char* action) { return choose(request, words, &Words::workflows, workflows_command, action); };
  auto named = [&](const char* action, const char* help) {
    auto* sub = command->add_subcommand(action, help);
    sub->add_option("workflow", workflows.names, "their names")->required();
    sub->callback(act(action));
    return sub;
  };
  command->add_subcommand("list", "All of them, with their schedules")->callback(act("list"));
  named("show", "A workflow's tasks, schedule and last runs");
  named("pause", "No more runs by schedule");
  named("unpause", "Runs by schedule again");
  auto* trigger = command->add_subcommand("trigger", "A run now, carried out by the server");
  trigger->add_option("workflow", workflows.trigger.workflow, "its name")->required();
  add_params(*trigger, workflows.trigger);
  trigger->callback(act("trigger"));
  auto* check = command->add_subcommand("check", "Tell every fault in workflows/*.yml, with its place");
  check->add_option("file", workflows.names, "only these files, or workflows of these names");
  check->callback(act("check"));
  command->add_subcommand("schema", "Print the JSON Schema of a workflow's file, for editors")->callback(act("schema"));
  command->require_subcommand(0, 1);
  command->callback([words, command, list = act("list")] {
    if (command->get_subcommands().empty()) list();
  });
}

void add_runs(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("runs", "Look at runs, end them, run parts of them again");
  auto& runs = words->runs;
  auto act = [&](const char* action) { return choose(request, words, &Words::runs, runs_command, action); };
  auto of_run = [&](const char* action, const char* help) {
    auto* sub = command->add_subcommand(action, help);
    sub->add_option("workflow", runs.workflow, "the workflow")->required();
    sub->add_option("run", runs.run_id, "the run's id; latest when left out")->default_str("latest");
    sub->callback(act(action));
    return sub;
  };
  auto of_tasks = [&](CLI::App* sub) {
    sub->add_option("-t,--task", runs.tasks, "these tasks; all when left out")->take_all()->expected(1);
    sub->add_flag("--downstream", runs.downstream, "and those after them");
    sub->add_flag("--upstream", runs.upstream, "and those before them");
    return sub;
  };
  auto* list = command->add_subcommand("list", "The last runs");
  list->add_option("workflow", runs.workflow, "of this workflow alone");
  list->add_option("--state", runs.states, "queued, running, success, failed")->take_all()->expected(1);
  list->add_option("--limit", runs.limit, "how many")->capture_default_str();
  list->callback(act("list"));
  of_run("show", "A run's tasks, one by one");
  of_run("cancel", "End what runs; the run fails");
  auto* clear = of_tasks(of_run("clear", "Back to the start: finished tasks run again"));
  clear->add_flag("--only-failed", runs.only_failed, "those that failed");
  clear->add_flag("--newest-definition", runs.newest, "with the workflow as it stands now");
  of_tasks(of_run("retry", "Run again what failed, and all that comes after"));
  auto* mark = of_tasks(of_run("mark", "Say what became of tasks, or of the run"));
  mark->add_option("--state", runs.state, "what it became")
      ->required()
      ->check(CLI::IsMember({"success", "failed", "skipped"}));
  auto* approve = of_run("approve", "A person's word on a task that waits for one");
  approve->add_option("-t,--task", runs.tasks, "the task; the one that waits when left out")->take_all()->expected(1);
  approve->add_option("--map-index", runs.map_index, "of a mapped task");
  approve->add_flag("--reject", runs.reject, "no");
  approve->add_option("--note", runs.note, "a word about it");
  of_run("delete", "Forget a run, with its logs");
  command->require_subcommand(0, 1);
  command->callback([words, command, fallback = act("list")] {
    if (command->get_subcommands().empty()) fallback();
  });
}

void add_logs(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("logs", "The output of a run's tasks");
  auto& logs = words->logs;
  command->add_option("workflow", logs.workflow, "the workflow")->required();
  command->add_option("run", logs.run_id, "the run's id; latest when left out")->default_str("latest");
  command->add_option("task", logs.task, "one task; all when left out");
  command->add_option("--map-index", logs.map_index, "of a mapped task");
  command->add_option("--try", logs.try_number, "which attempt; the last when left out");
  command->add_flag("-f,--follow", logs.follow, "go on as it grows, until the run has ended");
  command->add_option("-n,--tail", logs.tail, "only the last lines");
  command->add_flag("--times", logs.times, "with time and stream");
  command->callback(choose(request, words, &Words::logs, logs_command));
}

void add_backfill(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("backfill", "Make the runs of a range of the past");
  auto& backfill = words->backfill;
  auto act = [&](const char* action) { return choose(request, words, &Words::backfill, backfill_command, action); };
  auto* create = command->add_subcommand("create", "Make them; --dry-run shows which");
  create->add_option("workflow", backfill.workflow, "the workflow")->required();
  create->add_option("--from", backfill.from, "the first logical date: 2026-11-01 or an instant")->required();
  create->add_option("--to", backfill.to, "the last one, inclusive")->required();
  create->add_option("--max-active-runs", backfill.max_active_runs, "at once")->capture_default_str();
  create->add_flag("--backwards", backfill.backwards, "the newest first");
  create->add_option("--reprocess", backfill.reprocess, "runs that are there already")
      ->check(CLI::IsMember({"none", "failed", "completed"}))
      ->capture_default_str();
  create->add_option("-p,--param", backfill.params, "a param of the runs, name=value")->take_all()->expected(1);
  create->callback(act("create"));
  auto* list = command->add_subcommand("list", "The backfills of a workflow");
  list->add_option("workflow", backfill.workflow, "the workflow");
  list->callback(act("list"));
  for (const auto& [action, help] : {std::pair("pause", "Start no more of its runs"), std::pair("unpause", "Go on"),
                                     std::pair("cancel", "Drop what has not begun")}) {
    auto* sub = command->add_subcommand(action, help);
    sub->add_option("id", backfill.id, "its number")->required();
    sub->callback(act(action));
  }
  command->require_subcommand(1);
}

void add_assets(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("assets", "Tables and files that workflows make and wait for");
  auto& assets = words->assets;
  auto act = [&](const char* action) { return choose(request, words, &Words::assets, assets_command, action); };
  command->add_subcommand("list", "All of them")->callback(act("list"));
  auto* events = command->add_subcommand("events", "What changed them, newest first");
  events->add_option("asset", assets.name, "of this one alone");
  events->add_option("--limit", assets.limit, "how many")->capture_default_str();
  events->callback(act("events"));
  auto* news = command->add_subcommand("news", "Say that an asset has news");
  news->add_option("asset", assets.name, "its name: raw.weather_observations")->required();
  news->add_option("--extra", assets.extra, "more about it, as JSON");
  news->callback(act("news"));
  command->require_subcommand(0, 1);
  command->callback([words, command, fallback = act("list")] {
    if (command->get_subcommands().empty()) fallback();
  });
}

void add_users(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("users", "Who may sign in to the server");
  auto& users = words->users;
  auto act = [&](const char* action) { return choose(request, words, &Words::users, users_command, action); };
  auto named = [&](const char* action, const char* help) {
    auto* sub = command->add_subcommand(action, help);
    sub->add_option("user", users.name, "the name")->required();
    sub->callback(act(action));
    return sub;
  };
  command->add_subcommand("list", "All of them")->callback(act("list"));
  named("add", "A new one; the password is asked for, or read from a pipe")
      ->add_option("--role", users.role, "viewer, operator or admin")
      ->capture_default_str();
  named("passwd", "Another password; sessions end");
  named("role", "Another role")->add_option("role", users.role, "viewer, operator or admin")->required();
  named("remove", "With all tokens");
  command->require_subcommand(0, 1);
  command->callback([words, command, fallback = act("list")] {
    if (command->get_subcommands().empty()) fallback();
  });
}

void add_tokens(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("tokens", "With which programs sign in to the server");
  auto& tokens = words->tokens;
  auto act = [&](const char* action) { return choose(request, words, &Words::tokens, tokens_command, action); };
  auto* list = command->add_subcommand("list", "All of them");
  list->add_option("user", tokens.name, "of this one alone");
  list->callback(act("list"));
  auto* create = command->add_subcommand("create", "A new one, shown once");
  create->add_option("user", tokens.name, "whose it is")->required();
  create->add_option("--description", tokens.description, "what it is for")->capture_default_str();
  create->add_option("--days", tokens.days, "how long it lives; for ever when left out")->check(CLI::PositiveNumber);
  create->callback(act("create"));
  auto* revoke = command->add_subcommand("revoke", "An end to one");
  revoke->add_option("token", tokens.name, "its id")->required();
  revoke->callback(act("revoke"));
  command->require_subcommand(0, 1);
  command->callback([words, command, fallback = act("list")] {
    if (command->get_subcommands().empty()) fallback();
  });
}

void add_alert(CLI::App& app, const Shared& words, Request& request) {
  auto* command = app.add_subcommand("alert", "Try out an alert of plumb.yml");
  auto named = [&](const char* action, const char* help) {
    auto* sub = command->add_subcommand(action, help);
    sub->add_option("alert", words->alert.name, "its name")->required();
    sub->callback(choose(request, words, &Words::alert, alert_command, action));
    return sub;
  };
  named("test", "Send a message that says it is a test");
  named("send", "Send the message on standard input")->group("");  // what a server starts
  command->require_subcommand(1);
}

}  // namespace

void add_workflow_commands(CLI::App& app, Request& request) {
  auto words = std::make_shared<Words>();
  add_start(app, words, request);
  add_serve(app, words, request);
  add_workflows(app, words, request);
  add_runs(app, words, request);
  add_logs(app, words, request);
  add_backfill(app, words, request);
  add_assets(app, words, request);
  add_users(app, words, request);
  add_tokens(app, words, request);
  add_alert(app, words, request);
}

}  // namespace plumb::cli
