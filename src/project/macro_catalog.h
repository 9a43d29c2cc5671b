// All macros of a project and its packages, and dbt's rules for which one a name means.
//
// A name without a package is looked for in the package of the template that asks, then in the project, then in the
// built-in packages, the adapter's own ("dbt_duckdb") before the general one ("dbt"). With a package, dbt_utils.star,
// it is that package's; "dbt" stands for all built-in ones. adapter.dispatch tries names with the adapter's prefixes,
// through the packages that dbt_project.yml's `dispatch` names.
//
// A macro is parsed when somebody calls it for the first time: a project brings hundreds that nobody asks for. Once all
// are added the catalog is read by any thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "project/blocks.h"
#include "project/files.h"
#include "project/settings.h"

namespace plumb::project {

struct CatalogMacro {
  std::size_t index = 0;  // among all macros
  std::string unique_id, package, name;
  std::string path;  // of its file, relative to the package
  std::string code;  // with its tags
  int line = 1, column = 1;
  jinja::Value supported_languages = jinja::Value::none();
  bool builtin = false;
};

// The names that a template of one package can call: macro by name, packages by name.
using MacroNames = std::unordered_map<std::string_view, const CatalogMacro*>;

class MacroCatalog {
 public:
  explicit MacroCatalog(const ProjectSettings& settings);
  MacroCatalog(const MacroCatalog&) = delete;
  MacroCatalog& operator=(const MacroCatalog&) = delete;

  // Cuts the macros out of a file and adds them. Two of one name in a package: Error with both places.
  void add(const SourceFile& file);
  // Those of the program itself.
  void add_builtin();

  const std::deque<CatalogMacro>& macros() const { return macros_; }
  // What is odd in the files that were added.
  const std::vector<Warning>& warnings() const { return warnings_; }
  // What a template of this package can call without saying whose it is.
  const MacroNames& names(std::string_view package) const;
  // What `package.name` means; null: there is no such package.
  const MacroNames* find_package(std::string_view package) const;
  const CatalogMacro* find(std::string_view from_package, std::string_view name) const;

  struct Dispatched {
    const CatalogMacro* macro = nullptr;
    std::vector<std::string> searched;  // "dbt_utils.duckdb__star", when none was found
  };
  // `name_space` empty: as a template of the package would find it.
  Dispatched dispatch(std::string_view from_package, std::string_view name, std::string_view name_space) const;

  // Errors have the place in the macro's file.
  const jinja::TemplatePtr& template_of(const CatalogMacro& macro) const;
  // The environment that macros and nodes are parsed with.
  const jinja::Environment& environment() const { return environment_; }

 private:
  void add(const SourceFile& file, const Block& block, bool builtin);
  std::vector<std::string> search_order(std::string_view name_space) const;

  jinja::Environment environment_;
  std::string root_;
  std::vector<std::string> internal_;  // the adapter's own first
  std::vector<std::string> prefixes_;  // "duckdb__", "default__"
  std::map<std::string, std::vector<std::string>, std::less<>> dispatch_;
  std::deque<CatalogMacro> macros_;
  std::vector<Warning> warnings_;
  std::map<std::string, MacroNames, std::less<>> packages_;
  mutable std::mutex mutex_;  // guards what is made when it is asked for
  mutable std::map<std::string, MacroNames, std::less<>> names_;
  mutable std::deque<jinja::TemplatePtr> templates_;
};

// Of a node's templates: names that nobody knows yet are forgiven, since what they stand for may only be there later.
jinja::Options parse_options();
// As dbt runs templates: in a sandbox.
jinja::Options run_options();

}  // namespace plumb::project
