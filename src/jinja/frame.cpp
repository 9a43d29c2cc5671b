#include "jinja/frame.h"

#include <algorithm>

#include "jinja/macro.h"

namespace plumb::jinja {

namespace {

// Does anybody hold a part of the circle from outside? The circle: a context, a frame, and the macros that lie in the
// frame's slots or among the context's variables. Whoever asks holds each of both once.
bool is_held_outside(const CapturedFrame& frame, const RenderContext* context) {
  struct Found {
    const MacroObject* macro;
    std::uint32_t times;
  };
  std::vector<Found> macros;
  std::uint32_t owning_frame = 1, owning_context = 1;
  auto look_at = [&](const Value& value) {
    const auto* macro = value.find_object<MacroObject>();
    if (!macro) return;
    for (Found& found : macros) {
      if (found.macro == macro) {
        ++found.times;
        return;
      }
    }
    macros.push_back({macro, 1});
    if (macro->around().get() == &frame) ++owning_frame;
    if (macro->context().get() == context) ++owning_context;
  };
  for (const Value& slot : frame.slots()) look_at(slot);
  if (context && context->variables()) {
    std::size_t position = 0;
    while (const Value::Entry* entry = context->variables()->next(position)) look_at(entry->value);
  }
  if (frame.references() > owning_frame || (context && context->references() > owning_context)) return true;
  return std::any_of(macros.begin(), macros.end(),
                     [](const Found& found) { return found.macro->references() > found.times; });
}

}  // namespace

void Circles::add(Ref<CapturedFrame> frame) {
  if (frame->references() == 1) return;
  if (is_held_outside(*frame, nullptr)) {
    frames_.push_back(std::move(frame));
  } else {
    frame->clear();
  }
}

void Circles::add(Ref<RenderContext> context, Ref<CapturedFrame> frame) {
  if (frame && is_held_outside(*frame, context.get())) {
    frames_.push_back(std::move(frame));
    contexts_.push_back(std::move(context));
  } else if (frame) {
    frame->clear();
    context->clear();
  } else if (context->references() > 1) {
    contexts_.push_back(std::move(context));
  }
}

Circles::~Circles() {
  for (auto& frame : frames_) frame->clear();
  for (auto& context : contexts_) context->clear();
}

}  // namespace plumb::jinja
