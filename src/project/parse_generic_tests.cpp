// Tests of `data_tests:`: their names, which dbt makes of the test, its target and its arguments, and their nodes.
#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/format.h"
#include "project/generic_test_name.h"
#include "project/parse.h"
#include "project/tags.h"
#include "project/template_calls.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

// What a test is of: a model, seed, snapshot or source table.
struct TestTarget {
  ResourceType type = ResourceType::Model;
  std::string package, name;  // name: of versions "dim", of sources the table
  std::string name_in_tests;  // "stg_orders", "dim_v1", "raw_orders"
  std::string text;           // ref('stg_orders'), source('raw', 'orders')
  std::string source;
  Value version = Value::none();
  std::string unique_id;
  std::vector<std::string> tags;  // of sources and their tables
  const LoadedProperties* from = nullptr;
};

// `{{ config(severity="error",where="id > 0") }}`, as it stands behind the test's call.
std::string config_text(const Dict& config) {
  std::string text;
  std::size_t position = 0;
  while (const Value::Entry* entry = config.next(position)) {
    if (!text.empty()) text += ',';
    text += std::string(entry->key.as_string()) + '=';
    if (!entry->value.is_string()) {
      text += python_repr(entry->value);
      continue;
    }
    text += '"';
    for (char c : entry->value.as_string()) {
      if (c == '"') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text.empty() ? text : "{{ config(" + text + ") }}";
}

class TestMaker {
 public:
  TestMaker(Parse& parse, Bench& bench, const TestTarget& target) : parse_(parse), bench_(bench), target_(target) {}

  Node make(const TestUse& use, const ColumnPatch* column) {
    auto arguments = jinja::make<Dict>();
    if (column) arguments->set("column_name", column_name(*column));
    if (use.arguments) merge_arguments(*arguments, *use.arguments);
    auto config = use.config ? copy_dict(*use.config) : jinja::make<Dict>();

    TestNames names = name_test(kind_of(use), target_.name_in_tests, *arguments);
    if (!use.given_name.empty()) names = {use.given_name, use.given_name};
    if (names.full != names.brief && !config->find("alias")) config->set("alias", names.brief);

    Node node;
    node.type = ResourceType::Test;
    node.name = names.full;
    node.package = target_.from->file->package;
    node.test = TestMetadata{.name = use.name, .arguments = {}, .package = use.package};
    arguments->set("model", "{{ get_where_subquery(" + target_.text + ") }}");
    node.test->arguments = Value(arguments);
    node.unique_id =
        format("test.{}.{}.{}", node.package, node.name, hash_test(node.name, use.package, use.name, *arguments));
    Place place = use.node.place();
    node.origin = origin_of(*target_.from, use.node);
    node.origin.path_in_root = names.brief + ".sql";
    node.fqn = fqn_of(*target_.from->file, {node.name});
    node.checksum_name = "none";
    node.created_at = parse_.now;
    node.description = parse_.docs.render(use.description, node.package, place, node.doc_blocks);
    if (column) node.column_name = arguments->find("column_name")->as_string();
    node.file_key_name = file_key();
    if (target_.type != ResourceType::Source) node.attached_node = target_.unique_id;
    node.tag_list = target_.tags;
    if (column) {
      for (const Value& tag : listed(column->tags)) add_tag(node.tag_list, python_text(tag));
      if (column->config.kind() == jinja::Kind::Dict) {
        if (const Value* tags = column->config.as_dict().find("tags")) {
          for (const Value& tag : listed(*tags)) add_tag(node.tag_list, python_text(tag));
        }
      }
    }
    std::sort(node.tag_list.begin(), node.tag_list.end());
    settle(node, use, *config);
    return node;
  }

 private:
  static void add_tag(std::vector<std::string>& tags, std::string tag) {
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
  }

  static void merge_arguments(Dict& into, const Dict& more) {
    std::size_t position = 0;
    while (const Value::Entry* entry = more.next(position)) into.set(entry->key, entry->value);
  }

  static std::string column_name(const ColumnPatch& column) {
    bool quoted = column.quote.kind() == jinja::Kind::Bool && column.quote.as_bool();
    return quoted ? quote_name(column.name) : column.name;
  }

  std::string kind_of(const TestUse& use) const {
    std::string kind = target_.type == ResourceType::Source ? "source_" : "";
    if (!use.package.empty()) kind += use.package + "_";
    return kind + use.name;
  }

  std::string file_key() const {
    switch (target_.type) {
      case ResourceType::Source:
        return "sources." + target_.source;
      case ResourceType::Seed:
        return "seeds." + target_.name;
      case ResourceType::Snapshot:
        return "snapshots." + target_.name;
      default:
        return "models." + target_.name;
    }
  }

  // Null for one that nobody has: dbt says so only when the test is to run. Whichever package a test is asked of, dbt
  // notes the one that is first found by the name alone: the project's own, a package's, a built-in one.
  const CatalogMacro* find_macro_of(const Node& node, const TestUse& use) const {
    std::string name = test_macro_name(use.name);
    const CatalogMacro* known = parse_.catalog->find(node.package, name);
    if (known && !known->builtin) return known;
    auto look_in = [&](std::string_view package) {
      const MacroNames* names = parse_.catalog->find_package(package);
      auto found = names ? names->find(name) : MacroNames::const_iterator();
      if (names && found != names->end()) known = found->second;
    };
    for (const PackageSettings& package : parse_.settings.packages) look_in(package.name);
    if (!use.package.empty()) look_in(use.package);
    return known;
  }

  void settle(Node& node, const TestUse& use, const Dict& config) {
    const CatalogMacro* macro = find_macro_of(node, use);
    std::string call = (use.package.empty() ? "" : use.package + ".") + test_macro_name(use.name);
    node.raw_code = "{{ " + call + "(**_dbt_generic_test_kwargs) }}" + config_text(config);
    ParseContext& context = bench_.context;
    context.begin(node);
    context.prepare = nullptr;
    auto add_macro = [&](const CatalogMacro* on) {
      if (on) node.depends_on.macros.push_back(on->unique_id);
    };
    add_macro(macro);
    bool plain = macro && macro->builtin && (use.name == "unique" || use.name == "not_null");
    if (!plain) add_macro(parse_.catalog->find(node.package, "get_where_subquery"));
    try {
      if (plain) {
        note_target(node);
        merge_config(*context.config_calls(), config);
      } else {
        Value arguments = render_test_arguments(
            node.test->arguments, [&](const std::string& text) { return context.render_value(text, node.origin); });
        context.render(node.raw_code, node.origin, Value::dict({{"_dbt_generic_test_kwargs", arguments}}), false);
      }
    } catch (const Error& error) {
      throw error.at(use.node.place());
    }
    complete(node, use.config_tags);
  }

  void note_target(Node& node) const {
    if (target_.type == ResourceType::Source) {
      node.sources.push_back({target_.source, target_.name});
    } else {
      node.refs.push_back({.name = target_.name, .version = target_.version});
    }
  }

  void complete(Node& node, const Value& config_tags) {
    ParseContext& context = bench_.context;
    auto calls = context.config_calls();
    // Tags of `config:` count twice in dbt, as the test's own and as those of its call.
    if (!config_tags.is_undefined()) merge_config_call(*calls, "tags", config_tags);
    auto complete = bench_.configs.complete(node.type, node.package, node.fqn, {.calls = calls.get()});
    node.config = complete.config;
    node.unrendered_config = complete.unrendered;
    settle_test(node);
    if (const Value* tags = node.find_config("tags")) {
      for (const Value& tag : listed(*tags)) add_tag(node.tag_list, python_text(tag));
    }
    context.name_relation(node);
    const Value* store = node.find_config("store_failures");
    if (store && store->kind() == jinja::Kind::Bool && store->as_bool()) {
      node.relation_name = render_relation(context.relation_of(node));
    }
    const Value* enabled = node.config->find("enabled");
    node.enabled = enabled && enabled->kind() == jinja::Kind::Bool && enabled->as_bool();
  }

  Parse& parse_;
  Bench& bench_;
  const TestTarget& target_;
};

// The tests of a package's property files, one after the other.
class TestList {
 public:
  TestList(Parse& parse) : parse_(parse), queue_(parse) {}

  void add(const LoadedProperties& properties) {
    for (const Patch& patch : properties.content.patches) add_patch(properties, patch);
    for (const SourcePatch& source : properties.content.sources) add_source(properties, source);
  }
  void finish() { queue_.finish(); }

 private:
  void add_all(TestTarget&& target, const std::vector<TestUse>& tests, const std::vector<ColumnPatch>& columns) {
    auto shared = std::make_shared<const TestTarget>(std::move(target));
    auto make = [&](const TestUse& use, const ColumnPatch* column) {
      if (use.loose_arguments) warn_of_loose_arguments(use, *shared);
      queue_.add([&parse = parse_, shared, &use, column](Bench& bench) {
        return TestMaker(parse, bench, *shared).make(use, column);
      });
    };
    for (const ColumnPatch& column : columns) {
      for (const TestUse& use : column.tests) make(use, &column);
    }
    for (const TestUse& use : tests) make(use, nullptr);
  }

  void warn_of_loose_arguments(const TestUse& use, const TestTarget& target) {
    if (!flag_on(parse_.settings.flags, "REQUIRE_GENERIC_TEST_ARGUMENTS_PROPERTY")) return;
    parse_.warnings.push_back({"MissingArgumentsPropertyInGenericTestDeprecation",
                               format("Found top-level arguments to test `{}` defined on '{}' in package '{}' ({}). "
                                      "Arguments to generic tests should be nested under the `arguments` property.",
                                      use.name, target.name, target.package, target.from->file->path),
                               use.node.place()});
  }

  // Columns that a version has: those of the model unless it says otherwise, each with its tests.
  void add_version(TestTarget target, const Patch& patch, const VersionPatch& version) {
    std::string text = version_text(version.version);
    target.name_in_tests = patch.name + "_v" + text;
    target.text = format("ref('{}', version='{}')", patch.name, text);
    target.version = version.version;
    target.unique_id += ".v" + text;
    FoundPatch found{&patch, target.from, &version};
    columns_.push_back(columns_of(found));
    add_all(std::move(target), version.tests ? *version.tests : patch.tests, columns_.back());
  }

  void add_patch(const LoadedProperties& properties, const Patch& patch) {
    bool testable =
        patch.type == ResourceType::Model || patch.type == ResourceType::Seed || patch.type == ResourceType::Snapshot;
    if (!testable) return;
    TestTarget target{.type = patch.type,
                      .package = properties.file->package,
                      .name = patch.name,
                      .name_in_tests = patch.name,
                      .text = "ref('" + patch.name + "')",
                      .source = {},
                      .unique_id = format("{}.{}.{}", to_string(patch.type), properties.file->package, patch.name),
                      .tags = {},
                      .from = &properties};
    if (!patch.versions.empty()) {
      for (const VersionPatch& version : patch.versions) add_version(target, patch, version);
      return;
    }
    const FoundPatch* found = parse_.patches.find(patch.type, target.package, patch.name, true);
    if (!found || found->patch != &patch) return;
    // A seed's tests count although they stand below `models:`.
    if (auto other = find_elsewhere(parse_, patch, target.package)) target.unique_id = *other;
    add_all(std::move(target), patch.tests, patch.columns);
  }

  void add_source(const LoadedProperties& properties, const SourcePatch& source) {
    for (const TablePatch& table : source.tables) {
      TestTarget target{.type = ResourceType::Source,
                        .package = properties.file->package,
                        .name = table.name,
                        .name_in_tests = source.name + "_" + table.name,
                        .text = format("source('{}', '{}')", source.name, table.name),
                        .source = source.name,
                        .unique_id = format("source.{}.{}.{}", properties.file->package, source.name, table.name),
                        .tags = {},
                        .from = &properties};
      for (const Value& tags : {source.tags, table.tags}) {
        for (const Value& tag : listed(tags)) target.tags.push_back(python_text(tag));
      }
      add_all(std::move(target), table.tests, table.columns);
    }
  }

  Parse& parse_;
  NodeQueue queue_;
  std::deque<std::vector<ColumnPatch>> columns_;  // of versions
};

}  // namespace

std::optional<std::string> find_elsewhere(const Parse& parse, const Patch& patch, std::string_view package) {
  constexpr std::array<ResourceType, 3> kTypes{ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot};
  auto id = [&](ResourceType type) { return format("{}.{}.{}", to_string(type), package, patch.name); };
  if (std::find(kTypes.begin(), kTypes.end(), patch.type) == kTypes.end()) return std::nullopt;
  if (parse.claimed.contains(id(patch.type))) return std::nullopt;
  for (ResourceType type : kTypes) {
    if (parse.claimed.contains(id(type))) return id(type);
  }
  return std::nullopt;
}

void parse_generic_tests(Parse& parse, const LoadedPackage& package) {
  TestList tests(parse);
  for (const LoadedProperties& properties : package.properties) tests.add(properties);
  tests.finish();
}

}  // namespace plumb::project
