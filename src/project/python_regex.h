// Regular expressions: Python's syntax, matched by PCRE2.
//
// The two languages are near relatives. translate_pattern reads a pattern as CPython 3.11 does, finds its faults in
// CPython's words, and writes it as PCRE2 has it (\Z is \z, {,3} is {0,3}, names become numbers). What is left to
// differ: \s knows no U+001C to U+001F, (?a:…) and \N{…} are not there, look-behind allows branches of different
// lengths.
//
// Inside the room; its door is modules.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumb::project::python {

// re.IGNORECASE and the others, as numbers.
enum RegexFlags : int {
  kTemplate = 1,
  kIgnoreCase = 2,
  kLocale = 4,
  kMultiline = 8,
  kDotAll = 16,
  kUnicode = 32,
  kVerbose = 64,
  kDebug = 128,
  kAscii = 256,
};

struct RegexSyntax {
  std::string pcre;
  int flags = 0;  // with those that stand in the pattern itself
  std::vector<std::pair<std::string, std::size_t>> names = {};
  // The group around each group, 0 for none; [0] is the whole.
  std::vector<std::size_t> parents = {0};
  std::size_t groups() const { return parents.size() - 1; }
  // 0 when no group has this name.
  std::size_t find_name(std::string_view name) const;
};
// Error of type "error": "missing ), unterminated subpattern at position 0".
RegexSyntax translate_pattern(std::string_view pattern, int flags);

struct Span {
  std::size_t begin = std::string_view::npos, end = std::string_view::npos;  // bytes
  bool found() const { return begin != std::string_view::npos; }
};

// A compiled pattern. It never changes and may be used by several threads.
class Regex {
 public:
  enum class Where : std::uint8_t { Anywhere, AtStart, Whole };
  explicit Regex(const RegexSyntax& syntax);
  // The spans of all groups, that of the whole match first; empty when there is no match. `must_move`: an empty match
  // at `start` does not count.
  std::vector<Span> find(std::string_view text, std::size_t start, Where where, bool must_move = false) const;

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
};

}  // namespace plumb::project::python
