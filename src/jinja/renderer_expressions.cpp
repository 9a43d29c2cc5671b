#include "jinja/errors.h"
#include "jinja/macro.h"
#include "jinja/renderer.h"
#include "jinja/text.h"

namespace plumb::jinja {

// ---- Names

void Renderer::ask_context(Value& value, const std::string& name) {
  value = here_->context->resolve(*this, name);
  if (!is_empty(value)) return;
  auto unbound = make<UndefinedInfo>();
  unbound->kind = undefined_kind_;
  unbound->name = name;
  unbound->unbound = true;
  value = Value(std::move(unbound));
}

const Value& Renderer::look_up(const Slot& slot, const std::string& name, Value& room) {
  const Value& value = slot_at(slot, name);
  if (!is_unbound(value)) return value;
  room = undefined(name);
  return room;
}

const Value& Renderer::look_up(const Name& name, Value& room) {
  here_->at = name.at;
  return look_up(name.slot, name.name, room);
}

// ---- Expressions

// Names and literals: the key of an item, and what most members are looked up in.
inline const Value* Renderer::find_simple(const Expression& expression) {
  if (expression.kind == ExpressionKind::Literal) return &as<Literal>(expression).value;
  if (expression.kind != ExpressionKind::Name) return nullptr;
  here_->at = expression.at;
  const Value& value = slot_at(as<Name>(expression).slot, as<Name>(expression).name);
  return is_unbound(value) ? nullptr : &value;
}

const Value* Renderer::find_place(const Expression& expression) {
  if (expression.kind == ExpressionKind::Attribute) {
    const auto& node = as<Attribute>(expression);
    if (node.may_be_method) return nullptr;
    const Value* object = find_holder(*node.object);
    return object && object->kind() == Kind::Dict ? object->as_dict().find(node.key) : nullptr;
  }
  if (expression.kind == ExpressionKind::Item) {
    // The key first: a name that is asked for the first time may run code of the host.
    const auto& node = as<Item>(expression);
    const Value* key = find_simple(*node.key);
    const Value* object = key ? find_holder(*node.object) : nullptr;
    if (!object) return nullptr;
    if (object->kind() == Kind::Dict) return key->is_string() ? object->as_dict().find(*key) : nullptr;
    if (object->kind() != Kind::List || !key->is_int() || key->as_int() < 0) return nullptr;
    const auto position = static_cast<std::size_t>(key->as_int());
    return position < object->items().size() ? &object->items()[position] : nullptr;
  }
  return find_simple(expression);
}

inline const Value* Renderer::find_holder(const Expression& expression) {
  const bool member = expression.kind == ExpressionKind::Attribute || expression.kind == ExpressionKind::Item;
  return member ? find_place(expression) : find_simple(expression);
}

const Value& Renderer::look_at(const Expression& expression, Value& room) {
  switch (expression.kind) {
    case ExpressionKind::Literal:
      return as<Literal>(expression).value;
    case ExpressionKind::Name:
      return look_up(as<Name>(expression), room);
    default:
      room = evaluate(expression);
      return room;
  }
}

// Sets the position before what may fail, and after the parts are evaluated.
Value Renderer::evaluate(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::Literal:
      return as<Literal>(expression).value;
    case ExpressionKind::Name: {
      Value room;
      return look_up(as<Name>(expression), room);
    }
    case ExpressionKind::Tuple:
      return Value::tuple(evaluate_all(as<Tuple>(expression).items));
    case ExpressionKind::List:
      return Value::list(evaluate_all(as<ListDisplay>(expression).items));
    case ExpressionKind::Dict:
      return evaluate_dict(as<DictDisplay>(expression));
    case ExpressionKind::Conditional:
      return evaluate_conditional(as<Conditional>(expression));
    case ExpressionKind::Filter: {
      Value result = evaluate_filter(as<Filter>(expression), nullptr);
      end_by_return();
      return result;
    }
    case ExpressionKind::Test:
      return Value(evaluate_test(as<Test>(expression)));
    case ExpressionKind::Call: {
      Value result = evaluate_call(as<Call>(expression));
      end_by_return();
      return result;
    }
    case ExpressionKind::Item: {
      if (const Value* found = find_place(expression)) return *found;
      const auto& node = as<Item>(expression);
      Value object_room, key_room;
      const Value& object = look_at(*node.object, object_room);
      const Value& key = look_at(*node.key, key_room);
      here_->at = node.at;
      return get_item(*this, object, key);
    }
    case ExpressionKind::Attribute: {
      if (const Value* found = find_place(expression)) return *found;
      const auto& node = as<Attribute>(expression);
      Value room;
      const Value& object = look_at(*node.object, room);
      here_->at = node.at;
      return get_attribute(*this, object, node.name);
    }
    case ExpressionKind::Slice:
      return evaluate_slice(as<Slice>(expression));
    case ExpressionKind::Concat:
      return evaluate_concat(as<Concat>(expression));
    case ExpressionKind::Compare:
      return evaluate_compare(as<Compare>(expression));
    case ExpressionKind::And: {
      Value left = evaluate(*as<And>(expression).left);
      return is_true(left) ? evaluate(*as<And>(expression).right) : left;
    }
    case ExpressionKind::Or: {
      Value left = evaluate(*as<Or>(expression).left);
      return is_true(left) ? left : evaluate(*as<Or>(expression).right);
    }
    case ExpressionKind::Not:
      return Value(!is_true(*as<Not>(expression).operand));
    case ExpressionKind::Binary: {
      const auto& node = as<Binary>(expression);
      Value left_room, right_room;
      const Value& left = look_at(*node.left, left_room);
      const Value& right = look_at(*node.right, right_room);
      here_->at = node.at;
      return operate(*this, node.op, left, right);
    }
    case ExpressionKind::Unary: {
      const auto& node = as<Unary>(expression);
      Value operand = evaluate(*node.operand);
      here_->at = node.at;
      return operate(*this, node.op, operand);
    }
  }
  return Value();
}

