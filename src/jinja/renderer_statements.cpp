#include "jinja/errors.h"
#include "jinja/loop.h"
#include "jinja/macro.h"
#include "jinja/renderer.h"
#include "jinja/text.h"

namespace plumb::jinja {

Flow Renderer::execute(const Statements& body) {
  for (const StatementPtr& statement : body) {
    if (Flow flow = execute(*statement); flow != Flow::Normal) return flow;
  }
  return Flow::Normal;
}

Flow Renderer::execute(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::Text:
      if (!here_->silent) write_text(as<Text>(statement).text);
      return Flow::Normal;
    case StatementKind::Output:
      return here_->silent ? Flow::Normal : execute_output(*as<Output>(statement).expression);
    case StatementKind::If:
      return execute_if(as<If>(statement));
    case StatementKind::For:
      return execute_for(as<For>(statement));
    case StatementKind::Assign:
      return execute_assign(as<Assign>(statement));
    case StatementKind::AssignBlock:
      return execute_assign_block(as<AssignBlock>(statement));
    case StatementKind::With:
      return execute_with(as<With>(statement));
    case StatementKind::Macro:
      return execute_macro(as<Macro>(statement));
    case StatementKind::CallBlock:
      return execute_call_block(as<CallBlock>(statement));
    case StatementKind::FilterBlock:
      return execute_filter_block(as<FilterBlock>(statement));
    case StatementKind::Block:
      return execute_block(as<Block>(statement));
    case StatementKind::Extends:
      return execute_extends(as<Extends>(statement));
    case StatementKind::Include:
      return execute_include(as<Include>(statement));
    case StatementKind::Import:
      return execute_import(as<Import>(statement));
    case StatementKind::FromImport:
      return execute_from_import(as<FromImport>(statement));
    case StatementKind::Autoescape:
      return execute_autoescape(as<Autoescape>(statement));
    case StatementKind::Do:
      return execute_do(*as<Do>(statement).expression);
    case StatementKind::Break:
      return Flow::Break;
    case StatementKind::Continue:
      return Flow::Continue;
  }
  return Flow::Normal;
}

// ---- Output

void Renderer::write_text(std::string_view text) {
  if (!native_) return output_.append(text);
  if (!text.empty()) capture_->append(Value(text));
}

void Renderer::write(const Value& value) {
  if (native_) {
    capture_->append(value);
  } else if (escapes()) {
    write_escaped(value);
  } else if (value.is_string()) {
    output_.append(value.as_string());
  } else if (value.is_int()) {
    output_.append(value.as_int());
  } else {
    output_.append(to_str(*this, value));
  }
}

void Renderer::write_escaped(const Value& value) {
  if (value.is_markup()) {
    output_.append(value.as_string());
  } else if (value.is_string()) {
    output_.append_escaped(value.as_string());
  } else if (value.is_int()) {
    output_.append(value.as_int());
  } else {
    output_.append(escape(*this, value).as_string());
  }
}

// What call and filter blocks give is printed as it is: neither escaped nor made text of.
void Renderer::write_raw(const Value& value) {
  if (native_) {
    capture_->append(value);
  } else if (value.is_string()) {
    output_.append(value.as_string());
  } else {
    raise_type_error("sequence item 0: expected str instance, " + std::string(type_name(value)) + " found");
  }
}

Flow Renderer::execute_output(const Expression& expression) {
  if (expression.kind == ExpressionKind::Call) return execute_output_of_call(as<Call>(expression));
  // The escaped text need not be made before it is printed.
  const bool escaped = !native_ && expression.kind == ExpressionKind::Filter && as<Filter>(expression).escapes;
  const Expression& printed = escaped ? *as<Filter>(expression).subject : expression;
  Value room;
  const Value* value = find_place(printed);
  if (!value) value = &look_at(printed, room);
  here_->at = expression.at;
  if (escaped) {
    write_escaped(*value);
  } else if (native_ && expression.kind == ExpressionKind::Literal) {
    capture_->append(Value(to_str(*this, *value)));  // native rendering joins as text what was known beforehand
  } else {
    write(*value);
  }
  return Flow::Normal;
}

// A call that asks for the macro's end needs no exception here.
Flow Renderer::execute_output_of_call(const Call& call) {
  bool printed = false;
  Value result = evaluate_call(call, nullptr, native_ ? nullptr : &printed);
  if (returning_) return Flow::Return;
  here_->at = call.at;
  if (!printed) write(result);
  return Flow::Normal;
}

