#include <fcntl.h>
#include <sys/file.h>

#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "cli/platform.h"
#include "cli/workflow_commands.h"
#include "engine/engine.h"
#include "serve/serve.h"

namespace plumb::cli {

namespace {

// One server for a project's folder. The kernel frees the lock with the process, whatever becomes of it.
FileDescriptor only_server(const config::Project& project) {
  auto folder = project.folder / ".plumb";
  std::filesystem::create_directories(folder);
  auto path = folder / "serve.lock";
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) throw file_error("can't open", path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    throw Error(ErrorKind::Busy, format("a server is already at work in {}", project.folder.string()),
                {.hint = "end it first; `plumb runs` and its kin speak with it"});
  }
  return file;
}

}  // namespace

int serve_command(Context& context, const ServeArguments& arguments) {
  config::Project project = context.project();
  const FileDescriptor alone = only_server(project);
  store::Store store(workflow::store_of(project), context.clock, context.log().module("store"));
  workflow::Scheduler scheduler(
      {.kind = "serve", .most_tasks = arguments.tasks, .lease = std::chrono::seconds(arguments.lease)}, project, store,
      context.clock, context.log().module("workflow"));
  serve::Accounts accounts(store, context.clock);
  if (accounts.add_first_user(project.environment)) context.log().info("made the first user");
  serve::Server server({.address = arguments.host,
                        .port = arguments.port,
                        .socket = project.folder / ".plumb" / "serve.sock",
                        .base_path = arguments.base_path,
                        .trusted_proxies = arguments.trusted_proxies,
                        .hosts = arguments.hosts},
                       {.project = project,
                        .store = store,
                        .operations = scheduler,
                        .clock = context.clock,
                        .health = [&] { return scheduler.health(); },
                        .log_file = [&](const store::AttemptRow& attempt) { return scheduler.log_file(attempt); },
                        .log = context.log().module("serve")});
  scheduler.listen(server.listener());
  serve::Alerts alerts({.logs = project.folder / ".plumb" / "logs",
                        .send =
                            [&](const std::string& alert, const std::string& message, std::stop_token stop) {
                              return serve::send_by_child("/proc/self/exe", project.folder, alert, message, stop);
                            }},
                       serve::read_alert_rules(project), store, context.clock, context.log());
  scheduler.listen(alerts.listener());
  if (auto options = serve::find_statsd_options(project)) {
    auto statsd = std::make_shared<serve::Statsd>(*options);
    scheduler.listen([statsd](const workflow::Change& change) { statsd->changed(change); });
  }
  if (!arguments.port_file.empty()) write_file(arguments.port_file, plumb::format("{}\n", server.port()));
  if (context.json) {
    context.terminal.print(plumb::format("{{\"url\":\"{}\"}}\n", server.url()));
  } else {
    context.terminal.print(plumb::format("{} is served at {}\nPress Ctrl+C to end.\n", project.name, server.url()));
  }
  for (const Error& fault : scheduler.definitions()->faults) context.terminal.say(fault);
  const serve::SessionKeeper keeper({.folder = project.folder,
                                     .program = {engine::own_program()},
                                     .signed_in = [&](const std::string& name) { scheduler.signed_in(name); },
                                     .log = context.log().module("sessions")});
  scheduler.run(context.stop);
  server.stop();
  return 0;
}

}  // namespace plumb::cli
