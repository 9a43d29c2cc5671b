#include "project/manifest.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plumb::project {

namespace {

using Word = std::pair<ResourceType, std::string_view>;
constexpr std::array<Word, 16> kWords{{
    {ResourceType::Model, "model"},
    {ResourceType::Seed, "seed"},
    {ResourceType::Snapshot, "snapshot"},
    {ResourceType::Test, "test"},
    {ResourceType::Analysis, "analysis"},
    {ResourceType::Operation, "operation"},
    {ResourceType::UnitTest, "unit_test"},
    {ResourceType::Source, "source"},
    {ResourceType::Exposure, "exposure"},
    {ResourceType::Metric, "metric"},
    {ResourceType::SemanticModel, "semantic_model"},
    {ResourceType::SavedQuery, "saved_query"},
    {ResourceType::Function, "function"},
    {ResourceType::Group, "group"},
    {ResourceType::Macro, "macro"},
    {ResourceType::Doc, "doc"},
}};

}  // namespace

std::string_view to_string(ResourceType type) {
  const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.first == type; });
  return word->second;
}

std::optional<ResourceType> find_resource_type(std::string_view text) {
  const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.second == text; });
  if (word == kWords.end()) return std::nullopt;
  return word->first;
}

bool RefCall::operator==(const RefCall& other) const {
  return package == other.package && name == other.name && version_text(version) == version_text(other.version);
}

std::string version_text(const jinja::Value& version) {
  if (version.is_string()) return std::string(version.as_string());
  if (version.is_int()) return std::to_string(version.as_int());
  if (version.kind() != jinja::Kind::Float) return {};
  std::string text;
  append_json(text, version);
  return text;
}

const jinja::Value* Node::find_config(std::string_view key) const {
  const jinja::Value* found = config ? config->find(key) : nullptr;
  return found && !found->is_none() ? found : nullptr;
}

std::string versioned_name(const Node& unit_test) {
  const std::string& name = unit_test.name;
  return unit_test.type != ResourceType::UnitTest || unit_test.version.is_none()
             ? name
             : name + "_v" + version_text(unit_test.version);
}

std::string Node::config_text(std::string_view key, std::string_view fallback) const {
  const jinja::Value* found = find_config(key);
  if (found == nullptr) return std::string(fallback);
  if (found->is_string()) return std::string(found->as_string());
  std::string text;
  append_json(text, *found);
  return text;
}

void Manifest::index() {
  places_.clear();
  auto add = [&](const auto& list, auto type_of) {
    for (std::size_t i = 0; i < list.size(); ++i) places_.emplace(list[i].unique_id, Place{type_of(list[i]), i});
  };
  auto own_type = [](const auto& entry) { return entry.type; };
  add(nodes, own_type);
  add(others, own_type);
  add(sources, [](const Source&) { return ResourceType::Source; });
  add(macros, [](const Macro&) { return ResourceType::Macro; });
}

const Node* Manifest::find_node(std::string_view unique_id) const {
  auto found = places_.find(unique_id);
  if (found == places_.end() || found->second.position >= nodes.size()) return nullptr;
  const Node& node = nodes[found->second.position];
  return node.unique_id == unique_id ? &node : nullptr;
}

const Source* Manifest::find_source(std::string_view unique_id) const {
  auto found = places_.find(unique_id);
  if (found == places_.end() || found->second.type != ResourceType::Source) return nullptr;
  return &sources[found->second.position];
}

const Macro* Manifest::find_macro(std::string_view unique_id) const {
  auto found = places_.find(unique_id);
  if (found == places_.end() || found->second.type != ResourceType::Macro) return nullptr;
  return &macros[found->second.position];
}

const Other* Manifest::find_other(std::string_view unique_id) const {
  auto found = places_.find(unique_id);
  if (found == places_.end() || found->second.position >= others.size()) return nullptr;
  const Other& other = others[found->second.position];
  return other.unique_id == unique_id ? &other : nullptr;
}

}  // namespace plumb::project
