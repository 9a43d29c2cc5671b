// How often one may guess: after some failures each further one doubles the wait, by user and address together and by
// address alone. (A limit by user alone would let any stranger lock the owner out.)
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"

namespace plumb::serve {

// Safe from any thread; holds some thousand names at most.
class LoginLimit {
 public:
  explicit LoginLimit(Clock& clock) : clock_(clock) {}

  // How long to wait before the next guess is looked at; empty: now.
  std::optional<std::chrono::seconds> find_wait(const std::string& user, const std::string& address);
  void failed(const std::string& user, const std::string& address);
  void succeeded(const std::string& user, const std::string& address);

 private:
  struct Guesses {
    int failures = 0;
    Instant last, blocked_until;
  };
  void count(const std::string& key, int free);
  void forget_old(Instant now);

  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Guesses> guesses_;
};

}  // namespace plumb::serve
