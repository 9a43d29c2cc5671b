// The switchboard of faults: which of them strikes a call.
//
// Faults are asked in the order in which they were added; the first that strikes has the call to itself, and the later
// ones do not see it. A fault whose times are used up leaves the board.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/http_server.h"
#include "sandbox/sandbox.h"
#include "sandbox/service.h"

namespace plumb::sandbox {

class FaultBoard {
 public:
  void add(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear() { faults_.clear(); }

  // The fault that strikes this call, counted; empty when the call goes well.
  std::optional<Fault> strike(const ServerRequest& request, const Service& service);

  // The faults still on the board, as a JSON list.
  void describe(JsonWriter& json) const;

 private:
  std::vector<Fault> faults_;
};

// "429", "slow", "expired_token": the kind, and the status where the name is one. Empty when there is no such kind.
std::optional<Fault> find_fault_kind(std::string_view name);
// The name that find_fault_kind reads.
std::string fault_name(const Fault& fault);

// Answers a call that a fault struck.
ServerResponse play(const Fault& fault, Service& service, const ServerRequest& request, Instant now);

}  // namespace plumb::sandbox
