// What dbt's commands print: lines with the time in front, or records of JSON.
//
//     12:00:01  1 of 3 OK created sql table model main.orders ................... [OK in 0.05s]
//
// They are the command's result, so they go to standard output. At a terminal the last line shows what runs just now.
// From any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/context.h"
#include "cli/live_status.h"
#include "project/project.h"
#include "transform/transform.h"

namespace plumb::cli {

struct ConsoleSettings {
  std::string format = "default";  // or "text", or "json"
  bool quiet = false;              // results and troubles only
  bool colors = false;
  bool live = false;  // a status line at the bottom of a terminal
  std::string invocation_id = {};
};

class DbtConsole {
 public:
  DbtConsole(const Context& context, ConsoleSettings settings);

  void tell(const transform::Event& event);
  void line(std::string_view text, transform::LineKind kind = transform::LineKind::Info);
  void warn(const project::Warning& warning);
  // What print() says: a line without the time, however quiet it is.
  void say(std::string_view text);
  // As it stands, without the time: results.
  void print(std::string_view text);
  transform::LineProgress::Sink sink();
  bool json() const { return settings_.format == "json"; }

 private:
  std::string colored(const transform::Event& event) const;
  std::string record(const transform::Event& event, std::string_view text, std::string_view now) const;

  const Context& context_;
  const ConsoleSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<LiveStatus> live_;
};

}  // namespace plumb::cli
