// Statements, and queries whose answer has to be right.
#include <cmath>
#include <optional>

#include "base/file.h"
#include "base/format.h"
#include "workflow/tasks/kinds.h"

namespace plumb::workflow {
namespace {

// A connection of plumb.yml, by its name or, for a folder of SQLite files, "files.raw_bank". Without one: all of them,
// as `plumb query` has them.
struct Opened {
  std::shared_ptr<db::Database> database;
  std::unique_ptr<db::Connection> connection;
};
Opened open_connection(Node settings, std::string_view sql, const TaskWorld& world) {
  config::Project project = world.project();
  std::string name = settings.find("connection").text_or("");
  if (name.empty()) {
    config::Workspace workspace = config::open_workspace(project, sql);
    return {std::move(workspace.database), std::move(workspace.connection)};
  }
  std::size_t dot = project.connections.contains(name) ? std::string::npos : name.find('.');
  std::string dataset = dot == std::string::npos ? "" : name.substr(dot + 1);
  const config::Connection& connection = project.get_connection(name.substr(0, dot));
  Opened opened;
  opened.database = db::open(config::database_config(project, connection, dataset));
  opened.connection = opened.database->connect();
  return opened;
}

std::vector<std::string> statements_of(Node settings, std::string_view key) {
  if (std::string file = settings.find("file").text_or(""); !file.empty()) return {read_file(file)};
  std::vector<std::string> statements = texts_of(setting(settings, key, key));
  if (settings.kind() == NodeKind::List) statements = texts_of(settings);
  if (statements.empty()) throw Error(ErrorKind::Config, format("the task has no '{}'", key));
  return statements;
}

// The first row's values as text; empty when there is no row.
struct Answer {
  std::vector<std::optional<std::string>> values;
  bool has_row = false;
};
Answer ask(Node settings, std::string_view sql, const TaskWorld& world) {
  Opened opened = open_connection(settings, sql, world);
  db::CancelOnStop cancel(*opened.connection, world.stop);
  Answer answer;
  auto rows = opened.connection->query(sql);
  auto batch = rows->next();
  if (!batch) return answer;
  answer.has_row = true;
  for (std::size_t i = 0; i < rows->schema().size(); ++i) {
    const data::Column& column = batch->column(i);
    std::optional<std::string> text;
    if (!column.null_at(0)) data::append_text(column, 0, text.emplace());
    answer.values.push_back(std::move(text));
  }
  return answer;
}

std::optional<double> find_number(const std::string& text) {
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  return end == text.c_str() || *end != '\0' ? std::nullopt : std::optional(number);
}

bool is_true(const std::optional<std::string>& value) {
  if (!value || value->empty() || *value == "false") return false;
  auto number = find_number(*value);
  return !number || *number != 0;
}

std::string show(const Answer& answer) {
  if (!answer.has_row) return "no row";
  std::string text;
  for (const auto& value : answer.values) text += (text.empty() ? "" : ", ") + value.value_or("null");
  return text;
}

bool is_equal(const std::optional<std::string>& value, Node wanted) {
  if (!value || wanted.null()) return !value && wanted.null();
  auto a = find_number(*value), b = find_number(std::string(wanted.scalar()));
  return *value == wanted.scalar() || (a && b && *a == *b);
}

// Whether the answer is as `expect`, `equals`, `at_least` and `at_most` say.
bool is_right(Node settings, const Answer& answer) {
  std::string expected = settings.find("expect").text_or("");
  if (expected == "rows") return answer.has_row;
  if (expected == "no rows") return !answer.has_row;
  Node equals = settings.find("equals"), least = settings.find("at_least"), most = settings.find("at_most");
  if (!answer.has_row) return false;
  const std::optional<std::string>& first = answer.values.front();
  if (equals.missing() && least.missing() && most.missing()) {
    for (const auto& value : answer.values) {
      if (!is_true(value)) return false;
    }
    return true;
  }
  auto number = first ? find_number(*first) : std::nullopt;
  if (!equals.missing() && !is_equal(first, equals)) return false;
  if (!least.null() && (!number || *number < least.as_double())) return false;
  return most.null() || (number && *number <= most.as_double());
}

}  // namespace

TaskResult do_sql(Node settings, const TaskWorld& world) {
  std::vector<std::string> statements = statements_of(settings, "statement");
  std::string all;
  for (const std::string& statement : statements) all += statement + ";\n";
  Opened opened = open_connection(settings, all, world);
  db::CancelOnStop cancel(*opened.connection, world.stop);
  std::optional<db::Transaction> transaction;
  if (Node wanted = settings.find("transaction"); wanted.null() || wanted.as_bool())
    transaction.emplace(*opened.connection);
  std::int64_t changed = 0;
  for (const std::string& statement : statements) {
    std::int64_t rows = opened.connection->execute(statement);
    changed += rows;
    world.say(format("{} row{} changed", rows, rows == 1 ? "" : "s"));
  }
  if (transaction) transaction->commit();
  return {.end = TaskEnd::Success, .values = {{"rows", std::to_string(changed)}}};
}

TaskResult do_query_check(Node settings, const TaskWorld& world) {
  Answer answer = ask(settings, statements_of(settings, "query").front(), world);
  world.say(format("the answer: {}", show(answer)));
  if (is_right(settings, answer)) return {};
  world.errors("that is not what was expected\n");
  return {.end = TaskEnd::Failed, .values = {}};
}

bool query_is_true(Node query, const TaskWorld& world) {
  Answer answer = ask(query, statements_of(query, "query").front(), world);
  return answer.has_row && is_true(answer.values.front());
}

}  // namespace plumb::workflow
