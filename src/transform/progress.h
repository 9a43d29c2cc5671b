// The lines that a dbt user expects while nodes run, and at the end.
//
//     1 of 14 START seed file main.countries ......................................... [RUN]
//     1 of 14 OK loaded seed file main.countries ..................................... [INSERT 2 in 1.06s]
//
// Where they go (a terminal, JSON, a test) is the sink's affair.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "transform/runner.h"

namespace plumb::transform {

enum class LineKind : std::uint8_t { Info, Good, Warning, Bad };

class LineProgress final : public Progress {
 public:
  // `status` is the part in brackets, which a terminal may colour; empty for other lines.
  using Sink = std::function<void(std::string_view text, std::string_view status, LineKind kind)>;
  LineProgress(const project::ProjectSettings& settings, Sink sink) : settings_(settings), sink_(std::move(sink)) {}

  void concurrency(int threads) override;
  void started(const project::Node& node, Step step) override;
  void started(const project::Source& source, Step step) override;
  void finished(const RunResult& result, Step step) override;
  void batch_started(const project::Node& node, const std::string& id, Step step) override;
  void batch(const project::Node& node, const std::string& id, Step step, const RunResult* result) override;
  void gap() override { line(""); }

  // "Found 6 models, 1 snapshot, …"
  void found(const project::Manifest& manifest);
  // What ran, what went wrong and why, and the counts.
  void summary(const Outcome& outcome, RunKind kind);

 private:
  void line(std::string_view text, LineKind kind = LineKind::Info) { sink_(text, {}, kind); }
  void step_line(Step step, const std::string& text, const std::string& status, LineKind kind);
  void batch_line(Step step, const std::string& text, const std::string& status, LineKind kind);
  void padded_line(std::string prefix, const std::string& status, LineKind kind);
  void tell_trouble(const RunResult& result);

  const project::ProjectSettings& settings_;
  const Sink sink_;
};

}  // namespace plumb::transform
