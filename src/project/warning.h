// What is odd in the user's files but no error: dbt's warnings and deprecations.
//
// Whoever tells them asks a WarningPolicy first, which is what --warn-error and --warn-error-options say: a warning
// may be an error, or nothing.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jinja/jinja.h"

namespace plumb::project {

struct Warning {
  std::string name;  // dbt's event: "UnusedTables", "ConfigTargetPathDeprecation", …
  std::string message;
  Place place;
};

// "D011" for "ConfigTargetPathDeprecation"; empty for what dbt does not warn of.
std::string_view warning_code(std::string_view name);

class WarningPolicy {
 public:
  // The flags WARN_ERROR and WARN_ERROR_OPTIONS. Throws Error(Usage) for names that dbt has no warning of.
  explicit WarningPolicy(const jinja::Value& flags);

  enum class Verdict : std::uint8_t { Tell, Silence, Error };
  Verdict of(std::string_view name) const;
  bool is_error(std::string_view name) const { return of(name) == Verdict::Error; }

 private:
  // Names, and what stands for many: "Deprecations", and for errors all of them.
  struct Names {
    bool all = false, deprecations = false;
    std::set<std::string, std::less<>> names;
  };
  static Names read(const jinja::Value& options, std::initializer_list<std::string_view> keys);

  Names errors_, warns_, silenced_;
};

// The warnings that are told, in their order; of a deprecation's kind only the first unless `all_deprecations`, and a
// summary at the end when some were left out. Throws Error with type CompilationError and the warning's place for the
// first that is an error.
std::vector<Warning> judge(const WarningPolicy& policy, std::vector<Warning> warnings, bool all_deprecations);

}  // namespace plumb::project
