// What is Postgres's own: its other types, rights, broken connections, locks.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/testing.h"
#include "db/db.h"
#include "db/placeholders.h"
#include "support/postgres_server.h"

namespace plumb::db {
namespace {

using data::Schema;
using data::Type;
using test_support::PostgresServer;
using namespace std::chrono_literals;

class PostgresStory : public testing::Test {
 protected:
  void SetUp() override {
    dbname_ = server_.create_database();
    connection_ = connect();
  }

  DatabaseConfig config() const {
    return {.kind = Kind::Postgres,
            .host = server_.host(),
            .port = server_.port(),
            .dbname = dbname_,
            .user = server_.user()};
  }
  std::unique_ptr<Connection> connect() const { return open(config())->connect(); }

  std::string rows(std::string_view sql, std::span<const Value> parameters = {}) {
    return rows(*connection_, sql, parameters);
  }
  static std::string rows(Connection& connection, std::string_view sql, std::span<const Value> parameters = {}) {
    std::string text;
    for (auto reader = connection.query(sql, parameters); auto batch = reader->next();) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          if (i != 0) text += "|";
          if (!batch->column(i).null_at(row)) data::append_text(batch->column(i), row, text);
        }
        text += "\n";
      }
    }
    return text;
  }

  std::string types(std::string_view sql) {
    std::string text;
    auto reader = connection_->query(sql);
    for (const auto& field : reader->schema()) text += (text.empty() ? "" : ", ") + field.type.to_string();
    return text;
  }

  static std::int64_t write(Connection& connection, const TableName& table, const Schema& schema,
                            const std::vector<std::vector<std::string>>& rows) {
    data::BatchBuilder builder(schema);
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        EXPECT_TRUE(data::parse_text(row[i], builder.column(i))) << row[i];
      }
      builder.finish_row();
    }
    auto writer = connection.write(table, schema);
    writer->append(builder.take());
    return writer->finish();
  }

  PostgresServer& server_ = PostgresServer::shared();
  std::string dbname_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(PostgresStory, NumbersArriveAsTheServerUnderstandsThem) {
  Schema schema({{"v", Type::decimal(38, 6)}});
  connection_->execute(connection_->create_table_sql({"", "t"}, schema));
  std::vector<std::vector<std::string>> values;
  std::string expected;
  for (const char* text :
       {"0.000000", "0.000001", "-0.000100", "1.000000", "9999.999999", "10000.000000", "-10001.000100",
        "12345678901234567890123456789012.345678", "99990000.000000", "100000000.010000"}) {
    values.push_back({text});
    expected += std::string(text) + "\n";
  }
  write(*connection_, {"", "t"}, schema, values);
  EXPECT_EQ(server_.psql(dbname_, "SELECT v FROM t"), expected);
  EXPECT_EQ(rows("SELECT v FROM t"), expected);
}

TEST_F(PostgresStory, TypesBesideOursAreTextAndSmallerKindsTheSame) {
  connection_->execute(
      "CREATE TYPE mood AS ENUM ('fine', 'so-so'); CREATE DOMAIN positive AS numeric(8,2) CHECK (VALUE > 0);"
      "CREATE TABLE t (a smallint, b integer, c real, d varchar(10), e char(3), f json, g numeric(10,2), h "
      "timestamptz, "
      "i mood, j interval, k int[], l inet, m positive);"
      "INSERT INTO t VALUES (1, 2, 0.5, 'd', 'e', '{\"a\":  1}', 1.5, '2026-01-01 12:00+02', 'fine', '1 day 2 h', "
      "'{1,2}', '10.0.0.1', 3.5)");
  EXPECT_EQ(types("SELECT a, b, c, d, e, f, g, h FROM t"),
            "int64, int64, double, text, text, json, decimal(10,2), timestamptz");
  EXPECT_EQ(rows("SELECT a, b, c, d, e, f, g, h FROM t"), "1|2|0.5|d|e  |{\"a\":  1}|1.50|2026-01-01 10:00:00+00:00\n");
  // One column without a binary form that we know, and all come as text; the types stay.
  EXPECT_EQ(types("SELECT * FROM t"),
            "int64, int64, double, text, text, json, decimal(10,2), timestamptz, text, text, text, text, decimal(8,2)");
  EXPECT_EQ(rows("SELECT * FROM t"),
            "1|2|0.5|d|e  |{\"a\":  1}|1.50|2026-01-01 10:00:00+00:00|fine|1 day 02:00:00|{1,2}|10.0.0.1|3.50\n");
  auto found = connection_->find_table({"public", "t"});
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)[8].type, Type::text());
  EXPECT_EQ((*found)[12].type, Type::decimal(8, 2));
}

