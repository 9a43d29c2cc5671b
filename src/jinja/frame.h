// The slots of functions that run, and what keeps them alive.
//
// A function that nothing looks into has its slots on a stack of the renderer, and no allocation. One with macros or
// call blocks inside has a CapturedFrame, which the macros share.
//
// A frame and a macro within it own each other. Python has a collector for that; here a Circles object knows all frames
// and contexts that were still owned by somebody when their function had ended, and empties them when it ends itself:
// with the render, or with the last of the macros that a module has exported.
#pragma once

#include <memory>
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
  }
  Frame frame;
  const std::vector<Value>& slots() const { return slots_; }
  void clear() {
    for (Value& slot : slots_) slot = Value();
  }

 private:
  Ref<CapturedFrame> outer_;
  std::vector<Value> slots_;
};

// Room for the slots of functions that nothing looks into. Slots never move.
class SlotStack {
 public:
  // All empty.
  Value* push(std::size_t count);
  void pop(Value* slots, std::size_t count) noexcept;

 private:
  static constexpr std::size_t kChunk = 512;
  struct Chunk {
    std::unique_ptr<Value[]> values;
    std::size_t size = 0, used = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t current_ = 0;
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
