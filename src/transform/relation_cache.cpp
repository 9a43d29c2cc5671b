#include "transform/relation_cache.h"

namespace plumb::transform {
namespace {

constexpr char kBetween = '\x1f';

// Names in lower case: dbt finds a relation whatever its case, and then complains.
void append_lower(std::string& key, const std::optional<std::string>& part) {
  for (char c : part.value_or("")) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  key += kBetween;
}

std::string schema_key(const RelationPath& path) {
  std::string key;
  append_lower(key, path.database);
  append_lower(key, path.schema);
  return key;
}

std::string relation_key(const RelationPath& path) {
  std::string key = schema_key(path);
  append_lower(key, path.identifier);
  return key;
}

}  // namespace

bool RelationCache::knows_schema(const RelationPath& schema) const {
  std::lock_guard lock(mutex_);
  return schemas_.contains(schema_key(schema));
}

void RelationCache::add_schema(const RelationPath& schema, const std::vector<jinja::Ref<Relation>>& relations) {
  std::lock_guard lock(mutex_);
  schemas_.insert(schema_key(schema));
  for (const auto& relation : relations) entries_[relation_key(relation->path())].relation = relation;
}

void RelationCache::forget_schema(const RelationPath& schema) {
  std::lock_guard lock(mutex_);
  std::string key = schema_key(schema);
  for (auto at = entries_.lower_bound(key); at != entries_.end() && at->first.starts_with(key);) {
    at = entries_.erase(at);
  }
  schemas_.erase(key);
}

jinja::Ref<Relation> RelationCache::find(const RelationPath& relation) const {
  std::lock_guard lock(mutex_);
  auto found = entries_.find(relation_key(relation));
  return found == entries_.end() ? nullptr : found->second.relation;
}

std::vector<jinja::Ref<Relation>> RelationCache::relations(const RelationPath& schema) const {
  std::lock_guard lock(mutex_);
  std::vector<jinja::Ref<Relation>> found;
  std::string key = schema_key(schema);
  for (auto at = entries_.lower_bound(key); at != entries_.end() && at->first.starts_with(key); ++at) {
    if (at->second.relation) found.push_back(at->second.relation);
  }
  return found;
}

void RelationCache::add(const jinja::Ref<Relation>& relation) {
  std::lock_guard lock(mutex_);
  entries_[relation_key(relation->path())].relation = relation;
}

void RelationCache::drop(const RelationPath& relation) {
  std::lock_guard lock(mutex_);
  drop_key(relation_key(relation));
}

void RelationCache::drop_key(const std::string& key) {
  auto node = entries_.extract(key);
  if (node.empty()) return;
  for (const auto& dependent : node.mapped().dependents) drop_key(dependent);
}

void RelationCache::rename(const RelationPath& from, const jinja::Ref<Relation>& to) {
  std::lock_guard lock(mutex_);
  std::string old_key = relation_key(from);
  std::string new_key = relation_key(to->path());
  auto node = entries_.extract(old_key);
  Entry entry;
  if (!node.empty()) entry = std::move(node.mapped());
  entry.relation = to;
  entries_[new_key] = std::move(entry);
  if (!linked_) return;
  // A view goes on reading what it read, by whatever name.
  for (auto& [key, other] : entries_) {
    if (other.dependents.erase(old_key) != 0) other.dependents.insert(new_key);
  }
}

void RelationCache::add_link(const RelationPath& referenced, const RelationPath& dependent) {
  std::lock_guard lock(mutex_);
  linked_ = true;
  entries_[relation_key(referenced)].dependents.insert(relation_key(dependent));
}

void RelationCache::clear() {
  std::lock_guard lock(mutex_);
  schemas_.clear();
  entries_.clear();
}

}  // namespace plumb::transform
