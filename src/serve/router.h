// The table of routes, and the way from a request to its handler.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/call.h"

namespace plumb::serve {

using Handler = ServerResponse (*)(Call&);

// A line of the table, from which the OpenAPI document is made as well. `answer` and `body` name schemas (schemas.h);
// an empty answer is one without a body, "*" one that is not JSON.
struct Route {
  std::string_view method;
  std::string_view path;  // "/api/v2/dags/{dag_id}"
  Role role;              // that is needed
  Handler handler;
  std::string_view summary;
  std::string_view answer = {};
  std::string_view body = {};
  int status = 200;  // of a success
  // Of the query, a word each: "limit", "paused:boolean". limit, offset and order_by come with "page".
  std::string_view query = {};
};
using Routes = std::span<const Route>;

// All lists of routes, in the order in which they are matched and documented.
std::vector<Routes> all_routes();

class Router {
 public:
  explicit Router(std::vector<Routes> routes) : routes_(std::move(routes)) {}

  struct Match {
    const Route* route = nullptr;  // null: no such path
    bool path_known = false;       // with another method
    std::vector<std::pair<std::string, std::string>> pieces;
  };
  // `path` as it was sent, without the query: its pieces are decoded one by one, so that a "%2F" stays in its piece.
  Match find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Routes> routes_;
};

}  // namespace plumb::serve
