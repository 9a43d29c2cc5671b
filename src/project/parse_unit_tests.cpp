// Unit tests: a model, rows that go in, rows that are to come out. Of a model with versions there is one for each.
#include <algorithm>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "project/fixture_rows.h"
#include "project/parse.h"
#include "project/yaml_moment.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Value;

namespace {

Value get(const Value& dict, std::string_view key) {
  const Value* found = dict.kind() == jinja::Kind::Dict ? dict.as_dict().find(key) : nullptr;
  return found ? *found : Value::none();
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

Value versions_of(const Value& written) {
  if (written.kind() != jinja::Kind::Dict) return Value::none();
  return Value::dict({{"include", get(written, "include")}, {"exclude", get(written, "exclude")}});
}

// The rows' types are those of the first one without nulls, which dbt therefore puts first.
void put_complete_row_first(Value& rows) {
  if (rows.kind() != jinja::Kind::List) return;
  auto items = std::vector<Value>(rows.items().begin(), rows.items().end());
  auto complete = std::find_if(items.begin(), items.end(), [](const Value& row) {
    if (row.kind() != jinja::Kind::Dict) return true;
    std::size_t position = 0;
    while (const Value::Entry* entry = row.as_dict().next(position)) {
      if (entry->value.is_none()) return false;
    }
    return true;
  });
  if (complete == items.end() || complete == items.begin()) return;
  std::iter_swap(items.begin(), complete);
  rows = Value::list(std::move(items));
}

// The name in ref('…'): of the last text in the call.
std::string_view name_in_ref(std::string_view call) {
  std::size_t end = call.find_last_of("'\"");
  if (!call.starts_with("ref") || end == 0 || end == std::string_view::npos) return {};
  std::size_t begin = call.find_last_of("'\"", end - 1);
  return begin == std::string_view::npos ? std::string_view() : call.substr(begin + 1, end - begin - 1);
}

class UnitTestMaker {
 public:
  UnitTestMaker(Parse& parse, const LoadedPackage& package, const LoadedProperties& properties)
      : parse_(parse), package_(package), properties_(properties) {}

  void make(const UnitTestPatch& patch) {
    Node node = begin(patch);
    // Positions, because what is placed moves the nodes.
    std::vector<std::size_t> models = models_of(patch);
    bool off = models.empty() && is_disabled(patch.model);
    if (off) {
      node.config = copy_dict(*node.config);
      node.config->set("enabled", false);
    }
    const Value* enabled = node.config->find("enabled");
    node.enabled = enabled && enabled->kind() == jinja::Kind::Bool && enabled->as_bool();
    if (!node.enabled) {
      place_node(parse_, std::move(node));
      return;
    }
    if (models.empty()) {
      fail(patch, format("Unable to find model '{}.{}' for unit test '{}' in {}", node.package, patch.model, patch.name,
                         node.origin.path));
    }
    bool none = true;
    for (std::size_t model : models) {
      if (!wants(patch.versions, parse_.manifest.nodes[model].version)) continue;
      none = false;
      place(node, parse_.manifest.nodes[model]);
    }
    if (none) {
      fail(patch, format("Unit test '{}' referenced a version of '{}' which was not found.", patch.name, patch.model));
    }
  }

 private:
  [[noreturn]] static void fail(const UnitTestPatch& patch, std::string message) {
    throw Error(ErrorKind::Config, std::move(message), {.place = patch.node.place()});
  }

  Node begin(const UnitTestPatch& patch) {
    Node node;
    node.type = ResourceType::UnitTest;
    node.name = patch.name;
    node.package = properties_.file->package;
    node.unit_model = patch.model;
    node.unique_id = format("unit_test.{}.{}.{}", node.package, patch.model, patch.name);
    node.origin = origin_of(properties_, patch.node);
    node.fqn = fqn_of(*properties_.file, {patch.model, patch.name});
    node.created_at = parse_.now;
    node.description = parse_.docs.render(patch.description, node.package, patch.node.place(), node.doc_blocks);
    std::vector<Value> given;
    if (patch.given.kind() == jinja::Kind::List) {
      const auto& inputs = patch.given.items();
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        given.push_back(fixture_of(patch, inputs[i], patch.node.find("given").at(i), true));
      }
    }
    node.given = Value::list(std::move(given));
    node.expect = fixture_of(patch, patch.expect, patch.node.find("expect"), false);
    node.overrides = overrides_of(patch.overrides);
    node.versions = versions_of(patch.versions);
    node.checksum = sha256_hex(python_repr(node.given) + python_repr(node.expect) + python_repr(node.overrides));
    const Dict* config = patch.config.kind() == jinja::Kind::Dict ? &patch.config.as_dict() : nullptr;
    auto complete = parse_.bench->configs.complete(node.type, node.package, node.fqn, {.properties = config});
    node.config = complete.config;
    node.unrendered_config = complete.unrendered;
    return node;
  }

  void place(Node node, const Node& model) {
    node.schema = model.schema;
    node.depends_on.nodes.push_back(model.unique_id);
    if (!model.version.is_none()) {
      node.version = model.version;
      node.unique_id += "_v" + version_text(model.version);
    }
    place_node(parse_, std::move(node));
  }

  // ---- Which models

  // A model, or all versions of one; "dim.v1" means all of dim, as in dbt.
  std::vector<std::size_t> models_of(const UnitTestPatch& patch) const {
    std::string_view name = patch.model;
    std::vector<std::size_t> models = models_named(name);
    std::size_t dot = name.rfind(".v");
    if (models.empty() && dot != std::string_view::npos) models = models_named(name.substr(0, dot));
    return models;
  }

  std::vector<std::size_t> models_named(std::string_view name) const {
    std::vector<std::size_t> models;
    for (std::size_t i = 0; i < parse_.manifest.nodes.size(); ++i) {
      const Node& node = parse_.manifest.nodes[i];
      if (node.type == ResourceType::Model && node.name == name && node.package == properties_.file->package) {
        models.push_back(i);
      }
    }
    return models;
  }

  bool is_disabled(std::string_view name) const {
    const auto& nodes = parse_.manifest.disabled_nodes;
    return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
      return node.type == ResourceType::Model && node.name == name && node.package == properties_.file->package;
    });
  }

  static bool wants(const Value& versions, const Value& version) {
    auto names = [&](std::string_view key) {
      Value list = get(versions, key);
      if (list.kind() != jinja::Kind::List) return false;
      return std::any_of(list.items().begin(), list.items().end(),
                         [&](const Value& named) { return version_text(named) == version_text(version); });
    };
    if (version.is_none() || versions.kind() != jinja::Kind::Dict) return true;
    return get(versions, "include").is_none() ? !names("exclude") : names("include");
  }

  // ---- Rows

  // {input?, rows, format, fixture} with all keys there.
  Value fixture_of(const UnitTestPatch& patch, const Value& written, const YamlNode& node, bool input) {
    Value format = get(written, "format"), fixture = get(written, "fixture");
    if (format.is_none()) format = Value("dict");
    Value entry = Value::dict();
    if (input) entry.as_dict().set("input", get(written, "input"));
    Value rows = with_moments(rows_of(patch, written, python_text(format), input), node);
    put_complete_row_first(rows);
    entry.as_dict().set("rows", rows);
    entry.as_dict().set("format", format);
    entry.as_dict().set("fixture", fixture);
    return entry;
  }

  // Rows of YAML may hold moments, which are no text.
  static Value with_moments(const Value& rows, const YamlNode& fixture) {
    YamlNode written = fixture.find("rows");
    if (written.kind() != NodeKind::List || rows.kind() != jinja::Kind::List) return rows;
    for (std::size_t i = 0; i < written.size(); ++i) {
      for (std::size_t column = 0; column < written.at(i).size(); ++column) {
        auto moment = find_moment(written.at(i).at(column));
        if (moment) rows.items()[i].as_dict().set(written.at(i).key_at(column), *moment);
      }
    }
    return rows;
  }

  Value rows_of(const UnitTestPatch& patch, const Value& written, const std::string& kind, bool input) {
    Value rows = get(written, "rows"), fixture = get(written, "fixture");
    std::string_view side = input ? "input" : "expected";
    if (kind == "dict") {
      if (rows.kind() == jinja::Kind::List) return rows;
      if (rows.is_none() && input && fixture.is_none()) return rows_of_seed(patch, get(written, "input"));
      fail(patch, format("Unit test {} has {} rows which do not match format dict", patch.name, side));
    }
    if (fixture.is_string()) rows = Value(text_of_fixture(patch, fixture.as_string(), kind));
    if (!rows.is_string()) {
      fail(patch, format("Unit test {} has {} rows or fixtures which do not match format {}.  Expected string.",
                         patch.name, side, kind));
    }
    return kind == "csv" ? read_fixture_csv(rows.as_string()) : rows;
  }

  std::string text_of_fixture(const UnitTestPatch& patch, std::string_view name, std::string_view kind) const {
    for (const SourceFile& file : package_.files.of(FileKind::Fixture)) {
      if (file.stem() == name && file.path.ends_with(kind)) return file.text;
    }
    fail(patch, format("File not found for fixture '{}' in unit tests in {}", name, properties_.file->path));
  }

  // An input without rows is a seed's.
  Value rows_of_seed(const UnitTestPatch& patch, const Value& input) const {
    std::string_view name = input.is_string() ? name_in_ref(input.as_string()) : std::string_view();
    if (const SourceFile* seed = package_.files.find(FileKind::Seed, name)) {
      return read_fixture_csv(read_file(package_.settings->folder / seed->path));
    }
    std::string folders;
    for (const std::string& folder : package_.settings->seed_paths) {
      folders += (folders.empty() ? "'" : ", '") + folder + "'";
    }
    fail(patch, format("Unable to find seed '{}.{}' for unit tests in directories: [{}]", properties_.file->package,
                       name, folders));
  }

  Parse& parse_;
  const LoadedPackage& package_;
  const LoadedProperties& properties_;
};

}  // namespace

void parse_unit_tests(Parse& parse, const LoadedPackage& package) {
  for (const LoadedProperties& properties : package.properties) {
    UnitTestMaker maker(parse, package, properties);
    for (const UnitTestPatch& patch : properties.content.unit_tests) maker.make(patch);
  }
}

}  // namespace plumb::project
