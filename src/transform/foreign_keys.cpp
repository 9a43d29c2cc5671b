#include "transform/foreign_keys.h"

#include <algorithm>

#include "transform/node_relation.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::Kind;
using jinja::State;
using jinja::Value;
using project::Node;

namespace {

// `to` of a foreign key; null for other constraints.
const Value* find_to(const Value& constraint) {
  if (constraint.kind() != Kind::Dict) return nullptr;
  const Value* to = constraint.as_dict().find("to");
  return to != nullptr && to->is_string() && !to->as_string().empty() ? to : nullptr;
}

bool any_key(const Value* constraints) {
  return constraints != nullptr && constraints->kind() == Kind::List &&
         std::any_of(constraints->items().begin(), constraints->items().end(),
                     [](const Value& constraint) { return find_to(constraint) != nullptr; });
}

Value copied(const Value& dict) {
  Value copy = Value::dict();
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.as_dict().next(position)) copy.as_dict().set(entry->key, entry->value);
  return copy;
}

// ref() and source() that give the whole table, whatever --empty or a batch would make of it.
class Resolver {
 public:
  Resolver(RunContext& context, const Node& node) : context_(context), node_(node) {
    const Invocation& invocation = context.invocation();
    auto ref = jinja::make_function("ref", [this, &invocation](State& state, Arguments arguments) {
      const Node* found = invocation.references().find(project::read_ref(state, arguments), node_.package);
      return found ? shown(context_.relation(*found)) : Value("");
    });
    auto source = jinja::make_function("source", [this, &invocation](State& state, Arguments arguments) {
      const auto* found = invocation.references().find(project::read_source(state, arguments), node_.package);
      return found ? shown(relation_of(*found, invocation.engine(), invocation.quoting())) : Value("");
    });
    names_ = Value::dict({{"ref", ref}, {"source", source}});
  }

  Value resolve(const Value& constraints) {
    std::vector<Value> resolved;
    for (const Value& constraint : constraints.items()) {
      const Value* to = find_to(constraint);
      resolved.push_back(to ? copied(constraint) : constraint);
      if (to == nullptr) continue;
      std::string text = "{{ " + std::string(to->as_string()) + " }}";
      resolved.back().as_dict().set("to", context_.render(text, node_.origin, names_));
    }
    return Value::list(std::move(resolved));
  }

 private:
  // A key of DuckDB's stays within its database, and may not even name it.
  Value shown(const jinja::Ref<Relation>& relation) const {
    if (context_.invocation().engine() != db::Kind::DuckDb) return Value(relation);
    return Value(relation->with([](RelationFields& fields) { fields.include.database = false; }));
  }

  RunContext& context_;
  const Node& node_;
  Value names_;
};

}  // namespace

void resolve_foreign_keys(RunContext& context, const Node& node, jinja::Dict& entry) {
  bool none = std::none_of(node.columns.begin(), node.columns.end(),
                           [](const project::Column& column) { return any_key(&column.constraints); });
  if (none && !any_key(&node.constraints)) return;
  Resolver resolver(context, node);
  if (any_key(entry.find("constraints"))) entry.set("constraints", resolver.resolve(*entry.find("constraints")));
  if (none) return;
  Value columns = copied(*entry.find("columns"));
  std::size_t position = 0;
  while (const Value::Entry* column = columns.as_dict().next(position)) {
    const Value* constraints = column->value.as_dict().find("constraints");
    if (!any_key(constraints)) continue;
    Value own = copied(column->value);
    own.as_dict().set("constraints", resolver.resolve(*constraints));
    columns.as_dict().set(column->key, own);
  }
  entry.set("columns", columns);
}

}  // namespace plumb::transform
