// An Invocation: one command on one project, as far as all its nodes share it.
//
// It knows the settings, the manifest and the database; which nodes are deferred to another environment's tables; and
// what templates see of the command (run_started_at, graph, selected_resources). It is set up by one thread before the
// first node runs and only read from then on, by any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "project/project.h"
#include "transform/connection.h"
#include "transform/relation.h"

namespace plumb::transform {

class Invocation {
 public:
  // All of them must outlive it. `clock` tells run_started_at, and what modules.datetime's now() says.
  Invocation(const project::ProjectSettings& settings, const project::Manifest& manifest, Warehouse& warehouse,
             const Clock& clock);

  const project::ProjectSettings& settings() const { return settings_; }
  const project::Manifest& manifest() const { return manifest_; }
  const project::References& references() const { return references_; }
  Warehouse& warehouse() const { return warehouse_; }
  db::Kind engine() const { return warehouse_.kind(); }
  const Clock& clock() const { return clock_; }
  Instant started_at() const { return started_at_; }
  RelationPolicy quoting() const { return quoting_; }
  // The functions that all templates have, as one dict.
  const jinja::Value& functions() const { return functions_; }
  // `graph`; made when somebody asks for it first.
  jinja::Value graph() const;
  bool flag(std::string_view name) const;
  const project::WarningPolicy& warning_policy() const { return warning_policy_; }
  const project::PackageSettings& package(std::string_view name) const;

  // ---- Set up before nodes run
  // Unique ids of what was chosen.
  std::vector<std::string> selected;
  // Nodes of another manifest that stand for ours of the same unique id: --defer.
  std::map<std::string, const project::Node*, std::less<>> deferred;
  // Of microbatch models that were run in part: the batches that are missing, by unique id.
  std::map<std::string, std::vector<std::pair<Instant, Instant>>, std::less<>> missing_batches;
  // In place of every node's own: "clone".
  std::string materialization;
  // Ends what runs.
  std::stop_token stop;

  // What log(…, info=true) and print(…) say, and warnings of templates. From any thread.
  void say(std::string_view text) const;

 private:
  const project::ProjectSettings& settings_;
  const project::Manifest& manifest_;
  Warehouse& warehouse_;
  const Clock& clock_;
  const Instant started_at_;
  const project::References references_;
  const RelationPolicy quoting_;
  const project::WarningPolicy warning_policy_;
  mutable std::mutex mutex_;  // guards the talking, and graph_
  mutable jinja::Value graph_;
  jinja::Value functions_;
};

}  // namespace plumb::transform
