// Keys: what can be one, its hash, and which two are the same.
#include <functional>

#include "jinja/errors.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {
namespace {

// Tuples in tuples end here, though Python goes on until its stack ends; and so do tuples that hold the same tuple many
// times, which for Python are a matter of years.
constexpr int kDeepest = 500;
constexpr int kMostItems = 10'000'000;

// What one question about a key has come to.
struct Walk {
  int depth = 0;
  int items = 0;
  void enter() {
    if (++depth > kDeepest) raise("RecursionError", "maximum recursion depth exceeded in comparison");
  }
  void pass() {
    if (++items > kMostItems) raise("LimitError", "a key has too many parts");
  }
};

std::size_t hash_of(const Value& value, Walk& walk);

std::size_t hash_tuple(const Value& tuple, Walk& walk) {
  walk.enter();
  std::size_t hash = 0x345678;
  for (const Value& item : tuple.items()) {
    walk.pass();
    hash = (hash ^ hash_of(item, walk)) * std::size_t{0x9E3779B97F4A7C15};
    hash ^= hash >> 29;
  }
  --walk.depth;
  return hash;
}

std::size_t hash_of(const Value& value, Walk& walk) {
  switch (value.kind()) {
    case Kind::String:
      return value.text_hash();
    case Kind::Bool:
    case Kind::Int:
    case Kind::BigInt:
    case Kind::Float:
      return number_hash(value);
    case Kind::None:
      return 0xFCA86420;
    case Kind::Undefined:
      forbid_strict(value);
      return 0x5BD1E995 + static_cast<std::size_t>(undefined_kind(value));
    case Kind::Tuple:
      return hash_tuple(value, walk);
    case Kind::Object:
      if (std::optional<std::size_t> hash = value.as_object().hash()) return *hash;
      break;
    case Kind::List:
    case Kind::Dict:
    case Kind::Set:
      break;
  }
  raise_type_error("unhashable type: '" + std::string(type_name(value)) + "'");
}

bool equal_objects(const Value& a, const Value& b) {
  if (a.identity() == b.identity()) return true;
  return a.as_object().type_name() == b.as_object().type_name() && a.as_object().hash() == b.as_object().hash();
}

bool equal_at(const Value& a, const Value& b, Walk& walk) {
  if (a.is_number() && b.is_number()) {
    if (a.kind() == Kind::Float && b.kind() == Kind::Float) return a.same_as(b) || a.as_float() == b.as_float();
    if (a.kind() == Kind::Float) return is_eq(int_float_compare(b, a.as_float()));
    if (b.kind() == Kind::Float) return is_eq(int_float_compare(a, b.as_float()));
    return is_eq(int_compare(a, b));
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::String:
      return a.as_string() == b.as_string();
    case Kind::None:
      return true;
    case Kind::Undefined:
      return undefined_kind(a) == undefined_kind(b);
    case Kind::Tuple: {
      walk.enter();
      const std::vector<Value>&ours = a.items(), &theirs = b.items();
      if (ours.size() != theirs.size()) return false;
      for (std::size_t i = 0; i < ours.size(); ++i) {
        walk.pass();
        if (!equal_at(ours[i], theirs[i], walk)) return false;
      }
      --walk.depth;
      return true;
    }
    case Kind::Object:
      return equal_objects(a, b);
    default:
      return a.same_as(b);
  }
}

}  // namespace

std::size_t hash_value(const Value& value) {
  Walk walk;
  return hash_of(value, walk);
}
bool equal_keys(const Value& a, const Value& b) {
  Walk walk;
  return equal_at(a, b, walk);
}

}  // namespace plumb::jinja
