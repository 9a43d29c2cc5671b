// Local stand-ins for the services that Plumb reads, so that everything can be tried without an account.
//
// A sandbox speaks its service's protocol as faithfully as what is publicly known of it allows: same paths, types,
// quirks and refusals. It is deterministic (a seed and a clock decide every answer), listens on loopback only, and has
// faults that are switched on by request. It knows nothing of Plumb's own clients.
//
//     auto bank = sandbox::start_comdirect({.seed = 7});
//     … point a client at bank->url() …
//     bank->add_fault({.kind = FaultKind::TooManyRequests, .path = "/api/banking", .times = 2});
//     bank->command("approve");                 // what POST /_sandbox/approve does
//     bank->calls();
//
// From another process the same is done over HTTP, below /_sandbox on the same port:
//     GET  /_sandbox/state                      seed, clock, faults, counters, open challenges (JSON)
//     POST /_sandbox/clock?set=2026-11-21T07:00:00Z   or ?advance=86400 (seconds); ?follow=true follows the system's
//     POST /_sandbox/faults?kind=429&path=/api/banking&times=2&after=1&retry_after=3&delay_ms=500&bytes=100
//          &carries=q%3DBerlin (only calls with this in their query or headers)
//          kinds: any status from 400 to 599 (in the service's own words), slow, reset (in mid-body), truncated,
//          malformed_json, expired_token, and at the bank wrong_tan, locked
//     DELETE /_sandbox/faults
//     GET  /_sandbox/calls     DELETE /_sandbox/calls      one JSON object a line: time, method, target, status
// and, at the bank:  POST /_sandbox/approve (the push TAN, now), /_sandbox/deny, /_sandbox/expire (all tokens),
//     /_sandbox/lock, /_sandbox/unlock (the access to online banking),
//     POST /_sandbox/options?tan=P_TAN|M_TAN|P_TAN_PUSH&kinds=P_TAN,M_TAN&tan_value=654321&push_delay_ms=2000
//          &push_outcome=approve|deny&challenge_seconds=300&token_seconds=599&refresh_seconds=1200
//          &debtor_key=debtor|deptor&large_amounts=true
// and, at the weather service:  POST /_sandbox/key?key=new-key&state=active|new|blocked&plan=free|onecall
//
// Members may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace plumb::sandbox {

enum class FaultKind {
  TooManyRequests,
  ServerError,  // any status, as the service words it
  Slow,
  ResetMidBody,  // the connection breaks in the middle of the body
  ExpiredToken,  // the token that the call carries is dead from now on
  MalformedJson,
  Truncated,      // the answer ends early and claims to be whole
  WrongTan,       // the bank: the next activation is refused, whatever was typed
  LockedAccount,  // the bank: the access is locked, until /_sandbox/unlock
};

struct Fault {
  FaultKind kind = FaultKind::ServerError;
  int status = 500;                     // of ServerError: 400 to 599
  std::string path = "";                // a prefix of the path; empty: every call the kind fits
  std::string carries = "";             // a name=value of the query or of a header that the call must have: q=Berlin
  int after = 0;                        // calls that still go well
  int times = 1;                        // how often it strikes; -1: always
  std::optional<int> retry_after = {};  // seconds, of TooManyRequests
  std::chrono::milliseconds delay{0};   // before the answer, of whichever kind
  std::size_t bytes = 20;               // of ResetMidBody and Truncated: what is sent before the end
};

struct Call {
  Instant at;
  std::string method;
  std::string target;  // credentials redacted
  int status = 0;
};

class Sandbox {
 public:
  virtual ~Sandbox() = default;
  virtual std::string url() const = 0;          // "http://127.0.0.1:8801"
  virtual void set_clock(Instant now) = 0;      // stands still there until set again or advanced
  virtual void advance_clock(Duration by) = 0;  // a clock that follows the system's goes on doing so
  virtual void add_fault(Fault fault) = 0;
  virtual void clear_faults() = 0;
  virtual std::vector<Call> calls() const = 0;  // the newest 10,000
  // What POST /_sandbox/<command> does: "approve", "options?tan=M_TAN". Gives its answer; throws Error(Usage) when the
  // command is unknown or its values do not fit.
  virtual std::string command(const std::string& command) = 0;
  virtual void stop() = 0;
};

// How the bank's customer confirms: typed from a photo, typed from an SMS, or approved in an app.
enum class TanKind { Photo, Mobile, Push };

struct ComdirectOptions {
  std::uint16_t port = 0;  // 0: any free one
  std::uint64_t seed = 1;
  std::optional<Instant> now = {};  // empty: follows the system's clock
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-secret";
  std::string username = "12345678";  // the access number
  std::string password = "123456";    // the PIN
  std::string tan = "123456";
  TanKind preferred = TanKind::Push;
  std::vector<TanKind> kinds = {TanKind::Push, TanKind::Photo, TanKind::Mobile};
  // Until the app approves by itself, by this sandbox's clock or by the system's, whichever is first; negative: never.
  std::chrono::milliseconds push_delay{1000};
  bool push_approves = true;  // false: after that delay the app refuses
  std::chrono::seconds challenge_lifetime{300};
  std::chrono::seconds access_lifetime{599};
  std::chrono::seconds refresh_lifetime{1200};
  bool spell_deptor = true;    // as production does
  bool large_amounts = false;  // a year's turnover of 18 digits on the dollar account
  Log log = {};
};
std::unique_ptr<Sandbox> start_comdirect(ComdirectOptions options);

struct OpenWeatherOptions {
  std::uint16_t port = 0;
  std::uint64_t seed = 1;
  std::optional<Instant> now = {};
  // A key with the One Call plan; the same with "-2" behind it is another of the same account. "free-key" (2.5 only),
  // "new-key" (not active yet) and "blocked-key" exist beside it.
  std::string api_key = "sandbox-key";
  bool takes_key_header = true;  // x-api-key, which the service takes without promising it
  int calls_per_minute = 60;     // of an account, on the free plan; 0: no limit
  Log log = {};
};
std::unique_ptr<Sandbox> start_openweather(OpenWeatherOptions options);

}  // namespace plumb::sandbox
