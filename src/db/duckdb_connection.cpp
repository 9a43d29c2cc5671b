#include "db/duckdb_connection.h"

#include "base/format.h"
#include "base/text.h"
#include "db/drivers.h"
#include "db/duckdb_files.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

class DuckDbDatabase final : public Database {
 public:
  explicit DuckDbDatabase(DatabaseConfig config) : config_(std::move(config)) {}

  const DatabaseConfig& config() const override { return config_; }

  std::unique_ptr<Connection> connect() override {
    if (is_file()) return std::make_unique<DuckDbConnection>(share_duckdb_file(config_));
    std::lock_guard lock(mutex_);
    auto instance = open_.lock();
    if (!instance) {
      instance = std::make_shared<DuckDbInstance>(config_);
      open_ = instance;
      if (config_.path.empty()) in_memory_ = instance;
    }
    return std::make_unique<DuckDbConnection>(std::move(instance));
  }

 private:
  // Not in memory, and no address ("md:x", "s3://…").
  bool is_file() const { return !config_.path.empty() && config_.path.string().find(':') == std::string::npos; }

  DatabaseConfig config_;
  std::mutex mutex_;  // guards what follows
  std::weak_ptr<DuckDbInstance> open_;
  std::shared_ptr<DuckDbInstance> in_memory_;
};

std::string_view trim_statement(std::string_view sql) {
  while (!sql.empty() && (std::isspace(static_cast<unsigned char>(sql.back())) != 0 || sql.back() == ';')) {
    sql.remove_suffix(1);
  }
  return sql;
}

}  // namespace

std::shared_ptr<Database> open_duckdb(DatabaseConfig config) {
  return std::make_shared<DuckDbDatabase>(std::move(config));
}

DuckDbConnection::DuckDbConnection(std::shared_ptr<DuckDbInstance> instance)
    : session_(std::make_shared<DuckDbSession>(std::move(instance))) {}

std::int64_t DuckDbConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  auto script = session_->take_apart(sql, parameters);
  std::int64_t changed = 0;
  for (std::size_t i = 0; i < script.count; ++i) changed += session_->drain(session_->run(script, i, parameters), sql);
  return changed;
}

std::unique_ptr<Reader> DuckDbConnection::query(std::string_view sql, std::span<const Value> parameters) {
  auto script = session_->take_apart(sql, parameters);
  if (script.count == 0) throw Error(ErrorKind::Database, "the statement is empty");
  for (std::size_t i = 0; i + 1 < script.count; ++i) session_->drain(session_->run(script, i, parameters), sql);
  DuckDbResult result = session_->run(script, script.count - 1, parameters);
  ResultPlan plan = plan_result(session_->duckdb(), result);
  if (plan.must_be_cast) return query_with_casts(plan, script, parameters);
  return std::make_unique<DuckDbReader>(session_, std::move(result), std::move(plan), std::move(script.sql));
}

std::unique_ptr<Reader> DuckDbConnection::query_with_casts(const ResultPlan& plan, const DuckDbSession::Script& script,
                                                           std::span<const Value> parameters) {
  std::string columns;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    std::string value = format("#{}", i + 1);
    if (plan.columns[i].must_be_cast) value = format("CAST({} AS {})", value, duckdb_ddl(plan.columns[i].type));
    columns += format("{}{} AS {}", columns.empty() ? "" : ", ", value, quote_name(plan.schema[i].name));
  }
  std::string sql = format("SELECT {} FROM (\n{}\n)", columns, trim_statement(script.sql));
  Error::Details advice{.hint = "cast it to VARCHAR in the statement"};
  if (script.count > 1) {
    throw Error(ErrorKind::Data, "a column of the result has a type that only DuckDB knows", std::move(advice));
  }
  auto cast = session_->take_apart(sql, parameters);
  DuckDbResult result = session_->run(cast, 0, parameters);
  ResultPlan cast_plan = plan_result(session_->duckdb(), result);
  if (cast_plan.must_be_cast) {
    throw Error(ErrorKind::Data, "a column of the result has a type that only DuckDB knows", std::move(advice));
  }
  return std::make_unique<DuckDbReader>(session_, std::move(result), std::move(cast_plan), std::string());
}

void DuckDbConnection::begin() {
  session_->begin();
}

void DuckDbConnection::commit() {
  session_->commit();
}

}  // namespace plumb::db
