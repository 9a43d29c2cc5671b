#include "jinja/blocks.h"

#include <sstream>

#include "jinja/errors.h"
#include "jinja/text.h"

namespace plumb::jinja {

std::optional<Value> BlockReference::find_attribute(State& state, std::string_view name) {
  if (name == "name") return Value(name_);
  if (name == "super") return make_super(state, name_, depth_, context_);
  return std::nullopt;
}

Value BlockReference::call(State& state, Arguments arguments) {
  static const Signature kSignature{.name = "BlockReference.__call__", .parameters = {}, .hidden = 1};
  bind<0>(kSignature, arguments);
  return static_cast<Renderer&>(state).call_block(name_, depth_, *context_);
}

std::string BlockReference::repr(State&) {
  std::ostringstream text;
  text << "<jinja2.runtime.BlockReference object at " << static_cast<const void*>(this) << ">";
  return std::move(text).str();
}

Value make_super(State& state, const std::string& name, std::size_t depth, const Ref<RenderContext>& context) {
  if (!context->find_block(name, depth + 1).block) {
    return undefined_hint(state.undefined_kind(), "there is no parent block called " + repr_text(name) + ".");
  }
  return Value(make<BlockReference>(name, depth + 1, context));
}

std::optional<Value> TemplateReference::find_attribute(State&, std::string_view name) {
  if (!context_->find_block(name, 0).block) return std::nullopt;
  return Value(make<BlockReference>(std::string(name), 0, context_));
}

std::optional<Value> TemplateReference::find_item(State& state, const Value& key) {
  return key.is_string() ? find_attribute(state, key.as_string()) : std::nullopt;
}

std::string TemplateReference::repr(State&) {
  const std::string& name = context_->lineage().front()->name();
  return "<TemplateReference " + (name == kNoName ? std::string("None") : repr_text(name)) + ">";
}

}  // namespace plumb::jinja
