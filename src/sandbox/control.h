// The control routes, /_sandbox/…: the same switches as the members of Sandbox, for other processes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/http_server.h"
#include "sandbox/fault_board.h"
#include "sandbox/sandbox.h"
#include "sandbox/sandbox_clock.h"
#include "sandbox/service.h"

namespace plumb::sandbox {

// Everything that can be switched. The owner holds the lock while it is used.
struct Switches {
  std::string name;
  std::uint64_t seed;
  Service& service;
  SandboxClock& clock;
  FaultBoard& faults;
  std::deque<Call>& calls;
};

bool is_control(const ServerRequest& request);
ServerResponse control(const ServerRequest& request, Switches& switches);

// A request for "options?tan=M_TAN", as if it had come by POST.
ServerRequest command_request(const std::string& command);

}  // namespace plumb::sandbox
