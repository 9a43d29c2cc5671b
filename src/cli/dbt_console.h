// What dbt's commands print: lines with the time in front, or records of JSON.
//
//     12:00:01  1 of 3 OK created sql table model main.orders ................... [OK in 0.05s]
//
// They are the command's result, so they go to standard output. From any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "cli/context.h"
#include "project/project.h"
#include "transform/transform.h"

namespace plumb::cli {

class DbtConsole {
 public:
  // `format`: "default", "text" or "json"; what is quiet says results and troubles only.
  DbtConsole(const Context& context, const std::string& format, bool quiet, bool colors)
      : context_(context), json_(format == "json"), quiet_(quiet), colors_(colors) {}

  void line(std::string_view text, std::string_view status = {}, transform::LineKind kind = transform::LineKind::Info);
  // As it stands, without the time: results.
  void print(std::string_view text);
  transform::LineProgress::Sink sink();
  bool json() const { return json_; }

 private:
  const Context& context_;
  const bool json_, quiet_, colors_;
  std::mutex mutex_;
};

}  // namespace plumb::cli
