// What came of nodes: one RunResult each, and run_results.json of all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "project/project.h"
#include "transform/compile.h"
#include "transform/record.h"

namespace plumb::transform {

// dbt's words.
enum class Status : std::uint8_t { Success, Error, Skipped, PartialSuccess, NoOp, Pass, Fail, Warn, RuntimeError };
std::string_view to_string(Status status);
// Error, Fail and RuntimeError: what makes a command fail, and what successors are skipped for.
bool failed(Status status);

struct Timing {
  std::string_view name;  // "compile", "execute"
  Instant begin, end;
};

struct RunResult {
  const project::Node* node = nullptr;      // null for a source's freshness
  const project::Source* source = nullptr;  // then this is set
  std::string unique_id;
  Status status = Status::Success;
  std::optional<std::string> message;
  std::optional<std::int64_t> failures;
  std::optional<Response> response;
  std::vector<Timing> timing;
  std::string thread = "main";
  double seconds = 0;
  CompiledPtr compiled;
  // Of microbatch models.
  struct Batches {
    std::vector<std::pair<Instant, Instant>> successful, failed;
  };
  std::optional<Batches> batches;
  // Of a source's freshness.
  struct Freshness {
    Instant max_loaded_at, snapshotted_at;
    double age_seconds = 0;
    jinja::Value criteria;
  };
  std::optional<Freshness> freshness;
};

// What failed, at least in part, or could not even begin; not what was skipped for another node's sake.
bool troubled(const RunResult& result);

// As templates see it: `results` of on-run-end.
jinja::Value result_value(const RunResult& result);

struct RunResultsMetadata {
  std::string generated_at, invocation_id, invocation_started_at;
  double elapsed_seconds = 0;
  jinja::Value args, env;
};
// https://schemas.getdbt.com/dbt/run-results/v6.json
std::string run_results_json(const std::vector<RunResult>& results, const RunResultsMetadata& metadata);
// https://schemas.getdbt.com/dbt/sources/v3.json
std::string sources_json(const std::vector<RunResult>& results, const RunResultsMetadata& metadata);

}  // namespace plumb::transform