Flow Renderer::execute_do(const Expression& expression) {
  if (expression.kind == ExpressionKind::Call) {
    evaluate_call(as<Call>(expression));
    return returning_ ? Flow::Return : Flow::Normal;
  }
  evaluate(expression);
  return Flow::Normal;
}

// ---- Scopes

void Renderer::enter(const ScopeLayout& scope) {
  for (const ScopeEntry& entry : scope.entries) {
    here_->slots[entry.index] = entry.copies ? slot_at(entry.from, entry.name) : Value();
  }
}

void Renderer::leave(const ScopeLayout& scope) {
  if (!here_->captured) return;
  for (std::int32_t index : scope.own) here_->slots[index] = Value();
}

Flow Renderer::execute_if(const If& node) {
  for (const If::Branch& branch : node.branches) {
    here_->at = node.at;
    if (is_true(*branch.condition)) return execute(branch.body);
  }
  return execute(node.otherwise);
}

Flow Renderer::execute_with(const With& node) {
  // A value is evaluated outside, so it does not see the targets; those are empty until they are assigned.
  enter(*node.scope);
  for (const With::Assignment& assignment : node.assignments) {
    assign(assignment.target, evaluate(*assignment.value), assignment.target.at);
  }
  Flow flow = execute(node.body);
  leave(*node.scope);
  return flow;
}

Flow Renderer::execute_autoescape(const Autoescape& node) {
  enter(*node.scope);
  bool enabled = is_true(*node.enabled);
  RenderContext* context = here_->context;
  struct Restore {
    Renderer& renderer;
    RenderContext* context;
    bool escapes;
    Escaping escaping;
    ~Restore() {
      context->escapes() = escapes;
      renderer.here_->escaping = escaping;
    }
  } restore{*this, context, context->escapes(), here_->escaping};
  context->escapes() = enabled;
  bool known = node.enabled->kind == ExpressionKind::Literal;
  here_->escaping = !known ? Escaping::Dynamic : enabled ? Escaping::On : Escaping::Off;
  Flow flow = execute(node.body);
  leave(*node.scope);
  return flow;
}

// ---- Loops

Flow Renderer::execute_for(const For& node) {
  here_->at = node.iterable->at;
  Value iterable = evaluate(*node.iterable);
  here_->at = node.iterable->at;
  if (node.recursive) {
    if (native_ && !here_->silent) {  // each level is joined
      Capture output(*this);
      run_recursive(node, std::move(iterable), *here_, 0);
      write_raw(output.finish(escapes()));
    } else {
      run_recursive(node, std::move(iterable), *here_, 0);
    }
    return returning_ ? Flow::Return : Flow::Normal;
  }
  LoopItems items(*this, std::move(iterable), node, *here_);
  if (node.scope->loop < 0) {
    const auto& names = node.target.items;
    const bool pairs = names.size() == 2 && names[0].kind == TargetKind::Name && names[1].kind == TargetKind::Name;
    return pairs ? run_loop_with_pairs(node, items) : run_loop(node, items);
  }
  auto loop = make<LoopContext>(node, std::move(items), *here_, 0);
  return run_loop_with_context(node, *loop);
}

// `next_round` gives the target its next value, or false when there is none. The `else` of a loop runs when no round
// came to its end.
template <class NextRound>
Flow Renderer::run_rounds(const For& node, NextRound next_round) {
  const ScopeLayout& scope = node.scope->body;
  bool nothing_ran = true;
  while (next_round()) {
    enter(scope);
    Flow flow = execute(node.body);
    if (flow == Flow::Normal) {
      nothing_ran = false;
    } else if (flow != Flow::Continue) {
      leave(scope);
      if (flow == Flow::Return) return flow;
      break;
    }
    here_->at = node.at;
  }
  leave(scope);
  if (!nothing_ran || node.otherwise.empty()) return Flow::Normal;
  enter(node.scope->otherwise);
  Flow flow = execute(node.otherwise);
  leave(node.scope->otherwise);
  return flow;
}

Flow Renderer::run_loop(const For& node, LoopItems& items) {
  Value item;
  return run_rounds(node, [&] {
    if (!items.next(*this, item)) return false;
    tick();
    here_->at = node.at;
    if (node.target.kind == TargetKind::Name) {
      here_->slots[node.target.slot.index].swap(item);
    } else {
      unpack(node.target, item, node.at);
    }
    return true;
  });
}

