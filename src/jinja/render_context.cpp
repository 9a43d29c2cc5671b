#include "jinja/render_context.h"

namespace plumb::jinja {

namespace {

bool is_empty(const Value& value) {
  return value.is_undefined() && value.identity() == nullptr;
}

}  // namespace

Value GivenNames::find(State& state, std::string_view name) const {
  for (const GivenNames* names = this; names; names = names->below_.get()) {
    for (auto layer = names->layers_.rbegin(); layer != names->layers_.rend(); ++layer) {
      if (layer->kind() == Kind::Dict) {
        if (const Value* found = layer->as_dict().find(name)) return *found;
      } else if (layer->kind() == Kind::Object) {
        if (auto found = layer->as_object().find_attribute(state, name)) return *std::move(found);
      }
    }
    if (names->environment_) {
      if (const Value* found = names->environment_->find_global(name)) return *found;
    }
  }
  return Value();
}

Value RenderContext::resolve(State& state, std::string_view name) const {
  if (variables_) {
    if (const Value* found = variables_->find(name)) return *found;
  }
  return given_ ? given_->find(state, name) : Value();
}

void RenderContext::set(std::string_view name, const Value& value, bool imported) {
  if (!variables_) variables_ = make<Dict>();
  if (shared_) {
    auto copy = make<Dict>();
    std::size_t position = 0;
    while (const Value::Entry* entry = variables_->next(position)) copy->set(entry->key, entry->value);
    variables_ = std::move(copy);
    shared_ = false;
  }
  variables_->set(Value(name), value);
  if (imported) {
    hidden_.emplace(name);
  } else if (!hidden_.empty()) {
    hidden_.erase(std::string(name));
  }
}

Ref<GivenNames> RenderContext::snapshot(Ref<Dict> more) {
  Ref<GivenNames> names = given_;
  if (variables_ && variables_->size() > 0) {
    shared_ = true;
    names = make<GivenNames>(Value(variables_), std::move(names));
  }
  if (more && more->size() > 0) names = make<GivenNames>(Value(std::move(more)), std::move(names));
  return names;
}

Ref<RenderContext> RenderContext::derive(Ref<Dict> more) {
  return make<RenderContext>(Ref<RenderContext>(this), snapshot(std::move(more)));
}

Ref<Dict> RenderContext::exported() const {
  auto exports = make<Dict>();
  if (!variables_) return exports;
  std::size_t position = 0;
  while (const Value::Entry* entry = variables_->next(position)) {
    std::string_view name = entry->key.as_string();
    if (name.starts_with('_') || (!hidden_.empty() && hidden_.contains(std::string(name)))) continue;
    if (!is_empty(entry->value)) exports->set(entry->key, entry->value);
  }
  return exports;
}

RenderContext::FoundBlock RenderContext::find_block(std::string_view name, std::size_t nth) const {
  for (const TemplatePtr& of : lineage()) {
    const Block* block = of->find_block(name);
    if (block && nth-- == 0) return {block, of.get()};
  }
  return {};
}

void RenderContext::clear() {
  given_ = nullptr;
  variables_ = nullptr;
}

}  // namespace plumb::jinja
