#include "run/log_text.h"

#include <algorithm>
#include <cstring>

#include "base/crypto.h"
#include "base/format.h"
#include "base/text.h"

namespace plumb::run {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kMask = "***";
// Of a secret with several lines, a line shorter than this tells nothing, and stands everywhere ("}").
constexpr std::size_t kShortestPart = 6;

// Where the escape sequence that begins at `at` ends: CSI (colours, cursor), OSC (titles, links), and the short ones.
std::size_t end_of_escape(std::string_view text, std::size_t at) {
  std::size_t next = at + 1;
  if (next >= text.size()) return next;
  if (text[next] == '[') {
    ++next;
    while (next < text.size() && text[next] >= 0x20 && text[next] < 0x40) ++next;
    return std::min(next + 1, text.size());
  }
  if (text[next] == ']') {
    for (++next; next < text.size(); ++next) {
      if (text[next] == '\a') return next + 1;
      if (text[next] == kEscape) return std::min(next + 2, text.size());
    }
    return next;
  }
  while (next < text.size() && text[next] >= 0x20 && text[next] < 0x30) ++next;
  return std::min(next + 1, text.size());
}

std::string without_escapes(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t escape = std::min(text.find(kEscape, at), text.size());
    out += text.substr(at, escape - at);
    at = escape < text.size() ? end_of_escape(text, escape) : escape;
  }
  return out;
}

bool plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

void mask(std::string& text, const std::string& secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kMask.size()))
    text.replace(at, secret.size(), kMask);
}

// The beginning of a text, not more than so many bytes, without half a character at its end.
std::string_view beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && most - end < 4 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

// In a text of digits: the number of `count` of them.
std::optional<int> find_digits(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  for (char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::optional<Instant> find_time_stamp(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.ddddddZ";
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] != 'd' && text[i] != kForm[i]) return std::nullopt;
  }
  auto year = find_digits(text, 0, 4), month = find_digits(text, 5, 2), day = find_digits(text, 8, 2);
  auto hour = find_digits(text, 11, 2), minute = find_digits(text, 14, 2), second = find_digits(text, 17, 2);
  auto fraction = find_digits(text, 20, 6);
  if (!year || !month || !day || !hour || !minute || !second || !fraction) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + std::chrono::microseconds(*fraction);
}

}  // namespace

LineCleaner::LineCleaner(const std::vector<Secret>& secrets) {
  auto add = [&](std::string_view text) {
    if (!text.empty()) masks_.emplace_back(std::string(text));
  };
  for (const Secret& secret : secrets) {
    std::string_view text = secret.reveal();
    if (text.find('\n') == std::string_view::npos) {
      add(text);
      std::string encoded = percent_encode(text);  // as it stands in URLs
      if (encoded != text) add(encoded);
      continue;
    }
    while (!text.empty()) {
      std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view part = text.substr(0, end);
      if (part.ends_with('\r')) part.remove_suffix(1);
      if (part.size() >= kShortestPart) add(part);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  std::sort(masks_.begin(), masks_.end(),
            [](const Secret& a, const Secret& b) { return a.reveal().size() > b.reveal().size(); });
  if (!masks_.empty()) longest_ = masks_.front().reveal().size();
}

std::string LineCleaner::clean(std::string_view line, std::size_t beyond) const {
  std::string text = line.find(kEscape) == std::string_view::npos ? std::string(line) : without_escapes(line);
  for (const Secret& secret : masks_) mask(text, secret.reveal());
  std::string_view kept = beginning(text, kLongestLine);
  std::size_t cut = text.size() - kept.size() + beyond;
  // A credential that the cut goes through is masked as well: redact() masks an unfinished value to its end.
  text = redact(kept);
  if (!plain(text)) text = printable(text);
  if (cut > 0) text += format(" … ({} more bytes in this line)", cut);
  return text;
}

std::size_t LineSplitter::feed(std::string_view bytes, const Line& line) {
  std::size_t at = 0;
  bool more = true;
  while (at < bytes.size() && more) {
    if (carriage_return_) {
      carriage_return_ = false;
      // Alone it ends a line that is not empty: "\r 10 %\r 20 %".
      if (bytes[at] != '\n' && open_) {
        more = end_line({}, line);
        continue;
      }
    }
    std::string_view rest = bytes.substr(at);
    const void* feed = std::memchr(rest.data(), '\n', rest.size());
    std::size_t end =
        feed == nullptr ? rest.size() : static_cast<std::size_t>(static_cast<const char*>(feed) - rest.data());
    const void* found = std::memchr(rest.data(), '\r', end);
    if (found != nullptr) {
      auto length = static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
      keep(rest.substr(0, length));
      carriage_return_ = true;
      at += length + 1;
    } else if (feed != nullptr) {
      more = end_line(rest.substr(0, end), line);
      at += end + 1;
    } else {
      keep(rest);
      at = bytes.size();
    }
  }
  return at;
}

void LineSplitter::finish(const Line& line) {
  carriage_return_ = false;
  if (open_) end_line({}, line);
}

std::size_t LineSplitter::forget() {
  std::size_t length = unfinished_.size() + dropped_;
  unfinished_.clear();
  dropped_ = 0;
  open_ = carriage_return_ = false;
  return length;
}

void LineSplitter::keep(std::string_view piece) {
  if (piece.empty()) return;
  open_ = true;
  std::size_t room = longest_ - std::min(unfinished_.size(), longest_);
  unfinished_ += piece.substr(0, room);
  dropped_ += piece.size() - std::min(piece.size(), room);
}

bool LineSplitter::end_line(std::string_view piece, const Line& line) {
  bool more = true;
  if (!open_ && piece.size() <= longest_) {
    more = line(piece, 0);  // all of it is here: no need to copy it
  } else {
    keep(piece);
    more = line(unfinished_, dropped_);
  }
  forget();
  return more;
}

std::string_view TimeStamp::of(Instant instant) {
  auto second = std::chrono::floor<std::chrono::seconds>(instant);
  if (second != second_) {
    auto day = std::chrono::floor<std::chrono::days>(second);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss time(second - day);
    format_to(text_.data(), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000000Z", static_cast<int>(date.year()),
              static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
              time.minutes().count(), time.seconds().count());
    second_ = second;
  }
  auto fraction = (instant - second).count();
  for (std::size_t i = kWidth - 2; i >= kWidth - 7; --i) {
    text_[i] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  return {text_.data(), text_.size()};
}

std::optional<ParsedLine> find_line(std::string_view line) {
  if (line.size() < TimeStamp::kWidth + 2 || line[TimeStamp::kWidth] != ' ') return std::nullopt;
  auto at = find_time_stamp(line.substr(0, TimeStamp::kWidth));
  if (!at) return std::nullopt;
  line.remove_prefix(TimeStamp::kWidth + 1);
  for (LogStream stream : {LogStream::Out, LogStream::Err, LogStream::Plumb}) {
    std::string_view word = to_string(stream);
    if (line.starts_with(word) && line.size() > word.size() && line[word.size()] == ' ')
      return ParsedLine{*at, stream, line.substr(word.size() + 1)};
  }
  return std::nullopt;
}

}  // namespace plumb::run
