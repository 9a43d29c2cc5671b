// Numbers about the server and its runs, for Prometheus.
//
// What happens is counted as it happens, by atomics on the scheduler's and the handlers' threads; what is (tasks by
// state, pools, the engine's memory, when an asset was last fresh) is asked when somebody scrapes.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "serve/serve.h"

namespace plumb::serve {

// Counts by upper bounds in seconds; the last bucket has none.
class Histogram {
 public:
  static constexpr std::array<double, 12> kBounds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600};
  void observe(std::chrono::microseconds time);
  // The lines of the text format, with these labels ("" or `kind="x"`).
  void render(std::string& out, std::string_view name, std::string_view labels) const;

 private:
  std::array<std::atomic<std::int64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::int64_t> sum_{0};  // microseconds
};

class Metrics {
 public:
  explicit Metrics(const Parts& parts) : parts_(parts), started_(parts.clock.now()) {}

  void changed(const workflow::Change& change);
  void answered(int status, std::chrono::microseconds time);
  std::string render() const;

 private:
  void render_counts(std::string& out) const;
  void render_now(std::string& out) const;
  void render_assets(std::string& out) const;

  static constexpr std::size_t kTaskStates = 12, kRunStates = 4, kStatusClasses = 6;
  const Parts& parts_;
  const Instant started_;
  std::array<std::atomic<std::int64_t>, kTaskStates> task_states_{};
  std::array<std::atomic<std::int64_t>, kRunStates> run_states_{};
  std::array<std::atomic<std::int64_t>, kStatusClasses> answers_{};
  std::atomic<std::int64_t> failed_for_good_{0}, retries_{0}, rows_{0}, asset_events_{0}, deadlines_{0},
      failed_checks_{0};
  Histogram task_time_, queue_time_, run_time_, run_lag_, answer_time_;
};

}  // namespace plumb::serve
