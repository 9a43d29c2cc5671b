#include "transform/event.h"

#include "base/clock.h"

namespace plumb::transform {

using jinja::Value;
using project::ResourceType;

namespace {

Value instant_value(const RunResult* result, bool end) {
  if (result == nullptr || result->timing.empty()) return "";
  return format_instant(end ? result->timing.back().end : result->timing.front().begin);
}

std::string_view status_word(const Event& event) {
  return event.result ? to_string(event.result->status) : std::string_view("started");
}

Value node_info(const Event& event) {
  const project::Node* node = event.node;
  const project::Source* source = event.source;
  const auto& origin = node ? node->origin : source->origin;
  const Value* meta = node ? node->find_config("meta") : &source->meta;
  return Value::dict(
      {{"materialized", node ? node->config_text("materialized") : ""},
       {"meta", meta && meta->kind() == jinja::Kind::Dict ? *meta : Value::dict()},
       {"node_checksum", node ? node->checksum : ""},
       {"node_finished_at", instant_value(event.result, true)},
       {"node_name", node ? node->name : source->name},
       {"node_path", origin.path_in_root},
       {"node_relation", Value::dict({{"alias", node ? node->alias : ""},
                                      {"database", node ? node->database : source->database},
                                      {"relation_name", node ? node->relation_name : source->relation_name},
                                      {"schema", node ? node->schema : source->schema}})},
       {"node_started_at", instant_value(event.result, false)},
       {"node_status", status_word(event)},
       {"resource_type", node ? to_string(node->type) : std::string_view("source")},
       {"unique_id", node ? node->unique_id : source->unique_id}});
}

// What dbt calls the same fields in the events of results.
void add_result(const Event& event, jinja::Dict& data) {
  const RunResult& result = *event.result;
  data.set("execution_time", result.seconds);
  data.set("status", status_word(event));
  if (event.name == "LogTestResult") {
    data.set("name", event.node->name);
    data.set("num_failures", result.failures.value_or(0));
    data.set("num_models", static_cast<std::int64_t>(event.total));
    data.set("attached_node", event.node->attached_node);
  } else if (event.name == "LogModelResult") {
    data.set("status", result.message.value_or(""));
  } else if (event.name == "LogSeedResult") {
    data.set("relation", event.node->alias);
    data.set("schema", event.node->schema);
    data.set("result_message", result.message.value_or(""));
  } else if (event.name == "LogFreshnessResult") {
    data.set("source_name", event.source->source_name);
    data.set("table_name", event.source->name);
  } else if (event.name == "SkippingDetails") {
    data.set("node_name", event.node->name);
    data.set("schema", event.node->schema);
    data.set("resource_type", to_string(event.node->type));
  }
}

}  // namespace

std::string_view level_of(const Event& event) {
  if (event.name == "SQLQuery") return "debug";
  // These are coloured, but tell what others have told at their level.
  if (event.name == "EndOfRunSummary" || event.name == "SkippingDetails") return "info";
  return event.kind == LineKind::Bad ? "error" : event.kind == LineKind::Warning ? "warn" : "info";
}

std::string_view thread_of(const Event& event) {
  return event.result && event.total > 0 && event.result->thread != "main" ? std::string_view(event.result->thread)
                                                                           : std::string_view("MainThread");
}

jinja::Value event_data(const Event& event) {
  Value data = Value::dict();
  jinja::Dict& fields = data.as_dict();
  if (event.name == "Formatting") fields.set("msg", event.text);
  if (event.node || event.source) fields.set("node_info", node_info(event));
  if (event.total > 0) {
    fields.set("index", static_cast<std::int64_t>(event.index));
    fields.set("total", static_cast<std::int64_t>(event.total));
  }
  if (event.result && (event.node || event.source) && event.total > 0) add_result(event, fields);
  if (event.more.kind() == jinja::Kind::Dict) {
    std::size_t position = 0;
    while (const Value::Entry* entry = event.more.as_dict().next(position)) fields.set(entry->key, entry->value);
  }
  return data;
}

}  // namespace plumb::transform