TEST_F(PostgresStory, ATextGoesIntoWhateverTheServerCanReadItAs) {
  connection_->execute("CREATE TABLE t (id int, l inet, k int[], word text, raw bytea, ok bool)");
  Schema schema({{"id", Type::int64()},
                 {"l", Type::text()},
                 {"k", Type::text()},
                 {"word", Type::text()},
                 {"raw", Type::binary()},
                 {"ok", Type::boolean()}});
  write(*connection_, {"", "t"}, schema, {{"1", "10.0.0.1", "{1,2}", "tab\there \\N \\. line\nend\r", "00ff", "true"}});
  EXPECT_EQ(rows("SELECT * FROM t"), "1|10.0.0.1|{1,2}|tab\there \\N \\. line\nend\r|00ff|true\n");
  expect_error(ErrorKind::Data, "t, line 1, column l: \"nowhere\": invalid input syntax for type inet", [&] {
    write(*connection_, {"", "t"}, schema, {{"1", "nowhere", "{}", "", "", "true"}});
  });
}

TEST_F(PostgresStory, ANumericWithoutPrecisionHasTheScaleOfItsValues) {
  EXPECT_EQ(types("SELECT sum(v) AS s, avg(v) AS a, 'NaN'::numeric AS n, NULL::numeric AS z FROM (VALUES (1.25), "
                  "(2.5)) AS t(v)"),
            "decimal(38,2), decimal(38,16), text, decimal(38,10)");
  EXPECT_EQ(
      rows("SELECT sum(v), avg(v), 'NaN'::numeric, NULL::numeric, 1e20::numeric FROM (VALUES (1.25), (2.5)) AS t(v)"),
      "3.75|1.8750000000000000|NaN||100000000000000000000\n");
  expect_error(ErrorKind::Data, "column 'v', row 70001: the value does not fit decimal(38,1)", [&] {
    rows("SELECT CASE WHEN i <= 70000 THEN 0.5 ELSE 0.125 END AS v FROM generate_series(1, 70001) AS i");
  });
}

