#include "project/manifest_reader.h"

#include "base/format.h"

namespace plumb::project {
namespace {

using JsonNode = plumb::Node;
using jinja::Value;

std::string text(const JsonNode& owner, std::string_view key) {
  return owner.find(key).text_or("");
}

std::vector<std::string> texts(const JsonNode& list) {
  std::vector<std::string> all;
  for (std::size_t i = 0; list.kind() == NodeKind::List && i < list.size(); ++i) all.emplace_back(list.at(i).scalar());
  return all;
}

jinja::Ref<jinja::Dict> dict(const JsonNode& node) {
  if (node.kind() != NodeKind::Map) return jinja::make<jinja::Dict>();
  Value value = jinja::to_value(node);
  return jinja::Ref<jinja::Dict>(&value.as_dict());
}

// Undefined where the key is not there.
Value value(const JsonNode& owner, std::string_view key) {
  JsonNode node = owner.find(key);
  return node ? jinja::to_value(node) : Value();
}

// "package://models/schema.yml".
std::optional<Origin> patch_of(const JsonNode& entry) {
  std::string path = text(entry, "patch_path");
  std::size_t end = path.find("://");
  if (end == std::string::npos) return std::nullopt;
  return Origin{.package = path.substr(0, end), .path = path.substr(end + 3)};
}

// What every entry has.
template <class Entry>
void read_common(const JsonNode& json, Entry& entry) {
  entry.unique_id = text(json, "unique_id");
  entry.name = text(json, "name");
  entry.package = text(json, "package_name");
  entry.origin = {
      .package = entry.package, .path = text(json, "original_file_path"), .path_in_root = text(json, "path")};
}

DependsOn depends_on(const JsonNode& json) {
  JsonNode node = json.find("depends_on");
  return {.macros = texts(node.find("macros")), .nodes = texts(node.find("nodes"))};
}

ResourceType get_type(const JsonNode& json) {
  JsonNode word = json.get("resource_type");
  if (auto type = find_resource_type(word.scalar())) return *type;
  throw Error(ErrorKind::Data, format("unknown resource_type '{}'", word.scalar()), {.place = word.place()});
}

std::vector<Column> read_columns(const JsonNode& columns) {
  std::vector<Column> all;
  for (std::size_t i = 0; columns.kind() == NodeKind::Map && i < columns.size(); ++i) {
    JsonNode json = columns.at(i);
    Column column;
    column.name = text(json, "name");
    column.description = text(json, "description");
    column.data_type = jinja::to_value(json.find("data_type"));
    all.push_back(std::move(column));
  }
  return all;
}

std::optional<TestMetadata> read_test(const JsonNode& json) {
  if (json.null()) return std::nullopt;
  return TestMetadata{.name = text(json, "name"),
                      .arguments = jinja::to_value(json.find("kwargs")),
                      .package = text(json, "namespace")};
}

// Unit tests have them in their config alone.
std::vector<std::string> read_tags(const JsonNode& json) {
  JsonNode tags = json.find("tags");
  return texts(tags ? tags : json.find("config").find("tags"));
}

Node read_node(const JsonNode& json) {
  Node node;
  node.type = get_type(json);
  read_common(json, node);
  node.fqn = texts(json.find("fqn"));
  node.language = json.find("language").text_or("sql");
  node.raw_code = text(json, "raw_code");
  JsonNode checksum = json.find("checksum");
  node.checksum = checksum.kind() == NodeKind::Map ? text(checksum, "checksum") : std::string(checksum.scalar());
  node.config = dict(json.find("config"));
  node.unrendered_config = dict(json.find("unrendered_config"));
  node.database = text(json, "database");
  node.schema = text(json, "schema");
  node.alias = text(json, "alias");
  node.relation_name = text(json, "relation_name");
  node.description = text(json, "description");
  node.columns = read_columns(json.find("columns"));
  node.patch = patch_of(json);
  node.depends_on = depends_on(json);
  node.tag_list = read_tags(json);
  node.version = jinja::to_value(json.find("version"));
  node.latest_version = jinja::to_value(json.find("latest_version"));
  node.contract_checksum = jinja::to_value(json.find("contract").find("checksum"));
  node.test = read_test(json.find("test_metadata"));
  node.column_name = text(json, "column_name");
  node.file_key_name = text(json, "file_key_name");
  node.attached_node = text(json, "attached_node");
  node.given = value(json, "given");
  node.expect = value(json, "expect");
  node.overrides = value(json, "overrides");
  node.versions = value(json, "versions");
  node.unit_model = text(json, "model");
  node.arguments = value(json, "arguments");
  node.returns = value(json, "returns");
  return node;
}

Source read_source(const JsonNode& json) {
  Source source;
  read_common(json, source);
  source.source_name = text(json, "source_name");
  source.identifier = text(json, "identifier");
  source.fqn = texts(json.find("fqn"));
  source.database = text(json, "database");
  source.schema = text(json, "schema");
  source.relation_name = text(json, "relation_name");
  source.description = text(json, "description");
  source.loader = text(json, "loader");
  source.freshness = jinja::to_value(json.find("freshness"));
  source.quoting = value(json, "quoting");
  source.external = jinja::to_value(json.find("external"));
  source.tags = value(json, "tags");
  source.config = dict(json.find("config"));
  source.unrendered_config = dict(json.find("unrendered_config"));
  return source;
}

Other read_other(const JsonNode& json) {
  Other other;
  other.type = get_type(json);
  read_common(json, other);
  other.fqn = texts(json.find("fqn"));
  other.depends_on = depends_on(json);
  other.body = jinja::make<jinja::Dict>();
  for (std::size_t i = 0; i < json.size(); ++i) {
    std::string_view key = json.key_at(i);
    bool own = key == "unique_id" || key == "name" || key == "package_name" || key == "resource_type" || key == "fqn";
    if (!own) other.body->set(key, jinja::to_value(json.at(i)));
  }
  return other;
}

Macro read_macro(const JsonNode& json) {
  Macro macro;
  read_common(json, macro);
  macro.code = text(json, "macro_sql");
  macro.depends_on = depends_on(json);
  return macro;
}

template <class Entry>
void read_all(const JsonNode& map, Entry (*read)(const JsonNode&), std::vector<Entry>& into) {
  into.reserve(into.size() + map.size());
  for (std::size_t i = 0; i < map.size(); ++i) into.push_back(read(map.at(i)));
}

}  // namespace

Manifest read_manifest(const Document& file) {
  JsonNode root = file.root();
  if (root.kind() != NodeKind::Map || root.find("nodes").kind() != NodeKind::Map) {
    throw Error(ErrorKind::Data, "this is no manifest.json: it has no map of nodes", {.place = root.place()});
  }
  Manifest manifest;
  read_all(root.find("nodes"), read_node, manifest.nodes);
  read_all(root.find("unit_tests"), read_node, manifest.nodes);
  read_all(root.find("functions"), read_node, manifest.nodes);
  read_all(root.find("sources"), read_source, manifest.sources);
  for (std::string_view key : {"exposures", "metrics", "semantic_models", "saved_queries", "groups"}) {
    read_all(root.find(key), read_other, manifest.others);
  }
  read_all(root.find("macros"), read_macro, manifest.macros);
  JsonNode parents = root.find("parent_map");
  for (std::size_t i = 0; i < parents.size(); ++i) {
    std::string child(parents.key_at(i));
    manifest.parents[child] = texts(parents.at(i));
    for (const std::string& parent : manifest.parents[child]) manifest.children[parent].push_back(child);
  }
  manifest.index();
  return manifest;
}

}  // namespace plumb::project
