#include "project/references.h"

#include <algorithm>

namespace plumb::project {

using jinja::Value;

bool can_be_referred_to(const Node& node) {
  return node.type == ResourceType::Model || node.type == ResourceType::Seed || node.type == ResourceType::Snapshot;
}

namespace {

bool has_version(const Node& node, const RefCall& ref) {
  if (node.version.is_none()) return ref.version.is_none();
  const Value& wanted = ref.version.is_none() ? node.latest_version : ref.version;
  return version_text(node.version) == version_text(wanted);
}

}  // namespace

References::References(const std::vector<Node>& nodes, const std::vector<Source>& sources, std::string root_package)
    : root_(std::move(root_package)) {
  for (const Node& node : nodes) {
    if (can_be_referred_to(node)) nodes_[node.name].push_back(&node);
    if (node.type == ResourceType::Function) functions_[node.name].push_back(&node);
  }
  for (const Source& source : sources) sources_[source.source_name + "." + source.name].push_back(&source);
}

const Node* References::find(const RefCall& ref, std::string_view from_package) const {
  auto found = nodes_.find(ref.name);
  if (found == nodes_.end()) return nullptr;
  auto of_package = [&](std::string_view package) -> const Node* {
    for (const Node* node : found->second) {
      if ((package.empty() || node->package == package) && has_version(*node, ref)) return node;
    }
    return nullptr;
  };
  if (!ref.package.empty()) return of_package(ref.package);
  if (const Node* own = of_package(root_)) return own;
  if (const Node* near = of_package(from_package)) return near;
  return of_package({});
}

const Node* References::find_function(const std::vector<std::string>& call, std::string_view from_package) const {
  auto found = call.empty() ? functions_.end() : functions_.find(call.back());
  if (found == functions_.end()) return nullptr;
  auto of_package = [&](std::string_view package) -> const Node* {
    auto node = std::find_if(found->second.begin(), found->second.end(),
                             [&](const Node* candidate) { return candidate->package == package; });
    return node == found->second.end() ? nullptr : *node;
  };
  if (call.size() > 1) return of_package(call.front());
  if (const Node* own = of_package(root_)) return own;
  if (const Node* near = of_package(from_package)) return near;
  return found->second.front();
}

const Source* References::find(const SourceCall& call, std::string_view from_package) const {
  auto found = sources_.find(call.source + "." + call.table);
  if (found == sources_.end()) return nullptr;
  for (std::string_view wanted : {std::string_view(root_), from_package}) {
    for (const Source* source : found->second) {
      if (source->package == wanted) return source;
    }
  }
  return found->second.front();
}

}  // namespace plumb::project
