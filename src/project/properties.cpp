// One function per section. A key that is not there leaves its Value Undefined, which is what "not said" means to those
// who merge.
#include "project/properties.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/node_config.h"
#include "project/property_tests.h"

namespace plumb::project {
namespace {

using jinja::Value;

constexpr std::array<std::string_view, 18> kSections = {
    "version",         "models",        "seeds",      "snapshots",  "sources",   "macros",
    "analyses",        "exposures",     "metrics",    "groups",     "anchors",   "tests",
    "semantic_models", "saved_queries", "unit_tests", "data_tests", "functions", "docs"};

constexpr std::array<std::string_view, 16> kColumnKeys = {
    "name",   "description", "data_type",  "quote", "granularity", "meta",   "tags",  "constraints",
    "config", "docs",        "data_tests", "tests", "dimension",   "entity", "index", "database_specific"};

constexpr std::array<std::string_view, 24> kPatchKeys = {
    "name",           "description", "config",         "meta",
    "docs",           "tags",        "constraints",    "access",
    "group",          "columns",     "data_tests",     "tests",
    "versions",       "relation",    "latest_version", "deprecation_date",
    "time_spine",     "arguments",   "primary_entity", "agg_time_dimension",
    "semantic_model", "metrics",     "freshness",      "derived_semantics"};

class Reader {
 public:
  Reader(const SourceFile& file, const ConfigRenderer& renderer, std::vector<Warning>& warnings, PropertyFile& out)
      : file_(file), renderer_(renderer), warnings_(warnings), out_(out) {}

  void read(const YamlNode& root) {
    if (root.null()) return;
    if (root.kind() != NodeKind::Map) {
      fail(root, format("the schema file must be a map of sections such as 'models', found {}", describe(root.kind())));
    }
    for (std::size_t i = 0; i < root.size(); ++i) read_section(root.key_at(i), root.at(i), root.key_place_at(i));
  }

 private:
  [[noreturn]] static void fail(const YamlNode& node, std::string message, std::string hint = {}) {
    throw Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
  }

  void read_section(std::string_view section, const YamlNode& entries, const Place& place) {
    using T = ResourceType;
    if (section == "version") return;
    if (section == "models") return read_patches(T::Model, section, entries);
    if (section == "seeds") return read_patches(T::Seed, section, entries);
    if (section == "snapshots") return read_patches(T::Snapshot, section, entries);
    if (section == "analyses") return read_patches(T::Analysis, section, entries);
    if (section == "macros") return read_patches(T::Macro, section, entries);
    if (section == "data_tests" || section == "tests") return read_patches(T::Test, section, entries);
    if (section == "functions") return read_patches(T::Function, section, entries);
    if (section == "sources") return read_sources(section, entries);
    if (section == "unit_tests") return read_unit_tests(section, entries);
    if (section == "exposures") return read_others(T::Exposure, section, entries);
    if (section == "groups") return read_others(T::Group, section, entries);
    if (section == "metrics") return read_others(T::Metric, section, entries);
    if (section == "semantic_models") return read_others(T::SemanticModel, section, entries);
    if (section == "saved_queries") return read_others(T::SavedQuery, section, entries);
    if (section == "anchors") {
      out_.anchors.push_back(entries);
      return;
    }
    std::string_view nearest = find_nearest(section, kSections);
    warn("CustomTopLevelKeyDeprecation",
         format("Unexpected top-level key {} in file `{}`{}", section, file_.path,
                nearest.empty() ? "" : format(": did you mean '{}'?", nearest)),
         place);
  }

  // Calls `each` for the maps of a section, which have names.
  template <class Each>
  void for_each_entry(std::string_view section, const YamlNode& entries, Each each) {
    if (entries.null()) return;
    auto invalid = [&](const YamlNode& at, std::string_view why) {
      fail(at, format("The schema file at {} is invalid because {}", file_.path, why));
    };
    if (entries.kind() != NodeKind::List) invalid(entries, format("the value of '{}' is not a list", section));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      YamlNode entry = entries.at(i);
      if (entry.kind() != NodeKind::Map) {
        invalid(entry, format("a list element for '{}' is not a dictionary", section));
      }
      YamlNode name = entry.find("name");
      if (name.null()) invalid(entry, format("a list element for '{}' does not have a name attribute.", section));
      expect_text(name, section, "name");
      each(entry);
    }
  }

