#include "jinja/value.h"

#include "jinja/number.h"
#include "jinja/object.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// How deep containers may be freed within each other; the rest waits for the outermost.
constexpr int kFreeDepth = 100;
struct Freeing {
  int depth = 0;
  std::vector<const Shared*> waiting;
};
// By thread, as freeing takes no arguments.
thread_local Freeing freeing;

void free_now(const Shared* dead) {
  std::default_delete<const Shared>()(dead);
}

}  // namespace

void Shared::destroy(const Shared* dead) noexcept {
  Freeing& thread = freeing;
  if (thread.depth >= kFreeDepth) {
    thread.waiting.push_back(dead);
    return;
  }
  ++thread.depth;
  free_now(dead);
  while (thread.depth == 1 && !thread.waiting.empty()) {
    const Shared* next = thread.waiting.back();
    thread.waiting.pop_back();
    free_now(next);
  }
  --thread.depth;
}

std::size_t LongText::length() const {
  std::size_t known = length_.load(std::memory_order_relaxed);
  if (known == 0) {
    known = count_code_points(text);
    length_.store(known, std::memory_order_relaxed);
  }
  return known;
}

Value::Value(std::string&& text) {
  if (is_short(text)) {
    put_short(text);
  } else {
    *this = Value(Kind::String, make<LongText>(std::move(text)).get());
  }
}

void Value::put_long(std::string_view text) {
  *this = Value(std::string(text));
}

bool Value::same_long_text(const Value& other) const noexcept {
  return is_string() && other.is_string() && as_string() == other.as_string();
}

Value::Value(Ref<List> list) : Value(list->tuple ? Kind::Tuple : Kind::List, list.get()) {}
Value::Value(Ref<Dict> dict) : Value(Kind::Dict, dict.get()) {}
Value::Value(Ref<Set> set) : Value(Kind::Set, set.get()) {}
Value::Value(Ref<Object> object) : Value(Kind::Object, object.get()) {}
Value::Value(Ref<BigInt> number) : Value(Kind::BigInt, number.get()) {}
Value::Value(Ref<UndefinedInfo> undefined) : Value(Kind::Undefined, undefined.get()) {}

Value Value::markup(std::string text) {
  Value value(std::move(text));
  value.head_ |= kMarkup;
  return value;
}
Value Value::list(std::vector<Value> items) {
  return make<List>(std::move(items));
}
Value Value::tuple(std::vector<Value> items) {
  return make<List>(std::move(items), true);
}
Value Value::dict(std::initializer_list<Entry> entries) {
  return make<Dict>(entries);
}
Value Value::set(const std::vector<Value>& items) {
  Ref<Set> set = make<Set>();
  for (const Value& item : items) set->add(item);
  return set;
}

const BigInt& Value::as_big_int() const {
  assert(kind() == Kind::BigInt);
  return *static_cast<const BigInt*>(shared());
}
List& Value::as_list() const {
  assert(kind() == Kind::List || kind() == Kind::Tuple);
  return *static_cast<List*>(shared());
}
const std::vector<Value>& Value::items() const {
  return as_list().items;
}
Dict& Value::as_dict() const {
  assert(kind() == Kind::Dict);
  return *static_cast<Dict*>(shared());
}
Set& Value::as_set() const {
  assert(kind() == Kind::Set);
  return *static_cast<Set*>(shared());
}
Object& Value::as_object() const {
  assert(kind() == Kind::Object);
  return *static_cast<Object*>(shared());
}
const UndefinedInfo* Value::find_undefined() const {
  if (kind() != Kind::Undefined) return nullptr;
  return static_cast<const UndefinedInfo*>(identity());
}

bool Value::same_as(const Value& other) const noexcept {
  if (kind() != other.kind() || ((head_ ^ other.head_) & kShared) != 0) return false;
  if (kind() == Kind::String) {
    if (is_markup() != other.is_markup()) return false;
    return identity() ? identity() == other.identity() : as_string() == other.as_string();
  }
  return payload_ == other.payload_;
}

}  // namespace plumb::jinja
