#include "project/node_config.h"

#include <algorithm>
#include <array>

#include "base/document.h"
#include "base/format.h"
#include "project/yaml_value.h"

namespace plumb::project {

using jinja::Dict;
using jinja::make;
using jinja::Ref;
using jinja::Value;

namespace {

enum class Merge : std::uint8_t { Replace, Append, Update, Hooks, Grants };

Merge merge_of(std::string_view key) {
  if (key == "tags" || key == "packages") return Merge::Append;
  if (key == "pre-hook" || key == "post-hook") return Merge::Hooks;
  if (key == "grants") return Merge::Grants;
  constexpr std::array<std::string_view, 6> kUpdated{"meta",         "docs",     "quoting",
                                                     "column_types", "contract", "snapshot_meta_column_names"};
  return std::find(kUpdated.begin(), kUpdated.end(), key) != kUpdated.end() ? Merge::Update : Merge::Replace;
}

template <class Visit>
void each_entry(const Dict& dict, Visit&& visit) {
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.next(position)) {
    if (entry->key.is_string()) visit(entry->key.as_string(), entry->value);
  }
}

Value appended(const Value& before, const Value& more, bool once) {
  std::vector<Value> items;
  if (before.kind() == jinja::Kind::List) items = before.items();
  for (const Value& item : listed(more)) {
    bool known = once && std::any_of(items.begin(), items.end(),
                                     [&](const Value& other) { return jinja::equal_keys(other, item); });
    if (!known) items.push_back(item);
  }
  return Value::list(std::move(items));
}

Value updated(const Value& before, const Value& more) {
  Ref<Dict> dict = before.kind() == jinja::Kind::Dict ? copy_dict(before.as_dict()) : make<Dict>();
  each_entry(more.as_dict(), [&](std::string_view key, const Value& value) { dict->set(key, value); });
  return Value(dict);
}

// {"+select": [a]} adds to what there is, {"select": [a]} takes its place.
Value granted(const Value& before, const Value& more) {
  Ref<Dict> dict = before.kind() == jinja::Kind::Dict ? copy_dict(before.as_dict()) : make<Dict>();
  each_entry(more.as_dict(), [&](std::string_view key, const Value& value) {
    bool adds = key.starts_with('+');
    if (adds) key.remove_prefix(1);
    const Value* there = dict->find(key);
    dict->set(key, adds && there ? appended(*there, value, false) : listified(value));
  });
  return Value(dict);
}

Value joined_hooks(const Value& before, const Value& more) {
  std::vector<Value> items;
  if (before.kind() == jinja::Kind::List) items = before.items();
  for (const Value& hook : listed(hook_list(more))) items.push_back(hook);
  return Value::list(std::move(items));
}

void set_merged(Dict& config, std::string_view key, const Value& value) {
  const Value* before = config.find(key);
  static const Value kNothing = Value::none();
  const Value& old = before ? *before : kNothing;
  bool is_dict = value.kind() == jinja::Kind::Dict;
  switch (merge_of(key)) {
    case Merge::Append:
      config.set(key, appended(old, value, key == "tags"));
      return;
    case Merge::Hooks:
      config.set(key, joined_hooks(old, value));
      return;
    case Merge::Grants:
      config.set(key, is_dict ? granted(old, value) : value);
      return;
    case Merge::Update:
      config.set(key, is_dict ? updated(old, value) : value);
      return;
    case Merge::Replace:
      config.set(key, value);
  }
}

std::string_view tree_name(ResourceType type) {
  switch (type) {
    case ResourceType::Seed:
      return "seeds";
    case ResourceType::Snapshot:
      return "snapshots";
    case ResourceType::Test:
      return "data_tests";
    case ResourceType::UnitTest:
      return "unit_tests";
    case ResourceType::Source:
      return "sources";
    case ResourceType::Exposure:
      return "exposures";
    case ResourceType::Metric:
      return "metrics";
    case ResourceType::SemanticModel:
      return "semantic-models";
    case ResourceType::SavedQuery:
      return "saved-queries";
    case ResourceType::Function:
      return "functions";
    default:
      return "models";  // analyses, hooks and groups take what models do
  }
}

// What a level of a tree says of the nodes below it.
Ref<Dict> level_config(const Dict& level) {
  auto config = make<Dict>();
  each_entry(level, [&](std::string_view key, const Value& value) {
    if (key.starts_with('+')) {
      key.remove_prefix(1);
      config->set(config_key(key), value);
    } else if (value.kind() != jinja::Kind::Dict) {
      config->set(config_key(key), value);
    }
  });
  return config;
}

const Dict* find_level(const Dict* above, std::string_view name) {
  const Value* level = above ? above->find(name) : nullptr;
  return level && level->kind() == jinja::Kind::Dict ? &level->as_dict() : nullptr;
}

void lay_over(Dict& unrendered, const Dict& layer) {
  each_entry(layer, [&](std::string_view key, const Value& value) { unrendered.set(config_key(key), value); });
}

}  // namespace

