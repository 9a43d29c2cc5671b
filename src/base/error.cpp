#include "base/error.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb {
namespace {

std::string with_place(const std::optional<Place>& place, const std::string& message) {
  if (!place || !place->known()) return message;
  if (place->line <= 0) return format("{}: {}", place->file, message);
  if (place->column <= 0) return format("{}:{}: {}", place->file, place->line, message);
  return format("{}:{}:{}: {}", place->file, place->line, place->column, message);
}

// What stands before the caret's column, or all of it when the column lies beyond.
std::string_view before_column(const Place& place) {
  std::string_view rest = place.source_line;
  for (int column = place.source_column; column < place.column && !rest.empty(); ++column) {
    rest.remove_prefix(step_utf8(rest).bytes);
  }
  return std::string_view(place.source_line).substr(0, place.source_line.size() - rest.size());
}

// Blanks as wide as the text; tabs stay tabs, so that both lines jump alike.
std::string blanks_for(std::string_view text) {
  std::string blanks;
  while (!text.empty()) {
    Utf8Step step = step_utf8(text);
    blanks += step.character == '\t' ? std::string("\t") : std::string(display_width(step.character), ' ');
    text.remove_prefix(step.bytes);
  }
  return blanks;
}

// The source line and the caret below it. Masking a credential may shorten the line: the caret then stands where the
// masked text before its column ends, and is left out where the two can't be told apart.
std::string excerpt(const Place& place) {
  std::string cut = place.source_column > 1 ? "…" : "";
  std::string line = cut + printable(redact(place.source_line));
  std::string out = format("\n{:>4} | {}", place.line, line);
  if (place.column <= 0) return out;
  std::string before = cut + printable(redact(before_column(place)));
  if (line.compare(0, before.size(), before) != 0) return out;
  return out + format("\n{:>4} | {}^", "", blanks_for(before));
}

}  // namespace

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
      return "usage";
    case ErrorKind::Config:
      return "config";
    case ErrorKind::Auth:
      return "auth";
    case ErrorKind::Approval:
      return "approval";
    case ErrorKind::Network:
      return "network";
    case ErrorKind::Service:
      return "service";
    case ErrorKind::Data:
      return "data";
    case ErrorKind::Database:
      return "database";
    case ErrorKind::Busy:
      return "busy";
    case ErrorKind::NotFound:
      return "not_found";
    case ErrorKind::Io:
      return "io";
    case ErrorKind::Cancelled:
      return "cancelled";
    case ErrorKind::Internal:
      return "internal";
  }
  return "internal";
}

Error::Error(ErrorKind kind, std::string message, Details details)
    : kind_(kind), message_(std::move(message)), details_(std::move(details)) {
  message_ = redact(message_);
  details_.hint = redact(details_.hint);
  details_.cause = redact(details_.cause);
  what_ = with_place(details_.place, message_);
}

Error Error::at(Place place) const {
  if (details_.place) return *this;
  Details details = details_;
  details.place = std::move(place);
  return Error(kind_, message_, std::move(details));
}

Error Error::called_from(CallPlace call) const {
  Details details = details_;
  details.calls.push_back(std::move(call));
  return Error(kind_, message_, std::move(details));
}

std::string Error::render() const {
  std::string out = what_;
  const Place* place = find_place();
  if (place && place->known() && place->line > 0 && !place->source_line.empty()) out += excerpt(*place);
  for (const CallPlace& call : details_.calls) out += "\n  in " + with_place(call.place, call.what);
  if (!details_.cause.empty()) out += "\ncause: " + details_.cause;
  if (!details_.hint.empty()) out += "\nhint: " + details_.hint;
  return out;
}

// Levenshtein's distance, a row at a time; a swap of neighbours counts as one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, change});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return last[b.size()];
}

}  // namespace plumb
