#include "serve/router.h"

#include "base/crypto.h"
#include "serve/api/routes.h"

namespace plumb::serve {

namespace {

std::string_view take_piece(std::string_view& path) {
  std::string_view piece = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(piece.size() + 1, path.size()));
  return piece;
}

// The pieces under their names, when the path is the pattern's.
bool matches(std::string_view pattern, std::string_view path,
             std::vector<std::pair<std::string, std::string>>& pieces) {
  pieces.clear();
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  while (!pattern.empty() || !path.empty()) {
    std::string_view wanted = take_piece(pattern), found = take_piece(path);
    if (wanted.starts_with('{')) {
      if (found.empty()) return false;
      pieces.emplace_back(wanted.substr(1, wanted.size() - 2), percent_decode(found));
    } else if (wanted != found) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<Routes> all_routes() {
  return {system_routes(), workflow_routes(), run_routes(),      task_routes(),  log_routes(), value_routes(),
          asset_routes(),  store_routes(),    backfill_routes(), event_routes(), own_routes(), account_routes()};
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (method == "HEAD") method = "GET";
  std::vector<std::pair<std::string, std::string>> pieces;
  for (Routes routes : routes_) {
    for (const Route& route : routes) {
      // Of two that match, the one with more words of its own: ".../xcomEntries" is no map index.
      if (!matches(route.path, path, pieces)) continue;
      match.path_known = true;
      if (route.method != method || (match.route && match.pieces.size() <= pieces.size())) continue;
      match.route = &route;
      match.pieces = std::move(pieces);
    }
  }
  return match;
}

}  // namespace plumb::serve
