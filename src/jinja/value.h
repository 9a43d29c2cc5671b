// The values that templates compute with: Python's, as far as a template can meet them.
//
// A Value is 16 bytes and copies cheaply. Small things (None, a bool, a 64-bit int, a float, up to 13 bytes of text)
// lie in it; everything else is shared and counted: long text, lists, dicts, sets, whole numbers beyond 64 bits, host
// objects. As in Python, copies of a list are the same list: who appends to one sees it in the other.
//
//     Value row = Value::dict({{"name", "Ada"}, {"born", 1815}});
//     row.as_dict().set("died", 1852);
//
// Undefined is a value (undefined.h); so is an exhausted lookup. Text is UTF-8. Markup is text that needs no more
// escaping: text with a flag.
//
// Threads: the counts are atomic, so that values may be shared by threads that only read them. A list, dict, set or
// object that somebody changes belongs to one thread.
//
// What values do (operators, text, order, calls) is in operators.h, text.h and object.h. As in Python there are no
// checks here: as_x() of another kind is a bug and asserts.
#pragma once

#include <atomic>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/meter.h"

namespace plumb::jinja {

class Value;
class List;
class Dict;
class Set;
class Object;
class BigInt;
class UndefinedInfo;

enum class Kind : std::uint8_t { Undefined, None, Bool, Int, BigInt, Float, String, List, Tuple, Dict, Set, Object };

// What is shared and counted. It dies with its last Ref.
class Shared {
 public:
  Shared() = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  virtual ~Shared() = default;
  // How many owners it has: for those who look for circles of owners.
  std::uint32_t references() const noexcept { return references_.load(std::memory_order_acquire); }

 private:
  template <class T>
  friend class Ref;
  friend class Value;
  void retain() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(this);
  }
  // A list in a list in a list … goes one after the other, not each within the one around it: the stack has an end.
  static void destroy(const Shared* dead) noexcept;
  mutable std::atomic<std::uint32_t> references_{0};
};

