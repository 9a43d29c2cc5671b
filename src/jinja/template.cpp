#include <algorithm>

#include "jinja/environment.h"
#include "jinja/place.h"
#include "jinja/renderer.h"

namespace plumb::jinja {

namespace {

bool escapes(const Options& options, std::string_view name) {
  return options.select_autoescape ? options.select_autoescape(name) : options.autoescape;
}

}  // namespace

Template::Template(const Environment& environment, std::string name, Source source, Tree tree)
    : environment_(environment),
      name_(std::move(name)),
      source_(std::move(source)),
      autoescape_(escapes(environment.options(), name_)),
      tree_(std::move(tree)) {
  blocks_ = bind_names(tree_, {environment, source_.text, source_.file, autoescape_ ? Escaping::On : Escaping::Off});
  std::sort(blocks_.begin(), blocks_.end(), [](const Block* a, const Block* b) { return a->name < b->name; });
}

Template::~Template() = default;

const Block* Template::find_block(std::string_view name) const {
  auto found = std::lower_bound(blocks_.begin(), blocks_.end(), name,
                                [](const Block* block, std::string_view wanted) { return block->name < wanted; });
  return found != blocks_.end() && (*found)->name == name ? *found : nullptr;
}

Place Template::place(Position at) const {
  return move_place(find_place(source_.file, source_.text, at), source_.begin);
}

std::string Template::render(const Context& context, std::stop_token stop) const {
  return Renderer(environment_, std::move(stop)).render(*this, context);
}

Value Template::render_native(const Context& context, std::stop_token stop) const {
  return Renderer(environment_, std::move(stop), true).render_native(*this, context);
}

Value Template::render_value(const Context& context, std::stop_token stop) const {
  const bool alone = tree_.body.size() == 1 && tree_.body.front()->kind == StatementKind::Output;
  if (!alone) return Value(render(context, std::move(stop)));
  return Renderer(environment_, std::move(stop))
      .evaluate_alone(*this, *as<Output>(*tree_.body.front()).expression, *tree_.layout, context);
}

Module Template::make_module(const Context& context, std::stop_token stop) const {
  return Renderer(environment_, std::move(stop)).make_module(*this, context);
}

}  // namespace plumb::jinja