Flow Renderer::run_loop_with_pairs(const For& node, LoopItems& items) {
  Value first, second;
  return run_rounds(node, [&] {
    const Iterator::Pair pair = items.next_pair(*this, first, second);
    if (pair == Iterator::Pair::End || (pair == Iterator::Pair::Unknown && !items.next(*this, first))) return false;
    tick();
    here_->at = node.at;
    if (pair == Iterator::Pair::Unknown) {
      unpack(node.target, first, node.at);
    } else {
      here_->slots[node.target.items[0].slot.index] = std::move(first);
      here_->slots[node.target.items[1].slot.index] = std::move(second);
    }
    return true;
  });
}

Flow Renderer::run_loop_with_context(const For& node, LoopContext& loop) {
  struct Close {
    LoopContext& loop;
    ~Close() { loop.close(); }
  } close{loop};
  return run_rounds(node, [&] {
    if (!loop.advance(*this)) return false;
    tick();
    here_->at = node.at;
    Value& slot = here_->slots[node.scope->loop];
    if (slot.identity() != &loop) slot = Value(Ref<LoopContext>(&loop));
    assign(node.target, loop.current(), node.at);
    return true;
  });
}

// Each level of a recursive loop is a function of its own.
// `where` is a copy: what is here changes as the function begins.
void Renderer::run_recursive(const For& node, Value iterable, Here where, int depth) {
  Activation activation(*this, *where.of, *node.scope->function, where.frame, where.context);
  here_->silent = where.silent;
  here_->at = node.at;
  try {
    LoopItems items(*this, std::move(iterable), node, *here_);
    auto loop = make<LoopContext>(node, std::move(items), where, depth);
    run_loop_with_context(node, *loop);
  } catch (const Error& error) {
    if (depth == 0) throw error.at(here_->of->place(here_->at));
    rethrow(error, "loop", activation.caller());
  }
}

Value Renderer::call_loop(LoopContext& loop, Value iterable) {
  Here where = loop.where();  // outlives the loop's own end
  bool markup = loop.node().scope->function->escaping == Escaping::Dynamic
                    ? where.context->escapes()
                    : loop.node().scope->function->escaping == Escaping::On;
  Capture output(*this);
  run_recursive(loop.node(), std::move(iterable), where, loop.depth() + 1);
  return output.finish(markup);
}

bool Renderer::passes_condition(const For& loop, const Here& where, const Value& item) {
  Here inside = where;
  Here* const before = std::exchange(here_, &inside);
  struct Restore {
    Renderer& renderer;
    Here* before;
    ~Restore() { renderer.here_ = before; }
  } restore{*this, before};
  here_->at = loop.condition->at;
  try {
    assign(loop.scope->tested, item, loop.condition->at);
    return is_true(*loop.condition);
  } catch (const Error& error) {
    throw error.at(here_->of->place(here_->at));
  }
}

// ---- Assignments

void Renderer::assign(const Target& target, const Value& value, Position at) {
  switch (target.kind) {
    case TargetKind::Name:
      here_->slots[target.slot.index] = value;
      break;
    case TargetKind::Tuple:
      unpack(target, value, at);
      break;
    case TargetKind::NamespaceAttribute: {
      Value room;
      const Value& space = look_up(target.slot, target.name, room);
      here_->at = target.at;
      knots_.add(space);
      if (space.kind() == Kind::Dict) {
        space.as_dict().set(Value(target.attribute), value);
      } else if (space.kind() != Kind::Object || !space.as_object().set_attribute(*this, target.attribute, value)) {
        raise_type_error(repr_text(type_name(space)) + " object does not support item assignment");
      }
      break;
    }
  }
}

