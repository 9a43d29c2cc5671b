// Metrics, semantic models and saved queries as manifest.json has them: what is written in short stands in full, and
// what is not said is there as None.
#pragma once

#include "project/manifest.h"
#include "project/settings.h"

namespace plumb::project {

// {measure, numerator, denominator, metrics, …} of a metric's `type_params`; its input_measures are found when it is
// linked (semantic_links.cpp).
jinja::Value metric_type_params(const jinja::Dict& metric);
// "{{ Dimension('order__paid') }}", or a list of such, as {where_filters: [{where_sql_template: …}]}.
jinja::Value filter_entry(const jinja::Value& written);
// `meta` is the semantic model's: its entities, dimensions and measures take it over.
jinja::Value entity_list(const jinja::Dict& model, const jinja::Value& meta);
jinja::Value dimension_list(const jinja::Dict& model, const jinja::Value& meta);
jinja::Value measure_list(const jinja::Dict& model, const jinja::Value& meta);
// {metrics, group_by, where, order_by, limit}
jinja::Value query_params(const jinja::Dict& saved_query);
// `config` is the saved query's own, for what an export does not say.
jinja::Value export_list(const jinja::Dict& saved_query, const jinja::Dict& config, const Target& target);
// A model's `time_spine`.
jinja::Value time_spine_entry(const jinja::Value& written);

}  // namespace plumb::project
