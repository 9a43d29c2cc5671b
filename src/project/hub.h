// dbt's hub of packages: which versions there are, and those that fit what is asked for.
//
// The hub answers GET /api/v1/NAMESPACE/NAME.json with all versions of a package: where each one's tarball is, and what
// packages it asks for itself. So all of them are chosen before anything is fetched: of each the highest that satisfies
// everybody, again until nobody asks for more.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "project/semantic_version.h"

namespace plumb::project {

struct HubRequest {
  std::string package;                // "dbt-labs/dbt_utils"
  std::vector<std::string> versions;  // ">=1.0.0", "<2.0.0", or "1.1.1"
  bool prereleases = false;
  Place place;  // of who asks
};

struct HubPackage {
  std::string package, version, tarball;
};

// `get` gives the body at a path of the hub: "api/v1/dbt-labs/dbt_utils.json"; empty: there is none.
using GetFromHub = std::function<std::string(const std::string& path)>;

// In the order in which they were asked for. Throws Error(Config) at the place of who asks for what is not there or
// can't be had together.
std::vector<HubPackage> resolve_hub_packages(std::vector<HubRequest> requests, const GetFromHub& get);

}  // namespace plumb::project
