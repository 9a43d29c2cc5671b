#include "transform/freshness.h"

#include "base/format.h"
#include "transform/node_relation.h"
#include "transform/run_node.h"

namespace plumb::transform {

using jinja::Kind;
using jinja::State;
using jinja::Value;

namespace {

const Value* part(const Value& dict, std::string_view key) {
  const Value* found = dict.kind() == Kind::Dict ? dict.as_dict().find(key) : nullptr;
  return found != nullptr && !found->is_none() ? found : nullptr;
}

// {count: 1, period: day} in seconds; nothing where it is not said.
std::optional<double> limit_seconds(const Value& freshness, std::string_view key) {
  const Value* limit = part(freshness, key);
  const Value* count = limit ? part(*limit, "count") : nullptr;
  const Value* period = limit ? part(*limit, "period") : nullptr;
  if (!count || !count->is_int() || !period || !period->is_string()) return std::nullopt;
  double unit = period->as_string() == "minute" ? 60 : period->as_string() == "hour" ? 3600 : 86400;
  return static_cast<double>(count->as_int()) * unit;
}

// A datetime, a date or a text, as an instant; without a zone it is UTC.
Instant read_instant(State& state, const Value& value, const project::Source& source) {
  if (value.is_none()) {
    jinja::raise("DbtRuntimeError", plumb::format("There is no row in the source {}.{}: nothing tells its age",
                                                  source.source_name, source.name));
  }
  auto instant = find_instant(jinja::to_str(state, value));
  if (!instant) {
    jinja::raise(
        "DbtRuntimeError",
        plumb::format("Expected a timestamp value when querying field 'max_loaded_at' of table {} but received "
                      "value of type '{}' instead",
                      source.relation_name, jinja::type_name(value)));
  }
  return *instant;
}

Value criteria_of(const Value& freshness) {
  auto limit = [&](std::string_view key) {
    const Value* said = part(freshness, key);
    return said ? *said : Value::dict({{"count", Value::none()}, {"period", Value::none()}});
  };
  const Value* filter = part(freshness, "filter");
  return Value::dict({{"warn_after", limit("warn_after")},
                      {"error_after", limit("error_after")},
                      {"filter", filter ? *filter : Value::none()}});
}

const project::CatalogMacro& macro_of(const RunContext& context, std::string_view name) {
  const auto* macro = context.catalog().find(context.invocation().settings().root.name, name);
  if (macro == nullptr) jinja::raise("CompilationError", plumb::format("No macro named '{}' found", name));
  return *macro;
}

// The answer's row of the newest moment and the moment of asking.
Value ask(RunContext& context, const project::Source& source) {
  Value relation(relation_of(source, context.invocation().engine(), context.invocation().quoting()));
  if (source.loaded_at_query.is_string()) {
    return context.call(macro_of(context, "collect_freshness_custom_sql"),
                        {{Value("source"), relation}, {Value("loaded_at_query"), source.loaded_at_query}});
  }
  const Value* filter = part(source.freshness, "filter");
  return context.call(macro_of(context, "collect_freshness"), {{Value("source"), relation},
                                                               {Value("loaded_at_field"), source.loaded_at_field},
                                                               {Value("filter"), filter ? *filter : Value::none()}});
}

void judge(RunResult& result, RunContext& context, const project::Source& source, const Value& answer) {
  const Value* table = part(answer, "table");
  const TableData* rows = table ? &table_argument(*table).data() : nullptr;
  if (!rows || rows->rows.size() != 1 || rows->names.size() != 2) {
    jinja::raise("DbtRuntimeError", "Got an invalid result from \"collect_freshness\" macro");
  }
  RunResult::Freshness freshness;
  context.work([&](State& state) {
    freshness.max_loaded_at = read_instant(state, rows->rows[0].items()[0], source);
    freshness.snapshotted_at = read_instant(state, rows->rows[0].items()[1], source);
  });
  freshness.age_seconds = std::chrono::duration<double>(freshness.snapshotted_at - freshness.max_loaded_at).count();
  freshness.criteria = criteria_of(source.freshness);
  auto beyond = [&](std::string_view key) {
    auto limit = limit_seconds(source.freshness, key);
    return limit && freshness.age_seconds > *limit;
  };
  result.status = beyond("error_after") ? Status::Error : beyond("warn_after") ? Status::Warn : Status::Pass;
  result.freshness = freshness;
  result.response = Response{.message = "OK"};
}

}  // namespace

bool has_freshness(const project::Source& source) {
  bool limited = limit_seconds(source.freshness, "warn_after") || limit_seconds(source.freshness, "error_after");
  return limited && (source.loaded_at_field.is_string() || source.loaded_at_query.is_string());
}

RunResult measure_freshness(RunContext& context, const project::Source& source) {
  RunResult result;
  result.source = &source;
  result.unique_id = source.unique_id;
  const Clock& clock = context.invocation().clock();
  Instant begin = clock.now();
  try {
    StepTimer timer(result, clock, "execute");
    context.session().rename(source.unique_id);
    judge(result, context, source, ask(context, source));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled) throw;
    context.session().rollback_if_open();
    result.status = Status::RuntimeError;
    result.message = error.what();
  }
  result.seconds = std::chrono::duration<double>(clock.now() - begin).count();
  return result;
}

}  // namespace plumb::transform
