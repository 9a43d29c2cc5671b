#include "project/semantic_version.h"

#include <charconv>

#include "base/format.h"

namespace plumb::project {

std::strong_ordering VersionRequirement::compare(const VersionRequirement& other) const {
  if (auto order = major <=> other.major; order != 0) return order;
  if (auto order = minor <=> other.minor; order != 0) return order;
  if (auto order = patch <=> other.patch; order != 0) return order;
  if (prerelease.empty() != other.prerelease.empty()) return prerelease.empty() <=> other.prerelease.empty();
  return prerelease.compare(other.prerelease) <=> 0;
}

std::string VersionRequirement::text() const {
  return format("{}{}.{}.{}{}{}", sign, major, minor, patch, prerelease.empty() ? "" : "-", prerelease);
}

namespace {

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

}  // namespace

std::optional<VersionRequirement> find_requirement(std::string_view text) {
  VersionRequirement result;
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

bool satisfies(const VersionRequirement& version, const VersionRequirement& required) {
  auto order = version.compare(required);
  if (required.sign == "=") return order == 0;
  if (required.sign == ">") return order > 0;
  if (required.sign == ">=") return order >= 0;
  if (required.sign == "<") return order < 0;
  return order <= 0;
}

}  // namespace plumb::project
