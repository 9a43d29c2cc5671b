// Macros as templates see them: a layer of names, in which each macro that a package's templates may call stands under
// its name, and each package under its own.
//
// A macro that is called runs with the names of the render that calls it: it sees that model's `this`, `ref` and
// `config`. Which macros are running, and which ones the node itself has called, is kept in MacroCalls.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "project/macro_catalog.h"

namespace plumb::project {

struct MacroCalls {
  std::vector<const CatalogMacro*> running;
  // The macros that a node calls itself, in order: its depends_on.macros. Null: nobody wants to know.
  std::vector<std::string>* noted = nullptr;

  void note(const CatalogMacro& macro);
};

// Belongs to one thread; `calls` and the catalog must outlive it.
class MacroScope final : public jinja::Object {
 public:
  MacroScope(const MacroCatalog& catalog, std::string package, MacroCalls& calls);

  std::string_view type_name() const override { return "MacroNamespace"; }
  std::optional<jinja::Value> find_attribute(jinja::State& state, std::string_view name) override;
  bool is_mapping() const override { return true; }
  std::vector<jinja::Value> names() const;

  // null where there is none.
  const CatalogMacro* find(std::string_view name) const;
  jinja::Value value_of(const CatalogMacro& macro);
  // A layer that puts functions, a dict by "name" and "package.name", in the place of macros.
  jinja::Value overridden(const jinja::Value& functions);
  const std::string& package() const { return package_; }
  const MacroCatalog& catalog() const { return catalog_; }
  MacroCalls& calls() { return calls_; }

 private:
  std::optional<jinja::Value> find_package(std::string_view name);

  const MacroCatalog& catalog_;
  const std::string package_;
  MacroCalls& calls_;
  const MacroNames& names_;
  std::vector<jinja::Value> callables_;  // by the macro's index, made when they are asked for
  std::map<std::string, jinja::Value, std::less<>> packages_;
};

// adapter.dispatch(name, package): the macro that stands for it, as a value. CompilationError when there is none.
jinja::Value dispatch_macro(MacroScope& scope, const std::string& name, const std::string& package);
// The catalog's macro behind a value, or null.
const CatalogMacro* find_macro(const jinja::Value& value);

}  // namespace plumb::project
