// Postgres's tables in DuckDB: attached by its own extension, over a real server.

#include "base/testing.h"
#include "db/db.h"
#include "support/postgres_server.h"

namespace plumb::db {
namespace {

using test_support::PostgresServer;

constexpr std::string_view kPassword = "it's a \\geheim\" =1";

class DuckDbPostgres : public testing::Test {
 protected:
  void SetUp() override {
    dbname = server.create_database();
    server.psql(dbname,
                "CREATE SCHEMA raw; CREATE TABLE raw.t(id bigint, amount numeric(18,2), at timestamptz, data jsonb, "
                "u uuid, words text[], b bytea); INSERT INTO raw.t VALUES (1, 9999999999999999.99, "
                "'2026-11-21 07:00:00.25+02', '{\"a\": [1]}', 'f47ac10b-58cc-4372-8567-0e02b2c3d479', '{a,NULL}', "
                "'\\x00ff')");
  }

  DatabaseConfig config() const {
    return {.kind = Kind::Postgres,
            .name = "landing",
            .host = server.host(),
            .port = server.port(),
            .dbname = dbname,
            .user = server.user()};
  }
  // A user whose password the server asks for.
  DatabaseConfig reader(std::string_view password) {
    DatabaseConfig config = this->config();
    config.host = "127.0.0.1";
    config.user = "reader_of_" + dbname;
    if (server.psql(dbname, "SELECT 1 FROM pg_roles WHERE rolname = '" + config.user + "'").empty()) {
      server.psql(dbname, "CREATE ROLE " + config.user +
                              " LOGIN PASSWORD 'it''s a \\geheim\" =1'; GRANT USAGE ON SCHEMA "
                              "raw TO " +
                              config.user + "; GRANT SELECT ON raw.t TO " + config.user);
    }
    config.password = Secret(std::string(password));
    return config;
  }
  static std::string value(Connection& connection, std::string_view sql) {
    return find_value(connection, sql).value_or("NULL");
  }

  PostgresServer& server = PostgresServer::shared();
  std::string dbname;
  std::unique_ptr<Connection> connection = open({.kind = Kind::DuckDb})->connect();
};

TEST_F(DuckDbPostgres, TablesAreSeenWithTheirTypes) {
  connection->attach(config(), "landing");
  auto rows = connection->query("SELECT * FROM landing.raw.t");
  std::string seen;
  for (const auto& field : rows->schema()) seen += field.type.to_string() + " ";
  auto batch = rows->next();
  ASSERT_TRUE(batch);
  for (std::size_t i = 0; i < batch->columns(); ++i) {
    seen += "| ";
    data::append_text(batch->column(i), 0, seen);
  }
  EXPECT_EQ(seen,
            "int64 decimal(18,2) timestamptz text uuid list(text) binary | 1| 9999999999999999.99| "
            "2026-11-21 05:00:00.250000+00:00| {\"a\": [1]}| f47ac10b-58cc-4372-8567-0e02b2c3d479| [\"a\",null]| 00ff");
  EXPECT_EQ(value(*connection,
                  "SELECT application_name FROM postgres_query('landing', 'SELECT application_name FROM "
                  "pg_stat_activity WHERE pid = pg_backend_pid()')"),
            "plumb");
  expect_error(ErrorKind::Io, "read-only", [&] { connection->execute("DELETE FROM landing.raw.t"); });
}

TEST_F(DuckDbPostgres, ThePasswordShowsNowhere) {
  connection->attach(reader(kPassword), "landing");
  EXPECT_EQ(value(*connection, "SELECT count(*) FROM landing.raw.t"), "1");
  std::string everything;
  for (const char* sql : {"SELECT to_json(list(s))::VARCHAR FROM duckdb_secrets() s",
                          "SELECT to_json(list(s))::VARCHAR FROM duckdb_databases() s",
                          "SELECT to_json(list(s))::VARCHAR FROM duckdb_settings() s"}) {
    everything += value(*connection, sql);
  }
  EXPECT_EQ(everything.find("geheim"), std::string::npos) << everything;

  auto other = open({.kind = Kind::DuckDb})->connect();
  std::string refused = error_of([&] { other->attach(reader("wrong 'guess' \\here"), "landing"); });
  EXPECT_NE(refused.find("can't attach Postgres at 127.0.0.1"), std::string::npos) << refused;
  EXPECT_NE(refused.find("password authentication failed"), std::string::npos) << refused;
  EXPECT_EQ(refused.find("guess"), std::string::npos) << refused;
  expect_error(ErrorKind::Auth, "", [&] { other->attach(reader("wrong"), "landing"); });
}

TEST_F(DuckDbPostgres, AServerThatIsNotThereIsSaidSo) {
  DatabaseConfig gone = config();
  gone.host = "127.0.0.1";
  gone.port = "1";
  gone.password = Secret("word");
  expect_error(ErrorKind::Network, "can't attach Postgres at 127.0.0.1:1",
               [&] { connection->attach(gone, "landing"); });
  EXPECT_EQ(value(*connection, "SELECT count(*) FROM duckdb_databases() WHERE database_name = 'landing'"), "0");
}

TEST_F(DuckDbPostgres, AMissingRightIsSaidSo) {
  connection->attach(reader(kPassword), "landing");
  server.psql(dbname, "CREATE TABLE raw.private(a int)");
  expect_error(ErrorKind::Database, "permission denied",
               [&] { value(*connection, "SELECT count(a) FROM landing.raw.private"); });
}

TEST_F(DuckDbPostgres, JoinsWithSqliteInOneStatement) {
  TemporaryFolder folder;
  auto file = open({.kind = Kind::Sqlite, .path = folder.path() / "files.db"});
  file->connect()->execute("CREATE TABLE t(id BIGINT, amount DECIMAL(9,2)); INSERT INTO t VALUES (1, 0.1)");
  connection->attach(config(), "landing");
  connection->attach(file->config(), "files");
  EXPECT_EQ(value(*connection,
                  "SELECT a.amount - 9999999999999999 + b.amount FROM landing.raw.t a JOIN files.t b USING (id)"),
            "1.09");
}

}  // namespace
}  // namespace plumb::db
