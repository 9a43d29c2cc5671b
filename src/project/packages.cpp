#include "project/packages.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "project/manifest.h"
#include "project/project_file.h"

namespace plumb::project {
namespace {

using jinja::Value;
using Kind = PackageEntry::Kind;

[[noreturn]] void fail(const Place& place, std::string message, std::string hint = {}) {
  throw Error(ErrorKind::Config, std::move(message), {.place = place, .hint = std::move(hint)});
}

std::vector<std::string> read_versions(const plumb::Node& node, const ConfigRenderer& renderer) {
  std::vector<std::string> versions;
  if (node.kind() == NodeKind::List) {
    for (std::size_t i = 0; i < node.size(); ++i) versions.push_back(renderer.render_text(node.at(i)));
  } else if (!node.null()) {
    versions.push_back(renderer.render_text(node));
  }
  return versions;
}

PackageEntry read_entry(const plumb::Node& node, const ConfigRenderer& renderer) {
  constexpr std::array<std::pair<std::string_view, Kind>, 5> kKinds{{{"local", Kind::Local},
                                                                     {"git", Kind::Git},
                                                                     {"tarball", Kind::Tarball},
                                                                     {"package", Kind::Hub},
                                                                     {"private", Kind::Private}}};
  for (auto [key, kind] : kKinds) {
    plumb::Node location = node.find(key);
    if (location.null()) continue;
    PackageEntry entry{.kind = kind,
                       .name = renderer.render_text(node.find("name")),
                       .location = renderer.render_text(location),
                       .revision = renderer.render_text(node.find("revision")),
                       .subdirectory = renderer.render_text(node.find("subdirectory")),
                       .versions = read_versions(node.find("version"), renderer),
                       .rendered = renderer.render(node),
                       .unrendered = to_value(node),
                       .place = node.place()};
    if (kind == Kind::Hub) {
      const Value* prereleases = entry.rendered.as_dict().find("install_prerelease");
      entry.prereleases = prereleases && prereleases->kind() == jinja::Kind::Bool && prereleases->as_bool();
      entry.name = entry.location;
    }
    if (kind == Kind::Hub && entry.versions.empty()) {
      fail(node.place(), format("the package '{}' has no version", entry.name), "add `version: 1.2.3`, or a range");
    }
    if (kind == Kind::Tarball && entry.name.empty()) {
      fail(node.place(), "a tarball needs a name", "add `name:`, which becomes its folder in dbt_packages/");
    }
    return entry;
  }
  fail(node.place(),
       format("this entry is no package: {}",
              node.kind() == NodeKind::Map ? node.to_json() : std::string(node.scalar())),
       "a package has one of `package:` with `version:`, `git:`, `local:` or `tarball:`");
}

// The document's `packages:`; missing when there are none.
plumb::Node find_packages(const Document& document) {
  plumb::Node packages = document.root().find("packages");
  if (packages.null()) return {};
  if (packages.kind() != NodeKind::List) fail(packages.place(), "packages must be a list of packages");
  return packages;
}

void read_entries(const plumb::Node& list, const ConfigRenderer& renderer, PackageList& out) {
  for (std::size_t i = 0; i < list.size(); ++i) out.entries.push_back(read_entry(list.at(i), renderer));
}

Document read_optional(const std::filesystem::path& folder, const char* name) {
  auto text = find_file(folder / name);
  return text ? parse_yaml(std::move(*text), name) : Document();
}

}  // namespace

PackageList read_package_list(const std::filesystem::path& folder, const config::Environment& environment,
                              const Value& vars) {
  Document packages = read_optional(folder, "packages.yml"), dependencies = read_optional(folder, "dependencies.yml");
  plumb::Node list = find_packages(packages), second = find_packages(dependencies);
  if (list && second) {
    fail(second.place(), "The 'packages' key cannot be specified in both packages.yml and dependencies.yml",
         "move all of them into one of the two");
  }
  PackageList wanted;
  if (!list && !second) return wanted;
  wanted.file = list ? "packages.yml" : "dependencies.yml";
  if (!list) list = second;
  read_entries(list, ConfigRenderer(environment, vars, ConfigRenderer::Secrets::Allowed), wanted);
  return wanted;
}

std::optional<PackageList> find_locked(const std::filesystem::path& folder, const PackageList& wanted,
                                       const config::Environment& environment, const Value& vars) {
  Document lock = read_optional(folder, "package-lock.yml");
  plumb::Node hash = lock.root().find("sha1_hash"), list = lock.root().find("packages");
  if (hash.null() || list.kind() != NodeKind::List || hash.as_text() != lock_hash(wanted)) return std::nullopt;
  PackageList locked{.file = "package-lock.yml", .locked = true};
  read_entries(list, ConfigRenderer(environment, vars, ConfigRenderer::Secrets::Allowed), locked);
  return locked;
}

// dbt's dicts of the entries as JSON, sorted, a line each.
std::string lock_hash(const PackageList& wanted) {
  std::vector<std::string> lines;
  for (const PackageEntry& entry : wanted.entries) {
    std::map<std::string, Value> fields;
    std::size_t position = 0;
    while (const Value::Entry* field = entry.rendered.as_dict().next(position)) {
      fields[std::string(field->key.as_string())] = field->value;
    }
    if (entry.kind == Kind::Hub) fields.try_emplace("install_prerelease", false);
    if (entry.kind == Kind::Git) {
      for (const char* name : {"revision", "subdirectory", "warn-unpinned"}) fields.try_emplace(name, Value::none());
    }
    fields["unrendered"] = entry.unrendered;
    Value dict = Value::dict();
    for (const auto& [name, value] : fields) dict.as_dict().set(name, value);
    append_json(lines.emplace_back(), dict);
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return sha1_hex(text);
}

std::vector<PackageSettings> read_installed(const std::filesystem::path& folder,
                                            const std::filesystem::path& packages_path, const ConfigRenderer& renderer,
                                            bool check_version, std::vector<Warning>& warnings) {
  std::vector<std::string> names;
  std::error_code missing;  // no folder, no packages
  for (const auto& entry : std::filesystem::directory_iterator(folder / packages_path, missing)) {
    std::string name = entry.path().filename().string();
    if (entry.is_directory() && !name.starts_with("__")) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  std::vector<PackageSettings> installed;
  for (const std::string& name : names) {
    std::filesystem::path path = packages_path / name;
    installed.push_back(read_package(read_project_file(folder / path, path), renderer, check_version, warnings));
  }
  return installed;
}

void check_installed(const PackageList& wanted, const PackageSettings& root,
                     const std::vector<PackageSettings>& installed, std::string_view packages_path) {
  if (wanted.entries.size() > installed.size()) {
    fail(wanted.entries.front().place,
         format("dbt found {} package(s) specified in {}, but only {} package(s) installed in {}. Run \"dbt deps\" to "
                "install package dependencies.",
                wanted.entries.size(), wanted.file, installed.size(), packages_path),
         "`plumb deps` does the same");
  }
  std::set<std::string_view> names{root.name};
  for (const PackageSettings& package : installed) {
    if (names.insert(package.name).second) continue;
    fail(package.file.root().find("name").place(),
         format("dbt found more than one package with the name \"{}\" included in this project. Package names must be "
                "unique in a project. Please rename one of these packages.",
                package.name));
  }
}

}  // namespace plumb::project
