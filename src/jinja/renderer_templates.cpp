#include "jinja/blocks.h"
#include "jinja/errors.h"
#include "jinja/module.h"
#include "jinja/renderer.h"
#include "jinja/text.h"

namespace plumb::jinja {

// ---- Templates

// A template that extends another runs first, for what it sets; then the other runs, with the blocks of both.
Flow Renderer::run_template(TemplatePtr start, const Ref<RenderContext>& context) {
  Flow flow = Flow::Normal;
  while (start && flow == Flow::Normal) {
    TemplatePtr parent;
    flow = run_root(*start, context, parent);
    start = std::move(parent);
  }
  return flow;
}

Flow Renderer::run_root(const Template& root, const Ref<RenderContext>& context, TemplatePtr& parent) {
  const FunctionLayout& layout = *root.tree().layout;
  struct Restore {
    Renderer& renderer;
    TemplatePtr* parent;
    ~Restore() { renderer.parent_ = parent; }
  } restore{*this, std::exchange(parent_, &parent)};
  Activation activation(*this, root, layout, nullptr, context.get());
  activation.forget_captured();
  Flow flow = Flow::Normal;
  try {
    if (layout.self >= 0) here_->slots[layout.self] = Value(make<TemplateReference>(context));
    flow = execute(root.tree().body);
    // What this template's macros read is what was there before the other one sets more.
    if (parent && layout.captured) {
      for (const Local& name : layout.context_names) slot_at(name.slot, name.name);
    }
  } catch (const Error& error) {
    circles_->add(context, activation.captured());
    throw error.at(here_->of->place(here_->at));
  }
  circles_->add(context, activation.captured());
  return flow;
}

Flow Renderer::execute_extends(const Extends& node) {
  here_->at = node.at;
  if (*parent_) raise_runtime_error("extended multiple times");
  Value name = evaluate(*node.parent);
  here_->at = node.at;
  TemplatePtr parent = load(name);
  auto& lineage = here_->context->lineage();
  if (limits_.recursion > 0 && lineage.size() > static_cast<std::size_t>(limits_.recursion)) {
    raise("LimitError", "more than " + std::to_string(limits_.recursion) + " templates extend each other",
          "does a template extend itself?");
  }
  lineage.push_back(parent);
  *parent_ = std::move(parent);
  here_->silent = true;
  return Flow::Normal;
}

// ---- Blocks

Flow Renderer::execute_block(const Block& node) {
  if (node.toplevel && here_->silent) return Flow::Normal;
  here_->at = node.at;
  Ref<RenderContext> context(here_->context);
  if (node.scoped) context = context->derive(current_locals(node.locals.get()));
  if (node.required && !context->find_block(node.name, 1).block) {
    raise_runtime_error("Required block " + repr_text(node.name) + " not found");
  }
  auto found = context->find_block(node.name, 0);
  return run_block(*found.block, *found.of, 0, context);
}

Flow Renderer::run_block(const Block& block, const Template& of, std::size_t depth, const Ref<RenderContext>& context) {
  const FunctionLayout& layout = *block.layout;
  Activation activation(*this, of, layout, nullptr, context.get());
  try {
    if (layout.self >= 0) here_->slots[layout.self] = Value(make<TemplateReference>(context));
    if (layout.super >= 0) here_->slots[layout.super] = make_super(*this, block.name, depth, context);
    return execute(block.body);
  } catch (const Error& error) {
    rethrow(error, "block " + repr_text(block.name), activation.caller());
  }
}

Value Renderer::call_block(const std::string& name, std::size_t depth, RenderContext& context) {
  bool markup = context.escapes();
  Ref<RenderContext> held(&context);
  auto found = context.find_block(name, depth);
  Capture output(*this, Capture::Native::AsItComes);
  run_block(*found.block, *found.of, depth, held);
  return output.finish(markup);
}

// ---- Includes and imports

namespace {

std::string missing_text(State& state, const Value& name) {
  if (const UndefinedInfo* info = name.find_undefined()) return info->message();
  return to_str(state, name);
}

}  // namespace

// One that can't be parsed tells who asked for it.
TemplatePtr Renderer::find_template(const Value& name) {
  try {
    return environment_.find_template(std::string(name.as_string()));
  } catch (const Error& error) {
    if (!error.find_place()) throw;
    throw error.called_from({"template " + repr_text(name.as_string()), here_->of->place(here_->at)});
  }
}

TemplatePtr Renderer::load(const Value& name) {
  if (name.is_undefined()) raise_undefined(name);
  if (!name.is_string()) {
    hash_value(name);  // what can't be a key is told before
    raise("TemplateNotFound", to_str(*this, name));
  }
  TemplatePtr found = find_template(name);
  if (!found) raise("TemplateNotFound", std::string(name.as_string()));
  return found;
}

// The first of several that there is.
TemplatePtr Renderer::load_any(const Value& names) {
  if (names.is_string() || names.is_undefined()) return load(names);
  if (!is_true(names)) {
    // Python finds numbers false as well before it finds that they are no lists.
    raise("TemplatesNotFound", "Tried to select from an empty list of templates.");
  }
  std::string tried;
  for (const Value& name : to_vector(*this, names)) {
    if (name.is_string()) {
      if (TemplatePtr found = find_template(name)) return found;
    }
    if (!tried.empty()) tried += ", ";
    tried += missing_text(*this, name);
  }
  raise("TemplatesNotFound", "none of the templates given were found: " + tried);
}

Ref<Dict> Renderer::current_locals(const Locals* locals) {
  auto names = make<Dict>();
  if (!locals) return names;
  for (const Local& local : locals->names) {
    // What the context was never asked for is the context's own.
    Slot slot = local.slot;
    slot.asks_context = false;
    const Value& value = slot_at(slot, local.name);
    if (!is_unbound(value)) names->set(Value(local.name), value);
  }
  return names;
}

Flow Renderer::execute_include(const Include& node) {
  Value name = evaluate(*node.template_name);
  here_->at = node.at;
  TemplatePtr included;
  if (!node.ignore_missing) {
    included = load_any(name);
  } else {
    try {
      included = load_any(name);
    } catch (const Error& error) {
      if (error.find_place() || (error.type() != "TemplateNotFound" && error.type() != "TemplatesNotFound")) throw;
      return Flow::Normal;
    }
  }
  if (!node.with_context) {
    Value body = load_module(std::move(included), nullptr)->body();
    if (native_) {
      capture_->append(std::move(body));
    } else {
      write_text(to_str(*this, body));
    }
    return Flow::Normal;
  }
  auto context =
      make<RenderContext>(included, here_->context->snapshot(current_locals(node.locals.get())), included->autoescape_);
  const Here& from = *here_;
  try {
    return run_template(included, context);
  } catch (const Error& error) {
    if (error.calls().size() > 30) throw;
    throw error.called_from({"template " + repr_text(included->name()), from.of->place(from.at)});
  }
}

// Without context a template is imported once, and all imports share what it exports.
Ref<ModuleObject> Renderer::load_module(TemplatePtr of, Ref<GivenNames> given) {
  bool is_shared = !given;
  if (is_shared) {
    if (auto found = modules_.find(of.get()); found != modules_.end()) return found->second;
    given = make<GivenNames>(environment_, std::vector<Value>{});
  }
  auto context = make<RenderContext>(of, std::move(given), of->autoescape_);
  Capture output(*this);
  const Here& from = *here_;
  try {
    run_template(of, context);
  } catch (const Error& error) {
    throw error.called_from({"template " + repr_text(of->name()), from.of->place(from.at)});
  }
  end_by_return();
  auto module = make<ModuleObject>(of->name(), context->exported(), output.finish(of->autoescape_));
  if (is_shared) modules_.emplace(of.get(), module);
  return module;
}

Ref<ModuleObject> Renderer::import(const Expression& name, bool with_context, const Locals* locals) {
  Value value = evaluate(name);
  here_->at = name.at;
  return load_module(load(value), with_context ? here_->context->snapshot(current_locals(locals)) : nullptr);
}

Flow Renderer::execute_import(const Import& node) {
  here_->at = node.at;
  Value module(import(*node.template_name, node.with_context, node.locals.get()));
  if (node.toplevel) here_->context->set(node.target.name, module, true);
  here_->slots[node.target.slot.index] = std::move(module);
  return Flow::Normal;
}

Flow Renderer::execute_from_import(const FromImport& node) {
  here_->at = node.at;
  auto module = import(*node.template_name, node.with_context, node.locals.get());
  for (const FromImport::Imported& imported : node.names) {
    auto found = module->find_attribute(*this, imported.name);
    if (!found) {
      std::string where = "line " + std::to_string(node.at.line);
      if (here_->of->name() != kNoName) where += " in " + repr_text(here_->of->name());
      found = undefined_hint(undefined_kind_, "the template " + repr_text(module->name()) + " (imported on " + where +
                                                  ") does not export the requested name " + repr_text(imported.name));
    }
    here_->slots[imported.target.slot.index] = *found;
    if (node.toplevel) here_->context->set(imported.target.name, *found, true);
  }
  return Flow::Normal;
}

Value Renderer::run_module(const TemplatePtr& of) {
  if (auto found = host_modules_.find(of.get()); found != host_modules_.end()) return found->second;
  auto context = make<RenderContext>(of, given_, of->autoescape_);
  Capture ignored(*this);
  run_template(of, context);
  return host_modules_.emplace(of.get(), context->exported()).first->second;
}

}  // namespace plumb::jinja
