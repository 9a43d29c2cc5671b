#include "project/version_check.h"

#include <vector>

#include "base/format.h"
#include "project/semantic_version.h"

namespace plumb::project {
namespace {

VersionRequirement get_requirement(std::string_view text, const plumb::Node& node) {
  if (auto requirement = find_requirement(text)) return *requirement;
  throw Error(ErrorKind::Config, format("\"{}\" is not a valid semantic version.", text),
              {.place = node.place(), .hint = "write require-dbt-version: \">=1.8.0,<2.0.0\", without blanks"});
}

// A text is cut at its commas; the entries of a list are not.
std::vector<VersionRequirement> read_requirements(const plumb::Node& node) {
  std::vector<VersionRequirement> all;
  for (std::size_t i = 0; node.kind() == NodeKind::List && i < node.size(); ++i) {
    all.push_back(get_requirement(node.at(i).scalar(), node.at(i)));
  }
  if (node.kind() == NodeKind::List) return all;
  std::string_view rest = node.scalar();
  while (true) {
    std::size_t comma = rest.find(',');
    all.push_back(get_requirement(rest.substr(0, comma), node));
    if (comma == std::string_view::npos) return all;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

void check_required_version(const plumb::Node& required, std::string_view package, std::string_view installed) {
  if (required.null()) return;
  std::vector<VersionRequirement> requirements = read_requirements(required);
  VersionRequirement ours = find_requirement(installed).value_or(VersionRequirement{});
  std::string shown;
  bool fits = true;
  for (const VersionRequirement& requirement : requirements) {
    fits = fits && satisfies(ours, requirement);
    shown += format("{}'{}'", shown.empty() ? "" : ", ", requirement.text());
  }
  if (fits) return;
  throw Error(ErrorKind::Config,
              format("This version of dbt is not supported with the '{0}' package.\n"
                     "  Installed version of dbt: ={1}\n  Required version of dbt for '{0}': [{2}]",
                     package, installed, shown),
              {.place = required.place(),
               .hint = format("check for a different version of the '{}' package, or run again with "
                              "--no-version-check",
                              package)});
}

}  // namespace plumb::project
