// A case of the conformance tests: templates, context and options in; text or an error out. README.md describes the
// files they stand in, reference.py is the same for the real Jinja2.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/document.h"

namespace plumb::jinja_story {

struct Answer {
  std::string prints;  // what it printed; of a native or an expression's value the repr
  std::string error;   // the error's type, empty when there is none
  std::string message;
  std::string where;  // template:line

  bool operator==(const Answer&) const = default;
};
// As the files write it.
std::string describe(const Answer& answer);

struct Case {
  std::string name;
  std::map<std::string, std::string> templates;  // "main" is rendered, the others can be loaded
  std::string context;                           // JSON, or nothing
  std::map<std::string, std::string> options;
  Answer expected;
};

std::vector<Case> read_cases(const std::filesystem::path& file);
// {"templates": {"main": "…"}, "context": {…}, "options": {"trim_blocks": "true"}}
Case case_from_json(const Node& node);
std::string to_json(const Answer& answer);

Answer render(const Case& subject);

}  // namespace plumb::jinja_story
