#include "project/version_check.h"

#include <charconv>
#include <compare>
#include <optional>
#include <vector>

#include "base/format.h"

namespace plumb::project {
namespace {

struct Requirement {
  std::string sign;  // "=", ">", ">=", "<", "<="
  int major = 0, minor = 0, patch = 0;
  std::string prerelease;  // "rc1"; empty: a release, which comes after its prereleases

  std::strong_ordering compare(const Requirement& other) const {
    if (auto order = major <=> other.major; order != 0) return order;
    if (auto order = minor <=> other.minor; order != 0) return order;
    if (auto order = patch <=> other.patch; order != 0) return order;
    if (prerelease.empty() != other.prerelease.empty()) return prerelease.empty() <=> other.prerelease.empty();
    return prerelease.compare(other.prerelease) <=> 0;
  }
  std::string text() const {
    return format("{}{}.{}.{}{}{}", sign, major, minor, patch, prerelease.empty() ? "" : "-", prerelease);
  }
};

bool read_number(std::string_view& rest, int& number) {
  auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (failure != std::errc() || number < 0) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

bool read_char(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

// "[sign]1.2.3[-]rc1[+build]".
std::optional<Requirement> find_requirement(std::string_view text) {
  Requirement result{.sign = "="};
  for (std::string_view sign : {">=", "<=", ">", "<", "="}) {
    if (!text.starts_with(sign)) continue;
    result.sign = sign;
    text.remove_prefix(sign.size());
    break;
  }
  bool numbers = read_number(text, result.major) && read_char(text, '.') && read_number(text, result.minor) &&
                 read_char(text, '.') && read_number(text, result.patch);
  if (!numbers) return std::nullopt;
  text = text.substr(0, text.find('+'));
  read_char(text, '-');
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  if (text.find_first_not_of(kPlain) != std::string_view::npos) return std::nullopt;
  result.prerelease = text;
  return result;
}

bool satisfies(const Requirement& installed, const Requirement& required) {
  auto order = installed.compare(required);
  if (required.sign == "=") return order == 0;
  if (required.sign == ">") return order > 0;
  if (required.sign == ">=") return order >= 0;
  if (required.sign == "<") return order < 0;
  return order <= 0;
}

Requirement get_requirement(std::string_view text, const plumb::Node& node) {
  if (auto requirement = find_requirement(text)) return *requirement;
  throw Error(ErrorKind::Config, format("\"{}\" is not a valid semantic version.", text),
              {.place = node.place(), .hint = "write require-dbt-version: \">=1.8.0,<2.0.0\", without blanks"});
}

// A text is cut at its commas; the entries of a list are not.
std::vector<Requirement> read_requirements(const plumb::Node& node) {
  std::vector<Requirement> all;
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
  std::vector<Requirement> requirements = read_requirements(required);
  Requirement ours = find_requirement(installed).value_or(Requirement{});
  std::string shown;
  bool fits = true;
  for (const Requirement& requirement : requirements) {
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
