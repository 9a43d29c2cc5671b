// Macros as values: what {% macro %} and {% call %} make.
#pragma once

#include "jinja/frame.h"

namespace plumb::jinja {

class MacroObject final : public Object {
 public:
  MacroObject(const Function& function, TemplatePtr of, Ref<CapturedFrame> around, Ref<RenderContext> context,
              bool is_call_block)
      : function_(function),
        template_(std::move(of)),
        around_(std::move(around)),
        context_(std::move(context)),
        call_block_(is_call_block) {}
  // The same macro as a module exports it: it keeps alive whatever its template made.
  MacroObject(const MacroObject& macro, Ref<Circles> kept)
      : MacroObject(macro.function_, macro.template_, macro.around_, macro.context_, macro.call_block_) {
    kept_ = std::move(kept);
  }

  std::string_view type_name() const override { return "Macro"; }
  std::string_view module_name() const override { return "jinja2.runtime"; }
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override;
  std::string repr(State& state) override;

  const Function& function() const { return function_; }
  const FunctionLayout& layout() const { return *function_.layout; }
  const TemplatePtr& of() const { return template_; }
  const Ref<CapturedFrame>& around() const { return around_; }
  const Ref<RenderContext>& context() const { return context_; }
  bool is_call_block() const { return call_block_; }
  // "'m'", or "None" for a call block: as messages call it.
  std::string quoted_name() const;

 private:
  const Function& function_;
  TemplatePtr template_;
  Ref<CapturedFrame> around_;
  Ref<RenderContext> context_;
  Ref<Circles> kept_;
  bool call_block_;
};

// The macro that a value is, or null.
inline const MacroObject* find_macro(const Value& value) {
  if (value.kind() != Kind::Object) return nullptr;
  const Object& object = value.as_object();
  return typeid(object) == typeid(MacroObject) ? static_cast<const MacroObject*>(&object) : nullptr;
}

}  // namespace plumb::jinja
