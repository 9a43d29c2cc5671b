// For tests only: a task carried out as `plumb task` does it, and what came of it as text.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/format.h"
#include "workflow/tasks/tasks.h"

namespace plumb::workflow {

struct TaskTest {
  TaskResult carry_out(std::string_view kind, const std::string& settings, std::stop_token stop = {}) {
    output.clear();
    errors.clear();
    Document document = parse_json(settings, "settings");
    TaskWorld world{.project = [this] { return config::load_project(folder.path(), config::Environment(variables)); },
                    .environment = config::Environment(variables),
                    .output = [this](std::string_view bytes) { output += bytes; },
                    .errors = [this](std::string_view bytes) { errors += bytes; },
                    .clock = clock,
                    .stop = std::move(stop)};
    return workflow::carry_out(kind, document.root(), world);
  }
  // "1", "0 answer=\"x\" status=200".
  std::string text_of(const TaskResult& result) {
    std::string text = std::to_string(static_cast<int>(result.end));
    for (const auto& [name, value] : result.values) text += format(" {}={}", name, value);
    return text;
  }
  std::string end_of(std::string_view kind, const std::string& settings) { return text_of(carry_out(kind, settings)); }

  TemporaryFolder folder;
  std::map<std::string, std::string> variables = {{"PATH", "/usr/bin:/bin"}};
  std::string output, errors;
  SystemClock clock;
};

}  // namespace plumb::workflow
