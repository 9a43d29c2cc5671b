// Time as something that is handed in, so that tests tick it.
//
// Instants are UTC microseconds. SystemClock is the world's; TestClock stands still until somebody moves it, and its
// sleeps return at once after moving it. Every member may be called from any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace plumb {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  // Returns early, with false, when a stop is asked for.
  virtual bool sleep_for(Duration duration, std::stop_token stop = {}) = 0;
};

class SystemClock : public Clock {
 public:
  Instant now() const override;
  bool sleep_for(Duration duration, std::stop_token stop = {}) override;
};

// The system's clock moved so that it starts at another time: what PLUMB_NOW asks for when somebody tries things out.
class ShiftedClock : public Clock {
 public:
  explicit ShiftedClock(Instant start);
  Instant now() const override;
  bool sleep_for(Duration duration, std::stop_token stop = {}) override;

 private:
  SystemClock system_;
  Duration shift_;
};

class TestClock : public Clock {
 public:
  explicit TestClock(Instant start) : now_(start) {}
  Instant now() const override;
  bool sleep_for(Duration duration, std::stop_token stop = {}) override;
  void advance(Duration duration);
  void set(Instant now);
  // The sum of all sleeps so far: what a test of retries asks for.
  Duration slept() const;

 private:
  mutable std::mutex mutex_;
  Instant now_;
  Duration slept_{0};
};

// RFC 3339 in UTC: "2026-11-21T07:00:00Z", with ".123456" only when there are fractions.
std::string format_instant(Instant instant);
// Reads RFC 3339 and ISO 8601 as services write them: "T" or blank, fraction after "." or ",", "Z", "+02", "+02:00",
// "+0200"; without a zone it is UTC. Empty when the text is no such instant (30 February included).
std::optional<Instant> find_instant(std::string_view text);

}  // namespace plumb
