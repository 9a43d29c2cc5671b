#include <algorithm>

#include "data/number_text.h"
#include "data/text.h"
#include "data/time_text.h"

namespace plumb::data {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How many digits stand from `start` on.
std::size_t count_digits(std::string_view text, std::size_t start) {
  std::size_t at = start;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at - start;
}

}  // namespace

void TypeGuess::look_at(std::string_view text) {
  char first = text.front();
  if (is_digit(first) || first == '-') {
    std::size_t digits = count_digits(text, 0);
    bool time = digits < text.size() && ((digits == 4 && text[4] == '-') || (digits == 2 && text[2] == ':'));
    kinds_ |= time ? time_kind(text) : number_kind(text);
    return;
  }
  bool boolean =
      text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" || text == "FALSE";
  kinds_ |= boolean ? kBool : kText;
}

// A number as JSON writes it: -12, 0.5, 1e9. Anything else that begins like one ("007", "1.2.3", "5 pieces") is text.
TypeGuess::Kind TypeGuess::number_kind(std::string_view text) {
  constexpr std::size_t kMostFraction = 6;
  constexpr std::size_t kMostPlain = 18;
  constexpr std::size_t kSurelyInRange = 300;  // digits that can't leave the range of a double
  std::size_t start = text.front() == '-' ? 1 : 0;
  std::size_t whole = count_digits(text, start);
  std::size_t at = start + whole;
  if (whole == 0 || (whole > 1 && text[start] == '0')) return kText;
  if (at == text.size()) {
    if (whole > static_cast<std::size_t>(kMostDigits)) return kText;
    whole_digits_ = std::max(whole_digits_, static_cast<int>(whole));
    integer_digits_ = std::max(integer_digits_, static_cast<int>(whole));
    return whole <= 18 || find_int64(text) ? kInteger : kLongInteger;
  }
  std::size_t fraction = 0;
  if (text[at] == '.') {
    fraction = count_digits(text, at + 1);
    if (fraction == 0) return kText;
    at += 1 + fraction;
    if (at == text.size() && fraction <= kMostFraction && whole + fraction <= kMostPlain) {
      whole_digits_ = std::max(whole_digits_, static_cast<int>(whole));
      fraction_digits_ = std::max(fraction_digits_, static_cast<int>(fraction));
      return kFraction;
    }
    if (at == text.size()) return whole + fraction <= kSurelyInRange || find_double(text) ? kDouble : kText;
  }
  // Only an exponent may follow, and the number must be in the range of a double.
  if (text[at] != 'e' && text[at] != 'E') return kText;
  return find_double(text) ? kDouble : kText;
}

TypeGuess::Kind TypeGuess::time_kind(std::string_view text) {
  auto time = find_time_text(text);
  if (!time || time->too_fine) return kText;
  if (!time->has_date) return time->has_seconds ? kTime : kText;  // "12:30" may be a ratio or a duration
  if (!time->has_time) return kDate;
  return time->has_zone ? kTimestampTz : kTimestamp;
}

Type TypeGuess::number_type() const {
  constexpr int kExactInDouble = 15;
  if ((kinds_ & kDouble) != 0) return integer_digits_ > kExactInDouble ? Type::text() : Type::float64();
  if (kinds_ == kInteger) return Type::int64();
  int digits = whole_digits_ + fraction_digits_;
  for (int precision : {15, 18, kMostDigits}) {
    if (digits <= precision) return Type::decimal(precision, fraction_digits_);
  }
  return Type::text();
}

Type TypeGuess::type() const {
  constexpr unsigned kNumbers = kInteger | kLongInteger | kFraction | kDouble;
  if (kinds_ != 0 && (kinds_ & ~kNumbers) == 0) return number_type();
  switch (kinds_) {
    case kBool:
      return Type::boolean();
    case kDate:
      return Type::date();
    case kTime:
      return Type::time();
    case kTimestamp:
    case kTimestamp | kDate:
      return Type::timestamp();
    case kTimestampTz:
      return Type::timestamp_tz();
    default:
      return Type::text();
  }
}

}  // namespace plumb::data
