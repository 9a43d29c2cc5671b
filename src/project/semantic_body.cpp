#include "project/semantic_body.h"

#include <charconv>

#include "project/parse.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Value;

namespace {

Value get(const Value& from, std::string_view key, Value fallback = Value::none()) {
  const Value* found = from.kind() == jinja::Kind::Dict ? from.as_dict().find(key) : nullptr;
  return found && !found->is_none() ? *found : fallback;
}
Value get(const Dict& from, std::string_view key) {
  const Value* found = from.find(key);
  return found ? *found : Value::none();
}

// These keys, as they are written or None.
Value pick(const Value& from, std::initializer_list<std::string_view> keys) {
  Value entry = Value::dict();
  for (std::string_view key : keys) entry.as_dict().set(key, get(from, key));
  return entry;
}

// `expr: 1` is text all the same.
Value text_or_none(const Value& value) {
  return value.is_none() ? value : Value(python_text(value));
}

// A name alone, or a dict that has one.
Value named(const Value& written) {
  return written.is_string() ? Value::dict({{"name", written}}) : written;
}

Value measure_input(const Value& written) {
  if (written.is_none()) return written;
  Value given = named(written);
  return Value::dict({{"name", get(given, "name")},
                      {"filter", filter_entry(get(given, "filter"))},
                      {"alias", get(given, "alias")},
                      {"join_to_timespine", get(given, "join_to_timespine", false)},
                      {"fill_nulls_with", get(given, "fill_nulls_with")}});
}

// "7 days": {count: 7, granularity: day}
Value window(const Value& written) {
  if (!written.is_string()) return written;
  std::string_view text = written.as_string();
  int count = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.ends_with('s')) text.remove_suffix(1);
  return Value::dict({{"count", count}, {"granularity", text}});
}

Value metric_input(const Value& written) {
  if (written.is_none()) return written;
  Value given = named(written);
  return Value::dict({{"name", get(given, "name")},
                      {"filter", filter_entry(get(given, "filter"))},
                      {"alias", get(given, "alias")},
                      {"offset_window", window(get(given, "offset_window"))},
                      {"offset_to_grain", get(given, "offset_to_grain")}});
}

Value conversion_params(const Value& written) {
  if (written.is_none()) return written;
  return Value::dict({{"base_measure", measure_input(get(written, "base_measure"))},
                      {"conversion_measure", measure_input(get(written, "conversion_measure"))},
                      {"entity", get(written, "entity")},
                      {"calculation", get(written, "calculation", "conversion_rate")},
                      {"window", window(get(written, "window"))},
                      {"constant_properties", get(written, "constant_properties")}});
}

// What used to stand beside them counts, too.
Value cumulative_params(const Dict& metric, const Value& params) {
  Value written = get(params, "cumulative_type_params");
  if (written.is_none() && python_text(get(metric, "type")) != "cumulative") return written;
  Value metric_of = get(written, "metric");
  return Value::dict({{"window", window(get(written, "window", get(params, "window")))},
                      {"grain_to_date", get(written, "grain_to_date", get(params, "grain_to_date"))},
                      {"period_agg", get(written, "period_agg", "first")},
                      {"metric", metric_of.is_none() ? metric_of : metric_input(metric_of)}});
}

template <class Each>
Value each_of(const Value& list, Each each) {
  std::vector<Value> entries;
  if (list.kind() == jinja::Kind::List) {
    for (const Value& item : list.items()) entries.push_back(each(item));
  }
  return Value::list(std::move(entries));
}

// {meta: the model's and its own}
Value config_below(const Value& written, const Value& meta) {
  auto merged = meta.kind() == jinja::Kind::Dict ? copy_dict(meta.as_dict()) : jinja::make<Dict>();
  Value own = get(get(written, "config"), "meta");
  if (own.kind() == jinja::Kind::Dict) merge_config(*merged, own.as_dict());
  return Value::dict({{"meta", Value(merged)}});
}

}  // namespace

Value filter_entry(const Value& written) {
  if (written.is_none() || written.is_undefined()) return Value::none();
  std::vector<Value> filters;
  for (const Value& filter : listed(written)) filters.push_back(Value::dict({{"where_sql_template", filter}}));
  return Value::dict({{"where_filters", Value::list(std::move(filters))}});
}

