#include "jinja/place.h"

#include <algorithm>

#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

// How much is shown of a line that is longer, before the column and in all.
constexpr int kShownBefore = 60;
constexpr std::size_t kShown = 160;

// Lines end as they do for Jinja2: with \n, \r\n or \r.
std::string_view find_line(std::string_view source, int number) {
  for (int line = 1;; ++line) {
    std::size_t end = std::min(source.find_first_of("\r\n"), source.size());
    if (line == number) return source.substr(0, end);
    if (end == source.size()) return {};
    source.remove_prefix(end + (source.substr(end, 2) == "\r\n" ? 2 : 1));
  }
}

}  // namespace

Place find_place(std::string_view file, std::string_view source, Position at) {
  Place place;
  place.file = file;
  place.line = at.line;
  place.column = at.column;
  std::string_view line = at.line > 0 ? find_line(source, at.line) : std::string_view();
  if (line.size() > kShown) {
    int skipped = std::max(0, at.column - 1 - kShownBefore);
    line.remove_prefix(find_code_point(line, static_cast<std::size_t>(skipped)));
    line = line.substr(0, find_code_point(line, kShown));
    place.source_column = skipped + 1;
  }
  place.source_line = line;
  return place;
}

Place move_place(Place place, Position begin) {
  if (place.line == 1) {
    place.column += begin.column - 1;
    place.source_column += begin.column - 1;
  }
  if (place.line > 0) place.line += begin.line - 1;
  return place;
}

Error move_place(const Error& error, Position begin) {
  const Place* place = error.find_place();
  if (!place) return error;
  return {error.kind(),
          error.message(),
          {.place = move_place(*place, begin),
           .hint = error.hint(),
           .retry_may_help = error.retry_may_help(),
           .cause = error.cause(),
           .type = error.type(),
           .calls = error.calls()}};
}

}  // namespace plumb::jinja
