// The renderer walks a template's tree and writes text.
//
// One Renderer is one render: it is the State that everything is given. It holds where the render is (`here_`:
// template, function, slots, position), writes into a Printout whose end belongs to the innermost Capture, and keeps to
// the limits. Each function of a template (root, block, macro, call block, recursive loop) runs in an Activation.
//
//   renderer.cpp              entry points, State, activations, limits, errors' places
//   renderer_statements.cpp   statements, loops, assignments
//   renderer_expressions.cpp  expressions and calls
//   renderer_templates.cpp    extends, blocks, includes, imports
//   macro.cpp, loop.cpp, blocks.cpp   the objects that templates get to see
//
// Statements tell how they end by a Flow. `return_from_macro` ends a macro that way too: the statement that made the
// call ends with Flow::Return; where the call is a part of a larger expression, a ReturnSignal is thrown.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "jinja/frame.h"
#include "jinja/knots.h"
#include "jinja/meter.h"
#include "jinja/operators.h"
#include "jinja/printout.h"
#include "jinja/scopes.h"
#include "jinja/state.h"

namespace plumb::jinja {

class LoopContext;
class LoopItems;
class MacroObject;
class ModuleObject;

enum class Flow : std::uint8_t { Normal, Break, Continue, Return };
struct ReturnSignal {};

// Was nothing ever put there?
inline bool is_empty(const Value& value) {
  return value.is_undefined() && value.identity() == nullptr;
}

// Or was it looked for and not found?
inline bool is_unbound(const Value& value) {
  if (!value.is_undefined()) return false;
  const UndefinedInfo* info = value.find_undefined();
  return !info || info->unbound;
}

class Renderer final : public State {
 public:
  Renderer(const Environment& environment, std::stop_token stop, bool native = false);
  ~Renderer() override;

  // ---- Entry points, one call each
  std::string render(const Template& start, const Context& context);
  Value render_native(const Template& start, const Context& context);
  Module make_module(const Template& start, const Context& context);
  Value evaluate_alone(const Template& holder, const Expression& expression, const FunctionLayout& layout,
                       const Context& context);

  // ---- State
  const Environment& environment() const override { return environment_; }
  bool autoescape() const override;
  Value resolve(std::string_view name) override;
  UndefinedKind undefined_kind() const override { return undefined_kind_; }
  std::string_view template_name() const override;
  Value apply_filter(std::string_view name, Arguments arguments) override;
  bool apply_test(std::string_view name, Arguments arguments) override;
  Value run_module(const TemplatePtr& of) override;
  void return_from_macro(Value value) override;
  void tick() override {
    if (--ticks_left_ <= 0) check_limits();
  }
  void reserve(std::size_t bytes) override;

  // ---- For the objects that templates see
  Value call_macro(const MacroObject& macro, Arguments arguments);
  Value call_loop(LoopContext& loop, Value iterable);
  Value call_block(const std::string& name, std::size_t depth, RenderContext& context);

  // Where the render is within templates.
  struct Here {
    const Template* of = nullptr;
    const Frame* frame = nullptr;
    Value* slots = nullptr;
    RenderContext* context = nullptr;
    bool captured = false;
    bool silent = false;  // the template extends another: what stands outside of blocks is not printed
    Escaping escaping = Escaping::Off;
    Position at;
  };
  const Here& here() const { return *here_; }
  // Does `for … if` want this item?
  bool passes_condition(const For& loop, const Here& where, const Value& item);

 private:
  class Activation;
  class Capture;
  static constexpr std::int64_t kTicksPerCheck = 256;
  friend class Capture;

  // ---- renderer.cpp
  Ref<RenderContext> make_context(const Template& start, const Context& context);
  void check_limits();
  void check_depth();
  Value undefined(std::string_view name) { return undefined_name(undefined_kind_, name); }
  [[noreturn]] void rethrow(const Error& error, std::string what, const Here& from);
  template <class Run>
  void placed(Run&& run);

