// The bank's token desk: grants, refresh, revocation, and whose token it is that a call carries.
//
// A log-in begins with user and PIN and gets a token of small scope. Once its session is activated by a TAN, that token
// is exchanged for one that opens the accounts. Every refresh gives a new pair and kills the old one; a revocation
// kills every pair of the log-in. Tokens are random, unlike everything else here: one that a client has kept from an
// earlier run must not fit by chance.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http_server.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {

// The customer, as far as the desks have to agree on him.
struct Customer {
  ComdirectOptions options;
  bool locked = false;
  std::string number;        // kdnr
  std::int64_t partner = 0;  // bpid
  std::int64_t contact = 0;  // kontaktId
  std::string client_id;     // the UUID of the person, in accounts and depot
};

// One log-in: from user and PIN until its last token is dead.
struct Login {
  std::string session;  // the identifier of its session
  bool activated = false;
};

enum class Scope { TwoFactor, Banking };

class TokenDesk {
 public:
  explicit TokenDesk(Customer& customer) : customer_(customer) {}

  // POST /oauth/token and DELETE /oauth/revoke.
  ServerResponse grant(const ServerRequest& request, Instant now);
  ServerResponse revoke(const ServerRequest& request, Instant now);

  struct Pass {
    Login* login = nullptr;
    Scope scope = Scope::TwoFactor;
  };
  // What the call's bearer token opens; empty when it is missing, unknown or dead.
  std::optional<Pass> find_pass(const ServerRequest& request, Instant now);

  // Ends every token, or the access token that this call carries (its refresh token lives on).
  void expire_all() { pairs_.clear(); }
  void expire(const ServerRequest& request);
  std::size_t live_pairs(Instant now) const;

 private:
  struct Pair {
    std::string access;
    std::string refresh;
    Scope scope;
    std::size_t login;
    Instant access_until;
    Instant refresh_until;
  };

  ServerResponse by_password(const std::string& user, const std::string& pin, Instant now);
  ServerResponse by_primary(const std::string& access, Instant now);
  ServerResponse by_refresh(const std::string& refresh, Instant now);
  ServerResponse issue(std::size_t login, Scope scope, Instant now);
  Pair* find_access(std::string_view token, Instant now);

  Customer& customer_;
  std::vector<std::unique_ptr<Login>> logins_;
  std::vector<Pair> pairs_;
};

}  // namespace plumb::sandbox
