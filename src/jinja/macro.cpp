#include "jinja/macro.h"

#include "jinja/errors.h"
#include "jinja/renderer.h"
#include "jinja/text.h"

namespace plumb::jinja {

std::string MacroObject::quoted_name() const {
  return call_block_ ? "None" : repr_text(function_.name);
}

std::optional<Value> MacroObject::find_attribute(State&, std::string_view name) {
  if (name == "name") return call_block_ ? Value::none() : Value(function_.name);
  if (name == "arguments") {
    std::vector<Value> names;
    for (const Parameter& parameter : function_.parameters) names.emplace_back(parameter.name);
    return Value::tuple(std::move(names));
  }
  if (name == "catch_kwargs") return Value(layout().kwargs >= 0);
  if (name == "catch_varargs") return Value(layout().varargs >= 0);
  if (name == "caller") return Value(layout().caller >= 0);
  if (name == "explicit_caller") return Value(layout().explicit_caller);
  return std::nullopt;
}

Value MacroObject::call(State& state, Arguments arguments) {
  return static_cast<Renderer&>(state).call_macro(*this, arguments);
}

std::string MacroObject::repr(State&) {
  return "<Macro " + (call_block_ ? "anonymous" : repr_text(function_.name)) + ">";
}

namespace {

// Puts a call's arguments where a macro's parameters are. What is not given stays empty.
class ArgumentBinder {
 public:
  ArgumentBinder(State& state, const MacroObject& macro, Arguments arguments, Value* slots)
      : state_(state), macro_(macro), layout_(macro.layout()), arguments_(arguments), slots_(slots) {}

  void bind() {
    const auto& parameters = macro_.function().parameters;
    std::size_t by_position = std::min(arguments_.positional.size(), parameters.size());
    for (std::size_t i = 0; i < by_position; ++i) slot(parameters[i].slot.index) = std::move(arguments_.positional[i]);
    for (std::size_t i = by_position; i < parameters.size(); ++i) {
      if (Value* value = take_keyword(parameters[i].key)) slot(parameters[i].slot.index) = std::move(*value);
    }
    if (layout_.caller >= 0 && !layout_.explicit_caller) {
      Value* caller = take_keyword(Value("caller"));
      slot(layout_.caller) = caller && !caller->is_none()
                                 ? std::move(*caller)
                                 : undefined_hint(state_.undefined_kind(), "No caller defined");
    }
    bind_keywords();
    bind_rest(by_position);
  }

 private:
  Value& slot(std::int32_t index) { return slots_[index]; }

  Value* take_keyword(const Value& name) {
    for (Keyword& keyword : arguments_.keywords) {
      if (keyword.name.same_text(name)) {
        ++taken_;
        keyword.name = Value::none();
        return &keyword.value;
      }
    }
    return nullptr;
  }
  static bool is_taken(const Keyword& keyword) { return keyword.name.is_none(); }

  void bind_keywords() {
    if (layout_.kwargs >= 0) {
      auto kwargs = make<Dict>();
      for (Keyword& keyword : arguments_.keywords) {
        if (!is_taken(keyword)) kwargs->set(std::move(keyword.name), std::move(keyword.value));
      }
      slot(layout_.kwargs) = Value(std::move(kwargs));
      return;
    }
    if (taken_ == arguments_.keywords.size()) return;
    if (take_keyword(Value("caller"))) {
      raise_type_error("macro " + macro_.quoted_name() +
                       " was invoked with two values for the special caller argument. This is most likely a bug.");
    }
    for (const Keyword& keyword : arguments_.keywords) {
      if (is_taken(keyword)) continue;
      raise_type_error("macro " + macro_.quoted_name() + " takes no keyword argument " +
                       repr_text(keyword.name.as_string()));
    }
  }

  void bind_rest(std::size_t by_position) {
    auto rest = arguments_.positional.subspan(by_position);
    if (layout_.varargs >= 0) {
      slot(layout_.varargs) =
          Value::tuple({std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end())});
    } else if (!rest.empty()) {
      raise_type_error("macro " + macro_.quoted_name() + " takes not more than " + std::to_string(by_position) +
                       " argument(s)");
    }
  }

  State& state_;
  const MacroObject& macro_;
  const FunctionLayout& layout_;
  Arguments arguments_;
  Value* slots_;
  std::size_t taken_ = 0;
};

}  // namespace

Flow Renderer::run_macro(const MacroObject& macro, Arguments arguments, Value& returned) {
  const FunctionLayout& layout = macro.layout();
  const Frame* around = macro.around() ? &macro.around()->frame : nullptr;
  Activation activation(*this, *macro.of(), layout, around, macro.context().get());
  ArgumentBinder(*this, macro, arguments, here_->slots).bind();  // who calls wrongly is told at the call

  Flow flow = Flow::Normal;
  try {
    for (const ScopeEntry& entry : layout.entries) here_->slots[entry.index] = slot_at(entry.from, entry.name);
    for (const Parameter& parameter : macro.function().parameters) {
      Value& slot = here_->slots[parameter.slot.index];
      if (!is_empty(slot)) continue;
      slot = parameter.fallback
                 ? evaluate(*parameter.fallback)
                 : undefined_hint(undefined_kind_, "parameter " + repr_text(parameter.name) + " was not provided");
    }
    flow = execute(macro.function().body);
  } catch (const Error& error) {
    rethrow(error, macro.is_call_block() ? "call block" : "macro " + macro.quoted_name(), activation.caller());
  } catch (const ReturnSignal&) {
    flow = Flow::Return;
  }
  if (flow == Flow::Return && !macro.is_call_block()) {  // of a call block it is the macro around that ends
    returning_ = false;
    returned = std::move(returned_);
  }
  return flow;
}

Value Renderer::call_macro(const MacroObject& macro, Arguments arguments) {
  const bool markup = here_->context && here_->context->escapes();
  Capture output(*this);
  Value returned;
  if (run_macro(macro, arguments, returned) == Flow::Return) return returned;
  return output.finish(markup);
}

// Where what it gives would be printed as it is anyway, it prints that itself. False: it has returned a value instead.
bool Renderer::print_macro(const MacroObject& macro, Arguments arguments, Value& returned) {
  Capture output(*this);
  if (run_macro(macro, arguments, returned) == Flow::Return) return false;
  output.keep();
  return true;
}

}  // namespace plumb::jinja