void Renderer::unpack(const Target& target, const Value& value, Position at) {
  here_->at = at;
  std::size_t expected = target.items.size();
  auto too_few = [&](std::size_t got) {
    raise_value_error("not enough values to unpack (expected " + std::to_string(expected) + ", got " +
                      std::to_string(got) + ")");
  };
  auto too_many = [&] { raise_value_error("too many values to unpack (expected " + std::to_string(expected) + ")"); };
  if (value.kind() == Kind::List || value.kind() == Kind::Tuple) {
    Value holder = value;  // the target may be what holds it
    const auto& items = holder.items();
    if (items.size() < expected) too_few(items.size());
    if (items.size() > expected) too_many();
    for (std::size_t i = 0; i < expected; ++i) assign(target.items[i], items[i], at);
    return;
  }
  std::vector<Value> items;
  std::unique_ptr<Iterator> iterator;
  if (value.kind() == Kind::Object) {
    iterator = find_generator(value) ? iterate(*this, value) : value.as_object().iterate(*this);
  } else if (!value.is_number() && !value.is_none()) {
    iterator = iterate(*this, value);
  }
  if (!iterator) raise_type_error("cannot unpack non-iterable " + std::string(type_name(value)) + " object");
  while (items.size() <= expected) {
    auto item = iterator->next(*this);
    if (!item) break;
    items.push_back(*std::move(item));
  }
  if (items.size() < expected) too_few(items.size());
  if (items.size() > expected) too_many();
  for (std::size_t i = 0; i < expected; ++i) assign(target.items[i], items[i], at);
}

// At the top level a variable is the template's: blocks and included templates see it, and modules export it.
void Renderer::publish(const Target& target) {
  if (target.kind == TargetKind::Name) here_->context->set(target.name, here_->slots[target.slot.index], false);
  for (const Target& item : target.items) publish(item);
}

void Renderer::check_namespaces(const Target& target) {
  if (target.kind == TargetKind::NamespaceAttribute) {
    Value room;
    const Value& space = look_up(target.slot, target.name, room);
    if (space.kind() != Kind::Object || space.as_object().type_name() != "Namespace") {
      here_->at = target.at;
      raise_runtime_error("cannot assign attribute on non-namespace object");
    }
  }
  for (const Target& item : target.items) check_namespaces(item);
}

Flow Renderer::execute_assign(const Assign& node) {
  here_->at = node.at;
  if (node.target.kind == TargetKind::Name) {
    here_->slots[node.target.slot.index] = evaluate(*node.value);
  } else {
    check_namespaces(node.target);
    assign(node.target, evaluate(*node.value), node.at);
  }
  if (node.toplevel) publish(node.target);
  return Flow::Normal;
}

Flow Renderer::execute_assign_block(const AssignBlock& node) {
  bool silent = std::exchange(here_->silent, false);
  struct Restore {
    Renderer& renderer;
    bool silent;
    ~Restore() { renderer.here_->silent = silent; }
  } restore{*this, silent};
  Capture output(*this);
  enter(*node.scope);
  Flow flow = execute(node.body);
  if (flow != Flow::Normal) return flow;
  const bool markup = here_->context->escapes();
  Value value = output.finish(markup);
  if (node.filter) {
    value = evaluate_filter(as<Filter>(*node.filter), &value);
    if (markup) value = Value::markup(to_str(*this, value));
  }
  leave(*node.scope);
  assign(node.target, value, node.at);
  if (node.toplevel) publish(node.target);
  return Flow::Normal;
}

// ---- Macros, call blocks, filter blocks

Value Renderer::make_macro(const Function& function, bool is_call_block) {
  assert(here_->frame->captured && "macros are made where the frame can be kept");
  return Value(make<MacroObject>(function, here_->of->shared_from_this(), Ref<CapturedFrame>(here_->frame->captured),
                                 Ref<RenderContext>(here_->context), is_call_block));
}

Flow Renderer::execute_macro(const Macro& node) {
  Value macro = make_macro(node.function, false);
  if (node.toplevel) here_->context->set(node.function.name, macro, false);
  here_->slots[node.slot.index] = std::move(macro);
  return Flow::Normal;
}

Flow Renderer::execute_call_block(const CallBlock& node) {
  Value caller = make_macro(node.caller, true);
  Value result = evaluate_call(as<Call>(*node.call), &caller);
  if (returning_) return Flow::Return;
  here_->at = node.at;
  write_raw(result);
  return Flow::Normal;
}

Flow Renderer::execute_filter_block(const FilterBlock& node) {
  Value value;
  {
    Capture output(*this);
    enter(*node.scope);
    Flow flow = execute(node.body);
    if (flow != Flow::Normal) return flow;
    value = output.finish(escapes());
  }
  value = evaluate_filter(as<Filter>(*node.filter), &value);
  leave(*node.scope);
  write_raw(value);
  return Flow::Normal;
}

}  // namespace plumb::jinja
