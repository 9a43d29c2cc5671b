// What has changed since another manifest: `state:modified` and its kin; and what results of runs say.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "project/selection_graph.h"
#include "project/selection_spec.h"

namespace plumb::project {

enum class StateQuestion : std::uint8_t {
  New,
  Old,
  Modified,
  Unmodified,
  Body,
  Configs,
  PersistedDescriptions,
  Relation,
  Macros,
  Contract,
};
// Of "state:modified.body".
std::optional<StateQuestion> find_state_question(const Criterion& criterion);
std::string unknown_state_question(const Criterion& criterion);

class StateComparison {
 public:
  StateComparison(const Manifest& now, const Manifest& before);
  bool answer(StateQuestion question, const Member& member);

 private:
  bool modified(const Member& member);
  bool macros_modified(const Member& member);
  // Whether a macro, or one that it calls, is another than before.
  bool macro_modified(std::string_view unique_id);

  const Manifest& now_;
  const Manifest& before_;
  std::unordered_map<std::string_view, bool> macros_;
};

// The same value, as JSON sees it: 1 and 1.0 are one, and a key whose value is null or empty is as good as none.
bool same_value(const jinja::Value& a, const jinja::Value& b);

// The unique ids in run_results.json with this status.
std::set<std::string, std::less<>> find_results(const jinja::Value& results, std::string_view status);
// Those whose rows are newer now than before, or that were not there before.
std::set<std::string, std::less<>> find_fresher(const jinja::Value& before, const jinja::Value& now);

// Versions of models are numbers or texts; nothing when one of the two is missing.
std::optional<std::strong_ordering> compare_versions(const jinja::Value& version, const jinja::Value& latest);

}  // namespace plumb::project
