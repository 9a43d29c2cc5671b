#include "base/clock.h"

#include <algorithm>
#include <condition_variable>

#include "base/format.h"

namespace plumb {
namespace {

// Reads a timestamp from left to right; each take_… moves on only when it succeeds.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits.
  std::optional<int> take_number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // One digit or more after the decimal point, as microseconds; what is finer is cut off.
  std::optional<Duration> take_fraction() {
    long micros = 0;
    int digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits, rest_.remove_prefix(1)) {
      if (digits < 6) micros = micros * 10 + (rest_.front() - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
    return Duration(micros);
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// "Z", "+02", "+02:00", "+0200", or nothing.
std::optional<std::chrono::minutes> take_offset(Scanner& scanner) {
  if (scanner.at_end() || scanner.take_any("Zz")) return std::chrono::minutes(0);
  bool minus = scanner.take('-');
  if (!minus && !scanner.take('+')) return std::nullopt;
  auto hours = scanner.take_number(2);
  if (!hours || *hours > 23) return std::nullopt;
  std::optional<int> minutes = 0;
  if (!scanner.at_end()) {
    scanner.take(':');
    minutes = scanner.take_number(2);
    if (!minutes || *minutes > 59) return std::nullopt;
  }
  std::chrono::minutes offset(*hours * 60 + *minutes);
  return minus ? -offset : offset;
}

// "07:00", "07:00:00", "07:00:00.5". Second 60 is a leap second, which is the next one for us as for Unix.
std::optional<Duration> take_time(Scanner& scanner) {
  auto hours = scanner.take_number(2);
  if (!hours || *hours > 23 || !scanner.take(':')) return std::nullopt;
  auto minutes = scanner.take_number(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  Duration time = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (!scanner.take(':')) return time;
  auto seconds = scanner.take_number(2);
  if (!seconds || *seconds > 60) return std::nullopt;
  time += std::chrono::seconds(*seconds);
  if (!scanner.take_any(".,")) return time;
  auto fraction = scanner.take_fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

}  // namespace

Instant SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

bool SystemClock::sleep_for(Duration duration, std::stop_token stop) {
  constexpr Duration kForever = std::chrono::hours(24 * 365);  // longer ones would overflow the steady clock's type
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, std::min(duration, kForever), [] { return false; });
  return !stop.stop_requested();
}

ShiftedClock::ShiftedClock(Instant start) : shift_(start - system_.now()) {}

Instant ShiftedClock::now() const {
  return system_.now() + shift_;
}

bool ShiftedClock::sleep_for(Duration duration, std::stop_token stop) {
  return system_.sleep_for(duration, std::move(stop));
}

Instant TestClock::now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

bool TestClock::sleep_for(Duration duration, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  std::lock_guard lock(mutex_);
  now_ += std::max(duration, Duration(0));
  slept_ += std::max(duration, Duration(0));
  return true;
}

void TestClock::advance(Duration duration) {
  std::lock_guard lock(mutex_);
  now_ += duration;
}

void TestClock::set(Instant now) {
  std::lock_guard lock(mutex_);
  now_ = now;
}

Duration TestClock::slept() const {
  std::lock_guard lock(mutex_);
  return slept_;
}

std::string format_instant(Instant instant) {
  auto day = std::chrono::floor<std::chrono::days>(instant);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss time(instant - day);
  std::string out = format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                           unsigned(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) out += format(".{:06}", time.subseconds().count());
  return out + "Z";
}

std::optional<Instant> find_instant(std::string_view text) {
  Scanner scanner(text);
  auto year = scanner.take_number(4);
  if (!year || !scanner.take('-')) return std::nullopt;
  auto month = scanner.take_number(2);
  if (!month || !scanner.take('-')) return std::nullopt;
  auto day = scanner.take_number(2);
  if (!day || !scanner.take_any("Tt ")) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  auto time = take_time(scanner);
  if (!time) return std::nullopt;
  auto offset = take_offset(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  return Instant(std::chrono::sys_days(date)) + *time - *offset;
}

}  // namespace plumb