bool Renderer::is_true(const Expression& condition) {
  switch (condition.kind) {
    case ExpressionKind::Not:
      return !is_true(*as<Not>(condition).operand);
    case ExpressionKind::And:
      return is_true(*as<And>(condition).left) && is_true(*as<And>(condition).right);
    case ExpressionKind::Or:
      return is_true(*as<Or>(condition).left) || is_true(*as<Or>(condition).right);
    case ExpressionKind::Test:
      return evaluate_test(as<Test>(condition));
    default: {
      Value room;
      return is_true(look_at(condition, room));
    }
  }
}

std::vector<Value> Renderer::evaluate_all(const std::vector<ExpressionPtr>& items) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const ExpressionPtr& item : items) values.push_back(evaluate(*item));
  return values;
}

Value Renderer::evaluate_dict(const DictDisplay& node) {
  auto dict = make<Dict>();
  for (const DictDisplay::Pair& pair : node.pairs) {
    Value key = evaluate(*pair.key);
    Value value = evaluate(*pair.value);
    here_->at = pair.key->at;
    dict->set(std::move(key), std::move(value));
  }
  return Value(std::move(dict));
}

Value Renderer::evaluate_conditional(const Conditional& node) {
  if (is_true(*node.condition)) return evaluate(*node.then);
  if (node.otherwise) return evaluate(*node.otherwise);
  std::string where = "line " + std::to_string(node.at.line);
  if (here_->of->name() != kNoName) where += " in " + repr_text(here_->of->name());
  // Whatever the environment's kind is: as Jinja2 has it, a strict one is not meant here.
  return undefined_hint(UndefinedKind::Lenient, "the inline if-expression on " + where +
                                                    " evaluated to false and no else section was defined.");
}

