// How long to wait before another try, and when to give up: the rules, without a network. (Private to base.)
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string_view>

#include "base/clock.h"
#include "base/http_client.h"

namespace plumb {

// What an answer's Retry-After asks for: whole seconds, or a date. A date is compared with the answer's own Date where
// it has one, so that the two clocks need not agree, else with `now`. A date that has passed is 0. Empty when there is
// no such header, or when it is neither.
std::optional<Duration> find_retry_after(const HttpHeaders& headers, Instant now);

// The patience that one request has: so many tries, so much time. Time is counted as it is spent, not read from a
// clock, so that a clock that is set right in between does not end a request.
class Patience {
 public:
  Patience(const RetryPolicy& policy, Duration deadline, std::minstd_rand& chance)
      : policy_(policy), left_(deadline), chance_(chance) {}

  // A try, or a wait, took this long.
  void spend(Duration time) { left_ -= time; }
  Duration left() const { return left_; }
  int tries() const { return tries_; }

  // Counts a try that failed, and says how long to wait before the next: what the service asked for (if that is more
  // than nothing), else the policy's delay. Empty when the tries are used up or the wait would pass the deadline.
  std::optional<Duration> find_wait(std::optional<Duration> asked_for);

 private:
  const RetryPolicy& policy_;
  Duration left_;
  std::minstd_rand& chance_;
  int tries_ = 0;
};

}  // namespace plumb
