#include "transform/progress.h"

#include <map>
#include <tuple>

#include "base/format.h"
#include "transform/node_files.h"
#include "transform/progress_words.h"

namespace plumb::transform {

using jinja::Value;
using project::Node;
using project::ResourceType;

namespace {

constexpr std::size_t kWidth = 80;

// What begins: dbt calls its description so, but that of a hook.
Event start(Event event, Progress::Step step, std::string description, std::string_view field = "description") {
  event.text = "START " + description;
  event.status = "RUN";
  event.index = step.index;
  event.total = step.total;
  event.more = Value::dict({{field, std::move(description)}});
  return event;
}

}  // namespace

// The line's text is padded with dots, so that the statuses stand below each other.
void LineProgress::tell_step(Event event, std::string_view prefix) {
  event.text = plumb::format("{}{} of {} {} ", prefix, event.index, event.total, event.text);
  if (event.text.size() > kWidth - 3) event.text = event.text.substr(0, kWidth - 3) + "...";
  if (event.text.size() < kWidth) event.text.append(kWidth - event.text.size(), '.');
  sink_(event);
}

void LineProgress::concurrency(int threads) {
  line("");
  sink_({.name = "ConcurrencyLine",
         .code = "Q027",
         .text = plumb::format("Concurrency: {} threads (target='{}')", threads, settings_.target.name),
         .more = Value::dict({{"num_threads", threads}, {"target_name", settings_.target.name}})});
  line("");
}

void LineProgress::started(const Node& node, Step step) {
  bool hook = node.type == ResourceType::Operation;
  Event event{.name = hook ? "LogHookStartLine" : "LogStartLine", .code = hook ? "Q032" : "Q011", .node = &node};
  tell_step(start(std::move(event), step, subject(node), hook ? "statement" : "description"));
}

void LineProgress::started(const project::Source& source, Step step) {
  tell_step(start({.name = "LogStartLine", .code = "Q011", .source = &source}, step,
                  plumb::format("freshness of {}.{}", source.source_name, source.name)));
}

void LineProgress::finished(const RunResult& result, Step step) {
  Event event{
      .node = result.node, .source = result.source, .result = &result, .index = step.index, .total = step.total};
  if (result.source != nullptr) {
    std::string word = freshness_word(result.status);
    event.name = "LogFreshnessResult";
    event.code = "Q018";
    event.kind = result.status == Status::Pass   ? LineKind::Good
                 : result.status == Status::Warn ? LineKind::Warning
                                                 : LineKind::Bad;
    event.text = plumb::format("{} freshness of {}.{}", word, result.source->source_name, result.source->name);
    event.status = plumb::format("{} in {}", word, seconds_text(result.seconds));
  } else {
    Ending ending = ending_of(result);
    std::tie(event.name, event.code) = result_event(result);
    event.kind = ending.kind;
    event.text = std::move(ending.text);
    event.status = std::move(ending.status);
  }
  tell_step(std::move(event));
}

void LineProgress::batch_started(const Node& node, const std::string& id, Step step) {
  tell_step(start({.name = "LogStartBatch", .code = "Q045", .node = &node}, step,
                  plumb::format("batch {} of {}", id, relation_text(node))),
            "Batch ");
}

void LineProgress::batch(const Node& node, const std::string& id, Step step, const RunResult* result) {
  std::string description = plumb::format("batch {} of {}", id, relation_text(node));
  Event event{.name = "LogBatchResult",
              .code = "Q046",
              .text = "SKIP " + description,
              .status = "SKIPPED in 0.00s",
              .kind = LineKind::Warning,
              .node = &node,
              .result = result,
              .index = step.index,
              .total = step.total,
              .more = Value::dict({{"description", description}})};
  if (result != nullptr) {
    bool bad = failed(result->status);
    event.text = (bad ? "ERROR creating " : "OK created ") + description;
    event.status =
        plumb::format("{} in {}", bad ? "ERROR" : result->message.value_or("OK"), seconds_text(result->seconds));
    event.kind = bad ? LineKind::Bad : LineKind::Good;
  }
  tell_step(std::move(event), "Batch ");
}

void LineProgress::found(const project::Manifest& manifest) {
  constexpr std::array<std::pair<ResourceType, std::string_view>, 8> kKinds{{{ResourceType::Model, "model"},
                                                                             {ResourceType::Snapshot, "snapshot"},
                                                                             {ResourceType::Analysis, "analysis"},
                                                                             {ResourceType::Test, "data test"},
                                                                             {ResourceType::Seed, "seed"},
                                                                             {ResourceType::Operation, "operation"},
                                                                             {ResourceType::Function, "function"},
                                                                             {ResourceType::UnitTest, "unit test"}}};
  std::map<ResourceType, std::size_t> counts;
  for (const Node& node : manifest.nodes) ++counts[node.type];
  for (const project::Other& other : manifest.others) ++counts[other.type];
  std::string text;
  auto add = [&](std::size_t count, std::string_view word) {
    if (count != 0) text += (text.empty() ? "" : ", ") + plural(count, word);
  };
  for (const auto& [type, word] : kKinds) {
    if (type != ResourceType::UnitTest) add(counts[type], word);
  }
  add(manifest.sources.size(), "source");
  for (ResourceType type : {ResourceType::Exposure, ResourceType::Metric}) add(counts[type], to_string(type));
  add(manifest.macros.size(), "macro");
  add(counts[ResourceType::Group], "group");
  add(counts[ResourceType::SemanticModel], "semantic model");
  add(counts[ResourceType::UnitTest], "unit test");
  sink_({.name = "FoundStats", .code = "W006", .text = "Found " + text, .more = Value::dict({{"stat_line", text}})});
}

void LineProgress::tell_trouble(const RunResult& result) {
  bool warning = result.status == Status::Warn;
  LineKind kind = warning ? LineKind::Warning : LineKind::Bad;
  std::string_view type = result.node ? to_string(result.node->type) : "source";
  std::string name = result.node ? result.node->name : result.source->name;
  const std::string& path = result.node ? result.node->origin.path : result.source->origin.path;
  line("");
  sink_({.name = warning ? "RunResultWarning" : "RunResultFailure",
         .code = warning ? "Z021" : "Z022",
         .text = plumb::format("{} in {} {} ({})", warning ? "Warning" : "Failure", type, name, path),
         .kind = kind,
         .node = result.node,
         .source = result.source,
         .result = &result,
         .more = Value::dict({{"node_name", name}, {"path", path}, {"resource_type", type}})});
  std::string message = result.message.value_or("Status: " + std::string(to_string(result.status)));
  sink_({.name = warning ? "RunResultWarningMessage" : "RunResultError",
         .code = warning ? "Z046" : "Z024",
         .text = (warning ? "" : "  ") + message,
         .kind = kind,
         .node = result.node,
         .source = result.source,
         .result = &result,
         .more = Value::dict({{"msg", message}})});
  if (!result.compiled || result.node == nullptr) return;
  line("");
  std::string compiled = shown_path(settings_, compiled_path(settings_, *result.node));
  sink_({.name = "SQLCompiledPath",
         .code = "Z026",
         .text = "  compiled code at " + compiled,
         .node = result.node,
         .result = &result,
         .more = Value::dict({{"path", compiled}})});
}

LineProgress::Counts LineProgress::count(const Outcome& outcome) {
  Counts counts;
  for (const RunResult& result : outcome.results) {
    std::int64_t& kind = result.status == Status::Skipped          ? counts.skipped
                         : result.status == Status::Warn           ? counts.warned
                         : result.status == Status::PartialSuccess ? counts.partial
                         : failed(result.status)                   ? counts.bad
                                                                   : counts.good;
    ++kind;
    if (result.status == Status::Skipped && troubled(result)) ++counts.never_begun;
  }
  return counts;
}

void LineProgress::tell_finish(const Outcome& outcome) {
  std::map<std::string, std::size_t> kinds;
  for (const RunResult& result : outcome.results) ++kinds[result.node ? kind_of(*result.node) : "source"];
  std::string list;
  for (const auto& [word, count] : kinds) {
    list += (list.empty() ? "" : ", ") + plural(count, word == "test" ? "data test" : word);
  }
  auto whole = static_cast<long>(outcome.seconds);
  std::string time = plumb::format(" in {} hours {} minutes and {:.2f} seconds", whole / 3600, whole % 3600 / 60,
                                   outcome.seconds - static_cast<double>(whole - whole % 60));
  sink_({.name = "FinishedRunningStats",
         .code = "E047",
         .text = plumb::format("Finished running {}{} ({:.2f}s).", list, time, outcome.seconds),
         .more = Value::dict({{"stat_line", list}, {"execution", time}, {"execution_time", outcome.seconds}})});
}

void LineProgress::tell_end(const Outcome& outcome, const Counts& counts) {
  line("");
  std::int64_t errors = counts.bad + counts.never_begun;
  Event event{.name = "EndOfRunSummary",
              .code = "Z030",
              .text = "Completed successfully",
              .kind = LineKind::Good,
              .more = Value::dict({{"keyboard_interrupt", outcome.cancelled},
                                   {"num_errors", errors},
                                   {"num_partial_success", counts.partial},
                                   {"num_warnings", counts.warned}})};
  if (outcome.cancelled) {
    event.text = "Exited because of keyboard interrupt";
    event.kind = LineKind::Warning;
  } else if (errors + counts.warned + counts.partial > 0) {
    event.text = plumb::format("Completed with {}, {} partial success{}, and {}:", plural(errors, "error"),
                               counts.partial, counts.partial == 1 ? "" : "es", plural(counts.warned, "warning"));
    event.kind = errors + counts.partial > 0 ? LineKind::Bad : LineKind::Warning;
  }
  sink_(event);
}

void LineProgress::summary(const Outcome& outcome, RunKind kind) {
  tell_finish(outcome);
  if (kind == RunKind::Freshness) {
    for (const RunResult& result : outcome.results) {
      if (result.status == Status::RuntimeError) tell_trouble(result);
    }
    sink_({.name = "FreshnessCheckComplete", .code = "Q003", .text = "Done."});
    return;
  }
  Counts counts = count(outcome);
  tell_end(outcome, counts);
  for (const RunResult& result : outcome.results) {
    if (troubled(result)) tell_trouble(result);
  }
  for (const RunResult& result : outcome.results) {
    if (result.status == Status::Warn) tell_trouble(result);
  }
  line("");
  auto total = static_cast<std::int64_t>(outcome.results.size());
  std::int64_t errors = counts.bad + counts.partial;
  sink_({.name = "StatsLine",
         .code = "Z023",
         .text = plumb::format("Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP=0 TOTAL={}", counts.good, counts.warned,
                               errors, counts.skipped, total),
         .more = Value::dict({{"stats", Value::dict({{"error", errors},
                                                     {"noop", 0},
                                                     {"pass", counts.good},
                                                     {"skip", counts.skipped},
                                                     {"total", total},
                                                     {"warn", counts.warned}})}})});
}

}  // namespace plumb::transform
