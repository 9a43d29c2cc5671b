#include <algorithm>

#include "base/document.h"
#include "base/format.h"
#include "cli/cli.h"
#include "cli/commands.h"

namespace plumb::cli {

namespace {

// Databases answer a question, services open (and sign in where that needs nobody).
void test_connection(Context& context, const config::Project& project, const config::Connection& connection) {
  if (config::is_database(connection)) {
    auto config = config::database_config(project, connection, "plumb_test");
    // A folder of SQLite files is fine when it is there, or can be made.
    if (config.kind == db::Kind::Sqlite) {
      std::error_code none;
      if (!std::filesystem::exists(config.path, none)) return;
    }
    auto database = db::open(std::move(config));
    db::find_value(*database->connect(), "SELECT 1");
    return;
  }
  const auto connectors = ingest::connectors();
  ingest::expect_known_type(connection, connectors);
  const auto* connector = ingest::find_connector(connectors, connection.type);
  connection.expect_settings(connector->settings);
  auto sessions = session_store(project);
  auto source = connector->make(project, connection, Node(), services(context, project, &sessions));
  source->open();
  source->close();
}

int test_connections(Context& context, const config::Project& project, std::vector<std::string> names) {
  if (names.empty()) {
    for (const auto& entry : project.connections) names.push_back(entry.first);
  }
  int code = 0;
  for (const auto& name : names) {
    const auto& connection = project.get_connection(name);
    if (context.dry_run) {
      context.terminal.print(format("test {} ({})\n", name, connection.type));
      continue;
    }
    // Each is told on its own: one that fails must not hide the next.
    try {
      test_connection(context, project, connection);
      context.terminal.print(format("{}: ok\n", name));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled) throw;
      context.terminal.print(format("{}: failed\n", name));
      context.terminal.say(error);
      if (code == 0) code = exit_code(error);
    }
  }
  return code;
}

const ingest::Connector& get_login_connector(const std::vector<ingest::Connector>& connectors,
                                             const config::Connection& connection) {
  const auto* connector = ingest::find_connector(connectors, connection.type);
  if (connector != nullptr && connector->login) return *connector;
  throw Error(ErrorKind::Usage,
              format("connection '{}' of type '{}' needs no sign-in", connection.name, connection.type));
}

int login(Context& context, const config::Project& project, const std::vector<std::string>& names) {
  const auto connectors = ingest::connectors();
  auto sessions = session_store(project);
  for (const auto& name : names) {
    const auto& connection = project.get_connection(name);
    const auto& connector = get_login_connector(connectors, connection);
    connection.expect_settings(connector.settings);
    connector.login(project, connection, services(context, project, &sessions));
    context.terminal.print(format("{}: signed in; the session is kept for later loads\n", name));
  }
  return 0;
}

// Exit code 3: the service takes the session no longer, or there is none.
int refresh(Context& context, const config::Project& project, const std::vector<std::string>& names) {
  const auto connectors = ingest::connectors();
  auto sessions = session_store(project);
  int code = 0;
  for (const auto& name : names) {
    const auto& connection = project.get_connection(name);
    const auto& connector = get_login_connector(connectors, connection);
    connection.expect_settings(connector.settings);
    auto next = connector.refresh(project, connection, services(context, project, &sessions));
    if (!next) {
      context.terminal.say(Error(ErrorKind::Approval, format("connection '{}' has no session that is taken", name),
                                 {.hint = format("sign in: `plumb connections login {}`", name)}));
      code = 3;
    } else if (context.json) {
      JsonWriter json;
      const std::chrono::duration<double> left = *next - context.clock.now();
      json.begin_object().field("name", name).field("next_refresh_seconds", left.count()).end_object();
      context.terminal.print(json.take() + "\n");
    } else {
      context.terminal.print(format("{}: refreshed; the next time is {}\n", name, format_instant(*next)));
    }
  }
  return code;
}

// Half a message is none: who was killed had not handed it over.
int keep(Context& context, const config::Project& project, const std::string& name) {
  std::string text = context.terminal.read_input();
  if (!text.ends_with('\n')) return 0;
  text.pop_back();
  session_store(project).save(project.get_connection(name).name, Secret(std::move(text)));
  return 0;
}

int list(Context& context, const config::Project& project) {
  JsonWriter json;
  json.begin_array();
  for (const auto& [name, connection] : project.connections) {
    if (!context.json) context.terminal.print(format("{:<16} {}\n", name, connection.type));
    json.begin_object().field("name", name).field("type", connection.type).end_object();
  }
  json.end_array();
  if (context.json) context.terminal.print(json.take() + "\n");
  return 0;
}

}  // namespace

int connections_command(Context& context, const ConnectionsArguments& arguments) {
  auto project = context.project();
  if (arguments.action == "test") return test_connections(context, project, arguments.names);
  if (arguments.action == "login") return login(context, project, arguments.names);
  if (arguments.action == "refresh") return refresh(context, project, arguments.names);
  if (arguments.action == "keep") return keep(context, project, arguments.names.front());
  if (arguments.action == "logout") {
    auto sessions = session_store(project);
    for (const auto& name : arguments.names) {
      project.get_connection(name);
      sessions.remove(name);
      sessions.remove(ingest::challenge_mark(name));
      context.terminal.print(format("{}: the kept session is gone\n", name));
    }
    return 0;
  }
  return list(context, project);
}

}  // namespace plumb::cli
