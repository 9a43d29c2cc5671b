// The time as a sandbox tells it: the system's, shifted, or standing still.
#pragma once

#include <mutex>
#include <optional>

#include "base/clock.h"

namespace plumb::sandbox {

class SandboxClock {
 public:
  // Empty: follows the system's clock.
  explicit SandboxClock(std::optional<Instant> now) : still_(now) {}

  Instant now() const;
  bool follows() const;
  void set(Instant now);      // and stands still there
  void advance(Duration by);  // a clock that follows goes on doing so
  void follow();              // the system's time again, without a shift

 private:
  mutable std::mutex mutex_;
  SystemClock system_;
  std::optional<Instant> still_;
  Duration shift_{0};
};

}  // namespace plumb::sandbox
