#include "sandbox/dice.h"

namespace plumb::sandbox {
namespace {

// splitmix64: a step of it, and its scrambling.
constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;

std::uint64_t scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

std::int64_t knot(std::uint64_t seed, std::string_view name, std::int64_t index) {
  return Dice(seed, name, index).between(-1000, 1000);
}

}  // namespace

Dice::Dice(std::uint64_t seed, std::string_view name, std::int64_t number) : state_(scramble(seed + kStep)) {
  for (char c : name) state_ = scramble(state_ ^ static_cast<unsigned char>(c)) + kStep;
  state_ = scramble(state_ ^ static_cast<std::uint64_t>(number));
}

std::uint64_t Dice::next() {
  state_ += kStep;
  return scramble(state_);
}

std::int64_t Dice::between(std::int64_t low, std::int64_t high) {
  // The slight favour for low values does not matter with ranges this small.
  return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
}

std::string Dice::text(std::size_t length, std::string_view alphabet) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += pick(alphabet);
  return text;
}

std::int64_t wander(std::uint64_t seed, std::string_view name, std::int64_t at, std::int64_t period) {
  std::int64_t index = at / period - (at % period < 0 ? 1 : 0);
  std::int64_t within = at - index * period;
  std::int64_t from = knot(seed, name, index);
  std::int64_t to = knot(seed, name, index + 1);
  return from + (to - from) * within / period;
}

}  // namespace plumb::sandbox
