#include "project/install_packages.h"

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "base/http_client.h"
#include "base/process.h"
#include "project/hub.h"
#include "project/packages.h"

namespace plumb::project {

namespace {

namespace fs = std::filesystem;
using Kind = PackageEntry::Kind;

class Installer {
 public:
  Installer(fs::path target, const config::Environment& environment, const InstallSettings& settings,
            std::stop_token stop)
      : target_(std::move(target)), environment_(environment), settings_(settings), stop_(std::move(stop)) {}

  // What the list asks for, each with its own; those of the hub last, since all of them are chosen together.
  void install_all(const PackageList& wanted, const fs::path& folder) {
    locked_ = wanted.locked;
    for (const PackageEntry& entry : wanted.entries) install(entry, folder);
    for (std::size_t known = 0; known < from_hub_.size();) {
      known = from_hub_.size();
      install_from_hub();
    }
  }
  std::vector<InstalledPackage> take() { return std::move(installed_); }

 private:
  // The packages that a package asks for itself.
  void install_for(const fs::path& package) {
    if (locked_) return;
    PackageList wanted = read_package_list(package, environment_, settings_.vars);
    for (const PackageEntry& entry : wanted.entries) install(entry, package);
  }

  void install(const PackageEntry& entry, const fs::path& from) {
    if (entry.kind == Kind::Hub) {
      from_hub_.push_back({entry.name, entry.versions, entry.prereleases, entry.place});
      return;
    }
    // Asked for twice, by two packages perhaps: once is enough, if they mean the same.
    std::string key = entry.location + "#" + entry.subdirectory;
    if (auto known = seen_.find(key); known != seen_.end()) {
      if (known->second == entry.revision) return;
      fail(entry, format("Version error for package {}: two revisions are asked for, '{}' and '{}'", entry.location,
                         known->second, entry.revision));
    }
    seen_[key] = entry.revision;
    switch (entry.kind) {
      case Kind::Local:
        return install_local(entry, from);
      case Kind::Git:
      case Kind::Private:
        return install_git(entry);
      case Kind::Tarball:
        return install_tarball(entry, {.name = {}, .kind = "tarball", .location = entry.location, .revision = {}});
      case Kind::Hub:
        break;
    }
  }

  void install_from_hub() {
    std::string hub = environment_.find("DBT_PACKAGE_HUB_URL").value_or("https://hub.getdbt.com/");
    if (!hub.ends_with('/')) hub += '/';
    auto get = [&](const std::string& path) {
      auto [answer, fresh] = hub_answers_.try_emplace(path);
      if (fresh) answer->second = download({.location = hub + path, .place = from_hub_.front().place}, true);
      return answer->second;
    };
    for (const HubPackage& package : resolve_hub_packages(from_hub_, get)) {
      auto [known, fresh] = hub_versions_.try_emplace(package.package, package.version);
      const Place& place = from_hub_.front().place;
      if (known->second != package.version) {
        fail({.place = place}, format("Version error for package {}: '{}' is installed, '{}' is asked for by another",
                                      package.package, known->second, package.version));
      }
      if (!fresh) continue;
      PackageEntry entry{.kind = Kind::Hub, .name = package.package, .location = package.tarball, .place = place};
      install_tarball(entry, {.name = {}, .kind = "package", .location = package.package, .revision = package.version});
    }
  }

  void install_local(const PackageEntry& entry, const fs::path& from) {
    fs::path source = fs::path(entry.location).is_absolute() ? fs::path(entry.location) : from / entry.location;
    if (!fs::exists(source / "dbt_project.yml")) {
      fail(entry, format("there is no package in '{}': no dbt_project.yml", entry.location));
    }
    std::string name = name_of(source);
    fs::path link = claim(entry, name);
    fs::create_directory_symlink(fs::weakly_canonical(source), link);
    done({.name = name, .kind = "local", .location = entry.location, .revision = {}});
    install_for(source);
  }

  void install_git(const PackageEntry& entry) {
    fs::path clone = target_ / "__clone";
    fs::remove_all(clone);
    run(entry, {"git", "clone", "--quiet", entry.location, clone.string()}, {});
    if (!entry.revision.empty()) run(entry, {"git", "checkout", "--quiet", entry.revision, "--"}, clone);
    std::string commit = run(entry, {"git", "rev-parse", "HEAD"}, clone);
    commit.erase(commit.find_last_not_of("\r\n") + 1);
    place(entry, clone, {.name = {}, .kind = "git", .location = entry.location, .revision = commit});
  }

  void install_tarball(const PackageEntry& entry, InstalledPackage package) {
    fs::path archive = target_ / "__archive.tar.gz";
    fs::path unpacked = target_ / "__clone";
    fs::remove_all(unpacked);
    fs::create_directories(unpacked);
    write_file(archive, download(entry, false));
    run(entry, {"tar", "-xzf", archive.string(), "-C", unpacked.string(), "--strip-components=1"}, {});
    fs::remove(archive);
    place(entry, unpacked, std::move(package));
  }