Ref<Dict> copy_dict(const Dict& dict) {
  auto copy = make<Dict>();
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.next(position)) copy->set(entry->key, entry->value);
  return copy;
}

std::string_view config_key(std::string_view key) {
  if (key == "pre_hook") return "pre-hook";
  if (key == "post_hook") return "post-hook";
  return key;
}

Value listified(const Value& value) {
  if (value.kind() == jinja::Kind::List) return value;
  if (value.kind() == jinja::Kind::Tuple) return Value::list(value.items());
  if (value.is_none() || value.is_undefined()) return Value::list();
  return Value::list({value});
}

std::vector<Value> listed(const Value& value) {
  const Value list = listified(value);
  return list.items();
}

namespace {

// What before_begin() and after_commit() give: a hook as JSON, among blanks.
Value read_hook(const Value& hook) {
  if (!hook.is_string()) return hook;
  std::string_view text = hook.as_string();
  std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text[begin] != '{') return hook;
  std::size_t inside = text.find_first_not_of(" \t\r\n", begin + 1);
  if (inside == std::string_view::npos || text[inside] != '"') return hook;
  try {
    return to_value(parse_json(std::string(text), "hook").root());
  } catch (const Error&) {
    return hook;  // SQL, which may begin like that
  }
}

}  // namespace

Value hook_list(const Value& hooks) {
  std::vector<Value> list;
  for (const Value& written : listed(hooks)) {
    const Value hook = read_hook(written);
    if (hook.kind() != jinja::Kind::Dict) {
      list.push_back(Value::dict({{"sql", hook}, {"transaction", true}, {"index", Value::none()}}));
      continue;
    }
    auto said = [&](std::string_view key, Value fallback) {
      const Value* found = hook.as_dict().find(key);
      return found ? *found : fallback;
    };
    list.push_back(Value::dict({{"sql", said("sql", Value(""))},
                                {"transaction", said("transaction", Value(true))},
                                {"index", said("index", Value::none())}}));
  }
  return Value::list(std::move(list));
}

bool is_hook(std::string_view key) {
  key.remove_prefix(std::min(key.find_first_not_of("+ "), key.size()));
  return key == "pre-hook" || key == "post-hook" || key == "pre_hook" || key == "post_hook";
}

void merge_config(Dict& config, const Dict& layer) {
  each_entry(layer, [&](std::string_view key, const Value& value) {
    if (key.starts_with('+')) key.remove_prefix(1);
    set_merged(config, config_key(key), value);
  });
}

void merge_config_call(Dict& calls, std::string_view key, const Value& value) {
  key = config_key(key);
  const Value* before = calls.find(key);
  Merge merge = merge_of(key);
  if (before == nullptr || merge == Merge::Replace) {
    calls.set(key, value);
  } else if (merge == Merge::Append || merge == Merge::Hooks) {
    calls.set(key, appended(listified(*before), value, false));
  } else if (value.kind() == jinja::Kind::Dict) {
    calls.set(key, updated(*before, value));
  }
}

// ---- Trees of dbt_project.yml

struct NodeConfigs::Tree {
  Value rendered, unrendered;  // dicts, or something that says nothing
};

// What is known of all nodes in a folder.
struct NodeConfigs::Folder {
  Ref<Dict> config, unrendered;                         // defaults and the package's own tree
  std::vector<Ref<Dict>> root_layers, root_unrendered;  // the root's tree, for nodes of packages
  const Dict* own_level = nullptr;                      // where the nodes' own names may stand
  const Dict* own_unrendered_level = nullptr;
  const Dict* root_level = nullptr;
  const Dict* root_unrendered_level = nullptr;
};

NodeConfigs::NodeConfigs(const ProjectSettings& settings) : settings_(settings) {}
NodeConfigs::~NodeConfigs() = default;

