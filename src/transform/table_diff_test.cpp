// Two tables in, what differs out.
#include "transform/table_diff.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/format.h"
#include "support/postgres_server.h"

namespace plumb::transform {
namespace {

std::string text(const std::optional<std::string>& cell) {
  return cell.value_or("null");
}

std::string tell(const TableDiff& diff) {
  std::string told;
  auto line = [&](const std::string& words) { told += words + "\n"; };
  for (const auto& column : diff.added) line("added " + column.name);
  for (const auto& column : diff.removed) line("removed " + column.name);
  for (const auto& column : diff.retyped)
    line(format("retyped {} {} -> {}", column.name, column.left_type, column.right_type));
  line(format("{} {} = {} ~ {} < {} > {}", diff.left_rows, diff.right_rows, diff.equal_rows(), diff.changed,
              diff.only_left, diff.only_right));
  for (const auto& count : diff.changed_by_column) line(format("{} in {}", count.rows, count.column));
  auto rows = [&](const char* what, const std::vector<TableDiff::Row>& samples, bool right) {
    for (const auto& row : samples) {
      std::string words = what;
      for (const auto& cell : row.key) words += " " + cell.column + "=" + text(right ? cell.right : cell.left);
      for (const auto& cell : row.changed) {
        words += *what == '~' ? format(" {}:{}->{}", cell.column, text(cell.left), text(cell.right))
                              : " " + cell.column + "=" + text(right ? cell.right : cell.left);
      }
      line(words);
    }
  };
  rows("~", diff.changed_samples, false);
  rows("<", diff.left_samples, false);
  rows(">", diff.right_samples, true);
  return told;
}

class TableDiffs : public testing::TestWithParam<db::Kind> {
 protected:
  TableDiffs() {
    db::DatabaseConfig config{.kind = GetParam(), .name = "diff"};
    if (GetParam() == db::Kind::Postgres) {
      auto& server = test_support::PostgresServer::shared();
      config.host = server.host();
      config.port = server.port();
      config.user = server.user();
      config.dbname = server.create_database();
    }
    database_ = db::open(config);
    connection_ = database_->connect();
  }
  std::string diff(const std::string& left, const std::string& right, const TableDiffOptions& options) {
    connection_->execute("CREATE TABLE a AS " + left);
    connection_->execute("CREATE TABLE b AS " + right);
    return tell(diff_tables(*connection_, "a", "b", options));
  }
  std::shared_ptr<db::Database> database_;
  std::unique_ptr<db::Connection> connection_;
};

TEST_P(TableDiffs, OfEqualTablesHaveNothing) {
  EXPECT_EQ(diff("SELECT 1 AS id, NULL::text AS x UNION ALL SELECT 2, 'b'",
                 "SELECT 2 AS id, 'b' AS x UNION ALL SELECT 1, NULL", {.key = {"id"}}),
            "2 2 = 2 ~ 0 < 0 > 0\n");
}

TEST_P(TableDiffs, NameRowsOfOneSideAndWhatChanged) {
  EXPECT_EQ(diff("SELECT * FROM (VALUES (1, 'open', 10), (2, NULL, 20), (3, 'paid', 30), (4, 'gone', 40)) AS t(id, "
                 "state, amount)",
                 "SELECT * FROM (VALUES (1, 'paid', 10), (2, 'new', 21), (3, 'paid', 30), (5, 'late', 50)) AS t(id, "
                 "state, amount)",
                 {.key = {"ID"}}),
            "4 4 = 1 ~ 2 < 1 > 1\n2 in state\n1 in amount\n"
            "~ id=1 state:open->paid\n~ id=2 state:null->new amount:20->21\n"
            "< id=4 state=gone amount=40\n> id=5 state=late amount=50\n");
}

TEST_P(TableDiffs, ColumnsComeGoAndChangeTheirTypes) {
  auto told = diff("SELECT 1 AS id, 2 AS n, 'x' AS old, 3 AS code",
                   "SELECT 1 AS id, 2.0 AS n, true AS fresh, '3'::text AS code", {.key = {"id"}});
  EXPECT_TRUE(told.starts_with("added fresh\nremoved old\nretyped n ")) << told;
  EXPECT_TRUE(told.ends_with("1 1 = 1 ~ 0 < 0 > 0\n")) << told;  // 2 is 2.0, and 3 is written '3'
}

TEST_P(TableDiffs, ColumnsMayBeLeftOutAndSamplesLimited) {
  EXPECT_EQ(diff("SELECT i AS id, i AS n, 'a' AS at FROM generate_series(1, 9) AS t(i)",
                 "SELECT i AS id, i + 1 AS n, 'b' AS at FROM generate_series(1, 9) AS t(i)",
                 {.key = {"id"}, .excluded = {"at"}, .samples = 1}),
            "9 9 = 0 ~ 9 < 0 > 0\n9 in n\n~ id=1 n:1->2\n");
}

TEST_P(TableDiffs, WithoutAKeyWholeRowsCountHoweverOften) {
  EXPECT_EQ(diff("SELECT * FROM (VALUES (1, 'a'), (1, 'a'), (2, 'b')) AS t(n, x)",
                 "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS t(n, x)", {}),
            "3 3 = 2 ~ 0 < 1 > 1\n< n=1 x=a\n> n=3 x=c\n");
}

TEST_P(TableDiffs, AKeyThatIsNoneIsAnError) {
  auto fails = [&](const TableDiffOptions& options, const std::string& words) {
    try {
      diff_tables(*connection_, "a", "b", options);
      ADD_FAILURE() << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Usage);
      EXPECT_NE(std::string(error.message()).find(words), std::string::npos) << error.message();
    }
  };
  connection_->execute("CREATE TABLE a AS SELECT 1 AS id, 1 AS n UNION ALL SELECT 1, 2 UNION ALL SELECT 2, NULL");
  connection_->execute("CREATE TABLE b AS SELECT 1 AS id, 1 AS n");
  fails({.key = {"id"}}, "id is no key of a: 2 of its rows share theirs with others");
  fails({.key = {"n"}}, "n is no key of a: it is null in 1 of its rows");
  fails({.key = {"nn"}}, "the key 'nn' is no column of both relations");
}

TEST_P(TableDiffs, ATablesOwnKeyIsFound) {
  connection_->execute("CREATE TABLE keyed (a int, b int, n int, PRIMARY KEY (b, a))");
  std::string name = GetParam() == db::Kind::DuckDb ? "memory.main.keyed" : "keyed";
  EXPECT_EQ(find_table_key(*connection_, name), (std::vector<std::string>{"b", "a"}));
}

INSTANTIATE_TEST_SUITE_P(DuckDb, TableDiffs, testing::Values(db::Kind::DuckDb));
INSTANTIATE_TEST_SUITE_P(Postgres, TableDiffs, testing::Values(db::Kind::Postgres));

TEST(TableDiffCopies, RowsOfAnotherDatabaseMeetInAThird) {
  auto first = db::open({.kind = db::Kind::DuckDb, .name = "first"})->connect();
  auto scratch = db::open({.kind = db::Kind::DuckDb, .name = "scratch"})->connect();
  first->execute("CREATE TABLE t AS SELECT range AS id, range * 1.5 AS n FROM range(100000)");
  copy_relation(*first, "t", *scratch, "one");
  first->execute("UPDATE t SET n = 0 WHERE id = 77");
  copy_relation(*first, "t", *scratch, "two");
  EXPECT_EQ(tell(diff_tables(*scratch, "one", "two", {.key = {"id"}})),
            "100000 100000 = 99999 ~ 1 < 0 > 0\n1 in n\n~ id=77 n:115.5->0.0\n");
}

}  // namespace
}  // namespace plumb::transform
