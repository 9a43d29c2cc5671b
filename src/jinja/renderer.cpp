#include "jinja/renderer.h"

#include "jinja/errors.h"
#include "jinja/macro.h"
#include "jinja/module.h"
#include "jinja/native.h"
#include "jinja/number.h"
#include "jinja/text.h"

namespace plumb::jinja {

namespace {

// Of the 8 MB that threads have; the rest is for what calls us and for what we call.
#ifdef __SANITIZE_ADDRESS__
constexpr std::ptrdiff_t kMostStack = 7 << 20;  // its frames are several times as large
#else
constexpr std::ptrdiff_t kMostStack = 4 << 20;
#endif
constexpr std::size_t kMostCallsTold = 30;

Value find_named(const NativeFunction* function, std::string_view kind, std::string_view name, State& state,
                 Arguments arguments) {
  if (!function) raise_runtime_error("No " + std::string(kind) + " named " + repr_text(name) + ".");
  return (*function)(state, arguments);
}

}  // namespace

Renderer::Renderer(const Environment& environment, std::stop_token stop, bool native)
    : environment_(environment),
      limits_(environment.options().limits),
      undefined_kind_(environment.options().undefined),
      native_(native),
      stop_(std::move(stop)),
      stack_base_(static_cast<const char*>(__builtin_frame_address(0))),
      meter_(limits_.memory_bytes),
      metered_(meter_),
      output_(limits_.output_bytes == 0 ? SIZE_MAX : limits_.output_bytes),
      circles_(make<Circles>()) {
  if (limits_.time.count() > 0) deadline_ = std::chrono::steady_clock::now() + limits_.time;
}

// What was stored is looked at when all else that this render has made is gone.
Renderer::~Renderer() {
  returned_ = Value();
  circles_ = nullptr;
  modules_.clear();
  host_modules_.clear();
  given_ = nullptr;
  knots_.untie();
}

// ---- Entry points

Ref<RenderContext> Renderer::make_context(const Template& start, const Context& context) {
  given_ = make<GivenNames>(environment_, context.layers());
  return make<RenderContext>(start.shared_from_this(), given_, start.autoescape_);
}

std::string Renderer::render(const Template& start, const Context& context) {
  Capture output(*this);
  try {
    run_template(start.shared_from_this(), make_context(start, context));
  } catch (const ReturnSignal&) {
  }
  output.keep();
  return output_.take();
}

Value Renderer::render_native(const Template& start, const Context& context) {
  Capture output(*this, Capture::Native::AsItComes);
  try {
    run_template(start.shared_from_this(), make_context(start, context));
  } catch (const ReturnSignal&) {
  }
  if (returning_) return std::move(returned_);
  return output.finish(false);
}

Module Renderer::make_module(const Template& start, const Context& context) {
  Capture output(*this);
  auto its_context = make_context(start, context);
  try {
    run_template(start.shared_from_this(), its_context);
  } catch (const ReturnSignal&) {
  }
  auto exports = make<Dict>();
  auto exported = its_context->exported();
  std::size_t position = 0;
  while (const Value::Entry* entry = exported->next(position)) {
    const auto* macro = entry->value.find_object<MacroObject>();
    exports->set(entry->key, macro ? Value(make<MacroObject>(*macro, circles_)) : entry->value);
  }
  output.keep();
  return {Value(std::move(exports)), output_.take()};
}

Value Renderer::evaluate_alone(const Template& holder, const Expression& expression, const FunctionLayout& layout,
                               const Context& context) {
  auto its_context = make_context(holder, context);
  Value result;
  placed([&] {
    Activation activation(*this, holder, layout, nullptr, its_context.get());
    try {
      placed([&] { result = evaluate(expression); });
    } catch (const ReturnSignal&) {
      result = std::move(returned_);
    }
  });
  return result;
}

// ---- State

bool Renderer::autoescape() const {
  return here_->context && here_->context->escapes();
}

Value Renderer::resolve(std::string_view name) {
  Value found = here_->context ? here_->context->resolve(*this, name) : Value();
  return is_empty(found) ? undefined(name) : found;
}

std::string_view Renderer::template_name() const {
  if (!here_->of || here_->of->name() == kNoName) return {};
  return here_->of->name();
}

Value Renderer::apply_filter(std::string_view name, Arguments arguments) {
  return find_named(environment_.find_filter(name), "filter", name, *this, arguments);
}

bool Renderer::apply_test(std::string_view name, Arguments arguments) {
  return is_true(find_named(environment_.find_test(name), "test", name, *this, arguments));
}

void Renderer::return_from_macro(Value value) {
  returning_ = true;
  returned_ = std::move(value);
}

// What is big takes its time as well.
void Renderer::reserve(std::size_t bytes) {
  constexpr std::size_t kBytesPerTick = 4096;
  meter_.reserve(bytes);
  ticks_left_ -= static_cast<std::int64_t>(bytes / kBytesPerTick);
}

// ---- Limits

void Renderer::check_limits() {
  ticks_left_ = kTicksPerCheck;
  if (stop_.stop_requested()) {
    throw Error(ErrorKind::Cancelled, "the template was stopped");
  }
  if (limits_.time.count() > 0 && std::chrono::steady_clock::now() > deadline_) {
    auto seconds = std::chrono::duration<double>(limits_.time).count();
    raise("LimitError", "the template ran for longer than " + float_text(seconds) + " s");
  }
  check_depth();
}

void Renderer::check_depth() {
  if (limits_.recursion > 0 && depth_ > limits_.recursion) {
    raise("LimitError",
          "more than " + std::to_string(limits_.recursion) + " macros, blocks and templates run within each other",
          "a macro that calls itself, or a template that includes itself, has to end somewhere");
  }
  std::ptrdiff_t used = stack_base_ - static_cast<const char*>(__builtin_frame_address(0));
  if (used > kMostStack) raise("LimitError", "the template nests too deep: it has used up its stack");
}

// ---- Activations

Renderer::Activation::Activation(Renderer& renderer, const Template& of, const FunctionLayout& layout,
                                 const Frame* around, RenderContext* context)
    : renderer_(renderer), before_(renderer.here_), slots_(static_cast<std::size_t>(layout.slots)) {
  ++renderer.depth_;
  try {
    renderer.check_depth();
    renderer.tick();
    if (layout.captured) {
      captured_ = make<CapturedFrame>(layout, Ref<CapturedFrame>(around ? around->captured : nullptr));
    } else {
      frame_ = {renderer.slots_.push(slots_), around, nullptr};
    }
  } catch (...) {
    --renderer.depth_;
    throw;
  }
  const Frame& frame = captured_ ? captured_->frame : frame_;
  here_.of = &of;
  here_.frame = &frame;
  here_.slots = frame.slots;
  here_.context = context;
  here_.captured = layout.captured;
  here_.escaping = layout.escaping;
  renderer.here_ = &here_;
}

Renderer::Activation::~Activation() {
  --renderer_.depth_;
  if (!captured_) {
    renderer_.slots_.pop(frame_.slots, slots_);
  } else if (!looked_after_) {
    renderer_.circles_->add(std::move(captured_));
  }
  renderer_.here_ = before_;
}

// ---- Captures

void Renderer::Capture::append(Value piece) {
  if (joins_ && !pieces_.empty()) return join(piece);
  if (pieces_.size() == pieces_.capacity()) {
    const std::size_t room = std::max<std::size_t>(4, 2 * pieces_.size());
    charge_.resize(room * sizeof(Value));
    pieces_.reserve(room);
  }
  pieces_.push_back(std::move(piece));
}

void Renderer::Capture::join(const Value& piece) {
  if (!std::exchange(joined_, true)) renderer_.output_.append(to_str(renderer_, pieces_.front()));
  renderer_.output_.append(to_str(renderer_, piece));
}

Value Renderer::Capture::finish(bool markup) {
  const std::string_view text = renderer_.output_.since(begin_);
  if (!renderer_.native_) {
    Value value = markup ? Value::markup(std::string(text)) : Value(text);
    stop();
    return value;
  }
  if (joined_) pieces_ = {Value(text)};
  stop();
  Value joined = join_native(renderer_, std::move(pieces_));
  return markup ? Value::markup(to_str(renderer_, joined)) : joined;
}

// ---- Errors

// `from` is where the function was called.
void Renderer::rethrow(const Error& error, std::string what, const Here& from) {
  Error placed = error.at(here_->of->place(here_->at));
  if (!from.of || placed.calls().size() >= kMostCallsTold) throw placed;
  throw placed.called_from({std::move(what), from.of->place(from.at)});
}

}  // namespace plumb::jinja
