// Versions as dbt's packages have them, 1.2.3-rc1, and what asks for some of them: ">=1.0.0".
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace plumb::project {

struct VersionRequirement {
  std::string sign = "=";  // or ">", ">=", "<", "<="
  int major = 0, minor = 0, patch = 0;
  std::string prerelease = {};  // "rc1"; empty: a release, which comes after its prereleases

  std::strong_ordering compare(const VersionRequirement& other) const;
  std::string text() const;
};

// "[sign]1.2.3[-]rc1[+build]"; a version is one with "=".
std::optional<VersionRequirement> find_requirement(std::string_view text);
bool satisfies(const VersionRequirement& version, const VersionRequirement& required);

}  // namespace plumb::project
