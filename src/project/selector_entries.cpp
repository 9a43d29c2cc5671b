// selectors.yml as manifest.json has it: each criterion as a dict, and for one that names another selector that one's
// definition.
#include <algorithm>
#include <string>

#include "project/selection.h"

namespace plumb::project {

using jinja::Value;

namespace {

Value criterion_entry(const Criterion& criterion) {
  Value entry = Value::dict();
  jinja::Dict& dict = entry.as_dict();
  auto reach = [&](std::string_view key, bool said, const std::optional<int>& depth) {
    if (!said) return;
    dict.set(key, true);
    if (depth) dict.set(std::string(key) + "_depth", std::to_string(*depth));
  };
  if (criterion.childrens_parents) dict.set("childrens_parents", true);
  reach("parents", criterion.parents, criterion.parents_depth);
  std::string method = criterion.method;
  for (const std::string& argument : criterion.arguments) method += "." + argument;
  dict.set("method", method);
  dict.set("value", criterion.value);
  reach("children", criterion.children, criterion.children_depth);
  return entry;
}

Value list_entry(const Value& parts, const std::vector<NamedSelector>& known) {
  std::vector<Value> list;
  if (parts.kind() == jinja::Kind::List) {
    for (const Value& part : parts.items()) list.push_back(selector_definition_entry(part, known));
  }
  return Value::list(std::move(list));
}

}  // namespace

Value selector_definition_entry(const Value& written, const std::vector<NamedSelector>& known) {
  if (written.is_string()) return criterion_entry(parse_criterion(written.as_string()));
  if (written.kind() != jinja::Kind::Dict) return written;
  const jinja::Dict& dict = written.as_dict();
  for (std::string_view key : {"union", "intersection", "exclude"}) {
    if (const Value* parts = dict.find(key); parts && !dict.find("method")) {
      return Value::dict({{key, list_entry(*parts, known)}});
    }
  }
  const Value* method = dict.find("method");
  const Value* value = dict.find("value");
  if (method && value) {
    if (!method->is_string() || method->as_string() != "selector" || !value->is_string()) return written;
    auto other = std::find_if(known.begin(), known.end(),
                              [&](const NamedSelector& selector) { return selector.name == value->as_string(); });
    return other == known.end() ? written : *other->entry.as_dict().find("definition");
  }
  std::size_t position = 0;
  const Value::Entry* only = dict.next(position);
  return only ? Value::dict({{"method", only->key}, {"value", only->value}}) : written;
}

Value selectors_entry(const std::vector<NamedSelector>& selectors) {
  Value entries = Value::dict();
  for (const NamedSelector& selector : selectors) entries.as_dict().set(selector.name, selector.entry);
  return entries;
}

}  // namespace plumb::project
