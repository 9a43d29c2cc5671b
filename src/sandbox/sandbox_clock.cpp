#include "sandbox/sandbox_clock.h"

namespace plumb::sandbox {

Instant SandboxClock::now() const {
  std::lock_guard lock(mutex_);
  return still_ ? *still_ : system_.now() + shift_;
}

bool SandboxClock::follows() const {
  std::lock_guard lock(mutex_);
  return !still_;
}

void SandboxClock::set(Instant now) {
  std::lock_guard lock(mutex_);
  still_ = now;
}

void SandboxClock::advance(Duration by) {
  std::lock_guard lock(mutex_);
  if (still_) {
    *still_ += by;
  } else {
    shift_ += by;
  }
}

void SandboxClock::follow() {
  std::lock_guard lock(mutex_);
  still_.reset();
  shift_ = Duration{0};
}

}  // namespace plumb::sandbox
