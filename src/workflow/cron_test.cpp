#include "workflow/cron.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/testing.h"

namespace plumb::workflow {
namespace {

LocalTime local(std::string_view text) {
  return LocalTime(find_instant(text)->time_since_epoch());
}

std::string text(std::optional<LocalTime> time) {
  return time ? format_instant(Instant(time->time_since_epoch())).substr(0, 19) : "never";
}

// The three times after the first moment of 2026, which is a Thursday, and the one before it.
std::string around_2026(std::string_view expression) {
  const Cron cron = Cron::parse(expression, "morning");
  const LocalTime start = local("2026-01-01T00:00:00Z");
  std::string times = text(cron.previous(start)) + " |";
  LocalTime after = start;
  for (int i = 0; i < 3; ++i) {
    const auto next = cron.next(after);
    times += " " + text(next);
    if (!next) break;
    after = *next;
  }
  return times;
}

TEST(Cron, fires_where_its_fields_agree) {
  EXPECT_EQ(around_2026("0 7 * * *"),
            "2025-12-31T07:00:00 | 2026-01-01T07:00:00 2026-01-02T07:00:00 2026-01-03T07:00:00");
  EXPECT_EQ(around_2026("*/20 * * * * 30"),
            "2025-12-31T23:40:30 | 2026-01-01T00:00:30 2026-01-01T00:20:30 2026-01-01T00:40:30");
  EXPECT_EQ(around_2026("0 22-3/2 * * *"),
            "2025-12-31T22:00:00 | 2026-01-01T02:00:00 2026-01-01T22:00:00 2026-01-02T00:00:00");
  EXPECT_EQ(around_2026("0 0 29 feb *"),
            "2024-02-29T00:00:00 | 2028-02-29T00:00:00 2032-02-29T00:00:00 2036-02-29T00:00:00");
  EXPECT_EQ(around_2026("@quarterly"),
            "2025-10-01T00:00:00 | 2026-04-01T00:00:00 2026-07-01T00:00:00 2026-10-01T00:00:00");
}

TEST(Cron, knows_the_days_that_have_no_number) {
  EXPECT_EQ(around_2026("0 0 L * *"),
            "2025-12-31T00:00:00 | 2026-01-31T00:00:00 2026-02-28T00:00:00 2026-03-31T00:00:00");
  EXPECT_EQ(around_2026("0 0 LW * *"),
            "2025-12-31T00:00:00 | 2026-01-30T00:00:00 2026-02-27T00:00:00 2026-03-31T00:00:00");
  // 1 February and 1 March are Sundays.
  EXPECT_EQ(around_2026("0 0 1W * *"),
            "2025-12-01T00:00:00 | 2026-02-02T00:00:00 2026-03-02T00:00:00 2026-04-01T00:00:00");
  EXPECT_EQ(around_2026("0 0 * * fri#2"),
            "2025-12-12T00:00:00 | 2026-01-09T00:00:00 2026-02-13T00:00:00 2026-03-13T00:00:00");
  EXPECT_EQ(around_2026("0 0 * * 5L"), around_2026("0 0 ? * L5"));
  EXPECT_EQ(around_2026("0 0 * * L5"),
            "2025-12-26T00:00:00 | 2026-01-30T00:00:00 2026-02-27T00:00:00 2026-03-27T00:00:00");
  EXPECT_EQ(around_2026("0 0 * * 1,fri#2"),
            "2025-12-29T00:00:00 | 2026-01-05T00:00:00 2026-01-09T00:00:00 2026-01-12T00:00:00");
}

TEST(Cron, takes_either_of_day_and_weekday) {
  EXPECT_EQ(around_2026("0 0 13 * fri"),
            "2025-12-26T00:00:00 | 2026-01-02T00:00:00 2026-01-09T00:00:00 2026-01-13T00:00:00");
}

TEST(Cron, spreads_hashed_values_and_keeps_them) {
  EXPECT_EQ(Cron::parse("H H * * *", "morning").fields(), Cron::parse("H H * * *", "morning").fields());
  EXPECT_NE(Cron::parse("H H * * *", "morning").fields(), Cron::parse("H H * * *", "evening").fields());
  EXPECT_EQ(Cron::parse("H H * * *", "morning").describe(), "At 06:34") << "it must never change: workflows would move";
  for (const char* seed : {"a", "b", "c", "d", "e"}) {
    const std::uint64_t minutes = Cron::parse("H(5-9) * * * *", seed).fields().minutes;
    EXPECT_EQ(minutes & 0x3E0, minutes);
    EXPECT_EQ(std::popcount(Cron::parse("H/15 * * * *", seed).fields().minutes), 4);
  }
}

TEST(Cron, says_itself_in_words) {
  auto words = [](std::string_view expression) { return Cron::parse(expression, "").describe(); };
  EXPECT_EQ(words("0 7 * * *"), "At 07:00");
  EXPECT_EQ(words("0 7,19 * * mon-fri"), "At 07:00 and 19:00 on Monday through Friday");
  EXPECT_EQ(words("*/15 * * * *"), "Every 15 minutes");
  EXPECT_EQ(words("@hourly"), "Every hour");
  EXPECT_EQ(words("* * * * *"), "Every minute");
  EXPECT_EQ(words("* * * * * */20"), "Every 20 seconds");
  EXPECT_EQ(words("0 */6 * * *"), "Every 6 hours");
  EXPECT_EQ(words("5,35 9-17 * * *"), "At minute 5 and 35 of hour 9 through 17");
  EXPECT_EQ(words("15 6 1,15 * *"), "At 06:15 on day 1 and 15 of the month");
  EXPECT_EQ(words("0 0 L 3 fri#2"),
            "At 00:00 on the last day of the month or on the second Friday of the month in March");
  EXPECT_EQ(words("30 8 LW jan,jul *"), "At 08:30 on the last workday of the month in January and July");
  EXPECT_EQ(words("0 10 * * sat,sun"), "At 10:00 on Saturday and Sunday");
}

TEST(Cron, tells_what_is_wrong_and_where) {
  auto fault = [](std::string_view expression) { return error_of([&] { Cron::parse(expression, ""); }); };
  EXPECT_EQ(fault("61 * * * *"), "minute of a cron expression: 61 is not between 0 and 59");
  EXPECT_EQ(fault("0 0 * * 1,"),
            "weekday of a cron expression: '1,' can't be read\nhint: values are 0 to 6, or sun to sat");
  EXPECT_EQ(fault("0 0 1-5-7 * *"), "day of a cron expression: '1-5-7' can't be read");
  EXPECT_EQ(fault("*/0 * * * *"), "minute of a cron expression: the step in '*/0' is no number above 0");
  EXPECT_EQ(fault("0 0 * * fri#6"), "weekday of a cron expression: after # stands 1 to 5, not as in 'fri#6'");
  EXPECT_EQ(fault("0 0 * * L"),
            "weekday of a cron expression: 'L' alone is no weekday\nhint: write L5 for the last Friday");
  EXPECT_EQ(fault("0 7 * *").substr(0, 75),
            "a cron expression has five fields, or six with seconds; '0 7 * *' has 4\nhin");
  EXPECT_EQ(fault("0 0 30 2 *"), "'0 0 30 2 *' never comes true\nhint: no month it names has such a day");
  EXPECT_EQ(fault("@dayly"), "unknown schedule '@dayly'\nhint: did you mean '@daily'?");
  const Place place{.file = "w.yml", .line = 2, .column = 11, .source_line = "schedule: \"0 25 * * *\""};
  EXPECT_EQ(error_of([&] { Cron::parse("0 25 * * *", "", place); }),
            "w.yml:2:14: hour of a cron expression: 25 is not between 0 and 23\n"
            "   2 | schedule: \"0 25 * * *\"\n"
            "     |              ^");
}

}  // namespace
}  // namespace plumb::workflow
