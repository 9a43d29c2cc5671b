// Keeps the sessions of services alive while nobody loads from them: a bank's ends when it is not refreshed for
// minutes.
//
// Sessions are won by a person (`plumb connections login bank`) and lie sealed in the project's .plumb/sessions. For
// each that is there, `plumb connections refresh NAME` is run whenever its tokens have used up most of their life: a
// child of a few milliseconds, so that the server needs neither TLS nor memory for it. Loads that use a session wait
// for the child, and it for them. A session that a child finds taken no longer is told once, and so is its return.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"

namespace plumb::serve {

struct SessionKeeperOptions {
  std::filesystem::path folder;      // the project's
  std::vector<std::string> program;  // what runs as plumb: {"/usr/bin/plumb"}
  // Called on the keeper's thread.
  std::function<void(const std::string& connection)> signed_in = {};  // it is there and works, after it did not
  std::function<void(const std::string& connection, const std::string& why)> lost = {};
  std::chrono::milliseconds look{5'000};  // how often new sessions are looked for
  Log log = {};
};

class SessionKeeper {
 public:
  explicit SessionKeeper(SessionKeeperOptions options);
  // Waits for a child that is at work: it must not be disturbed.
  ~SessionKeeper();
  SessionKeeper(const SessionKeeper&) = delete;
  SessionKeeper& operator=(const SessionKeeper&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb::serve
