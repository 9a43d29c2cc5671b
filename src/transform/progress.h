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

#include "transform/event.h"
#include "transform/runner.h"

namespace plumb::transform {

class LineProgress final : public Progress {
 public:
  using Sink = std::function<void(const Event& event)>;
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
  void line(std::string text, LineKind kind = LineKind::Info) { sink_({.text = std::move(text), .kind = kind}); }
  void tell_step(Event event, std::string_view prefix = {});
  void tell_trouble(const RunResult& result);
  void tell_finish(const Outcome& outcome);
  struct Counts {
    std::int64_t good = 0, warned = 0, bad = 0, skipped = 0, partial = 0, never_begun = 0;
  };
  static Counts count(const Outcome& outcome);
  void tell_end(const Outcome& outcome, const Counts& counts);

  const project::ProjectSettings& settings_;
  const Sink sink_;
};

}  // namespace plumb::transform