Value Renderer::evaluate_slice(const Slice& node) {
  Value object = evaluate(*node.object);
  Value start = node.start ? evaluate(*node.start) : Value::none();
  Value stop = node.stop ? evaluate(*node.stop) : Value::none();
  Value step = node.step ? evaluate(*node.step) : Value::none();
  here_->at = node.at;
  return slice(*this, object, start, stop, step);
}

// Without autoescaping the parts become plain text, even where they are markup; and so they do, as in Jinja2, where
// only the render knows whether it is on.
Value Renderer::evaluate_concat(const Concat& node) {
  if (here_->escaping == Escaping::On) {
    std::vector<Value> parts = evaluate_all(node.parts);
    here_->at = node.at;
    return concat(*this, parts);
  }
  std::string text;
  for (const ExpressionPtr& part : node.parts) {
    Value room;
    const Value& value = look_at(*part, room);
    here_->at = node.at;
    append_str(*this, text, value);
    reserve(3 * text.size());
  }
  return Value(std::move(text));
}

Value Renderer::evaluate_compare(const Compare& node) {
  Value left_room;
  const Value& first = look_at(*node.first, left_room);
  if (node.rest.size() == 1) {
    Value right_room;
    const Value& right = look_at(*node.rest.front().value, right_room);
    here_->at = node.at;
    return Value(compare(*this, node.rest.front().op, first, right));
  }
  Value left = first;
  for (const Compare::Operand& operand : node.rest) {
    Value right = evaluate(*operand.value);
    here_->at = node.at;
    if (!compare(*this, operand.op, left, right)) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

// ---- Calls, filters and tests

namespace {

// `{% set add = list.append %}`
bool is_method(const Object& callee) {
  return callee.type_name() == "builtin_function_or_method";
}

}  // namespace

void Renderer::add_rest(const ArgumentList& list, std::vector<Value>& positional) {
  Value rest = evaluate(*list.rest);
  here_->at = list.rest->at;
  std::unique_ptr<Iterator> items;
  if (rest.kind() == Kind::Object) {
    items = find_generator(rest) ? iterate(*this, rest) : rest.as_object().iterate(*this);
  } else if (!rest.is_number() && !rest.is_none()) {
    items = iterate(*this, rest);
  }
  if (!items) raise_type_error("Value after * must be an iterable, not " + std::string(type_name(rest)));
  while (auto item = items->next(*this)) {
    tick();
    if (positional.size() == positional.capacity()) reserve(3 * positional.size() * sizeof(Value));
    positional.push_back(*std::move(item));
  }
}

void Renderer::add_more(const ArgumentList& list, std::vector<Keyword>& keywords) {
  Value more = evaluate(*list.more);
  here_->at = list.more->at;
  auto add = [&](const Value& name, const Value& value) {
    if (!name.is_string()) raise_type_error("keywords must be strings");
    for (const Keyword& keyword : keywords) {
      if (keyword.name.as_string() == name.as_string()) {
        raise_type_error("jinja2.runtime.Context.call() got multiple values for keyword argument " +
                         repr_text(name.as_string()));
      }
    }
    keywords.push_back({name, value});
  };
  if (more.kind() == Kind::Dict) {
    std::size_t position = 0;
    while (const Value::Entry* entry = more.as_dict().next(position)) add(entry->key, entry->value);
  } else if (more.kind() == Kind::Object && more.as_object().is_mapping()) {
    for (const Value& key : to_vector(*this, more)) add(key, get_item(*this, more, key));
  } else {
    if (more.is_undefined()) call_method(*this, more, "keys", {});
    raise_type_error("jinja2.runtime.Context.call() argument after ** must be a mapping, not " +
                     std::string(type_name(more)));
  }
}

// With *rest and **more nobody knows beforehand how many there are.
template <class Invoke>
auto Renderer::with_any_arguments(const ArgumentList& list, const Value* subject, const Value* caller,
                                  Invoke&& invoke) {
  std::vector<Value> positional;
  if (subject) positional.push_back(*subject);
  for (const ExpressionPtr& argument : list.positional) positional.push_back(evaluate(*argument));
  if (list.rest) add_rest(list, positional);
  std::vector<Keyword> keywords;
  for (const KeywordArgument& argument : list.keywords) keywords.push_back({argument.key, evaluate(*argument.value)});
  if (caller) keywords.push_back({Value("caller"), *caller});
  if (list.more) add_more(list, keywords);
  return invoke(Arguments{positional, keywords});
}

// Evaluates arguments and calls `invoke(Arguments)`. A filter's subject comes first; a call block's caller is a
// keyword.
template <class Invoke>
auto Renderer::with_arguments(const ArgumentList& list, const Value* subject, const Value* caller, Invoke&& invoke) {
  if (list.rest || list.more) return with_any_arguments(list, subject, caller, std::forward<Invoke>(invoke));
  const Pushed<Value> positional(arguments_, list.positional.size() + (subject ? 1 : 0));
  Value* next = positional.items().data();
  if (subject) *next++ = *subject;
  for (const ExpressionPtr& argument : list.positional) *next++ = evaluate(*argument);
  if (list.keywords.empty() && !caller) return invoke(Arguments{positional.items(), {}});
  const Pushed<Keyword> keywords(keywords_, list.keywords.size() + (caller ? 1 : 0));
  Keyword* named = keywords.items().data();
  for (const KeywordArgument& argument : list.keywords) *named++ = {argument.key, evaluate(*argument.value)};
  if (caller) *named = {Value("caller"), *caller};
  return invoke(Arguments{positional.items(), keywords.items()});
}

Value Renderer::evaluate_call(const Call& node, const Value* caller, bool* printed) {
  Value result;
  if (node.callee->kind == ExpressionKind::Attribute) {
    const auto& method = as<Attribute>(*node.callee);
    Value object = evaluate(*method.object);
    if (object.is_undefined()) {  // told before the arguments are looked at
      here_->at = node.callee->at;
      get_attribute(*this, object, method.name);
    }
    with_arguments(node.arguments, nullptr, caller, [&](Arguments arguments) {
      here_->at = node.callee->at;
      if (object.kind() == Kind::List || object.kind() == Kind::Dict) knots_.add(object, arguments);
      result = call_method(*this, object, method.name, arguments);
    });
  } else {
    Value callee = evaluate(*node.callee);  // held: the call may change where it lies
    with_arguments(node.arguments, nullptr, caller, [&](Arguments arguments) {
      here_->at = node.at;
      const MacroObject* macro = printed ? find_macro(callee) : nullptr;
      if (macro && prints_calls_as_they_are()) {
        *printed = print_macro(*macro, arguments, result);
      } else {
        if (!macro && callee.kind() == Kind::Object && is_method(callee.as_object())) knots_.add_parts(arguments);
        result = call(*this, callee, arguments);
      }
    });
  }
  return result;
}

Value Renderer::evaluate_filter(const Filter& node, const Value* subject) {
  Value room;
  if (node.subject) {
    // A filter of a set or filter block: what the block printed is the innermost subject.
    if (subject && node.subject->kind == ExpressionKind::Filter) {
      room = evaluate_filter(as<Filter>(*node.subject), subject);
      subject = &room;
    } else {
      subject = &look_at(*node.subject, room);
    }
  }
  if (!node.function) {
    here_->at = node.at;
    raise_runtime_error("No filter named " + repr_text(node.name) + " found.");
  }
  return with_arguments(node.arguments, subject, nullptr, [&](Arguments arguments) {
    here_->at = node.at;
    return (*node.function)(*this, arguments);
  });
}

bool Renderer::evaluate_test(const Test& node) {
  Value room;
  const Value& subject = look_at(*node.subject, room);
  if (!node.function) {
    here_->at = node.at;
    raise_runtime_error("No test named " + repr_text(node.name) + " found.");
  }
  return with_arguments(node.arguments, &subject, nullptr, [&](Arguments arguments) {
    here_->at = node.at;
    return is_true((*node.function)(*this, arguments));
  });
}

}  // namespace plumb::jinja
