#include "base/error.h"

#include <gtest/gtest.h>

#include <array>

namespace plumb {
namespace {

Place place(std::string line, int column) {
  return {.file = "workflows/morning.yml", .line = 2, .column = column, .source_line = std::move(line)};
}

std::string rendered(Place at, Error::Details details = {}) {
  details.place = std::move(at);
  return Error(ErrorKind::Config, "unknown key", std::move(details)).render();
}

TEST(Error, shows_place_caret_cause_and_hint) {
  EXPECT_EQ(rendered(place("shedule: \"0 7 * * *\"", 1),
                     {.hint = "did you mean 'schedule'?", .cause = "mapping values are not allowed here"}),
            "workflows/morning.yml:2:1: unknown key\n"
            "   2 | shedule: \"0 7 * * *\"\n"
            "     | ^\n"
            "cause: mapping values are not allowed here\n"
            "hint: did you mean 'schedule'?");
}

TEST(Error, says_no_more_than_it_knows) {
  EXPECT_EQ(Error(ErrorKind::Io, "can't").render(), "can't");
  EXPECT_EQ(rendered({.file = "a.yml"}), "a.yml: unknown key");
  EXPECT_EQ(rendered({.file = "a.yml", .line = 3}), "a.yml:3: unknown key");
  EXPECT_EQ(rendered({.file = "a.yml", .line = 3, .column = 4}), "a.yml:3:4: unknown key");
  EXPECT_EQ(rendered({.file = "a.yml", .line = 3, .source_line = "x: 1"}), "a.yml:3: unknown key\n   3 | x: 1");
}

TEST(Error, puts_the_caret_below_the_character_whatever_stands_before_it) {
  EXPECT_EQ(rendered(place("größe: ä, x", 11)),
            "workflows/morning.yml:2:11: unknown key\n   2 | größe: ä, x\n     |           ^");
  EXPECT_EQ(rendered(place("\tx:\ty", 5)), "workflows/morning.yml:2:5: unknown key\n   2 | \tx:\ty\n     | \t  \t^");
  EXPECT_EQ(rendered(place("日本: x", 5)), "workflows/morning.yml:2:5: unknown key\n   2 | 日本: x\n     |       ^");
  EXPECT_EQ(rendered(place("e\u0301: x", 5)), "workflows/morning.yml:2:5: unknown key\n   2 | e\u0301: x\n     |    ^");
  EXPECT_EQ(rendered(place("abc", 4)), "workflows/morning.yml:2:4: unknown key\n   2 | abc\n     |    ^");
}

TEST(Error, shows_a_part_of_a_very_long_line) {
  EXPECT_EQ(rendered({.file = "a.json", .line = 1, .column = 90'003, .source_line = ",[1,x]", .source_column = 90'000}),
            "a.json:1:90003: unknown key\n   1 | …,[1,x]\n     |     ^");
}

TEST(Error, never_shows_a_credential_of_the_source_line) {
  EXPECT_EQ(rendered(place("  pasword: hunter2", 3)),
            "workflows/morning.yml:2:3: unknown key\n   2 |   pasword: ***\n     |   ^");
  EXPECT_EQ(rendered(place("{password: hunter2, hots: x}", 21)),
            "workflows/morning.yml:2:21: unknown key\n   2 | {password: ***, hots: x}\n     |                 ^");
  EXPECT_EQ(rendered(place("{password: hunter2, hots: x}", 15)),
            "workflows/morning.yml:2:15: unknown key\n   2 | {password: ***, hots: x}\n     |               ^");
  Error error(ErrorKind::Auth, "refused", {.cause = "bad conninfo: password=hunter2 host=x"});
  EXPECT_EQ(error.render(), "refused\ncause: bad conninfo: password=*** host=x");
}

TEST(Error, masks_a_credential_that_slipped_into_the_message_or_the_hint) {
  Error error(ErrorKind::Network, "can't reach postgresql://me:hunter2@h/d",
              {.place = Place{.file = "plumb.yml", .line = 3}, .hint = "try ?token=hunter2&x=1"});
  EXPECT_EQ(error.message(), "can't reach postgresql://***@h/d");
  EXPECT_STREQ(error.what(), "plumb.yml:3: can't reach postgresql://***@h/d");
  EXPECT_EQ(error.at({}).hint(), "try ?token=***&x=1");
}

TEST(Error, lets_no_control_character_reach_the_terminal) {
  EXPECT_EQ(rendered(place("a\x1b[2J: \xff", 8)),
            "workflows/morning.yml:2:8: unknown key\n   2 | a\uFFFD[2J: \uFFFD\n     |        ^");
}

TEST(Error, is_one_line_for_what) {
  Error error(ErrorKind::Config, "unknown key", {.place = place("x", 1), .hint = "none"});
  EXPECT_STREQ(error.what(), "workflows/morning.yml:2:1: unknown key");
}

TEST(Error, takes_a_place_once) {
  Error bare(ErrorKind::Data, "bad", {.hint = "h", .retry_may_help = true, .cause = "c"});
  Error placed = bare.at({.file = "first.yml", .line = 1}).at({.file = "second.yml"});
  EXPECT_STREQ(placed.what(), "first.yml:1: bad");
  EXPECT_EQ(placed.hint(), "h");
  EXPECT_TRUE(placed.retry_may_help());
  EXPECT_EQ(placed.cause(), "c");
  EXPECT_EQ(bare.find_place(), nullptr);
}

TEST(Nearest, finds_what_was_meant_and_nothing_else) {
  std::array<std::string_view, 3> known = {"schedule", "tasks", "timezone"};
  EXPECT_EQ(find_nearest("shedule", known), "schedule");
  EXPECT_EQ(find_nearest("taks", known), "tasks");
  EXPECT_EQ(find_nearest("timezoen", known), "timezone");
  EXPECT_EQ(find_nearest("colour", known), "");
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
}

}  // namespace
}  // namespace plumb
