// dict.keys(), .values() and .items(): windows on a dict, which show what becomes of it later.
#pragma once

#include <memory>

#include "jinja/object.h"
#include "jinja/value.h"

namespace plumb::jinja {

class DictView final : public Object {
 public:
  enum class Shows { Keys, Values, Items };
  DictView(Shows shows, Value dict) : shows_(shows), dict_(std::move(dict)) {}

  Shows shows() const { return shows_; }
  // The dict itself: who walks it for key and value spares the tuples of Items.
  const Value& dict() const { return dict_; }

  std::string_view type_name() const override;
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override;
  std::unique_ptr<Iterator> iterate(State& state) override;
  std::optional<std::size_t> length(State& state) override;
  std::optional<bool> contains(State& state, const Value& item) override;
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  // What is like a set can't be a key.
  std::optional<std::size_t> hash() const override { return is_set_like() ? std::nullopt : Object::hash(); }
  // A set of what is left: `d.keys() - ["a"]`.
  using Object::operate;
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override;
  bool truth(State& state) override;
  std::string repr(State& state) override;

 private:
  bool is_set_like() const { return shows_ != Shows::Values; }
  const Shows shows_;
  const Value dict_;
};

// Walks a dict. RuntimeError "dictionary changed size during iteration" when a key has come or gone meanwhile.
class DictIterator final : public Iterator {
 public:
  DictIterator(Value dict, DictView::Shows shows);
  std::optional<Value> next(State& state) override;
  Pair next_pair(State& state, Value& first, Value& second) override;

 private:
  const Value::Entry* next_entry();
  const Value dict_;
  const DictView::Shows shows_;
  const std::size_t size_;
  const std::uint64_t version_;
  std::size_t position_ = 0;
  bool finished_ = false;
};

}  // namespace plumb::jinja
