// Blocks as values: `self.title`, `super`.
#pragma once

#include "jinja/renderer.h"

namespace plumb::jinja {

// A block at some depth: 0 is that of the template that is rendered, then come those of the ones it extends.
class BlockReference final : public Object {
 public:
  BlockReference(std::string name, std::size_t depth, Ref<RenderContext> context)
      : name_(std::move(name)), depth_(depth), context_(std::move(context)) {}

  std::string_view type_name() const override { return "BlockReference"; }
  std::string_view module_name() const override { return "jinja2.runtime"; }
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override;
  std::string repr(State& state) override;

 private:
  std::string name_;
  std::size_t depth_;
  Ref<RenderContext> context_;
};

// `super` of the block at `depth`: the block beneath it, or undefined.
Value make_super(State& state, const std::string& name, std::size_t depth, const Ref<RenderContext>& context);

// `self`.
class TemplateReference final : public Object {
 public:
  explicit TemplateReference(Ref<RenderContext> context) : context_(std::move(context)) {}

  std::string_view type_name() const override { return "TemplateReference"; }
  std::string_view module_name() const override { return "jinja2.runtime"; }
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  std::optional<Value> find_item(State& state, const Value& key) override;
  std::string repr(State& state) override;

 private:
  Ref<RenderContext> context_;
};

}  // namespace plumb::jinja
