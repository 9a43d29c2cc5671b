// Chance that can be repeated: dice whose throws follow from a seed, a name and a number (a day, an index).
//
// The same on every machine and in every order of asking, which std:: distributions are not. Two dice with different
// names or numbers have nothing to do with each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plumb::sandbox {

class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view name, std::int64_t number = 0);

  std::uint64_t next();
  // From low to high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  // True so many times out of a thousand.
  bool chance(int per_mille) { return between(1, 1000) <= per_mille; }
  // One of a list.
  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(std::size(list)) - 1))];
  }
  // So many digits or letters: "483920", "3F0A…".
  std::string text(std::size_t length, std::string_view alphabet);

 private:
  std::uint64_t state_;
};

// A smooth curve through the whole numbers, from -1000 to 1000: for prices and temperatures. It wanders over about
// `period` steps, by whole-number arithmetic.
std::int64_t wander(std::uint64_t seed, std::string_view name, std::int64_t at, std::int64_t period);

}  // namespace plumb::sandbox
