#include "transform/progress_words.h"

#include "base/format.h"
#include "transform/microbatch.h"

namespace plumb::transform {

using project::Node;
using project::ResourceType;

std::string plural(std::int64_t count, std::string_view word) {
  std::string text = plumb::format("{} {}{}", count, word, count == 1 ? "" : "s");
  if (count != 1 && word.ends_with('y')) text.replace(text.size() - 2, 2, "ies");
  if (count != 1 && word == "analysis") text = plumb::format("{} analyses", count);
  return text;
}

std::string relation_text(const Node& node) {
  return node.schema + "." + node.alias;
}

namespace {

std::string hook_kind(const Node& node) {
  for (const std::string& tag : node.tags()) {
    if (tag.starts_with("on-run-")) return tag;
  }
  return "hook";
}

}  // namespace

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

namespace {

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

}  // namespace

Ending ending_of(const RunResult& result) {
  const Node& node = *result.node;
  std::string time = seconds_text(result.seconds);
  if (result.status == Status::Skipped && troubled(result)) {
    return {plumb::format("SKIP relation {} due to ephemeral model status 'skipped'", relation_text(node)),
            "ERROR SKIP", LineKind::Bad};
  }
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

std::pair<std::string_view, std::string_view> result_event(const RunResult& result) {
  if (result.status == Status::Skipped) return {"SkippingDetails", "Q034"};
  switch (result.node->type) {
    case ResourceType::Operation:
      return {"LogHookEndLine", "Q033"};
    case ResourceType::Test:
    case ResourceType::UnitTest:
      return {"LogTestResult", "Q007"};
    case ResourceType::Seed:
      return {"LogSeedResult", "Q016"};
    case ResourceType::Snapshot:
      return {"LogSnapshotResult", "Q015"};
    case ResourceType::Function:
      return {"LogFunctionResult", "Q047"};
    default:
      return {"LogModelResult", "Q012"};
  }
}

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

}  // namespace plumb::transform