  // Follows the few redirects that code hosts make; there are no credentials that could travel along. Empty where
  // there is nothing and that is allowed.
  std::string download(const PackageEntry& entry, bool optional) const {
    SystemClock clock;
    HttpClient http({}, clock);
    std::string url = entry.location;
    for (int redirects = 0; redirects < 5; ++redirects) {
      auto answer = http.send({.url = url}, stop_);
      if (answer.ok()) return std::move(answer.body);
      if (answer.status == 404 && optional) return {};
      const std::string* next = answer.headers.find("location");
      if (answer.status < 300 || answer.status >= 400 || next == nullptr) {
        fail(entry, format("'{}' answered with status {}", url, answer.status));
      }
      url = *next;
    }
    fail(entry, format("'{}' redirects too often", entry.location));
  }

  // Moves what was fetched to where its name says.
  void place(const PackageEntry& entry, const fs::path& fetched, InstalledPackage package) {
    fs::path source = entry.subdirectory.empty() ? fetched : fetched / entry.subdirectory;
    if (!fs::exists(source / "dbt_project.yml"))
      fail(entry, format("'{}' is no package: no dbt_project.yml", entry.location));
    package.name = name_of(source);
    package.subdirectory = entry.subdirectory;
    fs::path folder = claim(entry, package.name);
    fs::rename(source, folder);
    fs::remove_all(fetched);
    done(std::move(package));
    install_for(folder);
  }

  static std::string name_of(const fs::path& package) {
    return parse_yaml(read_file(package / "dbt_project.yml"), (package / "dbt_project.yml").string())
        .root()
        .get("name")
        .as_text();
  }

  fs::path claim(const PackageEntry& entry, const std::string& name) const {
    fs::path path = target_ / name;
    if (fs::exists(fs::symlink_status(path))) {
      fail(entry, format("dbt found more than one package with the name \"{}\" included in this project.", name),
           "package names are unique in a project: rename one of them");
    }
    return path;
  }

  void done(InstalledPackage package) {
    settings_.say(format("Installing {} {}", package.location, package.revision));
    installed_.push_back(std::move(package));
  }

  std::string run(const PackageEntry& entry, std::vector<std::string> words, const fs::path& folder) const {
    auto result =
        run_command({.arguments = std::move(words), .folder = folder, .timeout = std::chrono::minutes(10)}, stop_);
    if (!result.ok()) fail(entry, format("'{}' can't be fetched: {}", entry.location, result.errors));
    return result.output;
  }

  [[noreturn]] static void fail(const PackageEntry& entry, std::string message, std::string hint = {}) {
    throw Error(ErrorKind::Config, std::move(message), {.place = entry.place, .hint = std::move(hint)});
  }

  const fs::path target_;
  const config::Environment& environment_;
  const InstallSettings& settings_;
  const std::stop_token stop_;
  bool locked_ = false;
  std::map<std::string, std::string> seen_;
  std::vector<InstalledPackage> installed_;
  std::vector<HubRequest> from_hub_;
  std::map<std::string, std::string> hub_answers_, hub_versions_;
};

std::string lock_text(const std::vector<InstalledPackage>& installed, const PackageList& wanted) {
  std::string text = "packages:\n";
  for (const InstalledPackage& package : installed) {
    text += format("  - {}: {}\n    name: {}\n", package.kind, package.location, package.name);
    if (!package.subdirectory.empty()) text += format("    subdirectory: {}\n", package.subdirectory);
    if (package.revision.empty()) continue;
    text += format("    {}: {}\n", package.kind == "package" ? "version" : "revision", package.revision);
  }
  return text + format("sha1_hash: {}\n", lock_hash(wanted));
}

fs::path packages_folder(const fs::path& folder, const config::Environment& environment) {
  if (auto said = environment.find("DBT_PACKAGES_INSTALL_PATH")) return folder / *said;
  Document file = parse_yaml(read_file(folder / "dbt_project.yml"), "dbt_project.yml");
  plumb::Node path = file.root().find("packages-install-path");
  return folder / (path.null() ? std::string("dbt_packages") : path.as_text());
}

}  // namespace

Installation install_packages(const fs::path& folder, const config::Environment& environment,
                              const InstallSettings& settings, std::stop_token stop) {
  PackageList wanted = read_package_list(folder, environment, settings.vars);
  std::optional<PackageList> locked;
  if (!settings.upgrade) locked = find_locked(folder, wanted, environment, settings.vars);
  fs::path final = packages_folder(folder, environment);
  fs::path fresh = final.string() + ".new";
  fs::remove_all(fresh);
  fs::create_directories(fresh);
  Installer installer(fresh, environment, settings, std::move(stop));
  try {
    installer.install_all(locked ? *locked : wanted, folder);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
  if (settings.lock_only) {
    fs::remove_all(fresh);
  } else {
    fs::remove_all(final);
    fs::rename(fresh, final);
  }
  Installation installation{installer.take(), {}};
  installation.lock = lock_text(installation.packages, wanted);
  return installation;
}

}  // namespace plumb::project
