// For tests only: what a template with Python's modules prints.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "project/modules.h"

namespace plumb::project {

// The fixture's clock stands at 2026-11-21 08:09:10.000123 UTC. Templates find the modules by their names, and whatever
// a test sets.
class PythonModules : public testing::Test {
 protected:
  PythonModules() {
    jinja::Value all = modules(clock_);
    environment_.set_global("modules", all);
    for (const char* name : {"datetime", "pytz", "re", "itertools"}) {
      environment_.set_global(name, *all.as_dict().find(name));
    }
  }
  // The text, or "ValueError: …".
  std::string render(std::string_view text) const {
    try {
      return environment_.parse(std::string(text))->render(context_);
    } catch (const Error& error) {
      return error.type() + ": " + error.message();
    }
  }
  // The value of one expression.
  std::string of(std::string_view expression) const { return render("{{ " + std::string(expression) + " }}"); }

  TestClock clock_{*find_instant("2026-11-21T08:09:10.000123Z")};
  jinja::Environment environment_;
  jinja::Context context_;
};

}  // namespace plumb::project
