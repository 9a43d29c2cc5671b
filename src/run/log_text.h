// Below attempt_log.h: from the bytes that a program wrote to lines that may be kept, and the form they have in a file.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "run/attempt_log.h"

namespace plumb::run {

// Bytes of a line, as the program wrote it; what is beyond is cut.
inline constexpr std::size_t kLongestLine = 32u << 10;

// A line made fit to be kept: without escape sequences, secrets and bad bytes, and not too long.
class LineCleaner {
 public:
  explicit LineCleaner(const std::vector<Secret>& secrets);

  // `beyond`: so many bytes of the line are not in `line` any more.
  std::string clean(std::string_view line, std::size_t beyond) const;
  // How much of a line clean() wants to see: enough to recognise a secret that the cut goes through.
  std::size_t longest_input() const { return kLongestLine + longest_; }

 private:
  std::vector<Secret> masks_;  // the longest first
  std::size_t longest_ = 0;
};

// Finds the lines in a stream that arrives in pieces.
class LineSplitter {
 public:
  // `longest`: what is beyond in a line is counted and dropped.
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  // A line without its end, and how many bytes of it were dropped. False: no further lines for now.
  using Line = std::function<bool(std::string_view line, std::size_t dropped)>;
  // How many bytes were taken: all, unless `line` said stop.
  std::size_t feed(std::string_view bytes, const Line& line);
  // The unfinished line, if there is one.
  void finish(const Line& line);
  // Forgets the unfinished line; how long it was.
  std::size_t forget();

 private:
  void keep(std::string_view piece);
  bool end_line(std::string_view piece, const Line& line);

  std::size_t longest_;
  std::string unfinished_;
  std::size_t dropped_ = 0;
  bool open_ = false;             // there is an unfinished line, though it may be empty
  bool carriage_return_ = false;  // the last byte was one, and a line feed may follow
};

// "2026-11-21T07:00:00.123456Z" for one instant after another, quickly.
class TimeStamp {
 public:
  static constexpr std::size_t kWidth = 27;
  std::string_view of(Instant instant);

 private:
  std::array<char, kWidth> text_{};
  std::optional<std::chrono::sys_seconds> second_;
};

// A line of the file, without its line feed; empty when it has not the form.
struct ParsedLine {
  Instant at;
  LogStream stream;
  std::string_view text;
};
std::optional<ParsedLine> find_line(std::string_view line);

}  // namespace plumb::run
