// For tests only: a State without a template, so that values can be tried by themselves.
#pragma once

#include <cassert>
#include <string>

#include "jinja/errors.h"
#include "jinja/state.h"

namespace plumb::jinja {

class TestState final : public State {
 public:
  const Environment& environment() const override {
    assert(its_environment && "this test needs an environment");
    return *its_environment;
  }
  bool autoescape() const override { return escapes; }
  Value resolve(std::string_view name) override { return undefined_name(undefineds, name); }
  UndefinedKind undefined_kind() const override { return undefineds; }
  std::string_view template_name() const override { return "test"; }
  Value apply_filter(std::string_view name, Arguments) override {
    raise_runtime_error("No filter named '" + std::string(name) + "'.");
  }
  bool apply_test(std::string_view name, Arguments) override {
    raise_runtime_error("No test named '" + std::string(name) + "'.");
  }
  Value run_module(const TemplatePtr&) override { return Value::dict(); }
  void return_from_macro(Value) override {}
  void tick() override { ++ticks; }
  void reserve(std::size_t bytes) override {
    if (bytes > kReserveLimit) raise("LimitError", "too much");
  }

  static constexpr std::size_t kReserveLimit = 1 << 24;
  const Environment* its_environment = nullptr;
  UndefinedKind undefineds = UndefinedKind::Lenient;
  bool escapes = false;
  std::size_t ticks = 0;
};

// "TypeError: 'int' object is not iterable": how an action ends, or "" when it ends well.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.type() + ": " + error.message();
  }
  return "";
}

}  // namespace plumb::jinja
