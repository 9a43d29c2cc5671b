// `overrides: package` in a source: a project says how a package's source is to be read. What it says takes the place
// of what the package says, key by key; the freshness always does, said or not, as dbt has it.
#include <algorithm>

#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Value;

namespace {

void replace(Value& own, const Value& said) {
  if (!said.is_undefined()) own = said;
}

// What a source and a table say alike.
template <class Patch>
void override_common(Patch& own, const Patch& said) {
  if (said.node.find("description")) own.description = said.description;
  replace(own.loader, said.loader);
  replace(own.loaded_at_field, said.loaded_at_field);
  replace(own.loaded_at_query, said.loaded_at_query);
  replace(own.quoting, said.quoting);
  replace(own.meta, said.meta);
  replace(own.tags, said.tags);
  replace(own.config, said.config);
  own.freshness = said.freshness;
}

void override_table(TablePatch& table, const TablePatch& said) {
  override_common(table, said);
  replace(table.identifier, said.identifier);
  replace(table.external, said.external);
  if (said.node.find("columns")) table.columns = said.columns;
  if (said.node.find("data_tests") || said.node.find("tests")) table.tests = said.tests;
}

void override_source(SourcePatch& source, const SourcePatch& said) {
  override_common(source, said);
  replace(source.database, said.database);
  replace(source.schema, said.schema);
}

class Overrides {
 public:
  explicit Overrides(Parse& parse) : parse_(parse) {}

  void apply() {
    for (LoadedPackage& package : parse_.packages) {
      for (LoadedProperties& properties : package.properties) take_from(properties);
    }
    if (lonely_.empty()) return;
    parse_.warnings.push_back({"UnusedTables",
                               "During parsing, dbt encountered source overrides that had no target:" + lonely_,
                               std::move(place_)});
  }

 private:
  // What overrides is no source itself.
  void take_from(LoadedProperties& properties) {
    std::vector<SourcePatch>& sources = properties.content.sources;
    auto overriding = std::stable_partition(sources.begin(), sources.end(),
                                            [](const SourcePatch& source) { return source.overrides.empty(); });
    std::vector<SourcePatch> taken(std::make_move_iterator(overriding), std::make_move_iterator(sources.end()));
    sources.erase(overriding, sources.end());
    for (const SourcePatch& said : taken) override_by(said, properties);
  }

  void override_by(const SourcePatch& said, const LoadedProperties& properties) {
    bool found = false;
    std::vector<bool> met(said.tables.size());
    each_source(said, [&](SourcePatch& source) {
      found = true;
      override_source(source, said);
      for (std::size_t i = 0; i < said.tables.size(); ++i) {
        for (TablePatch& table : source.tables) {
          if (table.name != said.tables[i].name) continue;
          met[i] = true;
          override_table(table, said.tables[i]);
        }
      }
    });
    if (!found) return miss("Source " + said.overrides + "." + said.name, said.node, properties);
    for (std::size_t i = 0; i < said.tables.size(); ++i) {
      if (met[i]) continue;
      miss(format("Source table {}.{}.{}", said.overrides, said.name, said.tables[i].name), said.tables[i].node,
           properties);
    }
  }

  template <class Each>
  void each_source(const SourcePatch& said, Each each) {
    for (LoadedPackage& package : parse_.packages) {
      if (package.settings->name != said.overrides) continue;
      for (LoadedProperties& properties : package.properties) {
        for (SourcePatch& source : properties.content.sources) {
          if (source.overrides.empty() && source.name == said.name) each(source);
        }
      }
    }
  }

  void miss(const std::string& what, const YamlNode& node, const LoadedProperties& properties) {
    if (lonely_.empty()) place_ = node.place();
    lonely_ += format("\n- {} (in {})", what, properties.file->path);
  }

  Parse& parse_;
  std::string lonely_;
  Place place_;
};

}  // namespace

void override_sources(Parse& parse) {
  Overrides(parse).apply();
}

}  // namespace plumb::project
