#include "transform/results.h"

namespace plumb::transform {

using jinja::Value;
using project::ResourceType;

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Success:
      return "success";
    case Status::Error:
      return "error";
    case Status::Skipped:
      return "skipped";
    case Status::PartialSuccess:
      return "partial success";
    case Status::NoOp:
      return "no-op";
    case Status::Pass:
      return "pass";
    case Status::Fail:
      return "fail";
    case Status::Warn:
      return "warn";
    case Status::RuntimeError:
      return "runtime error";
  }
  return "error";
}

bool failed(Status status) {
  return status == Status::Error || status == Status::Fail || status == Status::RuntimeError;
}

bool troubled(const RunResult& result) {
  return failed(result.status) || result.status == Status::PartialSuccess ||
         (result.status == Status::Skipped && result.message);
}

namespace {

// "2026-11-21T19:08:55.652785Z"
std::string moment(Instant instant) {
  std::string text = format_instant(instant);
  text.pop_back();
  std::size_t dot = text.find('.');
  if (dot == std::string::npos) text += ".000000";
  if (dot != std::string::npos) text.append(7 - (text.size() - dot), '0');
  return text + "Z";
}

template <class T>
Value or_none(const std::optional<T>& value) {
  return value ? Value(*value) : Value::none();
}

Value response_dict(const std::optional<Response>& response) {
  Value dict = Value::dict();
  if (!response) return dict;
  dict.as_dict().set("_message", response->message);
  if (response->code) dict.as_dict().set("code", *response->code);
  if (response->rows_affected) dict.as_dict().set("rows_affected", *response->rows_affected);
  return dict;
}

Value timing_list(const std::vector<Timing>& timing) {
  std::vector<Value> items;
  items.reserve(timing.size());
  for (const Timing& step : timing) {
    items.push_back(
        Value::dict({{"name", step.name}, {"started_at", moment(step.begin)}, {"completed_at", moment(step.end)}}));
  }
  return Value::list(std::move(items));
}

Value windows(const std::vector<std::pair<Instant, Instant>>& batches) {
  std::vector<Value> items;
  items.reserve(batches.size());
  for (const auto& [begin, end] : batches) items.push_back(Value::list({moment(begin), moment(end)}));
  return Value::list(std::move(items));
}

bool compiles(const RunResult& result) {
  return result.node != nullptr && result.node->type != ResourceType::Seed &&
         result.node->type != ResourceType::UnitTest;
}

Value as_dict(const RunResult& result) {
  Value entry = Value::dict();
  auto set = [&](std::string_view key, Value value) { entry.as_dict().set(key, std::move(value)); };
  set("status", to_string(result.status));
  set("timing", timing_list(result.timing));
  set("thread_id", result.thread);
  set("execution_time", result.seconds);
  set("adapter_response", response_dict(result.response));
  set("message", or_none(result.message));
  set("failures", or_none(result.failures));
  set("unique_id", result.unique_id);
  set("compiled", compiles(result) ? Value(result.compiled != nullptr) : Value::none());
  set("compiled_code", compiles(result) && result.compiled ? Value(result.compiled->code) : Value::none());
  bool placed = compiles(result) && !result.node->relation_name.empty();
  set("relation_name", placed ? Value(result.node->relation_name) : Value::none());
  Value batches = Value::none();
  if (result.batches) {
    batches =
        Value::dict({{"successful", windows(result.batches->successful)}, {"failed", windows(result.batches->failed)}});
  }
  set("batch_results", batches);
  return entry;
}

Value head(const RunResultsMetadata& metadata, std::string_view schema) {
  return Value::dict({{"dbt_schema_version", schema},
                      {"dbt_version", project::kDbtVersion},
                      {"generated_at", metadata.generated_at},
                      {"invocation_id", metadata.invocation_id},
                      {"invocation_started_at", metadata.invocation_started_at},
                      {"env", metadata.env.is_undefined() ? Value::dict() : metadata.env}});
}

std::string to_json(const Value& value) {
  std::string out;
  project::append_json(out, value);
  return out;
}

}  // namespace

namespace {

// A record whose fields are attributes, with to_dict(): as dbt's are.
class ResultRecord final : public jinja::Object {
 public:
  explicit ResultRecord(Value fields) : fields_(std::move(fields)) {}
  std::string_view type_name() const override { return "RunResult"; }
  std::optional<Value> find_attribute(jinja::State&, std::string_view name) override {
    const Value* found = fields_.as_dict().find(name);
    return found ? std::optional(*found) : std::nullopt;
  }
  std::optional<Value> find_item(jinja::State& state, const Value& key) override {
    return key.is_string() ? find_attribute(state, key.as_string()) : std::nullopt;
  }
  std::optional<Value> call_method(jinja::State&, std::string_view name, jinja::Arguments) override {
    if (name != "to_dict") return std::nullopt;
    Value record = Value::dict({{"agate_table", Value::none()}});
    for (std::string_view key : {"adapter_response", "batch_results", "execution_time", "failures", "message", "node",
                                 "status", "thread_id", "timing"}) {
      const Value* found = fields_.as_dict().find(key);
      record.as_dict().set(key, found ? *found : Value::none());
    }
    return record;
  }

 private:
  const Value fields_;
};

}  // namespace

Value result_value(const RunResult& result) {
  Value entry = as_dict(result);
  jinja::Dict& dict = entry.as_dict();
  if (result.node != nullptr) dict.set("node", manifest_entry(*result.node));
  if (result.source != nullptr) dict.set("node", manifest_entry(*result.source));
  return Value(jinja::make<ResultRecord>(entry));
}

std::string run_results_json(const std::vector<RunResult>& results, const RunResultsMetadata& metadata) {
  std::vector<Value> items;
  items.reserve(results.size());
  for (const RunResult& result : results) items.push_back(as_dict(result));
  return to_json(Value::dict({{"metadata", head(metadata, "https://schemas.getdbt.com/dbt/run-results/v6.json")},
                              {"results", Value::list(std::move(items))},
                              {"elapsed_time", metadata.elapsed_seconds},
                              {"args", metadata.args.is_undefined() ? Value::dict() : metadata.args}}));
}

std::string sources_json(const std::vector<RunResult>& results, const RunResultsMetadata& metadata) {
  std::vector<Value> items;
  items.reserve(results.size());
  for (const RunResult& result : results) {
    Value entry = Value::dict({{"unique_id", result.unique_id}});
    auto set = [&](std::string_view key, Value value) { entry.as_dict().set(key, std::move(value)); };
    if (!result.freshness) {
      set("error", or_none(result.message));
      set("status", to_string(Status::RuntimeError));
    } else {
      set("max_loaded_at", moment(result.freshness->max_loaded_at));
      set("snapshotted_at", moment(result.freshness->snapshotted_at));
      set("max_loaded_at_time_ago_in_s", result.freshness->age_seconds);
      set("status", to_string(result.status));
      set("criteria", result.freshness->criteria);
      set("adapter_response", response_dict(result.response));
      set("timing", timing_list(result.timing));
      set("thread_id", result.thread);
      set("execution_time", result.seconds);
    }
    items.push_back(std::move(entry));
  }
  return to_json(Value::dict({{"metadata", head(metadata, "https://schemas.getdbt.com/dbt/sources/v3.json")},
                              {"results", Value::list(std::move(items))},
                              {"elapsed_time", metadata.elapsed_seconds}}));
}

}  // namespace plumb::transform