TEST_F(PostgresStory, InfinityIsTheExtremeAndBack) {
  connection_->execute(
      "CREATE TABLE t (at timestamptz, day date); INSERT INTO t VALUES ('infinity', '-infinity'), ('-infinity', "
      "'infinity')");
  auto batch = connection_->query("SELECT at, day FROM t")->next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->column(0).int64_at(0), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(batch->column(1).days_at(0), std::numeric_limits<std::int32_t>::min());
  // As text results have it, too.
  auto text = connection_->query("SELECT at, day, '1 day'::interval FROM t")->next();
  EXPECT_EQ(text->column(0).int64_at(1), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(text->column(1).days_at(1), std::numeric_limits<std::int32_t>::max());
  auto writer = connection_->write({"", "t"}, batch->schema());
  writer->append(*batch);
  writer->finish();
  EXPECT_EQ(rows("SELECT count(*) FROM t WHERE isfinite(at) OR isfinite(day)"), "0\n");
}

TEST_F(PostgresStory, AValueThatTheColumnCannotHoldIsRefusedNotRounded) {
  connection_->execute("CREATE TABLE t (n smallint, m int, amount numeric(6,2), word varchar(3))");
  Schema schema({{"n", Type::int64()}, {"m", Type::int64()}, {"amount", Type::decimal(12, 4)}, {"word", Type::text()}});
  auto attempt = [&](std::vector<std::string> row) {
    return error_of([&] { write(*connection_, {"", "t"}, schema, {{"1", "1", "1.0000", "a"}, std::move(row)}); });
  };
  EXPECT_EQ(
      attempt({"40000", "1", "1.0000", "a"}),
      "table t, column 'n', row 2: 40000 does not fit SMALLINT\nhint: widen the column, or load into a new table");
  EXPECT_TRUE(attempt({"1", "4000000000", "1.0000", "a"}).starts_with("table t, column 'm', row 2: 4000000000"));
  EXPECT_TRUE(attempt({"1", "1", "1.2345", "a"}).starts_with("table t, column 'amount', row 2: 1.2345 does not fit"));
  EXPECT_TRUE(attempt({"1", "1", "12345.0000", "a"}).starts_with("t, line 2, column amount: numeric field overflow"));
  EXPECT_TRUE(attempt({"1", "1", "1.0000", "long"}).starts_with("t, line 2, column word: value too long"));
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0\n");
  EXPECT_EQ(write(*connection_, {"", "t"}, schema, {{"-32768", "7", "9999.9900", "abc"}}), 1);
}

TEST_F(PostgresStory, AJsonOperatorIsWrittenWithTwoQuestionMarks) {
  EXPECT_EQ(rows("SELECT '{\"a\": 1}'::jsonb ?? ?, '{\"a\": 1}'::jsonb ??| ARRAY['b', ?]",
                 std::array<Value, 2>{std::string("a"), std::string("c")}),
            "true|false\n");
  // Without parameters a statement stays as it is.
  EXPECT_EQ(rows("SELECT '{\"a\": 1}'::jsonb ? 'a'"), "true\n");
  EXPECT_EQ(rows("SELECT 'it''s ?', E'\\'?', \"a?\", $$ ? $$, $x$ ? $x$, /* ? /* ? */ ? */ ?::int FROM (SELECT 1 AS "
                 "\"a?\") AS t -- ?",
                 std::array<Value, 1>{std::int64_t{7}}),
            "it's ?|'?|1| ? | ? |7\n");
}

TEST_F(PostgresStory, AnErrorBehindParametersStillShowsItsPlace) {
  EXPECT_EQ(error_of([&] {
              connection_->query("SELECT ?, ?,\n  nonsense", {1L, 2L});
            }),
            "<query>:2:3: column \"nonsense\" does not exist\n"
            "   2 |   nonsense\n"
            "     |   ^");
}

TEST_F(PostgresStory, SessionsCarryPlumbsName) {
  EXPECT_EQ(rows("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"), "plumb\n");
}

TEST_F(PostgresStory, NoticesGoToTheLog) {
  std::vector<std::string> lines;
  auto settings = config();
  settings.log = Log([&](const LogRecord& record) {
    lines.push_back(format("{} {}: {}", to_string(record.level), record.module, record.message));
  });
  auto connection = open(settings)->connect();
  connection->execute("DO $$ BEGIN RAISE NOTICE 'by the way'; RAISE WARNING 'take care'; END $$");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "DEBUG db: by the way");
  EXPECT_EQ(lines[1], "WARN db: take care");
}

TEST_F(PostgresStory, SchemasAreMadeWhenTheyAreMissing) {
  connection_->create_schema("raw");
  connection_->create_schema("raw");
  Schema schema({{"id", Type::int64()}});
  connection_->execute(connection_->create_table_sql({"raw", "weather"}, schema));
  write(*connection_, {"raw", "weather"}, schema, {{"1"}});
  auto tables = connection_->list_tables("raw");
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].table, "weather");
  EXPECT_FALSE(connection_->find_table({"", "weather"}));
  EXPECT_EQ(rows("SELECT * FROM raw.weather"), "1\n");
}

TEST_F(PostgresStory, RowsThatNobodyReadsDoNotEndTheTransaction) {
  connection_->execute("CREATE TABLE t (n int)");
  Transaction transaction(*connection_);
  connection_->execute("INSERT INTO t VALUES (1)");
  connection_->query("SELECT * FROM generate_series(1, 200000)")->next();
  EXPECT_TRUE(connection_->in_transaction());
  connection_->execute("INSERT INTO t VALUES (2)");
  transaction.commit();
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "2\n");
}

