#include "project/selection_graph.h"

#include <algorithm>

namespace plumb::project {

void NodeSet::add(const NodeSet& other) {
  for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] = bits_[i] || other.bits_[i];
}
void NodeSet::keep(const NodeSet& other) {
  for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] = bits_[i] && other.bits_[i];
}
void NodeSet::remove(const NodeSet& other) {
  for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] = bits_[i] && !other.bits_[i];
}
bool NodeSet::empty() const {
  return std::find(bits_.begin(), bits_.end(), true) == bits_.end();
}
bool NodeSet::full() const {
  return std::find(bits_.begin(), bits_.end(), false) == bits_.end();
}

const Origin& Member::origin() const {
  return node ? node->origin : source ? source->origin : other->origin;
}
const std::vector<std::string>& Member::fqn() const {
  return node ? node->fqn : source ? source->fqn : other->fqn;
}

const jinja::Dict* Member::config() const {
  if (node) return node->config.get();
  if (source) return source->config.get();
  const jinja::Value* config = other->body ? other->body->find("config") : nullptr;
  return config && config->kind() == jinja::Kind::Dict ? &config->as_dict() : nullptr;
}

namespace {

// A text or a list of texts.
std::vector<std::string> texts(const jinja::Value* value) {
  std::vector<std::string> list;
  if (!value) return list;
  if (value->is_string()) list.emplace_back(value->as_string());
  if (value->kind() != jinja::Kind::List && value->kind() != jinja::Kind::Tuple) return list;
  for (const jinja::Value& item : value->items()) {
    if (item.is_string()) list.emplace_back(item.as_string());
  }
  return list;
}

// A test of something that is not there.
bool is_off(const Node& node) {
  const jinja::Value* enabled = node.type == ResourceType::Test ? node.config->find("enabled") : nullptr;
  return enabled && enabled->kind() == jinja::Kind::Bool && !enabled->as_bool();
}

}  // namespace

std::vector<std::string> Member::tags() const {
  if (node) return node->tags();
  // Tags of sources and others stand beside their config, too, and there they are complete.
  if (source && source->tags.kind() == jinja::Kind::List) return texts(&source->tags);
  if (other && other->body && other->body->find("tags")) return texts(other->body->find("tags"));
  const jinja::Dict* settings = config();
  return texts(settings ? settings->find("tags") : nullptr);
}

std::string_view Member::config_text(std::string_view key) const {
  const jinja::Dict* settings = config();
  const jinja::Value* value = settings ? settings->find(key) : nullptr;
  return value && value->is_string() ? value->as_string() : std::string_view();
}

SelectionGraph::SelectionGraph(const Manifest& manifest) {
  members_.reserve(manifest.nodes.size() + manifest.sources.size() + manifest.others.size());
  for (const Node& node : manifest.nodes) {
    if (node.type == ResourceType::Operation || is_off(node)) continue;
    members_.push_back(
        {.type = node.type, .unique_id = node.unique_id, .name = node.name, .package = node.package, .node = &node});
  }
  for (const Source& source : manifest.sources) {
    members_.push_back({.type = ResourceType::Source,
                        .unique_id = source.unique_id,
                        .name = source.name,
                        .package = source.package,
                        .source = &source});
  }
  for (const Other& other : manifest.others) {
    if (other.type == ResourceType::Group) continue;
    members_.push_back({.type = other.type,
                        .unique_id = other.unique_id,
                        .name = other.name,
                        .package = other.package,
                        .other = &other});
  }
  std::unordered_map<std::string_view, std::uint32_t> places;
  places.reserve(members_.size());
  for (std::uint32_t i = 0; i < members_.size(); ++i) places.emplace(members_[i].unique_id, i);
  parents_.resize(members_.size());
  children_.resize(members_.size());
  for (const auto& [id, parents] : manifest.parents) {
    auto child = places.find(id);
    if (child == places.end()) continue;
    for (const std::string& parent : parents) {
      auto found = places.find(parent);
      if (found == places.end()) continue;
      parents_[child->second].push_back(found->second);
      children_[found->second].push_back(child->second);
    }
  }
}

NodeSet SelectionGraph::walk(const NodeSet& set, std::optional<int> levels, const Edges& edges) const {
  NodeSet reached = empty();
  std::vector<std::uint32_t> front, next;
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (set.contains(i)) front.push_back(i);
  }
  for (int level = 0; !front.empty() && (!levels || level < *levels); ++level) {
    next.clear();
    for (std::uint32_t at : front) {
      for (std::uint32_t neighbour : edges[at]) {
        if (reached.contains(neighbour)) continue;
        reached.add(neighbour);
        next.push_back(neighbour);
      }
    }
    front.swap(next);
  }
  return reached;
}

}  // namespace plumb::project
