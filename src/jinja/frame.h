// The slots of functions that run, and what keeps them alive.
//
// A function that nothing looks into has its slots on a stack of the renderer, and no allocation. One with macros or
// call blocks inside has a CapturedFrame, which the macros share.
//
// A frame and a macro within it own each other. Python has a collector for that; here a Circles object knows all frames
// and contexts that were still owned by somebody when their function had ended, and empties them when it ends itself:
// with the render, or with the last of the macros that a module has exported.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "jinja/render_context.h"
#include "jinja/scopes.h"

namespace plumb::jinja {

class CapturedFrame;

struct Frame {
  Value* slots = nullptr;
  const Frame* outer = nullptr;       // of the function around
  CapturedFrame* captured = nullptr;  // itself, if it is one
};

class CapturedFrame final : public Shared {
 public:
  CapturedFrame(const FunctionLayout& layout, Ref<CapturedFrame> outer)
      : outer_(std::move(outer)), slots_(static_cast<std::size_t>(layout.slots)) {
    frame.slots = slots_.data();
    frame.outer = outer_ ? &outer_->frame : nullptr;
    frame.captured = this;
    charge_.resize(sizeof *this + slots_.size() * sizeof(Value));
  }
  Frame frame;
  const std::vector<Value>& slots() const { return slots_; }
  void clear() {
    for (Value& slot : slots_) slot = Value();
  }

 private:
  Ref<CapturedFrame> outer_;
  std::vector<Value> slots_;
  Charge charge_;
};

// Room for the slots of functions that nothing looks into, and for the arguments of calls. What is pushed never moves,
// and is empty.
template <class T>
class Stack {
 public:
  T* push(std::size_t count) {
    if (current_ == chunks_.size() || chunks_[current_].size - chunks_[current_].used < count) advance(count);
    Chunk& chunk = chunks_[current_];
    T* pushed = chunk.values.get() + chunk.used;
    chunk.used += count;
    return pushed;
  }
  void pop(T* pushed, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) pushed[i] = T();
    chunks_[current_].used -= count;
    while (current_ > 0 && chunks_[current_].used == 0) --current_;
  }

 private:
  static constexpr std::size_t kChunk = 2048 / sizeof(T);
  struct Chunk {
    std::unique_ptr<T[]> values;
    std::size_t size = 0, used = 0;
  };
  void advance(std::size_t count) {
    while (current_ < chunks_.size() && chunks_[current_].size - chunks_[current_].used < count) ++current_;
    if (current_ < chunks_.size()) return;
    const std::size_t size = std::max(kChunk, count);
    chunks_.push_back({std::make_unique<T[]>(size), size, 0});
  }

  std::vector<Chunk> chunks_;
  std::size_t current_ = 0;
};
using SlotStack = Stack<Value>;

// What is pushed for as long as it lives.
template <class T>
class Pushed {
 public:
  Pushed(Stack<T>& stack, std::size_t count) : stack_(stack), items_(stack.push(count), count) {}
  Pushed(const Pushed&) = delete;
  Pushed& operator=(const Pushed&) = delete;
  ~Pushed() { stack_.pop(items_.data(), items_.size()); }
  std::span<T> items() const { return items_; }

 private:
  Stack<T>& stack_;
  const std::span<T> items_;
};

// See above.
class Circles final : public Shared {
 public:
  ~Circles() override;
  // The function or template has ended. Ends the circle at once if nobody else owns a part of it.
  void add(Ref<CapturedFrame> frame);
  void add(Ref<RenderContext> context, Ref<CapturedFrame> frame);

 private:
  std::vector<Ref<CapturedFrame>> frames_;
  std::vector<Ref<RenderContext>> contexts_;
};

}  // namespace plumb::jinja
