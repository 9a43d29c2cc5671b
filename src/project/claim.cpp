// Two of one name: dbt could not tell which one is meant.
#include <unordered_map>

#include "base/format.h"
#include "project/parse.h"
#include "project/references.h"

namespace plumb::project {

namespace {

// What there is two of, as messages tell it.
struct Twin {
  std::string what;     // "models", "data_tests"
  std::string name;     // "orders", "raw_orders"
  std::string where;    // of tests: ` defined on column "id" in "models.orders"`
  std::string purpose;  // "looking for ref("orders")"
};

template <class Entries>
const std::string* find_path(const Entries& entries, const std::string& unique_id) {
  for (const auto& entry : entries) {
    if (entry.unique_id == unique_id) return &entry.origin.path;
  }
  return nullptr;
}

const std::string& path_of(const Manifest& manifest, const std::string& unique_id) {
  if (const std::string* path = find_path(manifest.nodes, unique_id)) return *path;
  if (const std::string* path = find_path(manifest.sources, unique_id)) return *path;
  return *find_path(manifest.others, unique_id);
}

[[noreturn]] void refuse(const Parse& parse, const std::string& unique_id, const Origin& origin, const Twin& twin) {
  throw Error(
      ErrorKind::Config,
      format("dbt found two {} with the name \"{}\"{}.\n\nSince these resources have the same name, dbt will be "
             "unable to find the correct resource\nwhen {}.\n\nTo fix this, change the name of one of these "
             "resources:\n- {} ({})\n- {} ({})",
             twin.what, twin.name, twin.where, twin.purpose, unique_id, origin.path, unique_id,
             path_of(parse.manifest, unique_id)),
      {.place = Place{.file = origin.path, .line = origin.line, .column = origin.column}});
}

Twin twin_of(const Node& node) {
  switch (node.type) {
    case ResourceType::UnitTest:
      return {"unit_tests", node.name, "", "looking for " + node.name};
    case ResourceType::Test: {
      if (!node.test) return {"data_tests", node.name, "", "looking for " + node.name};
      std::string where = format(" defined on \"{}\"", node.file_key_name);
      if (!node.column_name.empty()) {
        where = format(" defined on column \"{}\" in \"{}\"", node.column_name, node.file_key_name);
      }
      return {"data_tests", node.name, std::move(where), "running tests"};
    }
    case ResourceType::Analysis:
      return {"analyses", node.name, "", "looking for " + node.name};
    default:
      return {std::string(to_string(node.type)) + "s", node.name, "", format("looking for ref(\"{}\")", node.name)};
  }
}

}  // namespace

void claim(Parse& parse, const Node& node) {
  if (!parse.claimed.insert(node.unique_id).second) refuse(parse, node.unique_id, node.origin, twin_of(node));
}

void claim(Parse& parse, const Source& source) {
  if (parse.claimed.insert(source.unique_id).second) return;
  refuse(parse, source.unique_id, source.origin,
         {"sources", source.source_name + "_" + source.name, "",
          format("looking for source(\"{}\", \"{}\")", source.source_name, source.name)});
}

void claim(Parse& parse, const Other& other) {
  if (parse.claimed.insert(other.unique_id).second) return;
  std::string what(to_string(other.type));
  what = other.type == ResourceType::SavedQuery ? "saved_queries" : what + "s";
  refuse(parse, other.unique_id, other.origin, {what, other.name, "", "looking for " + other.name});
}

void expect_own_relations(Parse& parse) {
  std::unordered_map<std::string, const Node*> relations;
  std::unordered_map<std::string, const Node*> names;  // "package.name"
  for (const Node& node : parse.manifest.nodes) {
    if (!can_be_referred_to(node)) continue;
    auto [named, new_name] = names.try_emplace(node.package + "." + node.name, &node);
    if (!new_name && named->second->type != node.type) {
      parse.warnings.push_back({"DuplicateNameDistinctNodeTypesDeprecation",
                                format("Found resources with the same name '{}' in package '{}': '{}' and '{}'. Please "
                                       "update one of the resources to have a unique name.",
                                       node.name, node.package, named->second->unique_id, node.unique_id),
                                Place{.file = node.origin.path, .line = node.origin.line}});
    }
    std::string relation =
        node.relation_name.empty() ? render_relation(parse.bench->context.relation_of(node)) : node.relation_name;
    auto [made, new_relation] = relations.try_emplace(std::move(relation), &node);
    if (new_relation) continue;
    const Node& other = *made->second;
    throw Error(ErrorKind::Config,
                format("dbt found two resources with the database representation \"{}\".\ndbt cannot create two "
                       "resources with identical database representations. To fix this,\nchange the configuration of "
                       "one of these resources:\n- {} ({})\n- {} ({})",
                       made->first, other.unique_id, other.origin.path, node.unique_id, node.origin.path),
                {.place = Place{.file = node.origin.path, .line = node.origin.line, .column = node.origin.column}});
  }
}

}  // namespace plumb::project
