// Who sends a request, and whether that may be believed.
//
// - On the Unix socket (mode 0600): its owner, an admin.
// - As long as there is no user: whoever comes over loopback is an admin, if the request names this machine as its host
//   (a page of the web could otherwise give itself our address) and was not sent by another site's page.
// - With users: the bearer of a token ("Authorization: Bearer plumb_…", or user and password by "Basic"), or a browser
//   with a session's cookie. What changes something by a cookie needs the session's X-CSRF-Token as well.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http_server.h"
#include "serve/accounts.h"
#include "serve/login_limit.h"
#include "serve/serve.h"

namespace plumb::serve {

class SignIn {
 public:
  SignIn(const ServeOptions& options, const Parts& parts, Accounts& accounts)
      : options_(options), parts_(parts), accounts_(accounts), limit_(parts.clock) {}

  // Role::Nobody when nobody is signed in. Throws Error(Auth) for a credential that is not good (type "Expired" for
  // none at all), a request that another site's page sent, a missing CSRF token (type "Forbidden").
  Identity identify(const ServerRequest& request);
  // Checks name and password, within the limit. Throws Error(Auth), Error(Busy) with a hint of the seconds to wait.
  store::UserRow check(const ServerRequest& request, const std::string& user, const Secret& password);

  // A browser's session: answers with its cookie, and ends the one that the browser had.
  ServerResponse begin_session(const ServerRequest& request, const std::string& user);
  ServerResponse end_session(const ServerRequest& request);
  // What a page sends along with a change: derived from the session's secret, so nothing is kept.
  std::string csrf_token(const ServerRequest& request) const;

  // The address that the request came from, by way of a trusted proxy; "local" for the Unix socket.
  std::string address_of(const ServerRequest& request) const;

 private:
  bool trusted(const ServerRequest& request) const;
  bool names_this_machine(const ServerRequest& request) const;
  bool from_another_site(const ServerRequest& request) const;
  std::optional<Identity> identify_basic(const ServerRequest& request, std::string_view credentials);
  std::string cookie(const ServerRequest& request, std::string_view value, std::chrono::seconds life) const;
  std::string session_of(const ServerRequest& request) const;
  void audit(const ServerRequest& request, std::string_view event, const std::string& user);

  const ServeOptions& options_;
  const Parts& parts_;
  Accounts& accounts_;
  LoginLimit limit_;
};

// 127.0.0.0/8, ::1, and ::ffff:127.…; the empty address of a Unix socket too.
bool is_loopback(std::string_view address);

}  // namespace plumb::serve
