// Models, seeds, snapshots, analyses, singular tests and hooks.
#include <algorithm>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "project/blocks.h"
#include "project/parse.h"
#include "project/text_edges.h"

namespace plumb::project {

using jinja::Value;

namespace {

// Of a model's versions the one that is asked for without a number: latest_version, else the greatest.
Value latest_version(const Patch& patch) {
  if (!patch.latest_version.is_undefined() && !patch.latest_version.is_none()) return patch.latest_version;
  auto number = [](const Value& version) {
    if (version.is_int()) return static_cast<double>(version.as_int());
    return version.kind() == jinja::Kind::Float ? version.as_float() : -1.0;
  };
  const Value* latest = nullptr;
  for (const VersionPatch& version : patch.versions) {
    bool greater = latest == nullptr ||
                   (number(version.version) != number(*latest) ? number(version.version) > number(*latest)
                                                               : version_text(version.version) > version_text(*latest));
    if (greater) latest = &version.version;
  }
  return latest ? *latest : Value::none();
}

void become_version(Node& node, const FoundPatch& found) {
  node.name = found.patch->name;
  node.version = found.version->version;
  node.latest_version = latest_version(*found.patch);
  node.fqn.back() = node.name;
  node.fqn.push_back("v" + version_text(node.version));
  node.unique_id = format("model.{}.{}.v{}", node.package, node.name, version_text(node.version));
}

void expect_no_blanks(const Parse& parse, const Node& node) {
  bool strict = flag_on(parse.settings.flags, "REQUIRE_RESOURCE_NAMES_WITHOUT_SPACES");
  if (!strict || node.name.find(' ') == std::string::npos) return;
  throw Error(ErrorKind::Config,
              format("Resource names cannot contain spaces: {}. Please rename the invalid model(s) so that their "
                     "name(s) do not contain any spaces.",
                     node.unique_id),
              {.place = Place{.file = node.origin.path, .line = 1, .column = 1}});
}

}  // namespace

void parse_models(Parse& parse, const LoadedPackage& package) {
  NodeQueue queue(parse);
  for (const SourceFile& file : package.files.of(FileKind::Model)) {
    const FoundPatch* patch = parse.patches.find(ResourceType::Model, file.package, file.stem());
    queue.add([&parse, &file, patch](Bench& bench) {
      Node node = begin_node(parse, ResourceType::Model, file, file.stem());
      expect_no_blanks(parse, node);
      if (patch && patch->version) become_version(node, *patch);
      return settle_node(parse, bench, std::move(node), patch);
    });
  }
  queue.finish();
}

void parse_seeds(Parse& parse, const LoadedPackage& package) {
  for (const SourceFile& file : package.files.of(FileKind::Seed)) {
    Node node = begin_node(parse, ResourceType::Seed, file, file.stem());
    node.raw_code.clear();
    node.root_path = package.settings->folder.string();
    finish_node(parse, std::move(node), parse.patches.find(ResourceType::Seed, node.package, node.name));
  }
}

namespace {

// {% snapshot name %} … {% endsnapshot %}: several may stand in a file, and the file is a part of their fqn.
void parse_snapshot_file(Parse& parse, const SourceFile& file) {
  for (const Block& block : find_blocks(file, {BlockKind::Snapshot})) {
    Node node = begin_node(parse, ResourceType::Snapshot, file, block.name);
    node.fqn.insert(node.fqn.end() - 1, std::string(file.stem()));
    node.raw_code = block.body(file.text);
    node.checksum = sha256_hex(file.text);
    Place place = file.place(block.body_begin);
    node.origin.line = place.line;
    node.origin.column = place.column;
    finish_node(parse, std::move(node), parse.patches.find(ResourceType::Snapshot, node.package, node.name));
  }
}

// In YAML: `relation: ref('orders')`.
void parse_snapshot_entry(Parse& parse, const LoadedProperties& properties, const Patch& patch) {
  SourceFile file;
  file.package = properties.file->package;
  file.path = properties.file->path;
  file.path_in_root = properties.file->path_in_root + "/" + patch.name + ".sql";
  file.text = "select * from {{ " + std::string(patch.relation.as_string()) + " }}";
  file.checksum = properties.file->checksum;
  Node node = begin_node(parse, ResourceType::Snapshot, file, patch.name);
  node.fqn = fqn_of(*properties.file, {node.name});
  Place place = patch.node.find("relation").place();
  node.origin.line = place.line;
  node.origin.column = std::max(1, place.column - 17);  // the text in front of it is ours
  finish_node(parse, std::move(node), parse.patches.find(ResourceType::Snapshot, node.package, node.name));
}

}  // namespace

void parse_snapshots(Parse& parse, const LoadedPackage& package) {
  for (FileKind kind : {FileKind::Snapshot, FileKind::Model}) {
    for (const SourceFile& file : package.files.of(kind)) {
      if (kind == FileKind::Snapshot) parse_snapshot_file(parse, file);
    }
  }
  for (const LoadedProperties& properties : package.properties) {
    for (const Patch& patch : properties.content.patches) {
      if (patch.type == ResourceType::Snapshot && patch.relation.is_string()) {
        parse_snapshot_entry(parse, properties, patch);
      }
    }
  }
}

void parse_analyses(Parse& parse, const LoadedPackage& package) {
  for (const SourceFile& file : package.files.of(FileKind::Analysis)) {
    Node node = begin_node(parse, ResourceType::Analysis, file, file.stem());
    node.origin.path_in_root = "analysis/" + file.path_in_root;
    node.fqn.insert(node.fqn.begin() + 1, "analysis");
    finish_node(parse, std::move(node), parse.patches.find(ResourceType::Analysis, node.package, node.name));
  }
}

namespace {

// {name, data_type, …} with all keys there.
Value with_keys(const Value& written, std::initializer_list<std::string_view> keys) {
  Value entry = Value::dict();
  for (std::string_view key : keys) {
    const Value* said = written.kind() == jinja::Kind::Dict ? written.as_dict().find(key) : nullptr;
    entry.as_dict().set(key, said ? *said : Value::none());
  }
  return entry;
}

void expect_key(const FoundPatch& patch, const YamlNode& node, std::string_view key, const std::string& path) {
  if (node.find(key)) return;
  throw Error(
      ErrorKind::Config,
      format("Invalid functions config given in {} @ functions: {{'name': '{}', ...}} - at path [{}]: '{}' is a "
             "required property",
             patch.from->file->path, patch.patch->name, path, key),
      {.place = node.place()});
}

// What goes in and what comes out, as the property file says.
void sign_function(Node& node, const FoundPatch* patch) {
  node.arguments = Value::list();
  node.returns = Value::dict({{"data_type", "INVALID_TYPE"}, {"description", Value::none()}});
  if (patch == nullptr) return;
  const YamlNode& entry = patch->patch->node;
  expect_key(*patch, entry, "returns", "");
  expect_key(*patch, entry.find("returns"), "data_type", "'returns'");
  YamlNode arguments = entry.find("arguments");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    expect_key(*patch, arguments.at(i), "data_type", format("'arguments'][{}", i));
  }
  const jinja::Dict& body = patch->patch->body.as_dict();
  node.returns = with_keys(*body.find("returns"), {"data_type", "description"});
  const Value* written = body.find("arguments");
  if (written == nullptr) return;
  std::vector<Value> list;
  for (const Value& argument : listed(*written)) {
    list.push_back(with_keys(argument, {"name", "data_type", "description", "default_value"}));
  }
  node.arguments = Value::list(std::move(list));
}

}  // namespace