TEST_F(PostgresStory, AFailedTransactionCannotBeCommitted) {
  connection_->execute("CREATE TABLE t (n int)");
  Transaction transaction(*connection_);
  expect_error(ErrorKind::Data, "division by zero", [&] { connection_->execute("SELECT 1 / 0"); });
  expect_error(ErrorKind::Database, "rolled back", [&] { transaction.commit(); });
}

TEST_F(PostgresStory, ACopyThatWantsToTalkIsRefused) {
  connection_->execute("CREATE TABLE t (n int)");
  expect_error(ErrorKind::Database, "plumb copy", [&] { connection_->execute("COPY (SELECT 1) TO STDOUT"); });
  expect_error(ErrorKind::Database, "plumb copy", [&] { connection_->execute("COPY t FROM STDIN"); });
  EXPECT_EQ(rows("SELECT 1"), "1\n");
}

TEST_F(PostgresStory, AServerThatIsStoppedInMidCopyIsToldClearly) {
  connection_->execute("CREATE TABLE t (word text)");
  Schema schema({{"word", Type::text()}});
  for (bool crash : {false, true}) {
    auto connection = connect();
    auto text = error_of([&] {
      Transaction transaction(*connection);
      auto writer = connection->write({"", "t"}, schema);
      for (int part = 0; part < 1000; ++part) {
        data::BatchBuilder builder(schema);
        for (int i = 0; i < 100; ++i) {
          builder.column(0).append_text(std::string(1000, 'x'));
          builder.finish_row();
        }
        writer->append(builder.take());
        if (part == 10) crash ? server_.crash() : server_.stop();
      }
      writer->finish();
      transaction.commit();
    });
    EXPECT_TRUE(text.starts_with(format("Postgres at {}:{}/{} as admin: ", server_.host(), server_.port(), dbname_)))
        << text;
    EXPECT_NE(text.find("nothing of this transaction was kept"), std::string::npos) << text;
    expect_error(ErrorKind::Network, "can't reach", [&] { connect(); });
    server_.start();
  }
  EXPECT_EQ(rows(*connect(), "SELECT count(*) FROM t"), "0\n");
}

TEST_F(PostgresStory, AServerThatStopsWhileRowsAreReadIsToldClearly) {
  auto connection = connect();
  auto reader = connection->query("SELECT i, repeat('x', 1000) FROM generate_series(1, 1000000) AS i");
  server_.crash();
  expect_error(ErrorKind::Network, "", [&] {
    while (reader->next()) {
    }
  });
  reader.reset();
  server_.start();
  EXPECT_EQ(rows(*connect(), "SELECT 1"), "1\n");
}

TEST_F(PostgresStory, WhoeverWaitsTooLongForALockIsToldSo) {
  connection_->execute("CREATE TABLE t (n int)");
  Transaction transaction(*connection_);
  connection_->execute("LOCK TABLE t");
  auto settings = config();
  settings.busy_timeout = 50ms;
  auto other = open(settings)->connect();
  expect_error(ErrorKind::Busy, "pg_stat_activity", [&] { other->execute("INSERT INTO t VALUES (1)"); });
}

TEST_F(PostgresStory, TheServersTroublesHaveTheirKinds) {
  auto raise = [&](std::string_view state) {
    return [this, state] {
      connection_->execute(format("DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{}'; END $$", state));
    };
  };
  expect_error(ErrorKind::Io, "disk is full", raise("53100"));
  expect_error(ErrorKind::Busy, "max_connections", raise("53300"));
  expect_error(ErrorKind::Busy, "run this again", raise("40001"));
  expect_error(ErrorKind::Data, "trouble", raise("22003"));
  expect_error(ErrorKind::Database, "trouble", raise("P0001"));
  expect_error(ErrorKind::Cancelled, "statement timeout",
               [&] { connection_->execute("SET statement_timeout = 20; SELECT pg_sleep(10)"); });
}

// A disk of eight megabytes, while it lives.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directory(folder_);
    mounted_ = mount("none", folder_.c_str(), "tmpfs", 0, "size=8m,mode=0777") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

