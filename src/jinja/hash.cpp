// Keys: what can be one, its hash, and which two are the same.
#include <functional>

#include "jinja/errors.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {
namespace {

// Tuples in tuples end here, though Python goes on until its stack ends.
constexpr int kDeepest = 500;

void check_depth(int depth) {
  if (depth > kDeepest) raise("RecursionError", "maximum recursion depth exceeded in comparison");
}

std::size_t hash_of(const Value& value, int depth);

std::size_t hash_tuple(const Value& tuple, int depth) {
  check_depth(depth);
  std::size_t hash = 0x345678;
  for (const Value& item : tuple.items()) {
    hash = (hash ^ hash_of(item, depth + 1)) * std::size_t{0x9E3779B97F4A7C15};
    hash ^= hash >> 29;
  }
  return hash;
}

std::size_t hash_of(const Value& value, int depth) {
  switch (value.kind()) {
    case Kind::String:
      return std::hash<std::string_view>()(value.as_string());
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
      return hash_tuple(value, depth);
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

bool equal_at(const Value& a, const Value& b, int depth) {
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
      check_depth(depth);
      const std::vector<Value>&ours = a.items(), &theirs = b.items();
      if (ours.size() != theirs.size()) return false;
      for (std::size_t i = 0; i < ours.size(); ++i) {
        if (!equal_at(ours[i], theirs[i], depth + 1)) return false;
      }
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
  return hash_of(value, 0);
}
bool equal_keys(const Value& a, const Value& b) {
  return equal_at(a, b, 0);
}

}  // namespace plumb::jinja
