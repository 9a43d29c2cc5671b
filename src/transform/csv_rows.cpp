#include "transform/csv_rows.h"

#include <algorithm>

namespace plumb::transform {
namespace {

void unify_line_breaks(std::string& text) {
  if (text.find('\r') == std::string::npos) return;
  std::size_t to = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool carriage = text[at] == '\r';
    if (carriage && at + 1 < text.size() && text[at + 1] == '\n') ++at;
    text[to++] = carriage ? '\n' : text[at];
  }
  text.resize(to);
}

}  // namespace

CsvRows::CsvRows(std::string text, std::string_view delimiter) : text_(std::move(text)) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);
  unify_line_breaks(text_);
  read(delimiter);
}

void CsvRows::read(std::string_view delimiter) {
  const std::string_view text = text_;
  const std::string ends = std::string(1, '\n') + delimiter[0];
  int line = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    rows_.push_back({cells_.size(), line++});
    if (text[at] == '\n') {
      ++at;
      continue;
    }
    for (bool more = true; more;) {
      std::size_t start = at;
      if (at < text.size() && text[at] == '"') {
        cells_.push_back(read_quoted(at, delimiter));
        line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(start),
                                            text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      } else {
        do {
          at = std::min(text.find_first_of(ends, at), text.size());
        } while (at < text.size() && text[at] != '\n' && !text.substr(at).starts_with(delimiter) && ++at != 0);
        cells_.push_back(text.substr(start, at - start));
      }
      more = text.substr(at).starts_with(delimiter);
      at += more ? delimiter.size() : 1;
    }
  }
}

// From its quote to what ends the field: a delimiter, a line break or the end of the text.
std::string_view CsvRows::read_quoted(std::size_t& at, std::string_view delimiter) {
  const std::string_view text = text_;
  std::string field;
  for (;;) {
    // A part in quotes.
    std::size_t close = std::min(text.find('"', ++at), text.size());
    std::string_view part = text.substr(at, close - at);
    at = std::min(close + 1, text.size());
    std::string_view rest = text.substr(at);
    bool ended = rest.empty() || rest[0] == '\n' || rest.starts_with(delimiter);
    if (ended && field.empty()) return part;
    field += part;
    if (ended) break;
    if (rest[0] == '"') {
      field += '"';
      continue;
    }
    // What follows it without quotes.
    while (at < text.size() && text[at] != '\n' && !text.substr(at).starts_with(delimiter)) field += text[at++];
    break;
  }
  return rewritten_.emplace_back(std::move(field));
}

}  // namespace plumb::transform
