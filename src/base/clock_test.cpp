#include "base/clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace plumb {
namespace {

using namespace std::chrono_literals;

std::string again(std::string_view text) {
  auto instant = find_instant(text);
  return instant ? format_instant(*instant) : "none";
}

TEST(Instant, reads_what_services_write) {
  EXPECT_EQ(again("2026-11-21T07:00:00Z"), "2026-11-21T07:00:00Z");
  EXPECT_EQ(again("2026-11-21t07:00:00z"), "2026-11-21T07:00:00Z");
  EXPECT_EQ(again("2026-11-21 07:00:00"), "2026-11-21T07:00:00Z");
  EXPECT_EQ(again("2026-11-21T07:00"), "2026-11-21T07:00:00Z");
  EXPECT_EQ(again("2026-11-21T07:00:00.5+02"), "2026-11-21T05:00:00.500000Z");
  EXPECT_EQ(again("2026-11-21T07:00:00,123456+02:30"), "2026-11-21T04:30:00.123456Z");
  EXPECT_EQ(again("2026-11-21T22:00:00.123456789-0500"), "2026-11-22T03:00:00.123456Z");
  EXPECT_EQ(again("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
  EXPECT_EQ(again("1969-12-31T23:59:59.25Z"), "1969-12-31T23:59:59.250000Z");
  EXPECT_EQ(again("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(again("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(again("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
}

TEST(Instant, refuses_what_is_none) {
  for (std::string_view text :
       {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T07:60:00Z", "2026-11-21T07:00:61Z", "2026-11-21T07:00:00.Z",
        "2026-11-21T07:00:00+2", "2026-11-21T07:00:00+02:", "2026-11-21T07:00:00Z ", "2026-11-21T07:00:00+24:00",
        "26-11-21T07:00:00Z", "2026-1-21T07:00:00Z", "+026-11-21T07:00:00Z", "2026-11-21T0a:00:00Z"}) {
    EXPECT_EQ(again(text), "none") << text;
  }
}

TEST(TestClock, moves_only_when_it_is_moved) {
  TestClock clock(*find_instant("2026-11-21T07:00:00Z"));
  EXPECT_TRUE(clock.sleep_for(90s));
  clock.advance(10min);
  EXPECT_EQ(format_instant(clock.now()), "2026-11-21T07:11:30Z");
  EXPECT_EQ(clock.slept(), 90s);
  clock.set(*find_instant("2026-01-01T00:00:00Z"));
  EXPECT_EQ(format_instant(clock.now()), "2026-01-01T00:00:00Z");
}

TEST(TestClock, does_not_sleep_after_a_stop) {
  TestClock clock(Instant{});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.sleep_for(1s, stop.get_token()));
  EXPECT_EQ(clock.now(), Instant{});
}

TEST(SystemClock, wakes_from_an_endless_sleep_on_a_stop) {
  SystemClock clock;
  std::stop_source stop;
  std::atomic<bool> slept_through = true;
  std::jthread sleeper([&] { slept_through = clock.sleep_for(Duration::max(), stop.get_token()); });
  stop.request_stop();
  sleeper.join();
  EXPECT_FALSE(slept_through);
}

TEST(SystemClock, sleeps_at_least_as_long_as_asked) {
  SystemClock clock;
  auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(clock.sleep_for(5ms));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
  EXPECT_TRUE(clock.sleep_for(-5ms));
}

}  // namespace
}  // namespace plumb
