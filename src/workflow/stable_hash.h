// A hash that stays the same on every machine and in every version, for `H` and jitter: FNV-1a, well mixed.
#pragma once

#include <cstdint>
#include <string_view>

namespace plumb::workflow {

constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t salt) {
  std::uint64_t hash = 14695981039346656037ULL ^ (salt * 0x9E3779B97F4A7C15ULL);
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBULL;
  return hash ^ (hash >> 31);
}

}  // namespace plumb::workflow
