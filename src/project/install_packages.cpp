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
#include "project/packages.h"

namespace plumb::project {

namespace {

namespace fs = std::filesystem;
using Kind = PackageEntry::Kind;

class Installer {
 public:
  Installer(fs::path target, const config::Environment& environment, const jinja::Value& vars,
            const std::function<void(std::string_view)>& say, std::stop_token stop)
      : target_(std::move(target)), environment_(environment), vars_(vars), say_(say), stop_(std::move(stop)) {}

  // The packages that the project in `folder` asks for, each with its own.
  void install_for(const fs::path& folder) {
    PackageList wanted = read_package_list(folder, environment_, vars_);
    for (const PackageEntry& entry : wanted.entries) install(entry, folder);
  }
  std::vector<InstalledPackage> take() { return std::move(installed_); }

 private:
  void install(const PackageEntry& entry, const fs::path& from) {
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
        return install_tarball(entry);
      case Kind::Hub:
        break;
    }
    fail(entry, format("the package '{}' comes from dbt's hub, which plumb does not ask", entry.name),
         "name its repository: `git: https://github.com/…` with `revision:`");
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

  void install_tarball(const PackageEntry& entry) {
    fs::path archive = target_ / "__archive.tar.gz";
    fs::path unpacked = target_ / "__clone";
    fs::remove_all(unpacked);
    fs::create_directories(unpacked);
    write_file(archive, download(entry));
    run(entry, {"tar", "-xzf", archive.string(), "-C", unpacked.string(), "--strip-components=1"}, {});
    fs::remove(archive);
    place(entry, unpacked, {.name = {}, .kind = "tarball", .location = entry.location, .revision = {}});
  }

  // Follows the few redirects that code hosts make; there are no credentials that could travel along.
  std::string download(const PackageEntry& entry) const {
    SystemClock clock;
    HttpClient http({}, clock);
    std::string url = entry.location;
    for (int redirects = 0; redirects < 5; ++redirects) {
      auto answer = http.send({.url = url}, stop_);
      if (answer.ok()) return std::move(answer.body);
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
    say_(format("Installing {} {}", package.location, package.revision));
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
  const jinja::Value& vars_;
  const std::function<void(std::string_view)>& say_;
  const std::stop_token stop_;
  std::map<std::string, std::string> seen_;
  std::vector<InstalledPackage> installed_;
};

fs::path packages_folder(const fs::path& folder, const config::Environment& environment) {
  if (auto said = environment.find("DBT_PACKAGES_INSTALL_PATH")) return folder / *said;
  Document file = parse_yaml(read_file(folder / "dbt_project.yml"), "dbt_project.yml");
  plumb::Node path = file.root().find("packages-install-path");
  return folder / (path.null() ? std::string("dbt_packages") : path.as_text());
}

}  // namespace

std::vector<InstalledPackage> install_packages(const fs::path& folder, const config::Environment& environment,
                                               const jinja::Value& vars,
                                               const std::function<void(std::string_view)>& say, std::stop_token stop) {
  fs::path final = packages_folder(folder, environment);
  fs::path fresh = final.string() + ".new";
  fs::remove_all(fresh);
  fs::create_directories(fresh);
  Installer installer(fresh, environment, vars, say, std::move(stop));
  try {
    installer.install_for(folder);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
  fs::remove_all(final);
  fs::rename(fresh, final);
  return installer.take();
}

std::string lock_file_text(const std::vector<InstalledPackage>& installed) {
  std::string text = "packages:\n";
  std::string all;
  for (const InstalledPackage& package : installed) {
    text += format("  - {}: {}\n    name: {}\n", package.kind, package.location, package.name);
    if (!package.revision.empty()) text += format("    revision: {}\n", package.revision);
    all += package.location + package.revision;
  }
  return text + format("sha1_hash: {}\n", sha256_hex(all).substr(0, 40));
}

}  // namespace plumb::project
