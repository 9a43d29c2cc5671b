// What dbt warns of once a whole project is read: patches without their nodes, configuration that nothing has, names
// and dates, and what a database will not do.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/clock.h"
#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

namespace {

using jinja::Dict;
using jinja::Kind;
using jinja::Value;

Place place_of(const Origin& origin) {
  return {.file = origin.path, .line = origin.line, .column = origin.column};
}

void warn_of_lonely_patches(Parse& parse) {
  for (const auto& [key, found] : parse.patches.all()) {
    if (found.used) continue;
    const Patch& patch = *found.patch;
    if (patch.type == ResourceType::Macro) {
      parse.warnings.push_back({"MacroNotFoundForPatch",
                                format("Found patch for macro \"{}\" which was not found", patch.name),
                                patch.node.place()});
      continue;
    }
    std::string section = patch.type == ResourceType::Test       ? "data_tests"
                          : patch.type == ResourceType::Analysis ? "analyses"
                                                                 : std::string(to_string(patch.type)) + "s";
    if (auto other = find_elsewhere(parse, patch, found.from->file->package)) {
      parse.warnings.push_back(
          {"WrongResourceSchemaFile",
           format("'{0}' is a {1} node, but it is specified in the {2} section of {3}.\nTo fix this error, place the "
                  "`{0}` specification under the {1}s key instead.",
                  patch.name, other->substr(0, other->find('.')), section, found.from->file->path),
           patch.node.place()});
      continue;
    }
    parse.warnings.push_back({"NoNodeForYamlKey",
                              format("Did not find matching node for patch with name '{}' in the '{}' section of file "
                                     "'{}'",
                                     patch.name, section, found.from->file->path),
                              patch.node.place()});
  }
}

// ---- Configuration of dbt_project.yml that no resource has

// Keys whose values are dicts, and no folders.
bool is_config(std::string_view key, const Value& value) {
  constexpr std::array<std::string_view, 10> kDicts{
      "meta",    "docs",         "persist_docs", "contract",   "grants",
      "quoting", "column_types", "freshness",    "event_time", "snapshot_meta_column_names"};
  return key.starts_with('+') || value.kind() != Kind::Dict ||
         std::find(kDicts.begin(), kDicts.end(), key) != kDicts.end();
}

using Path = std::vector<std::string>;

void list_paths(const Dict& tree, const Path& path, std::vector<Path>& out) {
  bool configures = false;
  std::size_t position = 0;
  while (const Value::Entry* entry = tree.next(position)) {
    if (!entry->key.is_string()) continue;
    if (is_config(entry->key.as_string(), entry->value)) {
      configures = true;
      continue;
    }
    Path deeper = path;
    deeper.emplace_back(entry->key.as_string());
    list_paths(entry->value.as_dict(), deeper, out);
  }
  if (configures && !path.empty()) out.push_back(path);
}

std::string_view tree_of(ResourceType type) {
  switch (type) {
    case ResourceType::Model:
      return "models";
    case ResourceType::Seed:
      return "seeds";
    case ResourceType::Snapshot:
      return "snapshots";
    case ResourceType::Source:
      return "sources";
    case ResourceType::Test:
      return "data_tests";
    default:
      return {};  // too few to be worth a warning
  }
}

void warn_of_unused_paths(Parse& parse) {
  std::unordered_map<std::string_view, std::vector<const Path*>> named;  // the resources' paths by tree
  auto add = [&](ResourceType type, const Path& fqn) { named[tree_of(type)].push_back(&fqn); };
  const Manifest& manifest = parse.manifest;
  for (const auto* nodes : {&manifest.nodes, &manifest.disabled_nodes}) {
    for (const Node& node : *nodes) add(node.type, node.fqn);
  }
  for (const auto* sources : {&manifest.sources, &manifest.disabled_sources}) {
    for (const Source& source : *sources) add(ResourceType::Source, source.fqn);
  }
  std::string unused;
  std::size_t count = 0;
  for (const auto& [tree, value] : parse.settings.root.config_trees) {
    if (value.kind() != Kind::Dict) continue;
    bool judged =
        tree == "models" || tree == "seeds" || tree == "snapshots" || tree == "sources" || tree == "data_tests";
    std::vector<Path> paths;
    if (judged) list_paths(value.as_dict(), {}, paths);
    for (const Path& path : paths) {
      const auto& fqns = named[tree];
      bool used = std::any_of(fqns.begin(), fqns.end(), [&](const Path* fqn) {
        return fqn->size() >= path.size() && std::equal(path.begin(), path.end(), fqn->begin());
      });
      if (used) continue;
      ++count;
      unused += "\n- " + tree;
      for (const std::string& part : path) unused += "." + part;
    }
  }
  if (count == 0) return;
  parse.warnings.push_back({"UnusedResourceConfigPath",
                            format("Configuration paths exist in your dbt_project.yml file which do not apply to any "
                                   "resources.\nThere are {} unused configuration paths:{}",
                                   count, unused),
                            Place{.file = "dbt_project.yml", .line = 1, .column = 1}});
}

// ---- Models that are past their time

std::optional<Instant> deprecation_of(const Node& node) {
  if (!node.deprecation_date.is_string()) return std::nullopt;
  std::string text(node.deprecation_date.as_string());
  if (text.size() == 10) text += "T00:00:00Z";
  return find_instant(text);
}

void warn_of_deprecated_models(Parse& parse) {
  const Manifest& manifest = parse.manifest;
  Instant now = std::chrono::time_point_cast<Instant::duration>(
      std::chrono::sys_time<std::chrono::duration<double>>(std::chrono::duration<double>(parse.now)));
  std::unordered_map<std::string_view, Instant> dates;
  for (const Node& node : manifest.nodes) {
    auto date = deprecation_of(node);
    if (!date) continue;
    dates[node.unique_id] = *date;
    if (*date >= now) continue;
    parse.warnings.push_back({"DeprecatedModel",
                              format("Model {} has passed its deprecation date of {}. This model should be disabled or "
                                     "removed.",
                                     node.name, node.deprecation_date.as_string()),
                              place_of(node.origin)});
  }
  if (dates.empty()) return;
  for (const Node& node : manifest.nodes) {
    for (const std::string& read : node.depends_on.nodes) {
      auto date = dates.find(read);
      if (date == dates.end() || node.type != ResourceType::Model) continue;
      const Node* model = manifest.find_node(read);
      bool past = date->second < now;
      std::string message =
          format("While compiling '{}': Found a reference to {}, which {} on '{}'.", node.name, model->name,
                 past ? "was deprecated" : "is slated for deprecation", model->deprecation_date.as_string());
      if (!model->version.is_none() && !jinja::equal_keys(model->version, model->latest_version)) {
        message += format(" Try out v{}.", python_text(model->latest_version));
      }
      parse.warnings.push_back(
          {past ? "DeprecatedReference" : "UpcomingReferenceDeprecation", std::move(message), place_of(node.origin)});
    }
  }
}

// ---- One node at a time

void warn_of_constraints(Parse& parse, const Node& node) {
  std::string materialized = node.materialized();
  if (materialized != "view" && materialized != "ephemeral") return;
  auto counts = [](const Value& constraints) {
    if (constraints.kind() != Kind::List) return false;
    return std::any_of(constraints.items().begin(), constraints.items().end(), [](const Value& constraint) {
      const Value* warns = constraint.kind() == Kind::Dict ? constraint.as_dict().find("warn_unsupported") : nullptr;
      return warns == nullptr || warns->kind() != Kind::Bool || warns->as_bool();
    });
  };
  bool any = counts(node.constraints) || std::any_of(node.columns.begin(), node.columns.end(),
                                                     [&](const Column& column) { return counts(column.constraints); });
  const Value* contract = node.find_config("contract");
  const Value* enforced = contract && contract->kind() == Kind::Dict ? contract->as_dict().find("enforced") : nullptr;
  if (!any || !enforced || enforced->kind() != Kind::Bool || !enforced->as_bool()) return;
  parse.warnings.push_back({"UnsupportedConstraintMaterialization",
                            format("Constraint types are not supported for {} materializations and will be ignored.  "
                                   "Set 'warn_unsupported: false' on this constraint to ignore this warning.",
                                   materialized),
                            place_of(node.origin)});
}

void warn_of_unfiltered_batches(Parse& parse, const Node& node) {
  if (node.config_text("incremental_strategy") != "microbatch" || node.materialized() != "incremental") return;
  bool filtered = std::any_of(node.depends_on.nodes.begin(), node.depends_on.nodes.end(), [&](const std::string& id) {
    const Node* read = parse.manifest.find_node(id);
    if (read) return !read->config_text("event_time").empty();
    auto source = std::find_if(parse.manifest.sources.begin(), parse.manifest.sources.end(),
                               [&](const Source& one) { return one.unique_id == id; });
    const Value* time = source == parse.manifest.sources.end() ? nullptr : source->config->find("event_time");
    return time != nullptr && time->is_string();
  });
  if (filtered) return;
  parse.warnings.push_back({"MicrobatchModelNoEventTimeInputs",
                            format("The microbatch model '{}' has no 'ref' or 'source' input with an 'event_time' "
                                   "configuration. \nThis means no filtering can be applied and can result in "
                                   "unexpected duplicate records in the resulting microbatch model.",
                                   node.name),
                            place_of(node.origin)});
}

void warn_of_names(Parse& parse) {
  std::size_t blanks = 0;
  for (const Node& node : parse.manifest.nodes) {
    if (node.type == ResourceType::Model && node.name.find(' ') != std::string::npos) ++blanks;
    if (node.raw_code.find("modules.itertools") != std::string::npos) {
      parse.warnings.push_back({"ModulesItertoolsUsageDeprecation",
                                "Usage of itertools modules is deprecated. Please use the built-in functions instead.",
                                place_of(node.origin)});
    }
  }
  if (blanks > 0) {
    parse.warnings.push_back({"ResourceNamesWithSpacesDeprecation",
                              format("Spaces found in {} resource name(s). This is deprecated, and may lead to errors "
                                     "when using dbt.",
                                     blanks),
                              {}});
  }
  for (const Other& other : parse.manifest.others) {
    bool plain = std::all_of(other.name.begin(), other.name.end(),
                             [](unsigned char c) { return c == '_' || (c < 128 && std::isalnum(c) != 0); });
    if (other.type != ResourceType::Exposure || plain) continue;
    parse.warnings.push_back(
        {"ExposureNameDeprecation",
         format("The name of an exposure should contain only letters, numbers, and underscores. {} "
                "does not follow this pattern. Please update the 'name', and use the 'label' "
                "property for a human-friendly title.",
                other.name),
         place_of(other.origin)});
  }
}

}  // namespace

void warn_of_oddities(Parse& parse) {
  for (const Node& node : parse.manifest.nodes) {
    if (node.type != ResourceType::Model) continue;
    warn_of_constraints(parse, node);
    warn_of_unfiltered_batches(parse, node);
  }
  warn_of_lonely_patches(parse);
  warn_of_deprecated_models(parse);
  warn_of_names(parse);
  warn_of_unused_paths(parse);
}

}  // namespace plumb::project
