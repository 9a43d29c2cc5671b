// An imported template as templates see it.
#pragma once

#include "jinja/object.h"

namespace plumb::jinja {

class ModuleObject final : public Object {
 public:
  ModuleObject(std::string name, Ref<Dict> exports, Value body)
      : name_(std::move(name)), exports_(std::move(exports)), body_(std::move(body)) {}

  const std::string& name() const { return name_; }
  const Value& body() const { return body_; }

  std::string_view type_name() const override { return "TemplateModule"; }
  std::string_view module_name() const override { return "jinja2.environment"; }
  std::optional<Value> find_attribute(State& state, std::string_view name) override;
  std::string repr(State& state) override;
  std::string str(State& state) override;
  std::optional<std::string> html(State& state) override;

 private:
  std::string name_;
  Ref<Dict> exports_;
  Value body_;
};

}  // namespace plumb::jinja
