// What is in the database, so that nobody has to ask twice.
//
// A schema is listed once; then its relations are kept true by telling: add, drop, rename. As dbt's cache it knows
// which Postgres view reads which relation, because dropping one with `cascade` drops the other.
//
// Any thread may call; each call is whole.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "transform/relation.h"

namespace plumb::transform {

class RelationCache {
 public:
  bool knows_schema(const RelationPath& schema) const;
  // All relations of a schema; it is known from now on.
  void add_schema(const RelationPath& schema, const std::vector<jinja::Ref<Relation>>& relations);
  void forget_schema(const RelationPath& schema);
  // Of all three parts, whatever their case; null when it is not known.
  jinja::Ref<Relation> find(const RelationPath& relation) const;
  // In no particular order.
  std::vector<jinja::Ref<Relation>> relations(const RelationPath& schema) const;

  void add(const jinja::Ref<Relation>& relation);
  // With all that depends on it.
  void drop(const RelationPath& relation);
  // Throws nothing when `from` is not there: `to` is then simply known.
  void rename(const RelationPath& from, const jinja::Ref<Relation>& to);
  // `dependent` reads `referenced`.
  void add_link(const RelationPath& referenced, const RelationPath& dependent);
  void clear();

 private:
  struct Entry {
    jinja::Ref<Relation> relation;
    std::set<std::string> dependents;
  };
  void drop_key(const std::string& key);

  mutable std::mutex mutex_;
  std::set<std::string> schemas_;
  bool linked_ = false;                   // has anybody told of a link?
  std::map<std::string, Entry> entries_;  // by their keys, so that a schema's stand together
};

}  // namespace plumb::transform
