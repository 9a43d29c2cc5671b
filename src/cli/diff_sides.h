// The two relations of `plumb diff`: what the words on the command line mean, and a connection on which both can be
// read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "transform/transform.h"

namespace plumb::cli {

// Where a word was found: in a database that is opened, or (the rest) by SQL in a workspace of DuckDB, with what the
// dbt profile attaches perhaps.
struct DiffSide {
  std::string label;             // for readers
  std::vector<std::string> key;  // what the project knows of it
  std::optional<db::DatabaseConfig> database;
  db::TableName table;                       // in there
  std::string relation;                      // in the workspace, or on the connection once there is one
  const project::Target* profile = nullptr;  // of the project that it belongs to
};

class DiffSides {
 public:
  // Reads what is needed to find both; nothing is connected yet. Throws Error(Usage) for what is not found.
  DiffSides(const Context& context, const DiffArguments& arguments);
  ~DiffSides();

  const DiffSide& left() const { return left_; }
  const DiffSide& right() const { return right_; }
  // Opens what is needed, and copies both into a scratch database where no connection can read both. The key is what
  // was asked for, else the project's, else that of a table; empty when there is none.
  db::Connection& connect();
  const std::vector<std::string>& key() const { return key_; }

 private:
  struct Project;
  enum class Where { Here, State, Against };

  DiffSide locate(const std::string& word, Where where);
  std::optional<DiffSide> locate_in_database(const std::string& word) const;
  DiffSide locate_in_project(const std::string& word, Where where);
  const Project& project(Where where);
  db::Connection& workspace(DiffSide& side);
  void find_key(db::Connection& left, db::Connection& right);

  const Context& context_;
  const DiffArguments& arguments_;
  std::optional<config::Project> connections_;  // of plumb.yml
  std::unique_ptr<Project> here_, state_, against_;
  DiffSide left_, right_;
  std::vector<std::string> key_;
  // What has been opened. A second workspace is there when the two targets' databases have one name.
  std::vector<config::Workspace> workspaces_;
  std::vector<std::shared_ptr<db::Database>> databases_;
  std::vector<std::unique_ptr<db::Connection>> opened_;
};

}  // namespace plumb::cli
