#include "transform/compile.h"

#include <algorithm>

#include "base/format.h"
#include "transform/node_files.h"
#include "transform/python_model.h"

namespace plumb::transform {

using jinja::Value;
using project::Node;

void Compiler::begin(RunContext& context, const Node& node, const Options& options) {
  context.begin(node);
  context.set_batch(options.batch);
  context.set_stand_ins(options.stand_ins);
  context.set_macros(options.macros);
  if (options.names.is_undefined()) return;
  std::size_t position = 0;
  while (const Value::Entry* entry = options.names.as_dict().next(position)) {
    context.set(entry->key.as_string(), entry->value);
  }
}

CompiledPtr Compiler::compile(RunContext& context, const Node& node, const Options& options) {
  begin(context, node, options);
  Value more;
  if (node.test) {
    Value arguments = project::render_test_arguments(
        node.test->arguments, [&](const std::string& text) { return context.render_value(text, node.origin); });
    more = Value::dict({{"_dbt_generic_test_kwargs", arguments}});
  }
  auto compiled = std::make_shared<CompiledNode>();
  compiled->own_code = node.language == "python" && node.type == project::ResourceType::Model
                           ? python_script(context, node)
                           : context.render(node.raw_code, node.origin, more);
  auto parents = context.ephemerals();
  add_parents(context, parents, options, *compiled);
  std::vector<Cte> ctes;
  for (const auto& part : compiled->ctes) ctes.push_back(part.cte);
  const Value* said = context.invocation().settings().flags.as_dict().find("INJECT_EPHEMERAL_CTES");
  bool injects = said == nullptr || said->kind() != jinja::Kind::Bool || said->as_bool();
  compiled->code = ctes.empty() || !injects ? compiled->own_code : inject_ctes(compiled->own_code, ctes);
  if (!parents.empty()) begin(context, node, options);
  context.set_compiled(compiled->code);
  // A file may hold many snapshots; and a hook may have nothing to say.
  bool blank =
      node.type == project::ResourceType::Operation && compiled->code.find_first_not_of(" \t\r\n") == std::string::npos;
  if (options.write && node.type != project::ResourceType::Snapshot && !blank)
    write_compiled_file(context.invocation().settings(), node, compiled->code, options.batch ? options.batch->id : "");
  if (options.batch) return compiled;  // one of many
  std::lock_guard lock(mutex_);
  compiled_[node.unique_id] = compiled;
  return compiled;
}

CompiledPtr Compiler::compile_parent(RunContext& context, const Node& parent, const Options& options) {
  try {
    return compile(context, parent, options);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled) throw;
    {
      std::lock_guard lock(mutex_);
      failed_.insert(parent.unique_id);
    }
    Error::Details details{.hint = error.hint(), .type = std::string(kEphemeralFault), .calls = error.calls()};
    if (const Place* place = error.find_place()) details.place = *place;
    details.cause = error.type() == kEphemeralFault ? error.cause() : error.message();
    throw Error(error.kind(),
                plumb::format("caused by compilation error in referenced ephemeral model {}", parent.unique_id),
                std::move(details));
  }
}

void Compiler::add_parents(RunContext& context, const std::vector<const Node*>& parents, const Options& options,
                           CompiledNode& into) {
  auto add = [&](const CompiledNode::Part& part) {
    for (const auto& known : into.ctes) {
      if (known.unique_id == part.unique_id) return;
    }
    into.ctes.push_back(part);
  };
  for (const Node* parent : parents) {
    CompiledPtr compiled = options.stand_ins || options.batch ? nullptr : find(parent->unique_id);
    if (!compiled) {
      Options of_parent = options;
      of_parent.stand_ins = nullptr;  // a stand-in is SQL by itself
      of_parent.macros = Value();
      compiled = options.stand_ins ? compile(context, *parent, of_parent) : compile_parent(context, *parent, of_parent);
    }
    for (const auto& part : compiled->ctes) add(part);
    add({parent->unique_id, {ephemeral_name(*parent), compiled->own_code}});
  }
}

CompiledPtr Compiler::find(std::string_view unique_id) const {
  std::lock_guard lock(mutex_);
  auto found = compiled_.find(unique_id);
  return found == compiled_.end() ? nullptr : found->second;
}

bool Compiler::failed(std::string_view unique_id) const {
  std::lock_guard lock(mutex_);
  return failed_.contains(unique_id);
}

}  // namespace plumb::transform
