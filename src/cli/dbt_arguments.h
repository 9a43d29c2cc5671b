// The words of dbt's commands: the same options under the same names, with their --no- twins.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace plumb::cli {

struct DbtArguments {
  ParseArguments parse;
  LsArguments ls;
  NodeArguments nodes;
  DocsServeArguments docs_serve;
};

void add_dbt_commands(CLI::App& app, const std::shared_ptr<DbtArguments>& words, Request& request);

// All of dbt's common options, hidden and without effect, for a command that needs none of them.
void accept_dbt_options(CLI::App& command, ProjectArguments& project);

// dbt takes its options before the command, too (`dbt --warn-error run`): the same words, with those behind it.
std::vector<std::string> dbt_order(const std::vector<std::string>& arguments);

}  // namespace plumb::cli
