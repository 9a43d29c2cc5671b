#include "project/macro_scope.h"

#include <algorithm>

#include "base/format.h"
#include "project/tags.h"

namespace plumb::project {

using jinja::Value;

void MacroCalls::note(const CatalogMacro& macro) {
  if (noted == nullptr || !running.empty()) return;
  if (std::find(noted->begin(), noted->end(), macro.unique_id) == noted->end()) noted->push_back(macro.unique_id);
}

namespace {

class CallableMacro final : public jinja::Object {
 public:
  CallableMacro(const MacroCatalog& catalog, const CatalogMacro& macro, MacroCalls& calls)
      : catalog_(catalog), macro_(macro), exported_(exported_name(macro.name)), calls_(calls) {}

  std::string_view type_name() const override { return "MacroGenerator"; }
  std::string_view module_name() const override { return "dbt.clients.jinja"; }
  bool callable() const override { return true; }
  Value call(jinja::State& state, jinja::Arguments arguments) override {
    calls_.note(macro_);
    struct Running {
      MacroCalls& calls;
      Running(MacroCalls& of, const CatalogMacro& macro) : calls(of) { calls.running.push_back(&macro); }
      ~Running() { calls.running.pop_back(); }
    } running(calls_, macro_);
    Value exports = state.run_module(catalog_.template_of(macro_));
    return jinja::call(state, *exports.as_dict().find(exported_), arguments);
  }
  const CatalogMacro& macro() const { return macro_; }

 private:
  const MacroCatalog& catalog_;
  const CatalogMacro& macro_;
  const std::string exported_;
  MacroCalls& calls_;
};

// {{ dbt_utils.star(…) }}: the package's own macros.
class PackageMacros final : public jinja::Object {
 public:
  PackageMacros(MacroScope& scope, const MacroNames& names) : scope_(scope), names_(names) {}
  std::string_view type_name() const override { return "dict"; }
  std::optional<Value> find_attribute(jinja::State&, std::string_view name) override {
    auto found = names_.find(name);
    if (found == names_.end()) return std::nullopt;
    return scope_.value_of(*found->second);
  }
  std::optional<Value> find_item(jinja::State& state, const Value& key) override {
    return key.is_string() ? find_attribute(state, key.as_string()) : std::nullopt;
  }

 private:
  MacroScope& scope_;
  const MacroNames& names_;
};

// A package, some of whose macros are someone else's.
class OverriddenMacros final : public jinja::Object {
 public:
  OverriddenMacros(Value package, Value overrides) : package_(std::move(package)), overrides_(std::move(overrides)) {}
  std::string_view type_name() const override { return "dict"; }
  std::optional<Value> find_attribute(jinja::State& state, std::string_view name) override {
    if (const Value* found = overrides_.as_dict().find(name)) return *found;
    return package_.as_object().find_attribute(state, name);
  }
  std::optional<Value> find_item(jinja::State& state, const Value& key) override {
    return key.is_string() ? find_attribute(state, key.as_string()) : std::nullopt;
  }

 private:
  const Value package_, overrides_;
};

}  // namespace

MacroScope::MacroScope(const MacroCatalog& catalog, std::string package, MacroCalls& calls)
    : catalog_(catalog), package_(std::move(package)), calls_(calls), names_(catalog.names(package_)) {
  callables_.resize(catalog.macros().size());
}

std::optional<Value> MacroScope::find_attribute(jinja::State&, std::string_view name) {
  if (const CatalogMacro* macro = find(name)) return value_of(*macro);
  return find_package(name);
}

std::optional<Value> MacroScope::find_package(std::string_view name) {
  if (auto found = packages_.find(name); found != packages_.end()) return found->second;
  if (const MacroNames* package = catalog_.find_package(name)) {
    return packages_.emplace(name, Value(jinja::make<PackageMacros>(*this, *package))).first->second;
  }
  return std::nullopt;
}

Value MacroScope::overridden(const Value& functions) {
  Value layer = Value::dict();
  std::size_t position = 0;
  while (const Value::Entry* entry = functions.as_dict().next(position)) {
    std::string_view name = entry->key.as_string();
    std::size_t dot = name.find('.');
    std::optional<Value> package = dot == std::string_view::npos ? std::nullopt : find_package(name.substr(0, dot));
    if (!package) {
      layer.as_dict().set(entry->key, entry->value);
      continue;
    }
    Value own = Value::dict({{name.substr(dot + 1), entry->value}});
    if (const Value* before = layer.as_dict().find(name.substr(0, dot))) package = *before;
    layer.as_dict().set(name.substr(0, dot), Value(jinja::make<OverriddenMacros>(*package, own)));
  }
  return layer;
}

std::vector<Value> MacroScope::names() const {
  std::vector<Value> all;
  for (const auto& known : names_) all.emplace_back(known.first);
  return all;
}

const CatalogMacro* MacroScope::find(std::string_view name) const {
  auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

Value MacroScope::value_of(const CatalogMacro& macro) {
  Value& made = callables_[macro.index];
  if (made.is_undefined()) made = Value(jinja::make<CallableMacro>(catalog_, macro, calls_));
  return made;
}

Value dispatch_macro(MacroScope& scope, const std::string& name, const std::string& package) {
  auto found = scope.catalog().dispatch(scope.package(), name, package);
  if (found.macro) return scope.value_of(*found.macro);
  std::string searched;
  for (const std::string& tried : found.searched) searched += (searched.empty() ? "'" : ", '") + tried + "'";
  jinja::raise("CompilationError",
               plumb::format("In dispatch: No macro named '{}' found within namespace: '{}'\n    Searched for: {}",
                             name, package.empty() ? "None" : package, searched));
}

const CatalogMacro* find_macro(const Value& value) {
  const auto* callable = value.find_object<CallableMacro>();
  return callable ? &callable->macro() : nullptr;
}

}  // namespace plumb::project