// Functions of the database: a file has the body, its properties say what goes in and what comes out.
void parse_functions(Parse& parse, const LoadedPackage& package) {
  for (const SourceFile& file : package.files.of(FileKind::Function)) {
    Node node = begin_node(parse, ResourceType::Function, file, file.stem());
    const FoundPatch* patch = parse.patches.find(ResourceType::Function, node.package, node.name);
    sign_function(node, patch);
    finish_node(parse, std::move(node), patch);
  }
}

void parse_singular_tests(Parse& parse, const LoadedPackage& package) {
  for (const SourceFile& file : package.files.of(FileKind::SingularTest)) {
    Node node = begin_node(parse, ResourceType::Test, file, file.stem());
    finish_node(parse, std::move(node), parse.patches.find(ResourceType::Test, node.package, node.name));
  }
}

// on-run-start and on-run-end of dbt_project.yml.
void parse_hooks(Parse& parse, const PackageSettings& package) {
  if (package.on_run_start.empty() && package.on_run_end.empty()) return;
  const std::string checksum = sha256_hex(strip(read_file(package.folder / "dbt_project.yml")));
  auto add = [&](std::string_view kind, const std::vector<std::string>& hooks) {
    for (std::size_t i = 0; i < hooks.size(); ++i) {
      std::string name = format("{}-{}-{}", package.name, kind, i);
      SourceFile file;
      file.package = package.name;
      file.path = "./dbt_project.yml";
      file.path_in_root = "hooks/" + name + ".sql";
      file.text = hooks[i];
      file.checksum = checksum;
      Node node = begin_node(parse, ResourceType::Operation, file, name);
      node.index = static_cast<int>(i);
      node.tag_list.emplace_back(kind);
      finish_node(parse, std::move(node), nullptr);
    }
  };
  add("on-run-start", package.on_run_start);
  add("on-run-end", package.on_run_end);
}

}  // namespace plumb::project
