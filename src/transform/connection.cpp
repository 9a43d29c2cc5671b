#include "transform/connection.h"

#include <thread>

#include "base/format.h"
#include "transform/duckdb_setup.h"

namespace plumb::transform {

using jinja::Value;
using std::chrono::seconds;

namespace {

constexpr seconds kBetweenTries{1};

// libpq's keywords for dbt's keys, those with a meaning of their own aside.
constexpr std::string_view kPassedOn[] = {"sslmode",         "sslcert",         "sslkey",           "sslrootcert",
                                          "connect_timeout", "keepalives_idle", "application_name", "sslpassword"};

std::string plain_text(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.kind() == jinja::Kind::Bool) return value.as_bool() ? "true" : "false";
  if (value.kind() == jinja::Kind::Float) return format("{}", value.as_float());
  return {};
}

// As libpq reads `options`: a blank in a value has a backslash before it.
std::string escaped_option(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == ' ' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

bool is_blank(std::string_view sql) {
  return sql.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

}  // namespace

// ---- Warehouse

Warehouse::Warehouse(project::Target target, std::filesystem::path folder, Log log)
    : target_(std::move(target)),
      folder_(std::move(folder)),
      log_(std::move(log)),
      kind_(target_.type == "postgres" ? db::Kind::Postgres : db::Kind::DuckDb),
      database_(db::open(database_config())) {}

Warehouse::~Warehouse() = default;

const Value* Warehouse::find_setting(std::string_view key) const {
  if (target_.settings.kind() != jinja::Kind::Dict) return nullptr;
  const Value* found = target_.settings.as_dict().find(key);
  return found == nullptr || found->is_none() ? nullptr : found;
}

std::string Warehouse::text_setting(std::string_view key, std::string_view fallback) const {
  const Value* found = find_setting(key);
  return found == nullptr ? std::string(fallback) : plain_text(*found);
}

bool Warehouse::flag_setting(std::string_view key) const {
  const Value* found = find_setting(key);
  return found != nullptr && found->kind() == jinja::Kind::Bool && found->as_bool();
}

db::DatabaseConfig Warehouse::database_config() const {
  db::DatabaseConfig config{.kind = kind_, .name = target_.name, .log = log_};
  if (kind_ == db::Kind::DuckDb) {
    std::string path = text_setting("path", ":memory:");
    if (path != ":memory:")
      config.path = path.find("://") == std::string::npos ? folder_ / path : std::filesystem::path(path);
    const Value* options = find_setting("config_options");
    if (options == nullptr || options->kind() != jinja::Kind::Dict) return config;
    std::size_t position = 0;
    while (const Value::Entry* entry = options->as_dict().next(position)) {
      config.settings[plain_text(entry->key)] = plain_text(entry->value);
    }
    if (auto mode = config.settings.find("access_mode"); mode != config.settings.end()) {
      config.read_only = mode->second == "READ_ONLY" || mode->second == "read_only";
    }
    return config;
  }
  config.host = text_setting("host");
  config.port = text_setting("port");
  config.dbname = text_setting("dbname", target_.database);
  config.user = text_setting("user");
  config.password = Secret(text_setting("password"));
  config.busy_timeout = {};  // as dbt, which waits for a lock as long as it takes
  for (std::string_view key : kPassedOn) {
    std::string value = text_setting(key);
    bool off = key == "keepalives_idle" && value == "0";
    if (!value.empty() && !off) config.settings[std::string(key)] = value;
  }
  if (std::string path = text_setting("search_path"); !path.empty()) {
    config.settings["options"] = "-c search_path=" + escaped_option(path);
  }
  return config;
}

std::unique_ptr<db::Connection> Warehouse::connect_with_retries() {
  std::int64_t retries = 0;
  if (const Value* said = find_setting("retries"); kind_ == db::Kind::Postgres && said != nullptr && said->is_int()) {
    retries = said->as_int();
  }
  for (;; --retries) {
    try {
      return database_->connect();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Network || retries <= 0) throw;
      log_.info(format("connecting again: {}", error.message()));
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
}

std::unique_ptr<db::Connection> Warehouse::connect() {
  auto connection = connect_with_retries();
  if (kind_ == db::Kind::Postgres) {
    if (std::string role = text_setting("role"); !role.empty()) connection->execute("set role " + role);
    return connection;
  }
  {
    std::lock_guard lock(mutex_);
    if (!keeper_) {
      auto keeper = database_->connect();
      prepare_duckdb(*keeper, *this);
      keeper_ = std::move(keeper);
    }
  }
  apply_duckdb_settings(*connection, *this);
  return connection;
}

bool Warehouse::first_time(const std::string& words) {
  std::lock_guard lock(mutex_);
  return said_.insert(words).second;
}

// ---- Session

Session::~Session() {
  rollback_if_open();
}

void Session::set_comment(std::string comment, bool append) {
  comment_ = std::move(comment);
  append_comment_ = append;
}

db::Connection& Session::connection() {
  if (!connection_) {
    auto connection = warehouse_->connect();
    std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
    if (cancelled_) connection_->cancel();
  }
  return *connection_;
}

void Session::cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (connection_) connection_->cancel();
}

std::string Session::commented(std::string_view sql) const {
  if (comment_.empty()) return std::string(sql);
  if (!append_comment_) return format("/* {} */\n{}", comment_, sql);
  // The comment goes before the semicolon that ends the statement.
  std::string_view body = sql;
  while (!body.empty() && std::string_view(" \t\r\n").find(body.back()) != std::string_view::npos)
    body.remove_suffix(1);
  bool ended = body.ends_with(';');
  if (ended) body.remove_suffix(1);
  return format("{}\n/* {} */{}", body, comment_, ended ? ";" : "");
}

// A failed statement takes the transaction with it: dbt rolls back at once.
template <class Work>
auto Session::run(std::string_view sql, bool auto_begin, Work work) {
  if (auto_begin && !transaction_open_) begin();
  std::string text = commented(sql);
  if (warehouse_->log().listened()) warehouse_->log().debug(format("On {}: {}", name_, text));
  try {
    return work(connection(), text);
  } catch (...) {
    rollback_if_open();
    throw;
  }
}

Response Session::response() const {
  if (warehouse_->kind() == db::Kind::DuckDb) return {.message = "OK"};
  std::string answer = connection_->last_answer();
  Response response{.message = answer, .code = std::string(), .rows_affected = -1};
  // "INSERT 0 3" is of INSERT and 3 rows; "CREATE VIEW" has no number.
  std::size_t start = 0;
  while (start < answer.size()) {
    std::size_t end = std::min(answer.find(' ', start), answer.size());
    std::string word = answer.substr(start, end - start);
    bool number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
    if (number) {
      response.rows_affected = std::stoll(word);
    } else {
      *response.code += (response.code->empty() ? "" : " ") + word;
    }
    start = end + 1;
  }
  return response;
}

Response Session::execute(std::string_view sql, bool auto_begin) {
  if (warehouse_->kind() == db::Kind::Postgres && is_blank(sql)) {
    throw Error(ErrorKind::Database, "can't execute an empty query");
  }
  return run(sql, auto_begin, [&](db::Connection& connection, const std::string& text) {
    connection.execute(text);
    return response();
  });
}

Session::Fetched Session::fetch(std::string_view sql, bool auto_begin, std::optional<std::size_t> limit) {
  return run(sql, auto_begin, [&](db::Connection& connection, const std::string& text) {
    std::string_view last = text;
    // DuckDB takes a text of several apart by itself.
    std::vector<std::string_view> statements = split_statements(text);
    if (statements.empty()) {
      if (warehouse_->kind() == db::Kind::Postgres) {
        throw Error(ErrorKind::Database, "can't execute an empty query");
      }
      return Fetched{.response = {.message = "OK"}, .table = std::make_shared<TableData>()};
    }
    if (warehouse_->kind() == db::Kind::Postgres) {
      for (std::size_t i = 0; i + 1 < statements.size(); ++i) connection.execute(statements[i]);
      last = statements.back();
    }
    TableDataPtr table;
    {
      auto rows = connection.query(last);
      table = read_table(*rows, limit);
    }
    return Fetched{.response = response(), .table = std::move(table)};
  });
}

Response Session::execute_bound(std::string_view sql, std::span<const db::Value> values, bool auto_begin) {
  std::string statement(sql);
  if (warehouse_->kind() == db::Kind::Postgres) {
    for (std::size_t at = statement.find("%s"); at != std::string::npos; at = statement.find("%s", at)) {
      statement.replace(at, 2, "?");
    }
  }
  return run(statement, auto_begin, [&](db::Connection& connection, const std::string& text) {
    connection.execute(text, values);
    return response();
  });
}

void Session::begin() {
  if (transaction_open_) {
    jinja::raise("DbtInternalError",
                 format("Tried to begin a new transaction on connection \"{}\", but it already had one open!", name_));
  }
  if (!connection().in_transaction()) connection().begin();
  transaction_open_ = true;
}

void Session::commit() {
  if (!transaction_open_) {
    // dbt-duckdb does not mind.
    if (warehouse_->kind() == db::Kind::DuckDb) return;
    jinja::raise("DbtInternalError",
                 format("Tried to commit transaction on connection \"{}\", but it does not have one open!", name_));
  }
  transaction_open_ = false;
  if (connection().in_transaction()) connection().commit();
}

void Session::rollback_if_open() noexcept {
  transaction_open_ = false;
  if (connection_ && connection_->in_transaction()) connection_->rollback();
}

namespace {

// From an opening quote or comment to its end; from anything else one character on.
std::size_t skip_token(std::string_view sql, std::size_t at) {
  auto after = [&](std::string_view end, std::size_t from) {
    std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  char c = sql[at];
  if (c == '\'' || c == '"') return after(std::string_view(&sql[at], 1), at + 1);
  if (sql.substr(at, 2) == "--") return after("\n", at);
  if (sql.substr(at, 2) == "/*") return after("*/", at + 2);
  if (c != '$') return at + 1;
  // $tag$ … $tag$
  std::size_t end = at + 1;
  while (end < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[end])) != 0 || sql[end] == '_')) ++end;
  if (end >= sql.size() || sql[end] != '$') return at + 1;
  return after(sql.substr(at, end + 1 - at), end + 1);
}

}  // namespace

std::vector<std::string_view> split_statements(std::string_view sql) {
  std::vector<std::string_view> statements;
  std::size_t start = 0;
  bool any = false;  // something beside blanks and comments
  auto end_at = [&](std::size_t at) {
    if (any) statements.push_back(sql.substr(start, at - start));
    start = at + 1;
    any = false;
  };
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == ';') {
      end_at(at);
      ++at;
      continue;
    }
    std::size_t next = skip_token(sql, at);
    bool comment = sql.substr(at, 2) == "--" || sql.substr(at, 2) == "/*";
    if (!comment && std::isspace(static_cast<unsigned char>(sql[at])) == 0) any = true;
    at = next;
  }
  end_at(sql.size());
  return statements;
}

}  // namespace plumb::transform
