// Who may look and who may act: users, their passwords, their tokens.
//
// A password is kept as its argon2id hash (32 MB for a moment, one at a time, so that a Raspberry Pi and a flood of
// guesses meet in peace), a token as the SHA-256 of its random part. A token is shown once, when it is made. What a
// browser's session is, is a token as well, of a short life.
//
// Roles: a viewer reads; an operator also starts, clears, pauses, approves; an admin also manages users and reads what
// may hold secrets of the installation.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "config/config.h"
#include "store/store.h"

namespace plumb::serve {

enum class Role { Nobody, Viewer, Operator, Admin };  // each may what those before it may
std::string_view to_string(Role role);
// Empty for what is no role; "nobody" is none.
std::optional<Role> find_role(std::string_view text);

struct Identity {
  std::string user;
  Role role = Role::Nobody;
  std::string token;     // its id; empty for the owner at the Unix socket, or on loopback without users
  bool session = false;  // of a browser
};

struct NewToken {
  std::string user;
  std::string description = {};
  std::optional<std::chrono::seconds> life = {};  // empty: for ever
  bool session = false;
};
struct MadeToken {
  store::TokenRow row;
  Secret text;  // "plumb_<id>_<secret>"
};

// Safe from any thread.
class Accounts {
 public:
  Accounts(store::Store& store, Clock& clock) : store_(store), clock_(clock) {}

  bool any_user();
  std::vector<store::UserRow> users();
  // Throw Error(Usage) for a name that is taken (type "Conflict") or bad, a password shorter than 8, an unknown role;
  // Error(NotFound) for a user that is not there.
  store::UserRow add_user(const std::string& name, const Secret& password, std::string_view role);
  void set_password(const std::string& name, const Secret& password);  // and ends all sessions
  void set_role(const std::string& name, std::string_view role);
  // With all tokens. The last admin stays: Error(Usage).
  void remove_user(const std::string& name);
  // Makes the first user from PLUMB_ADMIN_USER ("admin") and PLUMB_ADMIN_PASSWORD or PLUMB_ADMIN_PASSWORD_FILE, unless
  // there is one. True when it did.
  bool add_first_user(const config::Environment& environment);

  // Empty when name and password do not belong together; takes as long when there is no such user. Throws Error(Busy)
  // when too many wait for their turn.
  std::optional<store::UserRow> check_password(const std::string& name, const Secret& password);

  MadeToken make_token(const NewToken& token);
  std::vector<store::TokenRow> tokens(std::string_view user = {});
  // False when there was none.
  bool revoke_token(const std::string& id);
  // Who the bearer of this text is; empty for a text that is no token, was revoked or has expired, or whose user is
  // gone.
  std::optional<Identity> find_identity(std::string_view text);

 private:
  store::UserRow get_user(const std::string& name);
  std::string hash(const Secret& password);
  void end_sessions(std::string_view user);

  store::Store& store_;
  Clock& clock_;
  std::mutex hashing_;
  std::mutex counting_;
  int waiting_ = 0;
};

}  // namespace plumb::serve
