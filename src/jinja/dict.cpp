// Dict and Set: entries in the order they came, and beyond a handful a table of slots to find them by hash.
#include <algorithm>
#include <bit>

#include "jinja/operators.h"
#include "jinja/undefined.h"
#include "jinja/value.h"

namespace plumb::jinja {
namespace {

// Up to so many entries are compared one after the other, which is quicker than hashing.
constexpr std::size_t kSmall = 8;
// Room for so many is made with the first: most dicts of templates have a few entries.
constexpr std::size_t kFirst = 4;

bool erased(const Value::Entry& entry) {
  return entry.key.is_undefined() && !entry.key.find_undefined();
}
// Where the search begins. Hashes of whole numbers are the numbers themselves: once multiplied, each of their bits
// counts in the topmost ones.
std::size_t first_slot(std::size_t hash, std::size_t slots) {
  const std::uint64_t mixed = hash * std::uint64_t{0x9E3779B97F4A7C15};
  return static_cast<std::size_t>(mixed >> (64 - std::countr_zero(slots)));
}

}  // namespace

Dict::Dict(std::initializer_list<Value::Entry> entries) : Dict() {
  entries_.reserve(entries.size());
  for (const Value::Entry& entry : entries) set(entry.key, entry.value);
}

template <class Matches>
Value::Entry* Dict::probe(std::size_t hash, Matches matches) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = first_slot(hash, slots_.size());; slot = (slot + 1) & mask) {
    if (slots_[slot] == 0) return nullptr;
    const std::size_t position = slots_[slot] - 1;
    if (position < entries_.size() && matches(entries_[position].key)) {
      return &entries_[position];
    }
  }
}

Value::Entry* Dict::find_entry(const Value& key) {
  if (key.is_string()) {
    const auto matches = [&key](const Value& other) { return other.same_text(key); };
    if (!slots_.empty()) return probe(key.text_hash(), matches);
    for (Value::Entry& entry : entries_) {
      if (matches(entry.key)) return &entry;
    }
    return nullptr;
  }
  // Asked even of an empty dict: the answer may be that it can't be a key at all.
  const std::size_t hash = hash_value(key);
  const auto matches = [&key](const Value& other) { return equal_keys(other, key); };
  if (!slots_.empty()) return probe(hash, matches);
  for (Value::Entry& entry : entries_) {
    if (!erased(entry) && matches(entry.key)) return &entry;
  }
  return nullptr;
}

Value* Dict::find(const Value& key) {
  Value::Entry* entry = find_entry(key);
  return entry ? &entry->value : nullptr;
}

Value* Dict::find(std::string_view key) {
  if (Value::is_short(key)) return find(Value(key));
  const auto matches = [key](const Value& other) { return other.is_string() && other.as_string() == key; };
  if (!slots_.empty()) {
    Value::Entry* entry = probe(std::hash<std::string_view>()(key), matches);
    return entry ? &entry->value : nullptr;
  }
  for (Value::Entry& entry : entries_) {
    if (matches(entry.key)) return &entry.value;
  }
  return nullptr;
}

void Dict::set(Value key, Value value) {
  if (Value::Entry* entry = find_entry(key)) {
    entry->value = std::move(value);
  } else {
    append(std::move(key), std::move(value));
  }
}

void Dict::append(Value key, Value value) {
  // What marks holes can't be a key; as one it is like any other undefined.
  if (key.is_undefined() && !key.find_undefined()) key = undefined_name(UndefinedKind::Lenient, "");
  const bool full = slots_.empty() ? entries_.size() >= kSmall : (filled_slots_ + 1) * 3 > slots_.size() * 2;
  if (full) rebuild();
  const std::size_t capacity = entries_.capacity();
  if (capacity == 0) entries_.reserve(kFirst);
  if (!slots_.empty()) hashes_.push_back(hash_value(key));
  entries_.push_back({std::move(key), std::move(value)});
  if (!slots_.empty()) add_slot(entries_.size() - 1);
  ++version_;
  if (entries_.capacity() != capacity) {
    constexpr std::size_t kPerEntry = sizeof(Value::Entry) + sizeof(std::size_t);
    charge_.resize(sizeof *this + entries_.capacity() * kPerEntry + slots_.size() * sizeof(std::uint32_t));
  }
}

void Dict::add_slot(std::size_t position) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = first_slot(hashes_[position], slots_.size());
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<std::uint32_t>(position + 1);
  ++filled_slots_;
}

// Closes the holes, and gives slots to what is no longer small.
void Dict::rebuild() {
  if (erased_ > 0) {
    std::erase_if(entries_, erased);
    erased_ = 0;
  }
  hashes_.clear();
  slots_.clear();
  filled_slots_ = 0;
  if (entries_.size() < kSmall) return;
  std::size_t slots = 4 * kSmall;
  while (slots < entries_.size() * 3) slots *= 2;
  slots_.resize(slots);
  hashes_.reserve(entries_.capacity());
  for (std::size_t position = 0; position < entries_.size(); ++position) {
    hashes_.push_back(hash_value(entries_[position].key));
    add_slot(position);
  }
}

bool Dict::erase(const Value& key) {
  Value::Entry* entry = find_entry(key);
  if (!entry) return false;
  // What goes may be the last of a long chain, and is freed once this dict is whole again.
  const Value::Entry gone = std::exchange(*entry, {});
  ++erased_;
  ++version_;
  while (!entries_.empty() && erased(entries_.back())) {
    entries_.pop_back();
    if (!hashes_.empty()) hashes_.pop_back();
    --erased_;
  }
  return true;
}

void Dict::clear() {
  const std::vector<Value::Entry> gone = std::exchange(entries_, {});
  hashes_.clear();
  slots_.clear();
  filled_slots_ = erased_ = 0;
  ++version_;
  charge_.resize(sizeof *this);
}

const Value::Entry* Dict::next(std::size_t& position) const {
  while (position < entries_.size()) {
    const Value::Entry& entry = entries_[position++];
    if (!erased(entry)) return &entry;
  }
  return nullptr;
}

std::vector<Value> Dict::keys() const {
  std::vector<Value> keys;
  keys.reserve(size());
  for (std::size_t position = 0; const Value::Entry* entry = next(position);) keys.push_back(entry->key);
  return keys;
}

bool Set::add(const Value& item) {
  if (items_.find(item)) return false;
  items_.set(item, Value::none());
  return true;
}

const Value* Set::next(std::size_t& position) const {
  const Value::Entry* entry = items_.next(position);
  return entry ? &entry->key : nullptr;
}

}  // namespace plumb::jinja
