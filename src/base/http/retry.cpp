#include "base/http/retry.h"

#include <algorithm>

#include "base/http/date.h"
#include "base/http/form.h"

namespace plumb {
namespace {

// Ten years: more than anybody waits, and far from where microseconds overflow.
constexpr std::int64_t kLongestSeconds = 315'360'000;

std::optional<Duration> find_seconds(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  std::int64_t seconds = 0;
  for (char digit : text) seconds = std::min(seconds * 10 + (digit - '0'), kLongestSeconds);
  return std::chrono::seconds(seconds);
}

}  // namespace

std::optional<Duration> find_retry_after(const HttpHeaders& headers, Instant now) {
  const std::string* value = headers.find("Retry-After");
  if (!value) return {};
  std::string_view text = trim_blanks(*value);
  if (std::optional<Duration> seconds = find_seconds(text)) return seconds;
  auto until = find_http_date(text);
  if (!until) return {};
  const std::string* date = headers.find("Date");
  auto there = date ? find_http_date(trim_blanks(*date)) : std::nullopt;
  return std::max<Duration>(*until - (there ? Instant(*there) : now), Duration(0));
}

std::optional<Duration> Patience::find_wait(std::optional<Duration> asked_for) {
  ++tries_;
  if (tries_ >= policy_.attempts) return {};
  double delay = static_cast<double>(Duration(policy_.first_delay).count());
  for (int i = 1; i < tries_ && i < 40; ++i) delay *= 2;
  delay = std::min(delay * std::uniform_real_distribution<double>(0.75, 1.25)(chance_),
                   static_cast<double>(Duration(policy_.longest_delay).count()));
  bool asked = asked_for && *asked_for > Duration(0);
  Duration wait = asked ? *asked_for : Duration(static_cast<Duration::rep>(delay));
  if (wait >= left_) return {};
  return wait;
}

}  // namespace plumb
