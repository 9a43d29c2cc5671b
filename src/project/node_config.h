// How dbt lays configurations over each other, from the weakest to the strongest:
//
//   what the type of node has from the start
//   the node's package's dbt_project.yml, from `models:` down the folders to the node's own name
//   the property file's `config:`
//   config(…) in the node's file
//   for nodes of packages: the root project's dbt_project.yml
//
// Most keys of a stronger layer take the place of the weaker one's; tags, hooks and packages are added up, meta, docs
// and the like are merged key by key, grants by `+name`.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "project/manifest.h"
#include "project/settings.h"

namespace plumb::project {

// Lays one layer over a configuration, key by key; keys come with or without dbt's `+`, hooks with - or _.
void merge_config(jinja::Dict& config, const jinja::Dict& layer);
// What several config(…) of one file say together, before it is laid over anything.
void merge_config_call(jinja::Dict& calls, std::string_view key, const jinja::Value& value);
// pre_hook and post_hook are pre-hook and post-hook, in one spelling.
std::string_view config_key(std::string_view key);
// Whether a key, with dbt's `+` or without, is one of these: they are rendered when they run.
bool is_hook(std::string_view key);
// {sql, transaction, index} of each hook in a list or a text.
jinja::Value hook_list(const jinja::Value& hooks);
// A text, a list of texts, none: as a list.
jinja::Value listified(const jinja::Value& value);
std::vector<jinja::Value> listed(const jinja::Value& value);

struct CompleteConfig {
  jinja::Ref<jinja::Dict> config, unrendered;
};

// Belongs to one thread: it remembers what folders have in common.
class NodeConfigs {
 public:
  explicit NodeConfigs(const ProjectSettings& settings);
  ~NodeConfigs();
  NodeConfigs(const NodeConfigs&) = delete;
  NodeConfigs& operator=(const NodeConfigs&) = delete;

  struct Layers {
    const jinja::Dict* properties = nullptr;             // rendered
    const jinja::Dict* unrendered_properties = nullptr;  // as they are written
    const jinja::Dict* calls = nullptr;                  // of config(…)
  };
  // Nodes that nothing sets apart share one dict: copy it before you change it.
  CompleteConfig complete(ResourceType type, std::string_view package, std::span<const std::string> fqn,
                          const Layers& layers);

 private:
  struct Tree;
  struct Folder;
  const Folder& folder_of(ResourceType type, std::string_view package, std::span<const std::string> folders);
  const Tree* find_tree(const PackageSettings& package, ResourceType type);

  const ProjectSettings& settings_;
  std::map<std::string, std::unique_ptr<Tree>, std::less<>> trees_;
  std::map<std::string, std::unique_ptr<Folder>, std::less<>> folders_;
};

// The keys that a type of node has from the start, with their values.
jinja::Ref<jinja::Dict> default_config(ResourceType type);
jinja::Ref<jinja::Dict> copy_dict(const jinja::Dict& dict);

}  // namespace plumb::project