TEST_F(PostgresStory, AFullDiskLosesNothingThatWasCommitted) {
  SmallDisk disk(server_.folder() / "small");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small disk";
  // The server wants a folder of its own.
  auto space = disk.folder() / "space";
  std::filesystem::create_directory(space);
  struct stat owner {};
  ASSERT_EQ(stat((server_.folder() / "data").c_str(), &owner), 0);
  ASSERT_EQ(chown(space.c_str(), owner.st_uid, owner.st_gid), 0);
  server_.psql(dbname_, format("CREATE TABLESPACE small LOCATION '{}'", space.string()));
  connection_->execute("CREATE TABLE t (word text) TABLESPACE small; INSERT INTO t VALUES ('kept')");
  Schema schema({{"word", Type::text()}});
  expect_error(ErrorKind::Io, "the server's disk is full", [&] {
    data::BatchBuilder builder(schema);
    for (int i = 0; i < 10'000; ++i) {
      builder.column(0).append_text(std::string(1900, static_cast<char>('a' + i % 26)));
      builder.finish_row();
    }
    auto writer = connection_->write({"", "t"}, schema);
    writer->append(builder.take());
    writer->finish();
  });
  EXPECT_EQ(rows("SELECT word FROM t"), "kept\n");
  connection_->execute("DROP TABLE t");
  server_.psql(dbname_, "DROP TABLESPACE small");
}

TEST_F(PostgresStory, WrongNamesAndPlacesAreToldApart) {
  auto attempt = [&](auto change) {
    auto settings = config();
    change(settings);
    return [settings] { open(settings)->connect(); };
  };
  expect_error(ErrorKind::NotFound, "createdb nowhere", attempt([](auto& c) { c.dbname = "nowhere"; }));
  expect_error(ErrorKind::Auth, "role \"nobody\" does not exist", attempt([](auto& c) { c.user = "nobody"; }));
  expect_error(ErrorKind::Network, "is the server running",
               attempt([](auto& c) { c.host = "127.0.0.1", c.port = "1"; }));
  expect_error(ErrorKind::Network, "can't reach", attempt([](auto& c) { c.host = "no-such-host.invalid"; }));
  expect_error(ErrorKind::Network, "invalid connection option", attempt([](auto& c) { c.settings["colour"] = "red"; }));
}

TEST_F(PostgresStory, AHostThatNeverAnswersIsGivenUp) {
  FileDescriptor silent(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent.get(), 1), 0);
  ::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size);
  auto settings = config();
  settings.host = "127.0.0.1";
  settings.port = std::to_string(ntohs(address.sin_port));
  settings.settings["connect_timeout"] = "1";
  expect_error(ErrorKind::Network, "no answer within 1 s", [&] { open(settings)->connect(); });
}

// The blocks of a language in docs/postgres-roles.md.
std::string blocks_of(std::string_view language) {
  std::string folder = find_environment("PLUMB_SOURCE_DIR").value_or(".");
  std::string text = read_file(std::filesystem::path(folder) / "docs" / "postgres-roles.md");
  std::string fence = format("```{}\n", language);
  std::string blocks;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    blocks += text.substr(at, text.find("```", at) - at);
  }
  return blocks;
}

