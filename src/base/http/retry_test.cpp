#include "base/http/retry.h"

#include <gtest/gtest.h>

#include "base/http/date.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_days;

const Instant kMorning = sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(7);

std::string back_and_forth(std::string_view text) {
  auto date = find_http_date(text);
  return date ? format_http_date(*date) : "no date";
}

TEST(HttpDate, ReadsTheThreeFormsThatServersUse) {
  EXPECT_EQ(back_and_forth("Sun, 06 Nov 1994 08:49:37 GMT"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(back_and_forth("Sunday, 06-Nov-94 08:49:37 GMT"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(back_and_forth("Sun Nov  6 08:49:37 1994"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(back_and_forth("Saturday, 21-Nov-26 07:00:00 GMT"), "Sat, 21 Nov 2026 07:00:00 GMT");
  EXPECT_EQ(back_and_forth("Thu, 29 Feb 2024 23:59:60 GMT"), "Fri, 01 Mar 2024 00:00:00 GMT");  // a leap second
}

TEST(HttpDate, RefusesWhatIsNoDate) {
  for (std::string_view text :
       {"", "soon", "Sun, 30 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, -6 Nov 1994 0x:49:37 GMT", "Sun Nov 6 08:49:37 1994 and more"}) {
    EXPECT_EQ(back_and_forth(text), "no date") << text;
  }
}

std::optional<Duration> retry_after(std::string value) {
  return find_retry_after({{"retry-after", std::move(value)}}, kMorning);
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(retry_after("120"), seconds(120));
  EXPECT_EQ(retry_after(" 0 "), seconds(0));
  EXPECT_EQ(retry_after("Sat, 21 Nov 2026 07:01:30 GMT"), seconds(90));
  EXPECT_EQ(retry_after("Sat, 21 Nov 2026 06:00:00 GMT"), seconds(0));
  EXPECT_EQ(retry_after("99999999999999999999999999"), std::chrono::hours(24 * 3650));
}

TEST(RetryAfter, IsIgnoredWhenItIsNeither) {
  for (const char* text : {"", "-1", "1.5", "soon", "1 minute"}) EXPECT_EQ(retry_after(text), std::nullopt) << text;
  EXPECT_EQ(find_retry_after({}, kMorning), std::nullopt);
}

TEST(RetryAfter, AsADateGoesByTheServicesOwnClock) {
  HttpHeaders headers = {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"}};
  EXPECT_EQ(find_retry_after(headers, kMorning), seconds(3));
}

TEST(Patience, DoublesItsDelaysUpToTheLongest) {
  std::minstd_rand chance(1);
  RetryPolicy policy{.attempts = 8, .first_delay = milliseconds(100), .longest_delay = seconds(1)};
  Patience patience(policy, std::chrono::hours(1), chance);
  for (int expected : {100, 200, 400, 800, 1600, 3200, 6400}) {
    std::optional<Duration> wait = patience.find_wait({});
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, std::min<Duration>(milliseconds(expected) * 3 / 4, seconds(1)));
    EXPECT_LE(*wait, std::min<Duration>(milliseconds(expected) * 5 / 4, seconds(1)));
  }
  EXPECT_EQ(patience.find_wait({}), std::nullopt);
}

TEST(Patience, DoesWhatTheServiceAsksForIfItIsSomething) {
  std::minstd_rand chance(1);
  RetryPolicy policy{.first_delay = milliseconds(100)};
  Patience patience(policy, std::chrono::hours(1), chance);
  EXPECT_EQ(patience.find_wait(seconds(42)), seconds(42));
  EXPECT_GT(patience.find_wait(seconds(0)), milliseconds(100));  // "at once", over and over, would be a storm
}

TEST(Patience, EndsWhereTheNextWaitWouldPassTheDeadline) {
  std::minstd_rand chance(1);
  RetryPolicy policy{.attempts = 100};
  Patience patience(policy, seconds(10), chance);
  EXPECT_EQ(patience.find_wait(seconds(9)), seconds(9));
  patience.spend(seconds(9));
  EXPECT_EQ(patience.left(), seconds(1));
  EXPECT_EQ(patience.find_wait(seconds(1)), std::nullopt);
}

}  // namespace
}  // namespace plumb
