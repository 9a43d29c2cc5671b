#include "project/docs.h"

#include <algorithm>

#include "base/format.h"
#include "project/blocks.h"
#include "project/config_renderer.h"
#include "project/macro_catalog.h"
#include "project/template_functions.h"
#include "project/text_edges.h"

namespace plumb::project {

using jinja::Value;

Docs::Docs(const ProjectSettings& settings) : settings_(settings), environment_(run_options()) {
  names_ = Value::dict();
  names_.as_dict().set("doc", jinja::make_function("doc", [this](jinja::State& state, jinja::Arguments arguments) {
                         auto given = arguments.positional;
                         if (given.empty() || given.size() > 2) {
                           jinja::raise("CompilationError", "doc() takes at most two arguments");
                         }
                         std::string name = jinja::to_str(state, given.back());
                         std::string package = given.size() == 2 ? jinja::to_str(state, given[0]) : "";
                         const Block* block = find(package, name);
                         if (block == nullptr) {
                           jinja::raise("CompilationError", plumb::format("Documentation for '{}' not found", name));
                         }
                         if (std::find(used_->begin(), used_->end(), block->unique_id) == used_->end()) {
                           used_->push_back(block->unique_id);
                         }
                         return Value(block->text);
                       }));
  names_.as_dict().set("env_var", make_env_var(settings.environment, ConfigRenderer::Secrets::Refused));
  names_.as_dict().set("target", target_value(settings.target));
}

void Docs::add(const SourceFile& file, std::vector<Doc>& into) {
  for (const plumb::project::Block& block : find_blocks(file, {BlockKind::Docs})) {
    Doc doc;
    doc.name = block.name;
    doc.package = file.package;
    doc.unique_id = "doc." + doc.package + "." + doc.name;
    doc.text = strip(block.body(file.text));
    doc.origin = {.package = file.package,
                  .path = file.path,
                  .path_in_root = file.path_in_root,
                  .line = block.line,
                  .column = block.column};
    if (!packages_[doc.package].try_emplace(doc.name, Block{doc.unique_id, doc.text}).second) {
      throw Error(ErrorKind::Config,
                  format("dbt found two docs with the same name: \"{}\" in the package \"{}\".", doc.name, doc.package),
                  {.place = file.place(block.tag), .hint = "rename one of them"});
    }
    into.push_back(std::move(doc));
  }
}

const Docs::Block* Docs::find(std::string_view package, std::string_view name) const {
  auto look_in = [&](std::string_view from) -> const Block* {
    auto docs = packages_.find(from);
    if (docs == packages_.end()) return nullptr;
    auto block = docs->second.find(name);
    return block == docs->second.end() ? nullptr : &block->second;
  };
  if (!package.empty()) return look_in(package);
  if (const Block* own = look_in(package_)) return own;
  if (const Block* root = look_in(settings_.root.name)) return root;
  for (const auto& other : packages_) {
    if (const Block* found = look_in(other.first)) return found;
  }
  return nullptr;
}

std::string Docs::render(const std::string& description, std::string_view package, const Place& place,
                         std::vector<std::string>& used) {
  if (!has_template(description)) return description;
  std::lock_guard lock(mutex_);
  package_ = package;
  used_ = &used;
  if (description.find("var") != std::string::npos) {
    const PackageSettings* own = &settings_.root;
    for (const PackageSettings& other : settings_.packages) {
      if (other.name == package) own = &other;
    }
    names_.as_dict().set("var", var_lookup(settings_, *own, false));
  }
  jinja::Source source{description, place.file, {std::max(place.line, 1), std::max(place.column, 1)}};
  return environment_.parse(std::move(source), place.file)->render(jinja::Context(names_));
}

}  // namespace plumb::project
