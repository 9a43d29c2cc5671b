// The bank's TAN desk: a session, its challenge, the customer's approval, and the activation.
//
//     show ──> validate ──> (poll …) ──> activate
//
// One challenge is open per log-in; a new one takes the old one's place. Two counters belong to the customer, not to
// the log-in: five challenges without a correct TAN in between, or three wrong TANs, lock the access to online banking.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"
#include "base/http_server.h"
#include "sandbox/comdirect_tokens.h"

namespace plumb::sandbox {

// "P_TAN", "M_TAN", "P_TAN_PUSH", as the bank names the three kinds.
std::string_view tan_name(TanKind kind);
std::optional<TanKind> find_tan_kind(std::string_view name);

class SessionDesk {
 public:
  // `world` tells the time in which a person takes the telephone out of the pocket, even when the sandbox's stands.
  SessionDesk(Customer& customer, Clock& world) : customer_(customer), world_(world) {}

  // The four calls. `session` is the identifier in the path.
  ServerResponse show(const Login& login) const;
  ServerResponse validate(Login& login, std::string_view session, const ServerRequest& request, Instant now);
  ServerResponse poll(Login& login, std::string_view link, Instant now);
  ServerResponse activate(Login& login, std::string_view session, const ServerRequest& request, Instant now);

  // What the customer does with the telephone; how many push challenges that decided.
  int decide_pushes(bool approve, Instant now);
  // Counts a wrong TAN, whatever was typed.
  ServerResponse refuse_tan();
  void lock() { customer_.locked = true; }
  void unlock();
  // Not documented; here every call of a locked customer gets it.
  static ServerResponse locked_answer();

  void describe(JsonWriter& state, Instant now) const;

 private:
  enum class Progress { Pending, Approved, Denied, Expired };
  struct Challenge {
    std::string id;
    std::string link;  // of a push: what it is polled by
    TanKind kind = TanKind::Push;
    Instant born = {};
    Instant born_in_world = {};
    std::optional<bool> approved = {};
    bool tried = false;  // activated before it was approved
  };

  Progress progress(const Challenge& challenge, Instant now) const;
  ServerResponse confirm(Login& login);
  ServerResponse free_of_tan(const Login& login);

  Customer& customer_;
  Clock& world_;
  std::map<std::string, Challenge> challenges_;  // by session
  std::int64_t challenge_count_ = 0;
  int unconfirmed_ = 0;  // challenges since the last correct TAN
  int wrong_ = 0;        // TANs since the last correct one
};

}  // namespace plumb::sandbox