  void expect_text(const YamlNode& node, std::string_view section, std::string_view key) const {
    if (node.null() || node.kind() == NodeKind::Text) return;
    bool scalar = node.kind() != NodeKind::List && node.kind() != NodeKind::Map;
    fail(node,
         format("Invalid {0} config given in {1} @ {0}: at path ['{2}']: {3} is not of type 'string'", section,
                file_.path, key, scalar ? std::string(node.scalar()) : std::string(describe(node.kind()))),
         scalar ? "put it in quotes" : "");
  }

  void expect_known(const YamlNode& node, std::string_view what, std::span<const std::string_view> known) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      std::string_view key = node.key_at(i);
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      std::string_view nearest = find_nearest(key, known);
      warn("CustomKeyInObjectDeprecation",
           format("Custom key `{}` found in `{}` in file `{}`. {}", key, what, file_.path,
                  nearest.empty() ? "Custom keys should be nested under `config.meta`"
                                  : format("Did you mean '{}'?", nearest)),
           node.key_place_at(i));
    }
  }

  void warn(std::string name, std::string message, Place place) {
    warnings_.push_back({std::move(name), std::move(message), std::move(place)});
  }

  // ---- Values. Undefined: not said.

  Value value(const YamlNode& owner, std::string_view key) const {
    YamlNode node = owner.find(key);
    return node ? renderer_.render(node) : Value();
  }
  // Of models and their like: hooks are rendered when they run.
  Value config(const YamlNode& owner) const {
    YamlNode node = owner.find("config");
    if (!node || node.kind() != NodeKind::Map) return value(owner, "config");
    Value config = Value::dict();
    for (std::size_t i = 0; i < node.size(); ++i) {
      std::string_view key = node.key_at(i);
      config.as_dict().set(key, is_hook(key) ? to_value(node.at(i)) : renderer_.render(node.at(i)));
    }
    return config;
  }
  std::string text(const YamlNode& owner, std::string_view key) const { return renderer_.render_text(owner.find(key)); }
  std::string description(const YamlNode& owner, std::string_view section) const {
    YamlNode node = owner.find("description");
    expect_text(node, section, "description");
    return node.text_or("");
  }

  // ---- Models and their like

  void read_patches(ResourceType type, std::string_view section, const YamlNode& entries) {
    for_each_entry(section, entries, [&](const YamlNode& node) {
      // Functions have keys of their own, and are kept whole.
      if (type != ResourceType::Function) expect_known(node, section, kPatchKeys);
      out_.patches.push_back(read_patch(type, section, node));
    });
  }

  Patch read_patch(ResourceType type, std::string_view section, const YamlNode& node) {
    Patch patch;
    patch.type = type;
    patch.node = node;
    patch.name = text(node, "name");
    patch.description = description(node, section);
    patch.config = config(node);
    patch.meta = value(node, "meta");
    patch.docs = value(node, "docs");
    patch.tags = value(node, "tags");
    patch.constraints = value(node, "constraints");
    patch.access = value(node, "access");
    patch.group = value(node, "group");
    patch.latest_version = value(node, "latest_version");
    patch.deprecation_date = value(node, "deprecation_date");
    patch.time_spine = value(node, "time_spine");
    patch.freshness = value(node, "freshness");
    patch.primary_entity = value(node, "primary_entity");
    patch.semantic_model = value(node, "semantic_model");
    patch.agg_time_dimension = value(node, "agg_time_dimension");
    patch.metrics = value(node, "metrics");
    if (YamlNode relation = node.find("relation")) patch.relation = Value(relation.text_or(""));
    if (type == ResourceType::Function) {
      patch.body = renderer_.render(node);
    } else if (type != ResourceType::Macro) {
      patch.columns = read_columns(node, section);
      patch.tests = read_test_uses(node, renderer_);
      patch.versions = read_versions(node, section);
    }
    patch.arguments = read_arguments(node);
    return patch;
  }

  std::vector<ColumnPatch> read_columns(const YamlNode& owner, std::string_view section) {
    std::vector<ColumnPatch> columns;
    YamlNode entries = owner.find("columns");
    if (entries.null()) return columns;
    if (entries.kind() != NodeKind::List) fail(entries, "columns must be a list of maps, each with a name");
    columns.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      YamlNode node = entries.at(i);
      bool picks = node.kind() == NodeKind::Map && (node.find("include") || node.find("exclude"));
      if (!picks) columns.push_back(read_column(node, section));
    }
    return columns;
  }

  ColumnPatch read_column(const YamlNode& node, std::string_view section) {
    if (node.kind() != NodeKind::Map)
      fail(node, format("a column must be a map with a name, found {}", describe(node.kind())));
    YamlNode name = node.find("name");
    if (name.null()) fail(node, "this column has no name", "add `name:`");
    ColumnPatch column;
    column.node = node;
    column.name = renderer_.render_text(name);
    column.description = description(node, section);
    column.data_type = value(node, "data_type");
    column.quote = value(node, "quote");
    column.granularity = value(node, "granularity");
    column.meta = value(node, "meta");
    column.tags = value(node, "tags");
    column.constraints = value(node, "constraints");
    column.config = value(node, "config");
    column.docs = value(node, "docs");
    column.dimension = value(node, "dimension");
    column.entity = value(node, "entity");
    column.tests = read_test_uses(node, renderer_);
    for (std::size_t i = 0; i < node.size(); ++i) {
      std::string_view key = node.key_at(i);
      if (std::find(kColumnKeys.begin(), kColumnKeys.end(), key) != kColumnKeys.end()) continue;
      if (column.extra.is_undefined()) column.extra = Value::dict();
      column.extra.as_dict().set(key, renderer_.render(node.at(i)));
    }
    if (!column.extra.is_undefined()) expect_known(node, "columns", kColumnKeys);
    return column;
  }

  std::vector<VersionPatch> read_versions(const YamlNode& owner, std::string_view section) {
    std::vector<VersionPatch> versions;
    YamlNode entries = owner.find("versions");
    if (entries.null()) return versions;
    if (entries.kind() != NodeKind::List) fail(entries, "versions must be a list of maps, each with `v:`");
    for (std::size_t i = 0; i < entries.size(); ++i) versions.push_back(read_version(entries.at(i), section));
    return versions;
  }

  VersionPatch read_version(const YamlNode& node, std::string_view section) {
    if (node.kind() != NodeKind::Map || node.find("v").null()) fail(node, "a version must be a map with `v:`");
    VersionPatch version;
    version.node = node;
    version.version = value(node, "v");
    version.defined_in = text(node, "defined_in");
    if (node.find("description")) version.description = description(node, section);
    version.config = config(node);
    version.constraints = value(node, "constraints");
    version.docs = value(node, "docs");
    version.access = value(node, "access");
    version.deprecation_date = value(node, "deprecation_date");
    YamlNode columns = node.find("columns");
    version.has_columns = !columns.missing();
    for (std::size_t i = 0; i < columns.size() && columns.kind() == NodeKind::List; ++i) {
      YamlNode pick = columns.at(i);
      if (YamlNode include = pick.find("include")) version.include = renderer_.render(include);
      if (YamlNode exclude = pick.find("exclude")) version.exclude = renderer_.render(exclude);
    }
    version.columns = read_columns(node, section);
    if (has_test_uses(node)) version.tests = read_test_uses(node, renderer_);
    return version;
  }

  std::vector<MacroArgumentPatch> read_arguments(const YamlNode& owner) const {
    std::vector<MacroArgumentPatch> arguments;
    YamlNode entries = owner.find("arguments");
    if (entries.null()) return arguments;
    if (entries.kind() != NodeKind::List) fail(entries, "arguments must be a list of maps, each with a name");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      YamlNode node = entries.at(i);
      if (node.find("name").null()) fail(node, "this argument has no name", "add `name:`");
      arguments.push_back({.node = node,
                           .name = text(node, "name"),
                           .type = text(node, node.find("type") ? "type" : "data_type"),
                           .description = node.find("description").text_or("")});
    }
    return arguments;
  }

  // ---- Sources

  void read_sources(std::string_view section, const YamlNode& entries) {
    for_each_entry(section, entries, [&](const YamlNode& node) {
      SourcePatch source;
      source.node = node;
      source.name = text(node, "name");
      source.description = description(node, section);
      source.overrides = text(node, "overrides");
      source.database = value(node, "database");
      source.schema = value(node, "schema");
      source.unrendered_database = unrendered(node, "database");
      source.unrendered_schema = unrendered(node, "schema");
      source.loader = value(node, "loader");
      source.loaded_at_field = value(node, "loaded_at_field");
      source.loaded_at_query = value(node, "loaded_at_query");
      source.freshness = value(node, "freshness");
      source.quoting = value(node, "quoting");
      source.meta = value(node, "meta");
      source.tags = value(node, "tags");
      source.config = value(node, "config");
      for_each_entry("tables", node.find("tables"),
                     [&](const YamlNode& table) { source.tables.push_back(read_table(table)); });
      out_.sources.push_back(std::move(source));
    });
  }

  static Value unrendered(const YamlNode& owner, std::string_view key) {
    YamlNode node = owner.find(key);
    return node ? to_value(node) : Value();
  }

  TablePatch read_table(const YamlNode& node) {
    TablePatch table;
    table.node = node;
    table.name = text(node, "name");
    table.description = description(node, "tables");
    table.identifier = value(node, "identifier");
    table.loader = value(node, "loader");
    table.loaded_at_field = value(node, "loaded_at_field");
    table.loaded_at_query = value(node, "loaded_at_query");
    table.freshness = value(node, "freshness");
    table.quoting = value(node, "quoting");
    table.external = value(node, "external");
    table.meta = value(node, "meta");
    table.tags = value(node, "tags");
    table.config = value(node, "config");
    table.docs = value(node, "docs");
    table.columns = read_columns(node, "tables");
    table.tests = read_test_uses(node, renderer_);
    return table;
  }

  // ---- The rest

  void read_unit_tests(std::string_view section, const YamlNode& entries) {
    for_each_entry(section, entries, [&](const YamlNode& node) {
      for (std::string_view key : {"model", "given", "expect"}) {
        if (node.find(key).missing()) {
          fail(node, format("Invalid unit_tests config given in {} @ unit_tests: '{}' is a required property",
                            file_.path, key));
        }
      }
      out_.unit_tests.push_back({.node = node,
                                 .name = text(node, "name"),
                                 .model = text(node, "model"),
                                 .description = description(node, section),
                                 .given = value(node, "given"),
                                 .expect = value(node, "expect"),
                                 .overrides = value(node, "overrides"),
                                 .versions = value(node, "versions"),
                                 .config = value(node, "config")});
    });
  }

  void read_others(ResourceType type, std::string_view section, const YamlNode& entries) {
    for_each_entry(section, entries, [&](const YamlNode& node) {
      OtherPatch other;
      other.type = type;
      other.node = node;
      other.name = text(node, "name");
      other.description = description(node, section);
      // Filters of metrics are templates of another language: {{ Dimension('x') }}.
      bool renders = type == ResourceType::Exposure || type == ResourceType::Group;
      other.body = jinja::make<jinja::Dict>();
      for (std::size_t i = 0; i < node.size(); ++i) {
        std::string_view key = node.key_at(i);
        other.body->set(key, !renders || key == "description" ? to_value(node.at(i)) : renderer_.render(node.at(i)));
      }
      out_.others.push_back(std::move(other));
    });
  }

  const SourceFile& file_;
  const ConfigRenderer& renderer_;
  std::vector<Warning>& warnings_;
  PropertyFile& out_;
};

}  // namespace

PropertyFile read_properties(const SourceFile& file, const ConfigRenderer& renderer, std::vector<Warning>& warnings) {
  PropertyFile properties;
  // Blank lines in front, which were stripped, keep the places right.
  std::string text(static_cast<std::size_t>(file.first_line - 1), '\n');
  text.append(static_cast<std::size_t>(file.first_column - 1), ' ');
  text += file.text;
  properties.document = parse_yaml(std::move(text), file.path);
  Reader(file, renderer, warnings, properties).read(properties.document.root());
  return properties;
}

}  // namespace plumb::project
