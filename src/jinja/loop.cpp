#include "jinja/loop.h"

#include "jinja/errors.h"
#include "jinja/text.h"

namespace plumb::jinja {

LoopItems::LoopItems(Renderer& renderer, Value iterable, const For& loop, const Renderer::Here& where)
    : iterable_(std::move(iterable)) {
  if (iterable_.kind() == Kind::List || iterable_.kind() == Kind::Tuple) {
    list_ = &iterable_.items();
  } else {
    walk_ = find_generator(iterable_);
    if (!walk_) {
      iterator_ = iterate(renderer, iterable_);
      walk_ = iterator_.get();
    }
  }
  if (loop.condition) {
    condition_ = &loop;
    where_ = where;
  }
}

LoopItems::LoopItems(std::vector<Value> items) : iterable_(Value::list(std::move(items))), list_(&iterable_.items()) {}

std::optional<std::size_t> LoopItems::size(State& state) const {
  if (condition_) return std::nullopt;
  if (list_) return list_->size();
  if (iterable_.kind() == Kind::Object) return iterable_.as_object().length(state);
  return jinja::length(state, iterable_);
}

bool LoopContext::advance(Renderer& renderer) {
  Value item;
  if (has_after_) {
    item = std::move(after_);
    has_after_ = false;
  } else if (!items_.next(renderer, item)) {
    return false;
  }
  ++index0_;
  has_before_ = index0_ > 0;
  before_ = std::move(current_);
  current_ = std::move(item);
  return true;
}

void LoopContext::close() {
  open_ = false;
  items_.close();
}

const Value* LoopContext::look_ahead(Renderer& renderer) {
  if (!has_after_) has_after_ = items_.next(renderer, after_);
  return has_after_ ? &after_ : nullptr;
}

std::int64_t LoopContext::full_length(Renderer& renderer) {
  if (length_) return *length_;
  if (auto size = items_.size(renderer)) {
    length_ = static_cast<std::int64_t>(*size);
  } else {
    // As Python: what is not known is counted by taking all that is left.
    std::vector<Value> rest;
    Value item;
    while (items_.next(renderer, item)) {
      renderer.tick();
      rest.push_back(std::move(item));
    }
    length_ = static_cast<std::int64_t>(rest.size()) + index0_ + 1 + (has_after_ ? 1 : 0);
    items_ = LoopItems(std::move(rest));
  }
  return *length_;
}

std::optional<Value> LoopContext::find_attribute(State& state, std::string_view name) {
  auto& renderer = static_cast<Renderer&>(state);
  if (name == "index") return Value(index0_ + 1);
  if (name == "index0") return Value(index0_);
  if (name == "first") return Value(index0_ == 0);
  if (name == "last") return Value(look_ahead(renderer) == nullptr);
  if (name == "length") return Value(full_length(renderer));
  if (name == "revindex") return Value(full_length(renderer) - index0_);
  if (name == "revindex0") return Value(full_length(renderer) - index0_ - 1);
  if (name == "depth") return Value(depth_ + 1);
  if (name == "depth0") return Value(depth_);
  if (name == "previtem") {
    return has_before_ ? before_ : undefined_hint(state.undefined_kind(), "there is no previous item");
  }
  if (name == "nextitem") {
    const Value* next = look_ahead(renderer);
    return next ? *next : undefined_hint(state.undefined_kind(), "there is no next item");
  }
  if (name == "cycle" || name == "changed") {
    Ref<LoopContext> self(this);
    bool cycles = name == "cycle";
    return make_function(
        std::string(name),
        [self, cycles](State& now, Arguments arguments) {
          return cycles ? self->cycle(arguments) : self->changed(now, arguments);
        },
        "method");
  }
  return std::nullopt;
}

std::optional<Value> LoopContext::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "cycle") return cycle(arguments);
  if (name == "changed") return changed(state, arguments);
  return std::nullopt;
}

Value LoopContext::cycle(Arguments arguments) {
  if (!arguments.keywords.empty()) {
    raise_type_error("LoopContext.cycle() got an unexpected keyword argument " +
                     repr_text(arguments.keywords.front().name.as_string()));
  }
  if (arguments.positional.empty()) raise_type_error("no items for cycling given");
  return arguments.positional[static_cast<std::size_t>(index0_) % arguments.positional.size()];
}

Value LoopContext::changed(State& state, Arguments arguments) {
  if (!arguments.keywords.empty()) {
    raise_type_error("LoopContext.changed() got an unexpected keyword argument " +
                     repr_text(arguments.keywords.front().name.as_string()));
  }
  bool same = last_changed_ && last_changed_->size() == arguments.positional.size();
  for (std::size_t i = 0; same && i < arguments.positional.size(); ++i) {
    same = equal(state, (*last_changed_)[i], arguments.positional[i]);
  }
  if (same) return Value(false);
  last_changed_.emplace(arguments.positional.begin(), arguments.positional.end());
  return Value(true);
}

Value LoopContext::call(State& state, Arguments arguments) {
  static const Signature kSignature{
      .name = "LoopContext.__call__", .parameters = {"iterable"}, .required = 1, .hidden = 1};
  auto [iterable] = bind<1>(kSignature, arguments);
  if (!node_.recursive || !open_) {
    raise_type_error("The loop must have the 'recursive' marker to be called recursively.");
  }
  return static_cast<Renderer&>(state).call_loop(*this, std::move(iterable));
}

std::optional<std::size_t> LoopContext::length(State& state) {
  return static_cast<std::size_t>(full_length(static_cast<Renderer&>(state)));
}

std::string LoopContext::repr(State& state) {
  return "<LoopContext " + std::to_string(index0_ + 1) + "/" +
         std::to_string(full_length(static_cast<Renderer&>(state))) + ">";
}

}  // namespace plumb::jinja
