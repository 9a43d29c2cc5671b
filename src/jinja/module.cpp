#include "jinja/module.h"

#include "jinja/environment.h"
#include "jinja/text.h"

namespace plumb::jinja {

std::optional<Value> ModuleObject::find_attribute(State&, std::string_view name) {
  if (const Value* found = exports_->find(name)) return *found;
  if (name == "__name__") return name_ == kNoName ? Value::none() : Value(name_);
  if (name == "_body_stream") return Value::list({body_});
  return std::nullopt;
}

std::string ModuleObject::repr(State&) {
  return "<TemplateModule " + repr_text(name_) + ">";
}

std::string ModuleObject::str(State& state) {
  return to_str(state, body_);
}

std::optional<std::string> ModuleObject::html(State& state) {
  return to_str(state, body_);
}

}  // namespace plumb::jinja
