#include "serve/login_limit.h"

#include <algorithm>

namespace plumb::serve {

namespace {

constexpr int kFreeOfUser = 5;      // of one user from one address
constexpr int kFreeOfAddress = 20;  // whoever is guessed
constexpr std::chrono::seconds kLongestWait{300};
constexpr std::chrono::minutes kForgotten{30};
constexpr std::size_t kMostKept = 4096;

std::string pair_key(const std::string& user, const std::string& address) {
  return address + "\n" + user.substr(0, 100);
}

}  // namespace

std::optional<std::chrono::seconds> LoginLimit::find_wait(const std::string& user, const std::string& address) {
  std::lock_guard lock(mutex_);
  Instant now = clock_.now();
  Instant until = now;
  for (const std::string& key : {pair_key(user, address), address}) {
    auto found = guesses_.find(key);
    if (found != guesses_.end()) until = std::max(until, found->second.blocked_until);
  }
  if (until <= now) return {};
  return std::chrono::ceil<std::chrono::seconds>(until - now);
}

void LoginLimit::failed(const std::string& user, const std::string& address) {
  std::lock_guard lock(mutex_);
  forget_old(clock_.now());
  count(pair_key(user, address), kFreeOfUser);
  count(address, kFreeOfAddress);
}

void LoginLimit::succeeded(const std::string& user, const std::string& address) {
  std::lock_guard lock(mutex_);
  guesses_.erase(pair_key(user, address));
}

void LoginLimit::count(const std::string& key, int free) {
  Guesses& guesses = guesses_[key];
  guesses.last = clock_.now();
  int beyond = ++guesses.failures - free;
  if (beyond < 0) return;
  constexpr int kMostDoublings = 10;
  auto wait = std::min(std::chrono::seconds(1) * (1 << std::min(beyond, kMostDoublings)), kLongestWait);
  guesses.blocked_until = guesses.last + wait;
}

void LoginLimit::forget_old(Instant now) {
  if (guesses_.size() < kMostKept) return;
  std::erase_if(guesses_, [&](const auto& entry) { return now - entry.second.last > kForgotten; });
  while (guesses_.size() >= kMostKept) {
    auto oldest = std::min_element(guesses_.begin(), guesses_.end(),
                                   [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
    guesses_.erase(oldest);
  }
}

}  // namespace plumb::serve
