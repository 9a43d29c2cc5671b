// CTEs of ephemeral models. What is expected is what dbt 1.11 writes.

#include "transform/ctes.h"

#include <gtest/gtest.h>

#include <vector>

namespace plumb::transform {
namespace {

std::string with_one(std::string_view sql) {
  std::vector<Cte> ctes{{"c", "S"}};
  return inject_ctes(sql, ctes);
}
// "C" stands for the CTE, so that a line is short.
std::string around(std::string_view sql) {
  std::string text = with_one(sql);
  constexpr std::string_view kCte = " c as (\nS\n)";
  return text.replace(text.find(kCte), kCte.size(), "C");
}

TEST(Ctes, StandInFrontOfWhatReadsThem) {
  EXPECT_EQ(with_one("select 1"), "with c as (\nS\n) select 1");
  std::vector<Cte> two{{"a", "select 1"}, {"b", "\nselect * from a"}};
  EXPECT_EQ(inject_ctes("select * from b", two),
            "with a as (\nselect 1\n),  b as (\n\nselect * from a\n) select * from b");
  EXPECT_EQ(inject_ctes("with q as (select * from b)\nselect * from q", two),
            "with  a as (\nselect 1\n),  b as (\n\nselect * from a\n), q as (select * from b)\nselect * from q");
}

TEST(Ctes, AreTheFirstOfAWithThatIsThere) {
  EXPECT_EQ(around("WITH q as (s) s"), "WITH C, q as (s) s");
  EXPECT_EQ(around("with\n\n   q as (s) s"), "with\n\n   C, q as (s) s");
  EXPECT_EQ(around("With\nRecursive\nq as (s) s"), "With\nRecursive\nC, q as (s) s");
  EXPECT_EQ(around("with recursive_q as (s) s"), "with C, recursive_q as (s) s");
  EXPECT_EQ(around("with -- c\nrecursive q"), "with C, -- c\nrecursive q");
  EXPECT_EQ(around("with/**/q as (s) s"), "withC, /**/q as (s) s");
  EXPECT_EQ(around("create table x as with q as (s) s"), "create table x as with C, q as (s) s");
  EXPECT_EQ(around("select 1 where a order by b with q"), "select 1 where a order by b with C, q");
}

TEST(Ctes, LeaveBlanksAndCommentsWhereTheyAre) {
  EXPECT_EQ(around("\n\n -- a\nselect 1"), "\n\n withC -- a\nselect 1");
  EXPECT_EQ(around("\n\n-- a with\n/* with */\n  with q as (s) s"), "\n\n-- a with\n/* with */\n  with C, q as (s) s");
  EXPECT_EQ(around("# with x\nwith q as (s) s"), "# with x\nwith C, q as (s) s");
}

TEST(Ctes, DoNotTakeEveryWithForOne) {
  for (const char* sql :
       {"select * from (with q as (s) s)", "select 'with' as x", "select $$ with $$", "select $a$ with $a$",
        "select \"with\"", "select `with`", "select a.with", "select with_x, withx, xwith", "select with(q)",
        "select a[with]", "select case when a::timestamp with time zone then 1 end", "select 1 where b with c",
        "select a -- with", "without q", "select :with"}) {
    EXPECT_EQ(around(sql), "withC " + std::string(sql));
  }
  EXPECT_EQ(around("select 'it''s with' with q"), "select 'it''s with' with C, q");
  EXPECT_EQ(around("select E'a\\' with' with q"), "select E'a\\' with' with C, q");
  EXPECT_EQ(around("select '\\' with q"), "select '\\' with C, q");
  EXPECT_EQ(around("select ' with q"), "select ' with C, q");
}

TEST(Ctes, EndWithTheFirstStatement) {
  EXPECT_EQ(around("select 1;"), "withC select 1;");
  EXPECT_EQ(around("select 1; with q as (s) s"), "withC select 1; ");
  EXPECT_EQ(around("with q as (s) s; -- c\n\nselect 2"), "with C, q as (s) s; -- c\n");
  EXPECT_EQ(around("select ';'"), "withC select ';'");
}

TEST(Ctes, OfNoneLeaveTheTextAlone) {
  EXPECT_EQ(inject_ctes("select 1; select 2", {}), "select 1; select 2");
  EXPECT_EQ(with_one(" \n"), " \n");
}

}  // namespace
}  // namespace plumb::transform