// An owner among several: std::shared_ptr with the count inside, a pointer wide.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* counted) : pointer_(counted) {
    if (pointer_) pointer_->retain();
  }
  Ref(const Ref& other) : Ref(other.pointer_) {}
  Ref(Ref&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  template <class Derived>
  requires std::is_convertible_v<Derived*, T*> Ref(const Ref<Derived>& other) : Ref(other.get()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~Ref() {
    if (pointer_) pointer_->release();
  }
  T* get() const { return pointer_; }
  T& operator*() const { return *pointer_; }
  T* operator->() const { return pointer_; }
  explicit operator bool() const { return pointer_ != nullptr; }

 private:
  T* pointer_ = nullptr;
};

template <class T, class... Arguments>
Ref<T> make(Arguments&&... arguments) {
  return Ref<T>(std::make_unique<T>(std::forward<Arguments>(arguments)...).release());
}

class Value {
 public:
  struct Entry;

  // Undefined without a name: what is looked up and not there, before anybody asked what it was called.
  Value() noexcept = default;
  Value(bool value) noexcept : Value(Kind::Bool, static_cast<std::uint64_t>(value)) {}
  Value(int value) noexcept : Value(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) noexcept : Value(Kind::Int, static_cast<std::uint64_t>(value)) {}
  Value(double value) noexcept : Value(Kind::Float, std::bit_cast<std::uint64_t>(value)) {}
  Value(std::string_view text) {
    if (is_short(text)) {
      put_short(text);
    } else {
      put_long(text);
    }
  }
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(std::string&& text);
  Value(Ref<List> list);
  Value(Ref<Dict> dict);
  Value(Ref<Set> set);
  Value(Ref<Object> object);
  template <class T>
  requires std::is_base_of_v<Object, T> Value(Ref<T> object) : Value(Ref<Object>(std::move(object))) {}
  // One that fits 64 bits becomes an Int.
  Value(const BigInt& number);
  // One beyond 64 bits; from_big (big_number.h) sees to it.
  explicit Value(Ref<BigInt> number);
  Value(Ref<UndefinedInfo> undefined);
  template <class T>
  Value(T*) = delete;  // a pointer is not a bool

  static Value none() noexcept { return {Kind::None, std::uint64_t{0}}; }
  static Value markup(std::string text);
  static Value list(std::vector<Value> items = {});
  static Value tuple(std::vector<Value> items = {});
  static Value dict(std::initializer_list<Entry> entries = {});
  static Value set(const std::vector<Value>& items = {});

  Value(const Value& other) noexcept : head_(other.head_), payload_(other.payload_) { retain(); }
  Value(Value&& other) noexcept : head_(std::exchange(other.head_, 0)), payload_(std::exchange(other.payload_, 0)) {}
  // What was held goes last: `other` may lie inside it.
  Value& operator=(const Value& other) noexcept {
    Value fresh(other);
    swap(fresh);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value fresh(std::move(other));
    swap(fresh);
    return *this;
  }
  void swap(Value& other) noexcept {
    std::swap(head_, other.head_);
    std::swap(payload_, other.payload_);
  }
  ~Value() {
    if (is_shared()) shared()->release();
  }

  Kind kind() const { return static_cast<Kind>(head_ & 0xFF); }
  bool is_undefined() const { return kind() == Kind::Undefined; }
  bool is_none() const { return kind() == Kind::None; }
  bool is_string() const { return kind() == Kind::String; }
  bool is_markup() const { return (head_ & kMarkup) != 0; }
  bool is_int() const { return kind() == Kind::Int; }
  // A whole number of any size, or a bool, which is one in Python.
  bool is_integral() const { return kind() == Kind::Int || kind() == Kind::Bool || kind() == Kind::BigInt; }
  bool is_number() const { return is_integral() || kind() == Kind::Float; }

  bool as_bool() const {
    assert(kind() == Kind::Bool);
    return payload_ != 0;
  }
  std::int64_t as_int() const {
    assert(kind() == Kind::Int);
    return static_cast<std::int64_t>(payload_);
  }
  double as_float() const {
    assert(kind() == Kind::Float);
    return std::bit_cast<double>(payload_);
  }
  const BigInt& as_big_int() const;
  // Valid as long as this very Value is neither changed nor destroyed: short text lies inside.
  std::string_view as_string() const {
    assert(is_string());
    if (is_shared()) return long_string();
    return {reinterpret_cast<const char*>(&head_) + kInlineText, static_cast<unsigned char>(head_ >> kLengthShift)};
  }
  // Are both text, and the same?
  bool same_text(const Value& other) const noexcept {
    if (((head_ | other.head_) & kShared) == 0) {
      return is_string() && ((head_ ^ other.head_) & ~kMarkup) == 0 && payload_ == other.payload_;
    }
    return same_long_text(other);
  }
  // Text that lies in the Value itself.
  static bool is_short(std::string_view text) noexcept { return text.size() <= kInlineCapacity; }
  // A hash of text, the same for markup; of long text it is std::hash's.
  std::size_t text_hash() const noexcept {
    if (is_shared()) return std::hash<std::string_view>()(long_string());
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
    const std::uint64_t mixed = ((head_ & ~kMarkup) * kOdd) ^ payload_;
    return static_cast<std::size_t>((mixed ^ (mixed >> 29)) * kOdd);
  }
  List& as_list() const;                    // of a List or a Tuple
  const std::vector<Value>& items() const;  // of a List or a Tuple
  Dict& as_dict() const;
  Set& as_set() const;
  Object& as_object() const;
  // The host's class behind it, or null.
  template <class T>
  T* find_object() const {
    return kind() == Kind::Object ? dynamic_cast<T*>(shared()) : nullptr;
  }
  const UndefinedInfo* find_undefined() const;

  // Python's `is`: the same object, or the same small value.
  bool same_as(const Value& other) const noexcept;
  // What tells shared values apart, for cycles and for repr's addresses; null for small ones.
  const Shared* identity() const noexcept { return is_shared() ? shared() : nullptr; }

 private:
  // Bits and bytes of the head.
  static constexpr std::uint64_t kShared = 0x100, kMarkup = 0x200;
  static constexpr int kLengthShift = 16, kTextShift = 24;
  static constexpr std::size_t kInlineText = 3, kInlineHead = 5, kInlineCapacity = 13;

  Value(Kind kind, std::uint64_t payload) noexcept : head_(static_cast<std::uint64_t>(kind)), payload_(payload) {}
  Value(Kind kind, const Shared* counted) noexcept
      : head_(static_cast<std::uint64_t>(kind) | kShared), payload_(reinterpret_cast<std::uintptr_t>(counted)) {
    counted->retain();
  }
  bool is_shared() const noexcept { return (head_ & kShared) != 0; }
  Shared* shared() const noexcept {
    static_assert(sizeof(std::uintptr_t) == sizeof(payload_));
    Shared* pointer;
    std::memcpy(&pointer, &payload_, sizeof payload_);
    return pointer;
  }
  void retain() const noexcept {
    if (is_shared()) shared()->retain();
  }
  // Up to eight bytes as a number, the first lowest. Not byte by byte, as most of the text of a render comes by here.
  static std::uint64_t read_word(const char* bytes, std::size_t size) noexcept {
    const auto byte = [bytes](std::size_t at) {
      return std::uint64_t{static_cast<unsigned char>(bytes[at])} << (8 * at);
    };
    if (size < 4) return size == 0 ? 0 : byte(0) | byte(size / 2) | byte(size - 1);
    std::uint32_t low, high;
    std::memcpy(&low, bytes, sizeof low);
    std::memcpy(&high, bytes + size - sizeof high, sizeof high);
    return low | std::uint64_t{high} << (8 * (size - sizeof high));
  }
  void put_short(std::string_view text) noexcept {
    const std::size_t in_head = text.size() < kInlineHead ? text.size() : kInlineHead;
    head_ = static_cast<std::uint64_t>(Kind::String) | std::uint64_t{text.size()} << kLengthShift |
            read_word(text.data(), in_head) << kTextShift;
    payload_ = read_word(text.data() + in_head, text.size() - in_head);
  }
  void put_long(std::string_view text);
  bool same_long_text(const Value& other) const noexcept;
  inline std::string_view long_string() const;

  // From the lowest byte: kind, flags, length of the inline text, and that text up to the payload's end; or a payload.
  // They are written and read as two words: a processor that is to read together what was written in parts just before
  // waits until all of it has arrived in its cache.
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t head_ = 0;
  std::uint64_t payload_ = 0;
  static_assert(static_cast<int>(Kind::Undefined) == 0);
};
static_assert(sizeof(Value) == 16);

struct Value::Entry {
  Value key;
  Value value;
};

// Text that does not fit into a Value. Never changes.
class LongText final : public Shared {
 public:
  explicit LongText(std::string characters) : text(std::move(characters)), charge_(sizeof *this + text.capacity()) {}
  const std::string text;
  // How many code points; counted once.
  std::size_t length() const;

 private:
  const Charge charge_;
  mutable std::atomic<std::size_t> length_{0};  // 0: not counted yet
};
std::string_view Value::long_string() const {
  return static_cast<const LongText*>(shared())->text;
}

// A list's or tuple's items. A tuple never changes once it is made.
class List final : public Shared {
 public:
  explicit List(std::vector<Value> list = {}, bool is_tuple = false) : items(std::move(list)), tuple(is_tuple) {
    grown();
  }
  std::vector<Value> items;
  const bool tuple;
  // Who lets `items` grow says so afterwards: the meter of the render (meter.h) has to know.
  void grown() { charge_.resize(sizeof *this + items.capacity() * sizeof(Value)); }

 private:
  Charge charge_;
};

// A dict: keeps the order of insertion, and finds by Python's equality (1, 1.0 and True are one key).
class Dict final : public Shared {
 public:
  Dict() : charge_(sizeof *this) {}
  Dict(std::initializer_list<Value::Entry> entries);

  // Null when there is none. With a key that can't be hashed: Error, TypeError "unhashable type: 'list'".
  Value* find(const Value& key);
  const Value* find(const Value& key) const { return const_cast<Dict*>(this)->find(key); }
  // By text, without making long text of it.
  Value* find(std::string_view key);
  const Value* find(std::string_view key) const { return const_cast<Dict*>(this)->find(key); }
  template <class Text>
  requires std::is_convertible_v<const Text&, std::string_view> Value* find(const Text& key) {
    return find(std::string_view(key));
  }
  template <class Text>
  requires std::is_convertible_v<const Text&, std::string_view>
  const Value* find(const Text& key) const { return find(std::string_view(key)); }
  // An existing key keeps its place.
  void set(Value key, Value value);
  bool erase(const Value& key);
  void clear();

  std::size_t size() const { return entries_.size() - erased_; }
  // The entries in order, by position. As in Python, one that is erased while somebody walks moves nothing: walk with
  // `next(position)`, which skips holes and gives null at the end. `version()` grows whenever a key comes or goes.
  const Value::Entry* next(std::size_t& position) const;
  std::uint64_t version() const { return version_; }
  // Null when it is empty. No hole is ever the last.
  const Value::Entry* last() const { return entries_.empty() ? nullptr : &entries_.back(); }
  // The keys, in order.
  std::vector<Value> keys() const;

 private:
  template <class Matches>
  Value::Entry* probe(std::size_t hash, Matches matches);
  Value::Entry* find_entry(const Value& key);
  void append(Value key, Value value);
  void add_slot(std::size_t position);
  void rebuild();

  // A small dict is searched from end to end and has neither hashes nor slots.
  std::vector<Value::Entry> entries_;  // an erased entry's key is Undefined without a name, which no dict holds as key
  std::vector<std::size_t> hashes_;    // of the entries
  std::vector<std::uint32_t> slots_;   // open addressing: position in entries_ + 1, 0 for empty
  std::size_t filled_slots_ = 0;
  std::size_t erased_ = 0;
  std::uint64_t version_ = 0;
  Charge charge_;
};

// A set. Its order is that of insertion (Python's is arbitrary; see docs/jinja.md).
class Set final : public Shared {
 public:
  bool contains(const Value& item) const { return items_.find(item) != nullptr; }
  bool add(const Value& item);  // false when it was there
  bool erase(const Value& item) { return items_.erase(item); }
  std::size_t size() const { return items_.size(); }
  const Value* next(std::size_t& position) const;
  std::uint64_t version() const { return items_.version(); }

 private:
  Dict items_;
};

}  // namespace plumb::jinja
