#include "project/macro_catalog.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/builtin.h"
#include "project/config_renderer.h"
#include "project/tags.h"

namespace plumb::project {

namespace {

constexpr std::string_view kGlobal = "dbt";

std::vector<std::string> prefixes_of(std::string_view adapter) {
  return {std::string(adapter) + "__", "default__"};
}

bool ends_block(std::string_view word) {
  if (!word.starts_with("end")) return false;
  constexpr std::array kKinds{BlockKind::Macro,           BlockKind::Test,     BlockKind::DataTest,
                              BlockKind::Materialization, BlockKind::Snapshot, BlockKind::Docs};
  return std::any_of(kKinds.begin(), kKinds.end(), [&](BlockKind kind) { return word.substr(3) == to_string(kind); });
}

std::string macro_name(const Block& block) {
  switch (block.kind) {
    case BlockKind::Test:
    case BlockKind::DataTest:
      return test_macro_name(block.name);
    case BlockKind::Materialization:
      return materialization_name(block.name, read_materialization_header(block).adapter);
    default:
      return std::string(block.name);
  }
}

}  // namespace

jinja::Options run_options() {
  return {.sandboxed = true};
}

jinja::Options parse_options() {
  return {.undefined = jinja::UndefinedKind::Forgiving, .sandboxed = true};
}

MacroCatalog::MacroCatalog(const ProjectSettings& settings)
    : environment_(run_options()),
      root_(settings.root.name),
      internal_{"dbt_" + settings.target.type, std::string(kGlobal)},
      prefixes_(prefixes_of(settings.target.type)) {
  add_tags(environment_);
  add_text_filters(environment_);
  packages_[root_];
  for (const PackageSettings& package : settings.packages) packages_[package.name];
  packages_[std::string(kGlobal)];
  if (settings.root.dispatch.kind() != jinja::Kind::List) return;
  for (const jinja::Value& entry : settings.root.dispatch.items()) {
    const jinja::Value* name = entry.as_dict().find("macro_namespace");
    const jinja::Value* order = entry.as_dict().find("search_order");
    if (!name || !name->is_string() || !order || order->kind() != jinja::Kind::List) continue;
    auto& packages = dispatch_[std::string(name->as_string())];
    for (const jinja::Value& package : order->items()) packages.emplace_back(package.as_string());
  }
}

void MacroCatalog::add(const SourceFile& file) {
  std::vector<StrayTag> stray;
  for (const Block& block : find_blocks(
           file, {BlockKind::Macro, BlockKind::Test, BlockKind::DataTest, BlockKind::Materialization}, &stray)) {
    add(file, block, false);
  }
  for (const StrayTag& tag : stray) {
    if (!ends_block(tag.word)) continue;
    warnings_.push_back({"UnexpectedJinjaBlockDeprecation",
                         format("Found unexpected '{}' block tag. in file `{}`", tag.word, file.path),
                         file.place(tag.position)});
  }
}

void MacroCatalog::add_builtin() {
  for (const BuiltinFile& builtin : builtin_files()) {
    if (std::find(internal_.begin(), internal_.end(), builtin.package) == internal_.end()) continue;
    if (!builtin.path.ends_with(".sql")) continue;
    SourceFile file{.kind = FileKind::Macro,
                    .package = std::string(builtin.package),
                    .path = std::string(builtin.path),
                    .text = std::string(builtin.text)};
    for (const Block& block :
         find_blocks(file, {BlockKind::Macro, BlockKind::Test, BlockKind::DataTest, BlockKind::Materialization})) {
      add(file, block, true);
    }
  }
}

void MacroCatalog::add(const SourceFile& file, const Block& block, bool builtin) {
  CatalogMacro& macro = macros_.emplace_back();
  macro.index = macros_.size() - 1;
  macro.package = file.package;
  macro.name = macro_name(block);
  macro.unique_id = "macro." + macro.package + "." + macro.name;
  macro.path = file.path;
  macro.code = block.whole(file.text);
  macro.line = block.line;
  macro.column = block.column;
  macro.builtin = builtin;
  if (block.kind == BlockKind::Materialization) {
    std::vector<jinja::Value> languages;
    for (const std::string& language : read_materialization_header(block).languages) languages.emplace_back(language);
    macro.supported_languages = jinja::Value::list(std::move(languages));
  }
  templates_.emplace_back();
  const CatalogMacro*& known = packages_[macro.package][macro.name];
  if (known != nullptr) {
    throw Error(
        ErrorKind::Config,
        format("dbt found two macros named \"{}\" in the project \"{}\".", macro.name, macro.package),
        {.place = file.place(block.tag),
         .hint = format("rename or remove one of them; the other one is in {}, line {}", known->path, known->line)});
  }
  known = &macro;
}

const MacroNames* MacroCatalog::find_package(std::string_view package) const {
  if (package == kGlobal) return &names(package);
  auto found = packages_.find(package);
  return found == packages_.end() ? nullptr : &found->second;
}

const MacroNames& MacroCatalog::names(std::string_view package) const {
  std::lock_guard lock(mutex_);
  if (auto found = names_.find(package); found != names_.end()) return found->second;
  MacroNames& names = names_[std::string(package)];
  auto lay_over = [&](std::string_view from) {
    auto found = packages_.find(from);
    if (found == packages_.end()) return;
    for (const auto& [name, macro] : found->second) names[name] = macro;
  };
  for (auto internal = internal_.rbegin(); internal != internal_.rend(); ++internal) lay_over(*internal);
  if (package == kGlobal) return names;
  lay_over(root_);
  lay_over(package);
  return names;
}

const CatalogMacro* MacroCatalog::find(std::string_view from_package, std::string_view name) const {
  const MacroNames& known = names(from_package);
  auto found = known.find(name);
  return found == known.end() ? nullptr : found->second;
}

std::vector<std::string> MacroCatalog::search_order(std::string_view name_space) const {
  if (auto found = dispatch_.find(name_space); found != dispatch_.end()) return found->second;
  if (packages_.contains(name_space) && name_space != root_) return {root_, std::string(name_space)};
  return {std::string(name_space)};
}

MacroCatalog::Dispatched MacroCatalog::dispatch(std::string_view from_package, std::string_view name,
                                                std::string_view name_space) const {
  Dispatched result;
  auto look_in = [&](const MacroNames* names, std::string_view label) {
    for (const std::string& prefix : prefixes_) {
      std::string prefixed = prefix + std::string(name);
      auto found = names ? names->find(prefixed) : MacroNames::const_iterator();
      if (names && found != names->end()) {
        result.macro = found->second;
        return true;
      }
      result.searched.push_back(label.empty() ? prefixed : std::string(label) + "." + prefixed);
    }
    return false;
  };
  if (name_space.empty()) {
    look_in(&names(from_package), {});
    return result;
  }
  for (const std::string& package : search_order(name_space)) {
    if (look_in(find_package(package), package)) break;
  }
  return result;
}

const jinja::TemplatePtr& MacroCatalog::template_of(const CatalogMacro& macro) const {
  {
    std::lock_guard lock(mutex_);
    if (templates_[macro.index]) return templates_[macro.index];
  }
  auto parsed = environment_.parse(jinja::Source{macro.code, macro.path, {macro.line, macro.column}}, macro.path);
  std::lock_guard lock(mutex_);
  if (!templates_[macro.index]) templates_[macro.index] = std::move(parsed);
  return templates_[macro.index];
}

}  // namespace plumb::project
