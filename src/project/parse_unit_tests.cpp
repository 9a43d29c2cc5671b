// Unit tests: a model, rows that go in, rows that are to come out.
#include "base/crypto.h"
#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Value;

namespace {

Value get(const Value& dict, std::string_view key) {
  const Value* found = dict.kind() == jinja::Kind::Dict ? dict.as_dict().find(key) : nullptr;
  return found ? *found : Value::none();
}

// {input?, rows, format, fixture} with all keys there.
Value fixture_of(const Value& written, bool input) {
  Value entry = Value::dict();
  if (input) entry.as_dict().set("input", get(written, "input"));
  entry.as_dict().set("rows", get(written, "rows"));
  Value format = get(written, "format");
  entry.as_dict().set("format", format.is_none() ? Value("dict") : format);
  entry.as_dict().set("fixture", get(written, "fixture"));
  return entry;
}

Value overrides_of(const Value& written) {
  if (written.kind() != jinja::Kind::Dict) return Value::none();
  Value overrides = Value::dict();
  for (std::string_view key : {"macros", "vars", "env_vars"}) {
    Value said = get(written, key);
    overrides.as_dict().set(key, said.is_none() ? Value::dict() : said);
  }
  return overrides;
}

const Node* find_model(const Parse& parse, std::string_view package, std::string_view name) {
  for (const Node& node : parse.manifest.nodes) {
    if (node.type == ResourceType::Model && node.name == name && node.package == package) return &node;
  }
  return nullptr;
}

void make(Parse& parse, const LoadedProperties& properties, const UnitTestPatch& patch) {
  const Node* model = find_model(parse, properties.file->package, patch.model);
  Node node;
  node.type = ResourceType::UnitTest;
  node.name = patch.name;
  node.package = properties.file->package;
  node.unit_model = patch.model;
  node.unique_id = format("unit_test.{}.{}.{}", node.package, patch.model, patch.name);
  Place place = patch.node.place();
  node.origin = origin_of(properties, patch.node);
  node.fqn = fqn_of(*properties.file, {patch.model, patch.name});
  node.created_at = parse.now;
  node.description = parse.docs.render(patch.description, node.package, place, node.doc_blocks);
  std::vector<Value> given;
  if (patch.given.kind() == jinja::Kind::List) {
    for (const Value& input : patch.given.items()) given.push_back(fixture_of(input, true));
  }
  node.given = Value::list(std::move(given));
  node.expect = fixture_of(patch.expect, false);
  node.overrides = overrides_of(patch.overrides);
  node.versions = patch.versions;
  node.checksum = sha256_hex(python_repr(node.given) + python_repr(node.expect) + python_repr(node.overrides));
  const Dict* config = patch.config.kind() == jinja::Kind::Dict ? &patch.config.as_dict() : nullptr;
  auto complete = parse.bench->configs.complete(ResourceType::UnitTest, node.package, node.fqn, {.properties = config});
  node.config = complete.config;
  node.unrendered_config = complete.unrendered;
  if (model) {
    node.schema = model->schema;
    node.depends_on.nodes.push_back(model->unique_id);
  }
  const Value* enabled = node.config->find("enabled");
  node.enabled = enabled && enabled->kind() == jinja::Kind::Bool && enabled->as_bool();
  if (!node.enabled) {
    parse.manifest.disabled_nodes.push_back(std::move(node));
    return;
  }
  if (!model) {
    throw Error(ErrorKind::Config,
                format("Unable to find model '{}.{}' for unit test '{}' in {}", node.package, patch.model, patch.name,
                       node.origin.path),
                {.place = place});
  }
  claim(parse, node);
  parse.manifest.nodes.push_back(std::move(node));
}

}  // namespace

void parse_unit_tests(Parse& parse, const LoadedPackage& package) {
  for (const LoadedProperties& properties : package.properties) {
    for (const UnitTestPatch& patch : properties.content.unit_tests) make(parse, properties, patch);
  }
}

}  // namespace plumb::project
