// What one service has to say for itself; everything around it is common to all sandboxes.
//
// A Service answers calls. `serve` puts it behind a port and adds what every sandbox has: the clock, the switchboard of
// faults, the log of calls, and the control routes below /_sandbox. Calls reach the service one at a time, so it needs
// no lock of its own.
//
//     class Bank : public Service { … };
//     return serve(std::make_unique<Bank>(options), {.name = "comdirect", .port = options.port});
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"
#include "base/http_server.h"
#include "base/log.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {

class Service {
 public:
  virtual ~Service() = default;

  // The answer that the real service would give at this moment.
  virtual ServerResponse answer(const ServerRequest& request, Instant now) = 0;

  // The service's own words for a fault of the kinds TooManyRequests, ServerError, ExpiredToken, WrongTan and
  // LockedAccount. A Retry-After is added by the caller.
  virtual ServerResponse refuse(const Fault& fault, const ServerRequest& request, Instant now) = 0;

  // Whether a fault of this kind can strike this call at all: a wrong TAN needs a call that carries one.
  virtual bool concerns(const Fault& fault, const ServerRequest& request) const;

  // A command of the service's own, POST /_sandbox/<name>; empty when it has none of that name.
  virtual std::optional<ServerResponse> command(std::string_view name, const ServerRequest& request, Instant now);

  // Adds the service's fields to the open object of GET /_sandbox/state.
  virtual void describe(JsonWriter& state, Instant now) const;
};

struct ServingOptions {
  std::string name;  // "comdirect", for state and log
  std::uint16_t port = 0;
  std::uint64_t seed = 1;  // shown in the state
  std::optional<Instant> now = {};
  bool gzip = false;
  Log log = {};
};

// Throws Error(Busy) when the port is taken.
std::unique_ptr<Sandbox> serve(std::unique_ptr<Service> service, ServingOptions options);

// An answer with a JSON body and its content type.
ServerResponse json_answer(int status, std::string body, std::string content_type = "application/json");

// A refusal of a control route: 400 with {"error": message}.
ServerResponse bad_command(std::string_view message);

}  // namespace plumb::sandbox
