// One render while it runs: what filters, tests, functions and host objects are given.
//
// A State lives on one thread for the length of a render and is not kept. Through it they ask for names of the context,
// call back into the template, make the environment's kind of undefined, and are held to the limits.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "jinja/object.h"
#include "jinja/undefined.h"
#include "jinja/value.h"

namespace plumb::jinja {

class Environment;
class Template;
using TemplatePtr = std::shared_ptr<const Template>;
struct Limits;

class State {
 public:
  virtual ~State() = default;

  virtual const Environment& environment() const = 0;
  // Is the code that calls within {% autoescape true %}?
  virtual bool autoescape() const = 0;
  // A name as the calling template sees it: its exported variables, the context, the globals. Undefined if none has it.
  virtual Value resolve(std::string_view name) = 0;
  virtual UndefinedKind undefined_kind() const = 0;
  // The template that is being rendered, as messages name it; empty for one made from a string.
  virtual std::string_view template_name() const = 0;

  // By name, as `|name` and `is name` do. TemplateRuntimeError "No filter named 'x'."
  virtual Value apply_filter(std::string_view name, Arguments arguments) = 0;
  virtual bool apply_test(std::string_view name, Arguments arguments) = 0;

  // What a template exports when it runs with the names that the host gave to this render, without what templates have
  // set: a dict. Run once a render. How a host brings macros of its own.
  virtual Value run_module(const TemplatePtr& of) = 0;

  // Ends the macro that is running (or the template) as soon as the call that asks for it returns: the value of the
  // macro's call is then `value`, whatever it printed. How dbt's return() works.
  virtual void return_from_macro(Value value) = 0;

  // Limits. Long loops of native code call tick() once a round: it notices deadlines and cancellation. What makes a big
  // thing calls reserve(bytes) first. Both raise ("the template ran for longer than 10 s").
  virtual void tick() = 0;
  virtual void reserve(std::size_t bytes) = 0;

  // How deep the natives are that call themselves for things within things, and what repr() is within (nesting.h).
  struct Nesting {
    int depth = 0;
    std::vector<const Shared*> in_repr = {};
  };
  Nesting& nesting() { return nesting_; }

 private:
  Nesting nesting_;
};

}  // namespace plumb::jinja
