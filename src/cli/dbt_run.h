// What the commands that work on a dbt project with its database share: settings, manifest, console, and the
// invocation that the transform room works for.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cli/commands.h"
#include "cli/dbt_console.h"

namespace plumb::cli {

class DbtRun {
 public:
  // Reads the project; nothing is connected yet.
  DbtRun(Context& context, const NodeArguments& arguments);

  const project::ProjectSettings& settings() const { return settings_; }
  const project::Manifest& manifest() const { return manifest_; }
  DbtConsole& console() { return console_; }
  transform::LineProgress& progress() { return progress_; }
  transform::Invocation& invocation() { return *invocation_; }
  transform::Compiler& compiler() { return compiler_; }
  bool flag(std::string_view name) const { return invocation_->flag(name); }

  // The nodes that --select and its kin choose, of all kinds.
  std::set<std::string> select();
  // Tells it, unless it is silenced; throws it as an error where --warn-error says so.
  void warn(project::Warning warning);
  void warn_nothing_to_do();
  // A session with the database, and names to render with.
  struct Work {
    explicit Work(DbtRun& run) : session(*run.warehouse_, "master"), context(*run.invocation_, session) {}
    transform::Session session;
    transform::RunContext context;
  };
  // Nodes that were not chosen here come from the state's manifest: --defer.
  void defer(const std::set<std::string>& chosen);

  // Artifacts in the target folder. The manifest comes last: it has what was compiled.
  void write_manifest();
  void write_results(const transform::Outcome& outcome);
  void write_artifact(std::string_view name, const std::string& text) const;
  transform::RunResultsMetadata metadata(double seconds) const;

 private:
  const project::Manifest* state();
  void report(const transform::Outcome& outcome);

  bool debug_ = false;
  Context& context_;
  const NodeArguments& arguments_;
  project::ProjectSettings settings_;
  DbtConsole console_;
  transform::LineProgress progress_;
  project::Manifest manifest_;
  std::optional<project::Manifest> state_;
  std::unique_ptr<transform::Warehouse> warehouse_;
  std::unique_ptr<transform::Invocation> invocation_;
  transform::Compiler compiler_;
};

}  // namespace plumb::cli
