#include "transform/progress.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "transform/microbatch.h"
#include "transform/node_files.h"

namespace plumb::transform {

using project::Node;
using project::ResourceType;

namespace {

constexpr std::size_t kWidth = 80;

std::string plural(std::size_t count, std::string_view word) {
  std::string text = plumb::format("{} {}{}", count, word, count == 1 ? "" : "s");
  if (count != 1 && word.ends_with('y')) text.replace(text.size() - 2, 2, "ies");
  if (count != 1 && word == "analysis") text = plumb::format("{} analyses", count);
  return text;
}

std::string relation_text(const Node& node) {
  return node.schema + "." + node.alias;
}

std::string hook_kind(const Node& node) {
  for (const std::string& tag : node.tags()) {
    if (tag.starts_with("on-run-")) return tag;
  }
  return "hook";
}

std::string subject(const Node& node) {
  switch (node.type) {
    case ResourceType::Model:
      return plumb::format("{} {} model {}", node.language, is_microbatch(node) ? "microbatch" : node.materialized(),
                           relation_text(node));
    case ResourceType::Seed:
      return "seed file " + relation_text(node);
    case ResourceType::Snapshot:
      return "snapshot " + relation_text(node);
    case ResourceType::Test:
      return "test " + node.alias;
    case ResourceType::UnitTest:
      return plumb::format("unit_test {}::{}", node.unit_model, node.name);
    case ResourceType::Operation:
      return plumb::format("hook: {}.{}.{}", node.package, hook_kind(node), node.index);
    default:
      return plumb::format("{} {}", to_string(node.type), node.name);
  }
}

std::string seconds_text(double seconds) {
  return plumb::format("{:.2f}s", seconds);
}

struct Ending {
  std::string text, status;
  LineKind kind = LineKind::Good;
};

Ending skipped_ending(const Node& node) {
  bool test = node.type == ResourceType::Test || node.type == ResourceType::UnitTest;
  std::string what =
      test ? plumb::format("{} {}", to_string(node.type), node.type == ResourceType::Test ? node.alias : node.name)
           : "relation " + relation_text(node);
  if (node.type == ResourceType::Operation) what = subject(node);
  return {"SKIP " + what, "SKIP", LineKind::Warning};
}

Ending test_ending(const RunResult& result, const std::string& time) {
  const Node& node = *result.node;
  std::string name = node.type == ResourceType::UnitTest ? node.unit_model + "::" + node.name : node.alias;
  std::int64_t count = result.failures.value_or(0);
  switch (result.status) {
    case Status::Pass:
      return {"PASS " + name, "PASS in " + time, LineKind::Good};
    case Status::Warn:
      return {plumb::format("WARN {} {}", count, name), plumb::format("WARN {} in {}", count, time), LineKind::Warning};
    case Status::Fail:
      return {plumb::format("FAIL {} {}", count, name), plumb::format("FAIL {} in {}", count, time), LineKind::Bad};
    default:
      return {"ERROR " + name, "ERROR in " + time, LineKind::Bad};
  }
}

Ending ending_of(const RunResult& result) {
  const Node& node = *result.node;
  std::string time = seconds_text(result.seconds);
  if (result.status == Status::Skipped) return skipped_ending(node);
  if (node.type == ResourceType::Test || node.type == ResourceType::UnitTest) return test_ending(result, time);
  bool bad = failed(result.status);
  LineKind kind = bad ? LineKind::Bad : LineKind::Good;
  std::string message = result.message.value_or("OK");
  std::string status = (bad                                                       ? "ERROR"
                        : node.type == ResourceType::Operation || message.empty() ? "OK"
                                                                                  : message) +
                       " in " + time;
  if (result.status == Status::PartialSuccess) {
    return {"PARTIAL SUCCESS created " + subject(node), "PARTIAL SUCCESS in " + time, LineKind::Warning};
  }
  switch (node.type) {
    case ResourceType::Seed:
      return {(bad ? "ERROR loading " : "OK loaded ") + subject(node), status, kind};
    case ResourceType::Snapshot:
      return {(bad ? "ERROR snapshotting " : "OK snapshotted ") + relation_text(node), status, kind};
    case ResourceType::Operation:
      return {(bad ? "ERROR " : "OK ") + subject(node), status, kind};
    default:
      return {(bad ? "ERROR creating " : "OK created ") + subject(node), status, kind};
  }
}

// What "Finished running" and "Found" count by, in the order of these keys.
std::string kind_of(const Node& node) {
  switch (node.type) {
    case ResourceType::Model:
      return node.materialized() + " model";
    case ResourceType::Test:
      return "test";
    case ResourceType::UnitTest:
      return "unit test";
    case ResourceType::Operation:
      return "project hook";
    default:
      return std::string(to_string(node.type));
  }
}

std::string freshness_word(Status status) {
  return status == Status::Pass    ? "PASS"
         : status == Status::Warn  ? "WARN"
         : status == Status::Error ? "ERROR STALE"
                                   : "ERROR";
}

}  // namespace

void LineProgress::batch_line(Step step, const std::string& text, const std::string& status, LineKind kind) {
  padded_line(plumb::format("Batch {} of {} {} ", step.index, step.total, text), status, kind);
}

void LineProgress::step_line(Step step, const std::string& text, const std::string& status, LineKind kind) {
  padded_line(plumb::format("{} of {} {} ", step.index, step.total, text), status, kind);
}

void LineProgress::padded_line(std::string prefix, const std::string& status, LineKind kind) {
  if (prefix.size() > kWidth - 3) prefix = prefix.substr(0, kWidth - 3) + "...";
  if (prefix.size() < kWidth) prefix.append(kWidth - prefix.size(), '.');
  sink_(prefix, status, kind);
}

void LineProgress::concurrency(int threads) {
  line("");
  line(plumb::format("Concurrency: {} threads (target='{}')", threads, settings_.target.name));
  line("");
}

void LineProgress::started(const Node& node, Step step) {
  step_line(step, "START " + subject(node), "RUN", LineKind::Info);
}

void LineProgress::started(const project::Source& source, Step step) {
  step_line(step, plumb::format("START freshness of {}.{}", source.source_name, source.name), "RUN", LineKind::Info);
}

void LineProgress::finished(const RunResult& result, Step step) {
  if (result.source != nullptr) {
    std::string word = freshness_word(result.status);
    LineKind kind = result.status == Status::Pass   ? LineKind::Good
                    : result.status == Status::Warn ? LineKind::Warning
                                                    : LineKind::Bad;
    step_line(step, plumb::format("{} freshness of {}.{}", word, result.source->source_name, result.source->name),
              plumb::format("{} in {}", word, seconds_text(result.seconds)), kind);
    return;
  }
  Ending ending = ending_of(result);
  step_line(step, ending.text, ending.status, ending.kind);
}

void LineProgress::batch_started(const Node& node, const std::string& id, Step step) {
  batch_line(step, plumb::format("START batch {} of {}", id, relation_text(node)), "RUN", LineKind::Info);
}

void LineProgress::batch(const Node& node, const std::string& id, Step step, const RunResult* result) {
  std::string about = plumb::format("batch {} of {}", id, relation_text(node));
  if (result == nullptr) {
    batch_line(step, "SKIP " + about, "SKIPPED in 0.00s", LineKind::Warning);
    return;
  }
  bool bad = failed(result->status);
  batch_line(step, (bad ? "ERROR creating " : "OK created ") + about,
             plumb::format("{} in {}", bad ? "ERROR" : result->message.value_or("OK"), seconds_text(result->seconds)),
             bad ? LineKind::Bad : LineKind::Good);
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
  line("Found " + text);
}

void LineProgress::tell_trouble(const RunResult& result) {
  bool warning = result.status == Status::Warn;
  std::string_view type = result.node ? to_string(result.node->type) : "source";
  std::string name = result.node ? result.node->name : result.source->name;
  const std::string& path = result.node ? result.node->origin.path : result.source->origin.path;
  line("");
  line(plumb::format("{} in {} {} ({})", warning ? "Warning" : "Failure", type, name, path),
       warning ? LineKind::Warning : LineKind::Bad);
  line((warning ? "" : "  ") + result.message.value_or("Status: " + std::string(to_string(result.status))));
  if (!result.compiled || result.node == nullptr) return;
  line("");
  line("  compiled code at " + shown_path(settings_, compiled_path(settings_, *result.node)));
}

void LineProgress::summary(const Outcome& outcome, RunKind kind) {
  std::map<std::string, std::size_t> kinds;
  std::size_t good = 0, warned = 0, bad = 0, skipped = 0, partial = 0;
  for (const RunResult& result : outcome.results) {
    ++kinds[result.node ? kind_of(*result.node) : "source"];
    if (result.status == Status::Skipped)
      ++skipped;
    else if (result.status == Status::Warn)
      ++warned;
    else if (result.status == Status::PartialSuccess)
      ++partial;
    else if (failed(result.status))
      ++bad;
    else
      ++good;
  }
  std::string list;
  for (const auto& [word, count] : kinds) {
    list += (list.empty() ? "" : ", ") + plural(count, word == "test" ? "data test" : word);
  }
  auto whole = static_cast<long>(outcome.seconds);
  line(plumb::format("Finished running {} in {} hours {} minutes and {:.2f} seconds ({:.2f}s).", list, whole / 3600,
                     whole % 3600 / 60, outcome.seconds - static_cast<double>(whole - whole % 60), outcome.seconds));
  if (kind == RunKind::Freshness) {
    for (const RunResult& result : outcome.results) {
      if (result.status == Status::RuntimeError) tell_trouble(result);
    }
    line("Done.");
    return;
  }
  line("");
  if (outcome.cancelled) {
    line("Exited because of keyboard interrupt", LineKind::Warning);
  } else if (bad + warned + partial == 0) {
    line("Completed successfully", LineKind::Good);
  } else {
    line(plumb::format("Completed with {}, {} partial success{}, and {}:", plural(bad, "error"), partial,
                       partial == 1 ? "" : "es", plural(warned, "warning")),
         bad + partial > 0 ? LineKind::Bad : LineKind::Warning);
  }
  for (const RunResult& result : outcome.results) {
    if (failed(result.status) || result.status == Status::PartialSuccess) tell_trouble(result);
  }
  for (const RunResult& result : outcome.results) {
    if (result.status == Status::Warn) tell_trouble(result);
  }
  line("");
  line(plumb::format("Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP=0 TOTAL={}", good, warned, bad + partial, skipped,
                     outcome.results.size()));
}

}  // namespace plumb::transform
