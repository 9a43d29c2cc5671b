// What a `for` walks over, and the `loop` that its body sees.
#pragma once

#include "jinja/renderer.h"

namespace plumb::jinja {

// The items of a loop, one by one: a list by position, as Python does, so that what is appended meanwhile is seen; all
// else by its iterator. Items that `for … if` does not want are passed over.
class LoopItems {
 public:
  LoopItems(Renderer& renderer, Value iterable, const For& loop, const Renderer::Here& where);
  // Over what is given, already filtered.
  explicit LoopItems(std::vector<Value> items);

  bool next(Renderer& renderer, Value& item) {
    if (!condition_) return next_of_all(renderer, item);
    while (next_of_all(renderer, item)) {
      if (renderer.passes_condition(*condition_, where_, item)) return true;
    }
    return false;
  }
  // As the iterator's; of what has none it is unknown.
  Iterator::Pair next_pair(Renderer& renderer, Value& first, Value& second) {
    if (!walk_ || condition_) return Iterator::Pair::Unknown;
    return walk_->next_pair(renderer, first, second);
  }
  // Nothing where that is not known beforehand.
  std::optional<std::size_t> size(State& state) const;
  const Value& iterable() const { return iterable_; }
  // The loop has ended; nobody may be asked for a condition any more.
  void close() {
    if (condition_) list_ = nullptr, walk_ = nullptr;
  }

 private:
  bool next_of_all(Renderer& renderer, Value& item) {
    if (list_) {
      if (position_ >= list_->size()) return false;
      item = (*list_)[position_++];
      return true;
    }
    if (!walk_) return false;
    auto next = walk_->next(renderer);
    if (!next) return false;
    item = *std::move(next);
    return true;
  }

  Value iterable_;
  const std::vector<Value>* list_ = nullptr;
  std::size_t position_ = 0;
  std::unique_ptr<Iterator> iterator_;
  Iterator* walk_ = nullptr;  // that one, or the one of a generator
  const For* condition_ = nullptr;
  Renderer::Here where_;  // of the condition
};

// `loop`. Looks one item ahead only when it is asked to.
class LoopContext final : public Object {
 public:
  LoopContext(const For& node, LoopItems items, const Renderer::Here& where, int depth)
      : node_(node), items_(std::move(items)), where_(where), depth_(depth) {}

  // The next round, or false.
  bool advance(Renderer& renderer);
  const Value& current() const { return current_; }
  // The `for` has ended: somebody may still hold this object.
  void close();

  const For& node() const { return node_; }
  const Renderer::Here& where() const { return where_; }
  int depth() const { return depth_; }
  bool is_open() const { return open_; }
  // What it holds, and the end of that (knots.h).
  void let_go() {
    for (Value* held : {&before_, &current_, &after_}) *held = Value();
    last_changed_.reset();
  }
  template <class Visit>
  void each_part(Visit visit) const {
    visit(items_.iterable());
    visit(before_);
    visit(current_);
    visit(after_);
    if (last_changed_) std::for_each(last_changed_->begin(), last_changed_->end(), visit);
  }

  std::string_view type_name() const override { return "LoopContext"; }
  std::string_view module_name() const override { return "jinja2.runtime"; }
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override;
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override;
  std::optional<std::size_t> length(State& state) override;
  std::string repr(State& state) override;

 private:
  const Value* look_ahead(Renderer& renderer);
  std::int64_t full_length(Renderer& renderer);
  Value cycle(Arguments arguments);
  Value changed(State& state, Arguments arguments);

  const For& node_;
  LoopItems items_;
  Renderer::Here where_;
  int depth_;
  bool open_ = true;
  std::int64_t index0_ = -1;
  Value before_, current_, after_;
  bool has_before_ = false, has_after_ = false;
  std::optional<std::int64_t> length_;
  std::optional<std::vector<Value>> last_changed_;
};

}  // namespace plumb::jinja
