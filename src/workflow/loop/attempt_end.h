// How an attempt came to its end, whoever carried it out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "run/run.h"

namespace plumb::workflow {

struct AttemptEnd {
  enum class Verdict {
    Success,
    Failed,
    Skipped,      // a shell's 99
    NotYet,       // a wait that has to look again
    NeedsPerson,  // a connection has to be signed in
    Lost,         // its server, engine or spawner died
  };
  Verdict verdict = Verdict::Failed;
  Instant at;
  std::optional<int> exit_code = {};
  int signal = 0;
  std::string message = {};
  bool retry_may_help = true;
  std::string report = {};  // of the engine: JSON
  std::vector<std::string> last_lines = {};
};

}  // namespace plumb::workflow