Value metric_type_params(const Dict& metric) {
  Value params = get(metric, "type_params");
  return Value::dict({{"measure", measure_input(get(params, "measure"))},
                      {"input_measures", Value::list()},
                      {"numerator", metric_input(get(params, "numerator"))},
                      {"denominator", metric_input(get(params, "denominator"))},
                      {"expr", text_or_none(get(params, "expr"))},
                      {"window", window(get(params, "window"))},
                      {"grain_to_date", get(params, "grain_to_date")},
                      {"metrics", each_of(get(params, "metrics"), metric_input)},
                      {"conversion_type_params", conversion_params(get(params, "conversion_type_params"))},
                      {"cumulative_type_params", cumulative_params(metric, params)},
                      {"metric_aggregation_params", Value::none()}});
}

Value entity_list(const Dict& model, const Value& meta) {
  return each_of(get(model, "entities"), [&](const Value& written) {
    Value entry = pick(written, {"name", "type", "description", "label", "role", "expr"});
    entry.as_dict().set("expr", text_or_none(get(written, "expr", get(written, "entity"))));
    entry.as_dict().set("config", config_below(written, meta));
    return entry;
  });
}

Value dimension_list(const Dict& model, const Value& meta) {
  return each_of(get(model, "dimensions"), [&](const Value& written) {
    Value entry = pick(written, {"name", "type", "description", "label", "is_partition", "type_params", "expr"});
    entry.as_dict().set("is_partition", get(written, "is_partition", false));
    entry.as_dict().set("expr", text_or_none(get(written, "expr")));
    if (Value params = get(written, "type_params"); !params.is_none()) {
      Value validity = get(params, "validity_params");
      if (!validity.is_none()) {
        validity =
            Value::dict({{"is_start", get(validity, "is_start", false)}, {"is_end", get(validity, "is_end", false)}});
      }
      entry.as_dict().set("type_params", Value::dict({{"time_granularity", get(params, "time_granularity")},
                                                      {"validity_params", validity}}));
    }
    entry.as_dict().set("metadata", Value::none());
    entry.as_dict().set("config", config_below(written, meta));
    return entry;
  });
}

Value measure_list(const Dict& model, const Value& meta) {
  return each_of(get(model, "measures"), [&](const Value& written) {
    Value entry = pick(written, {"name", "agg", "description", "label"});
    Dict& dict = entry.as_dict();
    // dbt forgets it once the metric is made.
    dict.set("create_metric", false);
    dict.set("expr", text_or_none(get(written, "expr")));
    Value params = get(written, "agg_params");
    if (!params.is_none()) {
      params = Value::dict({{"percentile", get(params, "percentile")},
                            {"use_discrete_percentile", get(params, "use_discrete_percentile", false)},
                            {"use_approximate_percentile", get(params, "use_approximate_percentile", false)}});
    }
    dict.set("agg_params", params);
    Value non_additive = get(written, "non_additive_dimension");
    if (!non_additive.is_none()) {
      non_additive = Value::dict({{"name", get(non_additive, "name")},
                                  {"window_choice", get(non_additive, "window_choice", "min")},
                                  {"window_groupings", get(non_additive, "window_groupings", Value::list())}});
    }
    dict.set("non_additive_dimension", non_additive);
    dict.set("agg_time_dimension", get(written, "agg_time_dimension"));
    dict.set("config", config_below(written, meta));
    return entry;
  });
}

Value query_params(const Dict& saved_query) {
  Value params = get(saved_query, "query_params");
  return Value::dict({{"metrics", listified(get(params, "metrics"))},
                      {"group_by", listified(get(params, "group_by"))},
                      {"where", filter_entry(get(params, "where"))},
                      {"order_by", listified(get(params, "order_by"))},
                      {"limit", get(params, "limit")}});
}

Value export_list(const Dict& saved_query, const Dict& config, const Target& target) {
  return each_of(get(saved_query, "exports"), [&](const Value& written) {
    Value own = get(written, "config", Value::dict());
    Value schema = get(own, "schema", get(own, "schema_name", get(config, "schema")));
    return Value::dict({{"name", get(written, "name")},
                        {"config", Value::dict({{"export_as", get(own, "export_as", get(config, "export_as"))},
                                                {"schema_name", schema.is_none() ? Value(target.schema) : schema},
                                                {"alias", get(own, "alias", get(written, "name"))},
                                                {"database", target.database}})},
                        {"unrendered_config", own}});
  });
}

Value time_spine_entry(const Value& written) {
  if (written.kind() != jinja::Kind::Dict) return written;
  return Value::dict({{"standard_granularity_column", get(written, "standard_granularity_column")},
                      {"custom_granularities", each_of(get(written, "custom_granularities"), [](const Value& custom) {
                         return pick(custom, {"name", "column_name"});
                       })}});
}

}  // namespace plumb::project