// docs/postgres-roles.md, carried out as it is written, over TCP with passwords.
TEST_F(PostgresStory, TheDocumentedRolesMayWhatTheyShouldAndNoMore) {
  server_.psql("postgres", "CREATE DATABASE project_data");
  server_.psql("project_data", blocks_of("sql"));
  server_.set_access("local all all trust\n" + blocks_of("pg_hba"));
  auto sign_in = [&](const std::string& role, const std::string& password) {
    return open({.kind = Kind::Postgres,
                 .host = "127.0.0.1",
                 .port = server_.port(),
                 .dbname = "project_data",
                 .user = role,
                 .password = Secret(password)})
        ->connect();
  };
  auto loader = sign_in("plumb_loader", "change-me-loader");
  auto transformer = sign_in("plumb_transformer", "change-me-transformer");
  auto scheduler = sign_in("plumb_scheduler", "change-me-scheduler");
  EXPECT_EQ(
      server_.psql("project_data",
                   "SELECT count(*) FROM pg_authid WHERE rolname LIKE 'plumb%' AND rolpassword LIKE 'SCRAM-SHA-256%'"),
      "3\n");

  // The loader does all that a load does.
  Schema schema({{"id", Type::int64(), false}, {"data", Type::json()}});
  std::vector<std::string> key = {"id"};
  loader->create_schema("raw");
  loader->execute(loader->create_table_sql({"raw", "weather"}, schema, key));
  write(*loader, {"raw", "weather"}, schema, {{"1", "{}"}});
  loader->add_column({"raw", "weather"}, {"n", Type::int64()});
  loader->widen_column({"raw", "weather"}, {"n", Type::text()});
  data::BatchBuilder builder(schema);
  builder.column(0).append_int64(1);
  builder.column(1).append_text("{\"a\": 1}");
  builder.finish_row();
  upsert(*loader, {"raw", "weather"}, builder.take(), key);

  // The transformer reads what was made after the grants, builds, and leaves the raw data alone.
  EXPECT_EQ(rows(*transformer, "SELECT id, data FROM raw.weather"), "1|{\"a\": 1}\n");
  transformer->create_schema("analytics");
  transformer->execute(
      "CREATE TABLE analytics.model AS SELECT id FROM raw.weather; CREATE VIEW analytics.v AS SELECT 1");
  EXPECT_EQ(error_of([&] { transformer->execute("DELETE FROM raw.weather"); }),
            "permission denied for table weather\n"
            "hint: the owner runs: GRANT SELECT, DELETE ON \"weather\" TO \"plumb_transformer\"; "
            "(docs/postgres-roles.md has the whole roles)");
  expect_error(ErrorKind::Auth, "only the owner", [&] { transformer->execute("ALTER TABLE raw.weather ADD x int"); });
  expect_error(ErrorKind::Auth, "GRANT CREATE ON DATABASE \"project_data\" TO \"plumb_transformer\"",
               [&] { transformer->create_schema("marts"); });

  expect_error(ErrorKind::Auth, "GRANT USAGE ON SCHEMA \"analytics\" TO \"plumb_loader\"",
               [&] { loader->query("SELECT * FROM analytics.model"); });
  expect_error(ErrorKind::Auth, "GRANT USAGE, CREATE ON SCHEMA \"public\"",
               [&] { loader->execute("CREATE TABLE public.t (n int)"); });

  scheduler->execute("CREATE TABLE plumb.runs (id bigint PRIMARY KEY); INSERT INTO plumb.runs VALUES (1)");
  EXPECT_EQ(rows(*scheduler, "SELECT * FROM plumb.runs"), "1\n");
  expect_error(ErrorKind::Auth, "raw", [&] { scheduler->query("SELECT * FROM raw.weather"); });

  // Who has no password, or the wrong one, or comes from elsewhere.
  auto refused = error_of([&] { sign_in("plumb_loader", "secret-guess"); });
  EXPECT_EQ(refused,
            format("Postgres at 127.0.0.1:{}/project_data as plumb_loader: password authentication failed for user "
                   "\"plumb_loader\"\nhint: check the password of \"plumb_loader\"",
                   server_.port()));
  expect_error(ErrorKind::Auth, "no password was given", [&] { sign_in("plumb_loader", ""); });
  auto elsewhere = config();
  elsewhere.host = "127.0.0.1";
  elsewhere.user = "admin";
  expect_error(ErrorKind::Auth, "pg_hba.conf has no line", [&] { open(elsewhere)->connect(); });
}

TEST(Placeholders, KnowWhereTheyCameFrom) {
  auto numbered = number_placeholders("a ? b ?? c ? d");
  EXPECT_EQ(numbered.sql, "a $1 b ? c $2 d");
  EXPECT_EQ(numbered.parameters, 2u);
  std::string_view user = "a ? b ?? c ? d";
  for (char c : {'a', 'b', 'c', 'd'}) EXPECT_EQ(numbered.original(numbered.sql.find(c)), user.find(c)) << c;
  EXPECT_EQ(number_placeholders("'a\\' ? 'b'").sql, "'a\\' $1 'b'");
  EXPECT_EQ(number_placeholders("SELECT a$b$ ? $1$").sql, "SELECT a$b$ $1 $1$");
  EXPECT_EQ(number_placeholders("'open ?").sql, "'open ?");
}

}  // namespace
}  // namespace plumb::db
