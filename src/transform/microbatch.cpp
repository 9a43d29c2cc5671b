#include "transform/microbatch.h"

#include <charconv>

#include "base/document.h"
#include "base/format.h"
#include "transform/query_comment.h"
#include "transform/run_node.h"

namespace plumb::transform {

using jinja::State;
using jinja::Value;
using project::Node;

namespace {

using std::chrono::days;
using std::chrono::hours;

enum class BatchSize : std::uint8_t { Hour, Day, Month, Year };

std::optional<BatchSize> find_size(std::string_view word) {
  if (word.ends_with('s')) word.remove_suffix(1);
  if (word == "hour") return BatchSize::Hour;
  if (word == "day") return BatchSize::Day;
  if (word == "month") return BatchSize::Month;
  if (word == "year") return BatchSize::Year;
  return std::nullopt;
}

Instant truncated(Instant instant, BatchSize size) {
  if (size == BatchSize::Hour) return std::chrono::floor<hours>(instant);
  auto day = std::chrono::floor<days>(instant);
  if (size == BatchSize::Day) return day;
  std::chrono::year_month_day date(day);
  auto month = size == BatchSize::Month ? date.month() : std::chrono::January;
  return std::chrono::sys_days(date.year() / month / 1);
}

// So many batches on. Of months and years the day stays, or becomes the month's last.
Instant moved(Instant instant, BatchSize size, int count) {
  if (size == BatchSize::Hour) return instant + hours(count);
  if (size == BatchSize::Day) return instant + days(count);
  auto day = std::chrono::floor<days>(instant);
  std::chrono::year_month_day date(day);
  auto month = std::chrono::year_month(date.year(), date.month()) +
               std::chrono::months(size == BatchSize::Month ? count : 12 * count);
  std::chrono::year_month_day target = month / date.day();
  if (!target.ok()) target = month / std::chrono::last;
  return std::chrono::sys_days(target) + (instant - day);
}

std::string batch_name(Instant begin, BatchSize size) {
  std::string text = format_instant(begin);
  return text.substr(0, size == BatchSize::Hour ? 13 : 10);
}

Instant read_time(const Value& value, std::string_view what) {
  std::string text = value.is_string() ? std::string(value.as_string()) : std::string();
  if (text.size() == 10) text += "T00:00:00";
  auto instant = find_instant(text);
  if (!instant) {
    jinja::raise("CompilationError", plumb::format("{} is no time: '{}'", what, text),
                 "write 2026-01-31 or 2026-01-31T12:00:00");
  }
  return *instant;
}

const Value* find_flag(const Invocation& invocation, std::string_view name) {
  const Value* found = invocation.settings().flags.as_dict().find(name);
  return found != nullptr && !found->is_none() && !found->is_undefined() ? found : nullptr;
}

BatchSize size_of(const Node& node) {
  auto size = find_size(node.config_text("batch_size"));
  if (!size) {
    jinja::raise(
        "CompilationError",
        plumb::format("Microbatch model '{}' requires 'batch_size' to be one of hour, day, month, year", node.name));
  }
  return *size;
}

}  // namespace

bool is_microbatch(const Node& node) {
  return node.type == project::ResourceType::Model && node.materialized() == "incremental" &&
         node.config_text("incremental_strategy") == "microbatch";
}

std::vector<BatchWindow> batches_of(State& state, const Node& node, const Invocation& invocation, bool incremental) {
  BatchSize size = size_of(node);
  const Value* from = find_flag(invocation, "EVENT_TIME_START");
  const Value* until = find_flag(invocation, "EVENT_TIME_END");
  Instant now = until ? read_time(*until, "--event-time-end") : invocation.started_at();
  Instant end = until ? now : truncated(now, size) == now ? now : moved(truncated(now, size), size, 1);
  Instant begin;
  if (from) {
    begin = truncated(read_time(*from, "--event-time-start"), size);
  } else if (incremental) {
    const Value* lookback = node.find_config("lookback");
    int back = lookback && lookback->is_int() ? static_cast<int>(lookback->as_int()) : 1;
    if (truncated(now, size) == now) ++back;  // a boundary stands for the end of the batch before it
    begin = moved(truncated(now, size), size, -back);
  } else {
    const Value* said = node.find_config("begin");
    if (!said || said->is_none()) {
      jinja::raise("CompilationError",
                   plumb::format("Microbatch model '{}' requires a 'begin' configuration.", node.name));
    }
    // A text, or a date of Python's.
    begin = truncated(read_time(Value(jinja::to_str(state, *said)), "begin"), size);
  }
  std::vector<BatchWindow> batches;
  for (Instant at = begin; at < end; at = moved(at, size, 1)) {
    batches.push_back({at, moved(at, size, 1), batch_name(at, size)});
  }
  if (!batches.empty()) batches.back().end = std::min(batches.back().end, end);
  return batches;
}

std::optional<BatchWindow> sample_window(const Invocation& invocation) {
  const Value* said = find_flag(invocation, "SAMPLE");
  if (said == nullptr || !said->is_string()) return std::nullopt;
  std::string text(said->as_string());
  if (text.starts_with("{")) {
    Value dict = project::to_value(parse_yaml(text, "--sample").root());
    auto time = [&](std::string_view key) {
      const Value* part = dict.as_dict().find(key);
      return read_time(part ? *part : Value::none(), "--sample");
    };
    return BatchWindow{time("start"), time("end"), {}};
  }
  int count = 0;
  auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  auto size = find_size(unit);
  if (failure != std::errc() || !size) {
    throw Error(ErrorKind::Usage, plumb::format("Cannot load SAMPLE_WINDOW from '{}'.", text),
                {.hint = "write --sample '3 days', or '{start: 2026-01-01, end: 2026-02-01}'"});
  }
  return BatchWindow{moved(invocation.started_at(), *size, -count), invocation.started_at(), {}};
}

namespace {

// Is the table there, and to be kept?
bool continues(RunContext& context, const Node& node) {
  bool kept = false;
  context.work([&](State& state) {
    auto own = context.relation(node);
    auto found = context.adapter().find_relation(state, own->path());
    const Value* refresh = node.find_config("full_refresh");
    bool anew = refresh && refresh->kind() == jinja::Kind::Bool ? refresh->as_bool()
                                                                : context.invocation().flag("FULL_REFRESH");
    kept = found && found->type() == "table" && !anew;
  });
  return kept;
}

Value answer(std::string_view name, bool value) {
  return jinja::make_function(std::string(name), [value](State&, jinja::Arguments) { return Value(value); });
}

RunResult run_batch(RunContext& context, Compiler& compiler, const Node& node, const BatchWindow& batch,
                    bool continued) {
  Value macros = Value::dict();
  if (continued) {
    macros.as_dict().set("is_incremental", answer("is_incremental", true));
    macros.as_dict().set("should_full_refresh", answer("should_full_refresh", false));
  }
  return run_model(context, compiler, node, {.batch = &batch, .macros = macros});
}

}  // namespace

void run_microbatch(RunResult& result, RunContext& context, Compiler& compiler, Progress& progress) {
  const Node& node = *result.node;
  context.begin(node);
  context.session().rename(node.unique_id);
  const Value* event_time = node.find_config("event_time");
  if (!event_time || !event_time->is_string()) {
    jinja::raise("CompilationError", plumb::format("Microbatch model '{}' must provide an 'event_time' (string) config "
                                                   "that indicates the name of the event time column.",
                                                   node.name));
  }
  const auto& missing = context.invocation().missing_batches;
  auto retried = missing.find(node.unique_id);
  bool continued = retried != missing.end() || continues(context, node);
  std::vector<BatchWindow> batches;
  if (retried != missing.end()) {
    for (auto [begin, end] : retried->second) batches.push_back({begin, end, batch_name(begin, size_of(node))});
  } else {
    context.work([&](State& state) { batches = batches_of(state, node, context.invocation(), continued); });
  }
  RunResult::Batches done;
  std::optional<std::string> trouble;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const BatchWindow& batch = batches[i];
    Progress::Step step{i + 1, batches.size()};
    std::pair<Instant, Instant> window{batch.begin, batch.end};
    // Without the table there is nothing to go on with.
    if (!continued && i > 0 && done.successful.empty()) {
      done.failed.push_back(window);
      progress.batch(node, batch.id, step, nullptr);
      continue;
    }
    progress.batch_started(node, batch.id, step);
    RunResult one = run_batch(context, compiler, node, batch, continued || i > 0);
    progress.batch(node, batch.id, step, &one);
    if (troubled(one)) {
      done.failed.push_back(window);
      if (!trouble) trouble = one.message;
    } else {
      done.successful.push_back(window);
    }
  }
  result.failures = 0;
  result.status = done.failed.empty()       ? Status::Success
                  : done.successful.empty() ? Status::Error
                                            : Status::PartialSuccess;
  result.message = done.failed.empty() ? "SUCCESS" : done.successful.empty() ? "ERROR" : "PARTIAL SUCCESS";
  if (trouble) *result.message += plumb::format(" ({}/{})\n{}", done.successful.size(), batches.size(), *trouble);
  result.batches = std::move(done);
}

}  // namespace plumb::transform
