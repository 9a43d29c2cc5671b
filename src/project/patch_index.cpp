#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

namespace {

std::string key_of(ResourceType type, std::string_view package, std::string_view name) {
  return format("{}/{}/{}", to_string(type), package, name);
}

std::string file_of(const Patch& patch, const VersionPatch& version) {
  if (!version.defined_in.empty()) return version.defined_in;
  return patch.name + "_v" + version_text(version.version);
}

}  // namespace

void PatchIndex::add(const LoadedPackage& package, const LoadedProperties& properties) {
  for (const Patch& patch : properties.content.patches) {
    if (patch.versions.empty()) {
      add(package, patch.name, {&patch, &properties, nullptr});
    }
    for (const VersionPatch& version : patch.versions) {
      add(package, file_of(patch, version), {&patch, &properties, &version});
    }
  }
}

void PatchIndex::add(const LoadedPackage& package, std::string_view name, FoundPatch found) {
  auto [there, fresh] = patches_.try_emplace(key_of(found.patch->type, package.settings->name, name), found);
  if (fresh) return;
  throw Error(ErrorKind::Config,
              format("dbt found two schema.yml entries for the same resource named {}. Resources and their associated "
                     "columns may only be described a single time. To fix this, remove one of the resource entries for "
                     "{} in this file:\n - {}",
                     name, name, there->second.from->file->path),
              {.place = found.patch->node.place(),
               .hint = format("the other one is in {}, line {}", there->second.from->file->path,
                              there->second.patch->node.place().line)});
}

const FoundPatch* PatchIndex::find(ResourceType type, std::string_view package, std::string_view name,
                                   bool only_look) const {
  auto found = patches_.find(key_of(type, package, name));
  if (found == patches_.end()) return nullptr;
  if (!only_look) found->second.used = true;
  return &found->second;
}

}  // namespace plumb::project
