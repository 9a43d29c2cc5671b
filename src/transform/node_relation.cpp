#include "transform/node_relation.h"

#include <array>

namespace plumb::transform {

using jinja::Kind;
using jinja::Value;

namespace {

std::optional<std::string> part(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// From the config, else from the meta; empty when neither has it.
std::string find_text(const project::Source& source, std::string_view key) {
  auto in = [&](const jinja::Dict& dict) -> std::string {
    const Value* found = dict.find(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  std::string text;
  if (source.config) text = in(*source.config);
  if (text.empty() && source.meta.kind() == Kind::Dict) text = in(source.meta.as_dict());
  if (text.empty() && source.source_meta.kind() == Kind::Dict) text = in(source.source_meta.as_dict());
  return text;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// The source's names go where the location asks for them: {name}, by `formatter: oldstyle` %(name)s, by `template`
// $name.
std::string external_location(const project::Source& source) {
  std::string location = find_text(source, "external_location");
  if (location.empty()) return {};
  std::string formatter = find_text(source, "formatter");
  const std::array<std::pair<std::string, const std::string*>, 5> names{{{"source_name", &source.source_name},
                                                                         {"name", &source.name},
                                                                         {"identifier", &source.identifier},
                                                                         {"schema", &source.schema},
                                                                         {"database", &source.database}}};
  for (const auto& [key, value] : names) {
    if (formatter == "oldstyle") {
      replace_all(location, "%(" + key + ")s", *value);
    } else if (formatter == "template") {
      replace_all(location, "${" + key + "}", *value);
      replace_all(location, "$" + key, *value);
    } else {
      replace_all(location, "{" + key + "}", *value);
    }
  }
  // A call of a function reads by itself; a path is quoted.
  return location.find('(') != std::string::npos ? location : "'" + location + "'";
}

}  // namespace

jinja::Ref<Relation> relation_of(const project::Node& node, db::Kind engine, RelationPolicy quoting) {
  const Value* own = node.find_config("quoting");
  if (own != nullptr) quoting = merge_policy(quoting, *own);
  return jinja::make<Relation>(RelationFields{.engine = engine,
                                              .path = {part(node.database), part(node.schema), part(node.alias)},
                                              .quote = quoting,
                                              .require_alias = engine != db::Kind::DuckDb});
}

// The project's quoting is not asked: as in dbt, only a source's own counts.
jinja::Ref<Relation> relation_of(const project::Source& source, db::Kind engine, RelationPolicy) {
  RelationFields fields{.engine = engine,
                        .path = {part(source.database), part(source.schema), part(source.identifier)},
                        .quote = merge_policy({}, source.quoting),
                        .require_alias = engine != db::Kind::DuckDb};
  std::string external = engine == db::Kind::DuckDb ? external_location(source) : std::string();
  if (!external.empty()) fields.external = std::move(external);
  return jinja::make<Relation>(std::move(fields));
}

}  // namespace plumb::transform
