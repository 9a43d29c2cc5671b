#include "project/hub.h"

#include <algorithm>
#include <optional>

#include "base/document.h"
#include "base/format.h"

namespace plumb::project {

namespace {

struct Release {
  VersionRequirement version;
  std::string text, tarball;
  std::vector<HubRequest> asks_for;
};

std::vector<std::string> texts(const plumb::Node& node) {
  std::vector<std::string> list;
  if (node.kind() != NodeKind::List) return node.null() ? list : std::vector<std::string>{node.as_text()};
  for (std::size_t i = 0; i < node.size(); ++i) list.push_back(node.at(i).as_text());
  return list;
}

class Resolver {
 public:
  explicit Resolver(const GetFromHub& get) : get_(get) {}

  void add(HubRequest request) {
    auto& known = requests_[request.package];
    if (known.empty()) order_.push_back(request.package);
    known.push_back(std::move(request));
  }

  std::vector<HubPackage> resolve() {
    std::map<std::string, const Release*> chosen;
    // What a release asks for may narrow what was chosen before; it counts as long as its package is chosen at all.
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Release& release = choose(order_[i]);
      if (auto known = chosen.find(order_[i]); known != chosen.end() && known->second == &release) continue;
      chosen[order_[i]] = &release;
      for (HubRequest request : release.asks_for) {
        request.place = requests_[order_[i]].front().place;
        add(request);
        if (chosen.contains(request.package)) order_.push_back(request.package);  // to be looked at again
      }
    }
    std::vector<HubPackage> packages;
    for (const std::string& name : order_) {
      bool repeated =
          std::any_of(packages.begin(), packages.end(), [&](const auto& one) { return one.package == name; });
      if (!repeated) packages.push_back({name, chosen[name]->text, chosen[name]->tarball});
    }
    return packages;
  }

 private:
  const Release& choose(const std::string& name) {
    const auto& releases = releases_of(name);
    const auto& requests = requests_[name];
    bool prereleases = std::any_of(requests.begin(), requests.end(), [](const auto& one) { return one.prereleases; });
    const Release* best = nullptr;
    for (const Release& release : releases) {
      bool wanted = std::all_of(requests.begin(), requests.end(), [&](const HubRequest& request) {
        return std::all_of(request.versions.begin(), request.versions.end(), [&](const std::string& range) {
          return fits(release.version, range, request, prereleases);
        });
      });
      if (wanted && (best == nullptr || release.version.compare(best->version) > 0)) best = &release;
    }
    if (best) return *best;
    std::string ranges, there;
    for (const HubRequest& request : requests) {
      for (const std::string& range : request.versions) ranges += (ranges.empty() ? "'" : ", '") + range + "'";
    }
    for (const Release& release : releases) there += (there.empty() ? "" : ", ") + release.text;
    throw Error(ErrorKind::Config,
                format("Could not find a matching compatible version for package {}\n  Requested range: [{}]\n"
                       "  Available versions: [{}]",
                       name, ranges, there),
                {.place = requests.back().place, .hint = "let all who ask for the package ask for one version"});
  }

  static bool fits(const VersionRequirement& version, const std::string& range, const HubRequest& request,
                   bool prereleases) {
    // ">=1.0.0,<2.0.0" in one text is as good as two.
    std::size_t comma = range.find(',');
    if (comma != std::string::npos) {
      return fits(version, range.substr(0, comma), request, prereleases) &&
             fits(version, range.substr(comma + 1), request, prereleases);
    }
    auto required = find_requirement(range);
    if (!required) {
      throw Error(ErrorKind::Config, format("\"{}\" is not a valid semantic version.", range),
                  {.place = request.place, .hint = "write version: 1.2.3, or [\">=1.2.0\", \"<2.0.0\"]"});
    }
    bool named = required->sign == "=" && !required->prerelease.empty();
    return satisfies(version, *required) && (version.prerelease.empty() || prereleases || named);
  }

  const std::vector<Release>& releases_of(const std::string& name) {
    auto [entry, fresh] = releases_.try_emplace(name);
    if (!fresh) return entry->second;
    std::string path = format("api/v1/{}.json", name);
    std::string body = get_(path);
    if (body.empty()) {
      throw Error(ErrorKind::Config, format("Package {} was not found in the package index", name),
                  {.place = requests_[name].front().place, .hint = "packages are named NAMESPACE/NAME"});
    }
    Document document = parse_json(std::move(body), path);
    plumb::Node versions = document.root().get("versions");
    for (std::size_t i = 0; i < versions.size(); ++i) {
      std::string text(versions.key_at(i));
      auto version = find_requirement(text);
      if (!version) continue;
      Release release{.version = *version, .text = text};
      release.tarball = versions.at(i).get("downloads").get("tarball").as_text();
      plumb::Node packages = versions.at(i).find("packages");
      for (std::size_t p = 0; packages.kind() == NodeKind::List && p < packages.size(); ++p) {
        plumb::Node package = packages.at(p).find("package");
        if (!package.null()) {
          release.asks_for.push_back({.package = package.as_text(), .versions = texts(packages.at(p).find("version"))});
        }
      }
      entry->second.push_back(std::move(release));
    }
    return entry->second;
  }

  const GetFromHub& get_;
  std::vector<std::string> order_;
  std::map<std::string, std::vector<HubRequest>> requests_;
  std::map<std::string, std::vector<Release>> releases_;
};

}  // namespace

std::vector<HubPackage> resolve_hub_packages(std::vector<HubRequest> requests, const GetFromHub& get) {
  Resolver resolver(get);
  for (HubRequest& request : requests) resolver.add(std::move(request));
  return resolver.resolve();
}

}  // namespace plumb::project