  // ---- renderer_statements.cpp
  Flow execute(const Statements& body);
  Flow execute(const Statement& statement);
  Flow execute_output(const Expression& expression);
  Flow execute_output_of_call(const Call& call);
  Flow execute_if(const If& node);
  Flow execute_for(const For& node);
  template <class NextRound>
  Flow run_rounds(const For& node, NextRound next_round);
  Flow run_loop(const For& node, LoopItems& items);
  Flow run_loop_with_pairs(const For& node, LoopItems& items);
  Flow run_loop_with_context(const For& node, LoopContext& loop);
  void run_recursive(const For& node, Value iterable, Here where, int depth);
  Flow execute_assign(const Assign& node);
  Flow execute_assign_block(const AssignBlock& node);
  Flow execute_with(const With& node);
  Flow execute_macro(const Macro& node);
  Flow execute_call_block(const CallBlock& node);
  Flow execute_filter_block(const FilterBlock& node);
  Flow execute_autoescape(const Autoescape& node);
  Flow execute_do(const Expression& expression);
  void enter(const ScopeLayout& scope);
  void leave(const ScopeLayout& scope);
  void assign(const Target& target, const Value& value, Position at);
  void unpack(const Target& target, const Value& value, Position at);
  void publish(const Target& target);
  void check_namespaces(const Target& target);
  Value make_macro(const Function& function, bool is_call_block);

  void write_text(std::string_view text);
  void write(const Value& value);
  void write_escaped(const Value& value);
  void write_raw(const Value& value);
  // Is what a macro gives, which may be markup, printed without escaping?
  bool prints_calls_as_they_are() const { return !escapes() || here_->context->escapes(); }
  bool escapes() const {
    return here_->escaping == Escaping::On || (here_->escaping == Escaping::Dynamic && here_->context->escapes());
  }

  // ---- renderer_expressions.cpp
  Value evaluate(const Expression& expression);
  // As evaluate, without a copy of what lies in a slot or in the tree.
  const Value& look_at(const Expression& expression, Value& room);
  const Value& look_up(const Name& name, Value& room);
  const Value& look_up(const Slot& slot, const std::string& name, Value& room);
  // Where a value lies that is found without running anything: in a slot, in the tree, in a dict or list of those.
  // Null: it has to be evaluated. Valid until something runs.
  const Value* find_place(const Expression& expression);
  const Value* find_simple(const Expression& expression);
  const Value* find_holder(const Expression& expression);
  // What lies in a slot; empty where nothing was ever bound.
  Value& slot_at(const Slot& slot, const std::string& name) {
    Value& value = slot_of(slot);
    if (slot.asks_context && is_empty(value)) ask_context(value, name);
    return value;
  }
  Value& slot_of(const Slot& slot) {
    if (slot.functions_up == 0) return here_->slots[slot.index];
    const Frame* frame = here_->frame;
    for (int up = slot.functions_up; up > 0; --up) frame = frame->outer;
    return frame->slots[slot.index];
  }
  void ask_context(Value& value, const std::string& name);
  bool is_true(const Expression& condition);
  bool is_true(const Value& value) {
    if (value.kind() == Kind::Bool) return value.as_bool();
    return truth(*this, value);
  }
  // With `printed` a macro may leave its text in the output, and says so; the result is then nothing.
  Value evaluate_call(const Call& node, const Value* caller = nullptr, bool* printed = nullptr);
  Value evaluate_filter(const Filter& node, const Value* subject);
  bool evaluate_test(const Test& node);
  Value evaluate_compare(const Compare& node);
  Value evaluate_concat(const Concat& node);
  Value evaluate_slice(const Slice& node);
  Value evaluate_dict(const DictDisplay& node);
  std::vector<Value> evaluate_all(const std::vector<ExpressionPtr>& items);
  Value evaluate_conditional(const Conditional& node);
  template <class Invoke>
  auto with_arguments(const ArgumentList& list, const Value* subject, const Value* caller, Invoke&& invoke);
  template <class Invoke>
  auto with_any_arguments(const ArgumentList& list, const Value* subject, const Value* caller, Invoke&& invoke);
  void add_rest(const ArgumentList& list, std::vector<Value>& positional);
  void add_more(const ArgumentList& list, std::vector<Keyword>& keywords);
  void end_by_return() {
    if (returning_) throw ReturnSignal{};
  }

  // ---- macro.cpp
  // Prints what the macro's body prints. `returned` is for a macro that ends by Flow::Return.
  Flow run_macro(const MacroObject& macro, Arguments arguments, Value& returned);
  bool print_macro(const MacroObject& macro, Arguments arguments, Value& returned);

