#include "store/sql_reader.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::store {

SqlReader::SqlReader(std::shared_ptr<ReaderPool> pool) : pool_(std::move(pool)), connection_(pool_->take()) {}

SqlReader::~SqlReader() {
  pool_->give_back(std::move(connection_));
}

std::unique_ptr<Reader> make_reader(std::shared_ptr<ReaderPool> pool) {
  return std::make_unique<SqlReader>(std::move(pool));
}

std::unique_ptr<db::Reader> SqlReader::ask(const std::string& sql, const Values& values) {
  if (std::exchange(asked_, true)) return connection_->query(sql, values);
  try {
    return connection_->query(sql, values);
  } catch (const Error& error) {
    // A connection that lay idle while its server was started again: a question may be asked twice.
    if (error.kind() != ErrorKind::Network) throw;
    connection_ = pool_->connect();
    return connection_->query(sql, values);
  }
}

std::int64_t SqlReader::ask_number(const std::string& sql, const Values& values) {
  auto answer = ask(sql, values)->next();
  return answer && !answer->column(0).null_at(0) ? answer->column(0).int64_at(0) : 0;
}

std::int64_t SqlReader::counted(std::string_view what, std::string_view name, const std::vector<std::string>& states) {
  Conditions conditions;
  conditions.equal("what", what);
  conditions.equal("name", name);
  conditions.any_of("state", states);
  return ask_number("SELECT CAST(sum(n) AS BIGINT) FROM counts" + conditions.where(), conditions.values());
}

std::optional<WorkflowRow> SqlReader::find_workflow(std::string_view name) {
  return find<WorkflowRow>("workflows", "WHERE name = ?", {std::string(name)});
}

Page<WorkflowRow> SqlReader::workflows(const WorkflowFilter& filter, const PageRequest& request) {
  Question question{.table = "workflows", .key = "name", .default_order = "name", .columns = {}};
  if (filter.active) question.conditions.add("active = ?", {*filter.active});
  if (filter.paused) question.conditions.add("paused = ?", {*filter.paused});
  question.conditions.like(connection_->kind(), "name", filter.name_pattern);
  for (const std::string& tag : filter.tags) {
    std::string_view find = connection_->kind() == db::Kind::Postgres ? "strpos" : "instr";
    question.conditions.add(format("{}(tags_json, ?) > 0", find), {format("\"{}\"", tag)});
  }
  return page<WorkflowRow>(std::move(question), request);
}

std::optional<VersionRow> SqlReader::find_version(std::string_view workflow, std::int64_t number) {
  return find<VersionRow>("versions", "WHERE workflow = ? AND number = ?", {std::string(workflow), number});
}

Page<VersionRow> SqlReader::versions(std::string_view workflow, const PageRequest& request) {
  // The key is of two columns; the filter stands in both selects.
  Question question{.table = "versions", .key = "number", .default_order = "-number", .columns = {}};
  question.conditions.equal("workflow", workflow);
  question.repeat_conditions = true;
  return page<VersionRow>(std::move(question), request);
}

std::vector<PoolRow> SqlReader::pools() {
  return rows<PoolRow>("pools", "ORDER BY name");
}

Page<VariableRow> SqlReader::variables(std::string_view key_pattern, const PageRequest& request) {
  Question question{.table = "variables", .key = "key", .default_order = "key", .columns = {}};
  question.conditions.like(connection_->kind(), "key", key_pattern);
  return page<VariableRow>(std::move(question), request);
}

std::optional<VariableRow> SqlReader::find_variable(std::string_view key) {
  return find<VariableRow>("variables", "WHERE \"key\" = ?", {std::string(key)});
}

Page<BackfillRow> SqlReader::backfills(std::string_view workflow, const PageRequest& request) {
  Question question{.table = "backfills", .default_order = "-id", .columns = {}};
  question.conditions.equal("workflow", workflow);
  return page<BackfillRow>(std::move(question), request);
}

std::optional<BackfillRow> SqlReader::find_backfill(std::int64_t id) {
  return find<BackfillRow>("backfills", "WHERE id = ?", {id});
}

std::optional<UserRow> SqlReader::find_user(std::string_view name) {
  return find<UserRow>("users", "WHERE name = ?", {std::string(name)});
}

std::vector<UserRow> SqlReader::users() {
  return rows<UserRow>("users", "ORDER BY name");
}

std::vector<TokenRow> SqlReader::tokens(std::string_view user) {
  Conditions conditions;
  conditions.equal("user", user);
  return rows<TokenRow>("tokens", conditions.where() + " ORDER BY created_at, id", conditions.values());
}

std::optional<TokenRow> SqlReader::find_token(std::string_view id) {
  return find<TokenRow>("tokens", "WHERE id = ?", {std::string(id)});
}

Page<EventRow> SqlReader::events(const EventFilter& filter, const PageRequest& request) {
  Question question{.table = "events", .default_order = "-id", .columns = {}};
  Conditions& conditions = question.conditions;
  conditions.equal("run_id", filter.run_id);
  conditions.equal("task", filter.task);
  conditions.equal("event", filter.event);
  conditions.equal("who", filter.who);
  conditions.between("at", filter.at);
  if (conditions.empty()) question.total = counted(kEventCount, filter.workflow, {});
  conditions.equal("workflow", filter.workflow);
  return page<EventRow>(std::move(question), request);
}

std::vector<SchedulerRow> SqlReader::schedulers() {
  return rows<SchedulerRow>("schedulers", "ORDER BY started_at, id");
}

std::optional<std::string> SqlReader::find_note(std::string_view name) {
  auto answer = ask("SELECT value FROM notes WHERE name = ?", {std::string(name)})->next();
  if (!answer) return std::nullopt;
  return std::string(answer->column(0).text_at(0));
}

}  // namespace plumb::store
