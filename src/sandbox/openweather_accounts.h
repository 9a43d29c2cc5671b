// Who may ask for what, and how often: the service's keys, subscriptions and quotas.
//
// A key belongs to an account, and all keys of an account draw from one bucket of calls a minute. The month's calls are
// counted for everything but One Call, whose calls are counted by the UTC day and end at its default cap.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"

namespace plumb::sandbox::openweather {

enum class Plan { Free, OneCall };
enum class KeyState {
  Active,
  New,      // not activated yet: refused like a wrong one
  Blocked,  // the account has used up what it may
};
struct Key {
  std::string text;
  std::string account;
  Plan plan = Plan::Free;
  KeyState state = KeyState::Active;
};

enum class Product { Weather, OneCall };
enum class Admission { Granted, WrongKey, NoSubscription, Exhausted };

class Accounts {
 public:
  // So many calls a minute for each account; 0: no limit.
  Accounts(std::vector<Key> keys, int calls_per_minute) : keys_(std::move(keys)), calls_per_minute_(calls_per_minute) {}

  // Decides on a call and, if granted, counts it.
  Admission admit(std::string_view key, Product product, Instant now);

  // Sets what is given of a known key; false when there is none of that text.
  bool change(std::string_view key, std::optional<Plan> plan, std::optional<KeyState> state);

  // A list of accounts with what they have used, for the sandbox's state. Keys are shown by account, not by text.
  void describe(JsonWriter& json) const;

 private:
  struct Usage {
    double tokens = 0;  // calls left in the bucket
    Instant filled_at = {};
    bool started = false;
    std::int64_t month = 0;  // months since year 0, and its calls
    std::int64_t month_calls = 0;
    std::int64_t day = 0;  // days since 1970, and its One Call calls
    std::int64_t one_calls = 0;
  };
  bool take_token(Usage& usage, Instant now) const;

  std::vector<Key> keys_;
  int calls_per_minute_;
  std::map<std::string, Usage, std::less<>> usage_;  // by account
};

}  // namespace plumb::sandbox::openweather