  // ---- renderer_templates.cpp
  Flow run_template(TemplatePtr start, const Ref<RenderContext>& context);
  Flow run_root(const Template& root, const Ref<RenderContext>& context, TemplatePtr& parent);
  Flow execute_extends(const Extends& node);
  Flow execute_block(const Block& node);
  Flow run_block(const Block& block, const Template& of, std::size_t depth, const Ref<RenderContext>& context);
  Flow execute_include(const Include& node);
  Flow execute_import(const Import& node);
  Flow execute_from_import(const FromImport& node);
  TemplatePtr find_template(const Value& name);
  TemplatePtr load(const Value& name);
  TemplatePtr load_any(const Value& names);
  Ref<ModuleObject> import(const Expression& name, bool with_context, const Locals* locals);
  Ref<ModuleObject> load_module(TemplatePtr of, Ref<GivenNames> given);
  Ref<Dict> current_locals(const Locals* locals);

  const Environment& environment_;
  const Limits& limits_;
  const UndefinedKind undefined_kind_;
  const bool native_;
  std::stop_token stop_;
  std::chrono::steady_clock::time_point deadline_;
  const char* stack_base_ = nullptr;
  Meter meter_;
  Meter::Scope metered_;
  std::int64_t ticks_left_ = kTicksPerCheck;
  int depth_ = 0;

  Ref<GivenNames> given_;  // by the host
  Here nowhere_;
  Here* here_ = &nowhere_;         // of the activation that runs
  TemplatePtr* parent_ = nullptr;  // what the root that runs has extended
  Printout output_;
  Capture* capture_ = nullptr;  // whose text the output's end is
  bool returning_ = false;
  Value returned_;
  SlotStack slots_;
  SlotStack arguments_;
  Stack<Keyword> keywords_;
  Ref<Circles> circles_;
  Knots knots_;
  std::map<const Template*, Ref<ModuleObject>> modules_;  // imported without context
  std::map<const Template*, Value> host_modules_;
};

// A function of a template runs, for as long as it lives.
class Renderer::Activation {
 public:
  // `around`: of macros, the frame that their function shares; of recursive loops, where the loop stands.
  Activation(Renderer& renderer, const Template& of, const FunctionLayout& layout, const Frame* around,
             RenderContext* context);
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;
  ~Activation();
  const Here& caller() const { return *before_; }
  const Ref<CapturedFrame>& captured() const { return captured_; }
  // The frame becomes somebody else's to look after.
  void forget_captured() { looked_after_ = true; }

 private:
  Renderer& renderer_;
  Here* const before_;
  Here here_;
  Frame frame_;
  const std::size_t slots_;
  Ref<CapturedFrame> captured_;
  bool looked_after_ = false;
};

// What is written belongs to it, for as long as it lives: the end of the output, or in native rendering the values
// themselves. What nobody has taken or kept goes with it.
class Renderer::Capture {
 public:
  // What a template or a block writes by itself becomes text as it comes, once there are two values; elsewhere native
  // values are joined at the end.
  enum class Native { AtTheEnd, AsItComes };
  explicit Capture(Renderer& renderer, Native native = Native::AtTheEnd)
      : renderer_(renderer),
        before_(std::exchange(renderer.capture_, this)),
        begin_(renderer.output_.size()),
        joins_(native == Native::AsItComes) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() { stop(); }

  // A value of native rendering.
  void append(Value piece);

  // Nothing more may be written after one of these.
  // What was written, as Python's concat() has it.
  Value finish(bool markup);
  // Leaves it to the capture around.
  void keep() {
    if (std::exchange(stopped_, true)) return;
    renderer_.capture_ = before_;
  }
  void stop() {
    if (stopped_) return;
    keep();
    renderer_.output_.shrink(begin_);
  }

 private:
  void join(const Value& piece);

  Renderer& renderer_;
  Capture* const before_;
  const std::size_t begin_;
  const bool joins_;
  bool joined_ = false;  // native: all of it is in the output
  bool stopped_ = false;
  std::vector<Value> pieces_;
  Charge charge_;
};

// Gives an error the place where the render is, on its way out of the outermost function.
template <class Run>
void Renderer::placed(Run&& run) {
  try {
    run();
  } catch (const Error& error) {
    if (!here_->of) throw;
    throw error.at(here_->of->place(here_->at));
  }
}

}  // namespace plumb::jinja
