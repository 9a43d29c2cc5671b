// What happens, as StatsD packets under the names that Airflow gives them, so that a dashboard made for it goes on
// (docs/metrics.md lists them).
//
//     server:
//       statsd: {host: localhost, port: 8125, prefix: airflow}
//
// One UDP datagram for each change, sent without waiting: what nobody receives is lost, and nothing else happens.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "config/config.h"
#include "workflow/workflow.h"

namespace plumb::serve {

struct StatsdOptions {
  std::string host = "localhost";
  std::uint16_t port = 8125;
  std::string prefix = "airflow";
};

// `server: statsd:` of plumb.yml; empty when it is not there. Throws Error(Config).
std::optional<StatsdOptions> find_statsd_options(const config::Project& project);

class Statsd {
 public:
  // Throws Error(Network) for a host that has no address.
  explicit Statsd(const StatsdOptions& options);
  // For Scheduler::listen().
  void changed(const workflow::Change& change) const;

 private:
  FileDescriptor socket_;
  std::string prefix_;
};

// The lines of one change, of which a datagram consists; for tests.
std::string statsd_lines(const std::string& prefix, const workflow::Change& change);

}  // namespace plumb::serve
