// One request on its way through a handler: who asks, what the path, the query and the body say, and the store to ask.
//
// What a request says wrongly is thrown as FastAPI would tell it: invalid() is a 422 with the place ("query", "limit"),
// an Error(NotFound) a 404, an Error(Usage) a 400 (409 for type "Conflict").
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "base/http_server.h"
#include "serve/serve.h"
#include "serve/sign_in.h"

namespace plumb::serve {

class Live;
class Metrics;

// What handlers share beside the parts.
struct House {
  const ServeOptions& options;
  const Parts& parts;
  Accounts& accounts;
  SignIn& sign_in;
  Live& live;
  Metrics& metrics;
};

// A 422 with its place: invalid("query.limit", "Input should be a valid integer").
Error invalid(std::string place, std::string message);
Error not_found(std::string message);

// {name in the api, field of the store's record}: what a list may be ordered by.
struct OrderName {
  std::string_view name, field;
};
using OrderNames = std::span<const OrderName>;

class Call {
 public:
  Call(const ServerRequest& request, House& house, Identity identity,
       std::vector<std::pair<std::string, std::string>> path)
      : request_(request), house_(house), identity_(std::move(identity)), path_(std::move(path)) {}

  const ServerRequest& request() const { return request_; }
  House& house() const { return house_; }
  const Parts& parts() const { return house_.parts; }
  workflow::Operations& operations() const { return house_.parts.operations; }
  const Identity& identity() const { return identity_; }
  const std::string& who() const { return identity_.user; }
  Instant now() const { return house_.parts.clock.now(); }
  // A connection of this request's own, taken when it is first asked for.
  store::Reader& reader();
  std::shared_ptr<const workflow::Definitions> definitions() const { return operations().definitions(); }

  // The piece of the path under this name.
  const std::string& path(std::string_view name) const;
  bool has_path(std::string_view name) const;
  std::int64_t path_number(std::string_view name) const;

  std::string query(std::string_view name) const;  // empty when it is not there
  std::vector<std::string> query_list(std::string_view name) const;
  std::int64_t query_number(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most) const;
  std::optional<bool> query_bool(std::string_view name) const;
  std::optional<Instant> query_instant(std::string_view name) const;
  // start_date_gte, start_date_gt, start_date_lte, start_date_lt.
  store::InstantRange query_range(std::string_view name) const;
  // Words of a closed list; "none" and "null" are left to `find`.
  template <class State>
  std::vector<State> query_states(std::string_view name, std::optional<State> (*find)(std::string_view)) const {
    std::vector<State> states;
    for (const std::string& text : query_list(name)) {
      std::optional<State> state = find(text);
      if (!state) throw invalid("query." + std::string(name), "'" + text + "' is no such state");
      states.push_back(*state);
    }
    return states;
  }
  // limit, offset and order_by.
  store::PageRequest page(OrderNames names) const;
  store::PageRequest page(std::initializer_list<OrderName> names) const {
    return page(OrderNames(names.begin(), names.size()));
  }
  // "%x%" for what is to be found anywhere; "~" and nothing find all.
  std::string query_pattern(std::string_view name) const;

  // The body as a JSON object with these keys and no others.
  Node body(std::initializer_list<std::string_view> known);
  Node body() { return body({}); }

 private:
  const ServerRequest& request_;
  House& house_;
  Identity identity_;
  std::vector<std::pair<std::string, std::string>> path_;
  std::unique_ptr<store::Reader> reader_;
  Document body_;
};

// Of a body: the value under the key, or nothing for null and what is not there. Throw a 422 for another kind.
std::optional<std::string> find_text(Node body, std::string_view key);
std::optional<std::int64_t> find_number(Node body, std::string_view key);
std::optional<bool> find_bool(Node body, std::string_view key);
std::optional<Instant> find_instant(Node body, std::string_view key);
std::vector<std::string> find_texts(Node body, std::string_view key);
std::string get_text(Node body, std::string_view key);
Instant get_instant(Node body, std::string_view key);
// As `order_by` names it, for bodies.
store::PageRequest page_of(Node body, OrderNames names);
store::InstantRange range_of(Node body, std::string_view name);

ServerResponse json_answer(std::string body, int status = 200);
ServerResponse no_content();
// {"detail": …}
ServerResponse error_answer(int status, std::string_view detail);
// The answer to what a handler threw; empty for a bug of ours (a 500 without details).
std::optional<ServerResponse> answer_error(const Error& error);

}  // namespace plumb::serve