const NodeConfigs::Tree* NodeConfigs::find_tree(const PackageSettings& package, ResourceType type) {
  std::string_view name = tree_name(type);
  std::string key = package.name + "/" + std::string(name);
  if (auto found = trees_.find(key); found != trees_.end()) return found->second.get();
  auto tree = std::make_unique<Tree>();
  auto take = [&](std::string_view from) {
    auto rendered = package.config_trees.find(from);
    if (rendered == package.config_trees.end()) return false;
    tree->rendered = rendered->second;
    // As it is written dbt shows none of these.
    bool shown = type != ResourceType::SemanticModel && type != ResourceType::SavedQuery;
    if (shown) tree->unrendered = to_value(package.file.root().find(from));
    return true;
  };
  if (!take(name) && type == ResourceType::Test) take("tests");
  // And of functions that of the models.
  if (type == ResourceType::Function) tree->unrendered = to_value(package.file.root().find("models"));
  return trees_.emplace(std::move(key), std::move(tree)).first->second.get();
}

const NodeConfigs::Folder& NodeConfigs::folder_of(ResourceType type, std::string_view package,
                                                  std::span<const std::string> folders) {
  std::string key = format("{}/{}", static_cast<int>(type), package);
  for (const std::string& folder : folders) key.append("/").append(folder);
  if (auto found = folders_.find(key); found != folders_.end()) return *found->second;

  auto folder = std::make_unique<Folder>();
  folder->config = default_config(type);
  folder->unrendered = make<Dict>();
  const PackageSettings* own = &settings_.root;
  for (const PackageSettings& other : settings_.packages) {
    if (other.name == package) own = &other;
  }
  auto as_dict = [](const Value& value) { return value.kind() == jinja::Kind::Dict ? &value.as_dict() : nullptr; };
  auto walk = [&](const Value& tree, auto&& visit) {
    const Dict* level = as_dict(tree);
    for (std::size_t depth = 0; level != nullptr; ++depth) {
      visit(level_config(*level));
      if (depth == folders.size()) break;
      level = find_level(level, folders[depth]);
    }
    return level;
  };
  const Tree* tree = find_tree(*own, type);
  folder->own_level = walk(tree->rendered, [&](const Ref<Dict>& layer) { merge_config(*folder->config, *layer); });
  folder->own_unrendered_level =
      walk(tree->unrendered, [&](const Ref<Dict>& layer) { lay_over(*folder->unrendered, *layer); });
  if (own != &settings_.root) {
    const Tree* root = find_tree(settings_.root, type);
    folder->root_level = walk(root->rendered, [&](const Ref<Dict>& layer) { folder->root_layers.push_back(layer); });
    folder->root_unrendered_level =
        walk(root->unrendered, [&](const Ref<Dict>& layer) { folder->root_unrendered.push_back(layer); });
  }
  return *folders_.emplace(std::move(key), std::move(folder)).first->second;
}

CompleteConfig NodeConfigs::complete(ResourceType type, std::string_view package, std::span<const std::string> fqn,
                                     const Layers& layers) {
  const Folder& folder = folder_of(type, package, fqn.first(fqn.size() - 1));
  const std::string& name = fqn.back();
  const Dict* own = find_level(folder.own_level, name);
  const Dict* own_unrendered = find_level(folder.own_unrendered_level, name);
  const Dict* root = find_level(folder.root_level, name);
  const Dict* root_unrendered = find_level(folder.root_unrendered_level, name);
  bool called = layers.calls && layers.calls->size() != 0;
  bool patched = layers.properties && layers.properties->size() != 0;
  if (!own && !root && !called && !patched && folder.root_layers.empty()) return {folder.config, folder.unrendered};

  CompleteConfig complete{copy_dict(*folder.config), copy_dict(*folder.unrendered)};
  if (own) merge_config(*complete.config, *level_config(*own));
  if (own_unrendered) lay_over(*complete.unrendered, *level_config(*own_unrendered));
  if (patched) {
    merge_config(*complete.config, *layers.properties);
    // As they are spelled in the file.
    each_entry(layers.unrendered_properties ? *layers.unrendered_properties : *layers.properties,
               [&](std::string_view key, const Value& value) { complete.unrendered->set(key, value); });
  }
  if (called) {
    merge_config(*complete.config, *layers.calls);
    lay_over(*complete.unrendered, *layers.calls);
  }
  for (const Ref<Dict>& layer : folder.root_layers) merge_config(*complete.config, *layer);
  for (const Ref<Dict>& layer : folder.root_unrendered) lay_over(*complete.unrendered, *layer);
  if (root) merge_config(*complete.config, *level_config(*root));
  if (root_unrendered) lay_over(*complete.unrendered, *level_config(*root_unrendered));
  return complete;
}

}  // namespace plumb::project
