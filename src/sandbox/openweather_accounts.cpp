#include "sandbox/openweather_accounts.h"

#include <algorithm>

namespace plumb::sandbox::openweather {
namespace {

constexpr std::int64_t kCallsPerMonth = 1'000'000;
constexpr std::int64_t kOneCallsPerDay = 2'000;

std::int64_t month_of(Instant now) {
  std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
  return std::int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month());
}

std::int64_t day_of(Instant now) {
  return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
}

}  // namespace

bool Accounts::take_token(Usage& usage, Instant now) const {
  if (calls_per_minute_ == 0) return true;
  double size = calls_per_minute_;
  if (!usage.started) {
    usage.tokens = size;
    usage.filled_at = now;
    usage.started = true;
  }
  // A clock that was set back fills nothing.
  double seconds = std::max(0.0, std::chrono::duration<double>(now - usage.filled_at).count());
  usage.tokens = std::min(size, usage.tokens + seconds * size / 60);
  usage.filled_at = now;
  // Sixty sixtieths fall a hair short of one.
  if (usage.tokens < 1 - 1e-9) return false;
  usage.tokens -= 1;
  return true;
}

Admission Accounts::admit(std::string_view key, Product product, Instant now) {
  auto known = std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) { return k.text == key; });
  if (key.empty() || known == keys_.end() || known->state == KeyState::New) return Admission::WrongKey;
  if (known->state == KeyState::Blocked) return Admission::Exhausted;
  if (product == Product::OneCall && known->plan != Plan::OneCall) return Admission::NoSubscription;

  Usage& usage = usage_[known->account];
  if (std::int64_t month = month_of(now); month != usage.month) {
    usage.month = month;
    usage.month_calls = 0;
  }
  if (std::int64_t day = day_of(now); day != usage.day) {
    usage.day = day;
    usage.one_calls = 0;
  }
  bool spent = product == Product::OneCall ? usage.one_calls >= kOneCallsPerDay : usage.month_calls >= kCallsPerMonth;
  if (spent || !take_token(usage, now)) return Admission::Exhausted;
  ++(product == Product::OneCall ? usage.one_calls : usage.month_calls);
  return Admission::Granted;
}

bool Accounts::change(std::string_view key, std::optional<Plan> plan, std::optional<KeyState> state) {
  auto known = std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) { return k.text == key; });
  if (known == keys_.end()) return false;
  if (plan) known->plan = *plan;
  if (state) known->state = *state;
  return true;
}

void Accounts::describe(JsonWriter& json) const {
  json.begin_array();
  for (const auto& [account, usage] : usage_) {
    json.begin_object();
    json.field("account", account).field("calls_this_month", usage.month_calls);
    json.field("one_calls_today", usage.one_calls);
    json.end_object();
  }
  json.end_array();
}

}  // namespace plumb::sandbox::openweather
