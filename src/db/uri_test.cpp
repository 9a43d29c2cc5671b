#include <gtest/gtest.h>

#include "base/testing.h"
#include "db/db.h"

namespace plumb::db {
namespace {

// "kind path" or "kind user:password@host:port/dbname", then settings and table.
std::string parts(std::string_view text) {
  auto uri = parse_uri(text);
  const auto& config = uri.config;
  std::string out(to_string(config.kind));
  if (config.kind == Kind::Postgres) {
    out += " " + config.user + ":" + config.password.reveal() + "@" + config.host + ":" + config.port + "/" +
           config.dbname;
  } else {
    out += " " + config.path.string();
  }
  if (config.read_only) out += " read-only";
  for (const auto& [key, value] : config.settings) out += " " + key + "=" + value;
  if (uri.table)
    out += " table " + (uri.table->schema.empty() ? "" : "[" + uri.table->schema + "].") + "[" + uri.table->table + "]";
  return out;
}

TEST(Uri, FilesHaveThreeSlashesOrFour) {
  EXPECT_EQ(parts("sqlite:///rel/a.db"), "sqlite rel/a.db");
  EXPECT_EQ(parts("sqlite:////abs/a.db"), "sqlite /abs/a.db");
  EXPECT_EQ(parts("duckdb:////abs/my%20lake.duckdb?memory_limit=1GB"), "duckdb /abs/my lake.duckdb memory_limit=1GB");
  EXPECT_EQ(parts("sqlite://"), "sqlite ");
  EXPECT_EQ(parts("sqlite:///:memory:"), "sqlite ");
  EXPECT_EQ(parts("sqlite:///a.db?mode=ro"), "sqlite a.db read-only");
  EXPECT_EQ(parts("duckdb:///a.duckdb?read_only=true"), "duckdb a.duckdb read-only");
}

TEST(Uri, PostgresIsWrittenAsLibpqAndSqlalchemyHaveIt) {
  EXPECT_EQ(parts("postgresql://user@host/db"), "postgres user:@host:/db");
  EXPECT_EQ(parts("postgres://u:p%40ss%2Fword@host:5433/db?sslmode=require"),
            "postgres u:p@ss/word@host:5433/db sslmode=require");
  EXPECT_EQ(parts("postgresql+psycopg2://u@host/db"), "postgres u:@host:/db");
  EXPECT_EQ(parts("postgresql://"), "postgres :@:/");
  EXPECT_EQ(parts("postgresql://u@[::1]:5432/db"), "postgres u:@::1:5432/db");
  EXPECT_EQ(parts("postgresql://u@/db?host=/var/run/postgresql"), "postgres u:@/var/run/postgresql:/db");
  EXPECT_EQ(parts("postgresql://a:1,b:2/db?target_session_attrs=read-write"),
            "postgres :@a,b:1,2/db target_session_attrs=read-write");
}

TEST(Uri, TheTableIsNamedInTheQuery) {
  EXPECT_EQ(parts("sqlite:///a.db?table=rows"), "sqlite a.db table [rows]");
  EXPECT_EQ(parts("postgresql://h/d?table=raw.weather"), "postgres :@h:/d table [raw].[weather]");
  EXPECT_EQ(parts("postgresql://h/d?table=%22a.b%22.%22c%22%22d%22"), "postgres :@h:/d table [a.b].[c\"d]");
}

TEST(Uri, WhatIsWrongIsShownWithoutThePassword) {
  EXPECT_EQ(error_of([] { parse_uri("postgresql://u:hush@host:port/db"); }),
            "<uri>:1:23: 'port' is no port\n"
            "   1 | postgresql://***@host:port/db\n"
            "     |                       ^\n"
            "hint: a port is a number from 1 to 65535");
  for (const char* uri :
       {"postgresql://u:hu/sh@host/db", "postgresql://u:hu?sh@host/db", "postgresql://u:hu#sh@host/db"}) {
    EXPECT_EQ(error_of([&] { parse_uri(uri); }),
              "<uri>:1:14: user and password can't be told from the host\n"
              "   1 | postgresql://***@host/db\n"
              "     |              ^\n"
              "hint: in a URI the signs / ? # @ : of a password are written %2F %3F %23 %40 %3A");
  }
  EXPECT_EQ(error_of([] { parse_uri("sqlite://data/a.db"); }),
            "<uri>:1:10: a file's URI has no host\n"
            "   1 | sqlite://data/a.db\n"
            "     |          ^\n"
            "hint: three slashes for a relative path, four for an absolute one: sqlite:///data/file.db");
  expect_error(ErrorKind::Usage, "'a..b' is no table's name", [] { parse_uri("sqlite:///x.db?table=a..b"); });
  expect_error(ErrorKind::Usage, "SQLite has no setting 'colour'", [] { parse_uri("sqlite:///x.db?colour=red"); });
  expect_error(ErrorKind::Usage, "no database's URI", [] { parse_uri("mysql://host/db"); });
}

TEST(Uri, OthersAreTold) {
  EXPECT_TRUE(is_database_uri("sqlite:///a.db"));
  EXPECT_TRUE(is_database_uri("postgresql://h/d"));
  EXPECT_FALSE(is_database_uri("file:///rows.csv"));
  EXPECT_FALSE(is_database_uri("rows.csv"));
}

}  // namespace
}  // namespace plumb::db
