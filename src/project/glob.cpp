#include "project/glob.h"

#include <optional>

#include "base/text.h"

namespace plumb::project {
namespace {

// A [set] at the pattern's start: how many bytes it takes, and whether the character is in it. None when the bracket is
// never closed; it is then a plain character.
struct SetMatch {
  std::size_t bytes = 0;
  bool contains = false;
};
std::optional<SetMatch> match_set(std::string_view pattern, char32_t character) {
  std::size_t at = 1;
  bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  std::size_t close = pattern.find(']', at + 1);
  if (close == std::string_view::npos) return std::nullopt;
  bool contains = false;
  while (at < close) {
    Utf8Step low = step_utf8(pattern.substr(at));
    at += low.bytes;
    Utf8Step high = low;
    if (at + 1 < close && pattern[at] == '-') {
      high = step_utf8(pattern.substr(at + 1));
      at += 1 + high.bytes;
    }
    contains = contains || (low.character <= character && character <= high.character);
  }
  return SetMatch{close + 1, contains != negated};
}

// A pattern's first element against a character: how many bytes of the pattern it takes, 0 for no match.
std::size_t match_one(std::string_view pattern, char32_t character, bool backslash_escapes) {
  if (pattern.empty()) return 0;
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '[') {
    if (auto set = match_set(pattern, character)) return set->contains ? set->bytes : 0;
  }
  std::size_t skip = backslash_escapes && pattern[0] == '\\' && pattern.size() > 1 ? 1 : 0;
  Utf8Step wanted = step_utf8(pattern.substr(skip));
  return wanted.character == character ? skip + wanted.bytes : 0;
}

// On a mismatch go back to the last star and let it take one character more.
bool matches(std::string_view pattern, std::string_view name, bool backslash_escapes) {
  struct Return {
    std::size_t pattern = 0, name = 0;
  };
  std::optional<Return> star;
  std::size_t p = 0, n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = Return{++p, n};
      continue;
    }
    Utf8Step step = step_utf8(name.substr(n));
    if (std::size_t taken = match_one(pattern.substr(p), step.character, backslash_escapes)) {
      p += taken;
      n += step.bytes;
    } else if (star) {
      star->name += step_utf8(name.substr(star->name)).bytes;
      p = star->pattern;
      n = star->name;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// The text up to the first "/", which is taken off together with it; nothing is left when there is none.
std::string_view take_segment(std::optional<std::string_view>& path) {
  std::size_t slash = path->find('/');
  std::string_view segment = path->substr(0, slash);
  if (slash == std::string_view::npos) {
    path.reset();
  } else {
    path = path->substr(slash + 1);
  }
  return segment;
}

bool matches_segments(std::optional<std::string_view> pattern, std::optional<std::string_view> path) {
  while (pattern) {
    std::string_view glob = take_segment(pattern);
    if (glob != "**") {
      if (!path || !matches(glob, take_segment(path), true)) return false;
      continue;
    }
    if (!pattern) return path.has_value();
    for (; path; take_segment(path)) {
      if (matches_segments(pattern, path)) return true;
    }
    return false;
  }
  return !path;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view name) {
  return matches(pattern, name, false);
}

bool matches_path_glob(std::string_view pattern, std::string_view path) {
  return matches_segments(pattern, path);
}

bool has_glob(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace plumb::project
