// Tells people what happened: waits half a minute for more of the kind, and sends one message for all of it.
//
//     Alerts alerts({.logs = folder / ".plumb/logs", .send = …}, read_alert_rules(project), store, clock, log);
//     scheduler.listen(alerts.listener());
//
// What is to be told is written into the store (the note "alerts") before anything is sent, and that a message is being
// sent before it is: so a server that is killed forgets no failure, and nobody is told twice. A message that was on its
// way at that very moment is not sent again. When the other side is down it is tried again, after half a minute, then
// ever later, for a day. Failures that nobody has noted (the server was killed just then) are found in the store's runs
// at the next start.
//
// One thread of its own, asleep unless something happens; the sending is somebody else's (a child process with curl and
// TLS in it, so that the server stays small).
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/log.h"
#include "serve/alert_rules.h"
#include "store/store.h"
#include "workflow/workflow.h"

namespace plumb::serve {

struct AlertAnswer {
  bool sent = false;
  bool again = false;  // not now, perhaps later
  std::string problem = {};
};

struct AlertOptions {
  std::chrono::milliseconds window{30'000};
  std::chrono::milliseconds first_delay{30'000};  // doubles, up to half an hour
  std::chrono::hours patience{24};
  std::size_t lines = 20;      // of a failing attempt's log
  std::filesystem::path logs;  // the folder that attempts' logs are in
  // Sends the message (alert_message.h's JSON) by the alert of that name, on the alerts' thread.
  std::function<AlertAnswer(const std::string& alert, const std::string& message, std::stop_token stop)> send;
};

// `program alert send NAME`, with the message on its standard input.
AlertAnswer send_by_child(const std::string& program, const std::filesystem::path& project_folder,
                          const std::string& alert, const std::string& message, std::stop_token stop);

class Alerts {
 public:
  // The store and the clock outlive it.
  Alerts(AlertOptions options, std::vector<AlertRule> rules, store::Store& store, Clock& clock, Log log);
  // What is not sent yet stays in the store.
  ~Alerts();
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;

  // For Scheduler::listen(): quick, and safe when the alerts are gone.
  workflow::Listener listener();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace plumb::serve
