// What runs just now, in the last line of a terminal while the others scroll by:
//
//     ⠹ 3 of 12  main.orders 1.2s, main.customers 0.3s
//
// A thread of its own draws it anew ten times a second while something runs. The caller tells what begins and ends, and
// wipes the line before it prints others; all of that from any thread, one call at a time.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "cli/terminal.h"
#include "transform/transform.h"

namespace plumb::cli {

class LiveStatus {
 public:
  LiveStatus(Terminal& terminal, const Clock& clock);
  ~LiveStatus();
  LiveStatus(const LiveStatus&) = delete;
  LiveStatus& operator=(const LiveStatus&) = delete;

  // True for the line that says that a step begins: the status shows it instead.
  bool takes(const transform::Event& event);

 private:
  void draw_until_stopped(const std::stop_token& stop);
  std::string line(Instant now) const;

  Terminal& terminal_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  struct Running {
    std::string name;
    Instant begin;
  };
  std::map<std::string, Running> running_;  // by unique id
  std::size_t begun_ = 0, total_ = 0, frame_ = 0;
  std::jthread drawer_;
};

}  // namespace plumb::cli
