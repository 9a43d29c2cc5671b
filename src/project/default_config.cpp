// What each type of node is configured to from the start, in dbt's order of keys.
#include "project/node_config.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

Value none() {
  return Value::none();
}

void add_head(Dict& config, std::string_view materialized) {
  config.set("enabled", true);
  config.set("alias", none());
  config.set("schema", none());
  config.set("database", none());
  config.set("tags", Value::list());
  config.set("meta", Value::dict());
  config.set("group", none());
  config.set("static_analysis", none());
  config.set("materialized", materialized);
}

void add_building(Dict& config) {
  config.set("incremental_strategy", none());
  config.set("batch_size", none());
  config.set("lookback", 1);
  config.set("begin", none());
  config.set("persist_docs", Value::dict());
  config.set("post-hook", Value::list());
  config.set("pre-hook", Value::list());
  config.set("quoting", Value::dict());
  config.set("column_types", Value::dict());
  config.set("full_refresh", none());
  config.set("unique_key", none());
  config.set("on_schema_change", "ignore");
  config.set("on_configuration_change", "apply");
  config.set("grants", Value::dict());
  config.set("packages", Value::list());
  config.set("docs", Value::dict({{"show", true}, {"node_color", none()}}));
  config.set("contract", Value::dict({{"enforced", false}, {"alias_types", true}}));
  config.set("event_time", none());
  config.set("concurrent_batches", none());
}

void add_model(Dict& config) {
  add_head(config, "view");
  add_building(config);
  config.set("access", "protected");
  config.set("freshness", none());
}

void add_seed(Dict& config) {
  add_head(config, "seed");
  add_building(config);
  config.set("delimiter", ",");
  config.set("quote_columns", none());
}

void add_snapshot(Dict& config) {
  add_head(config, "snapshot");
  add_building(config);
  for (std::string_view key : {"strategy", "target_schema", "target_database", "updated_at", "check_cols"}) {
    config.set(key, none());
  }
  config.set("snapshot_meta_column_names", Value::dict({{"dbt_valid_to", none()},
                                                        {"dbt_valid_from", none()},
                                                        {"dbt_scd_id", none()},
                                                        {"dbt_updated_at", none()},
                                                        {"dbt_is_deleted", none()}}));
  config.set("dbt_valid_to_current", none());
}

void add_test(Dict& config) {
  add_head(config, "test");
  config.set("schema", "dbt_test__audit");
  config.set("severity", "ERROR");
  config.set("store_failures", none());
  config.set("store_failures_as", none());
  config.set("where", none());
  config.set("limit", none());
  config.set("fail_calc", "count(*)");
  config.set("warn_if", "!= 0");
  config.set("error_if", "!= 0");
}

void add_function(Dict& config) {
  add_head(config, "function");
  add_building(config);
  config.set("type", "scalar");
  for (std::string_view key : {"volatility", "runtime_version", "entry_point"}) config.set(key, none());
}

void add_source(Dict& config) {
  config.set("enabled", true);
  config.set("event_time", none());
  config.set("freshness", Value::dict({{"warn_after", Value::dict({{"count", none()}, {"period", none()}})},
                                       {"error_after", Value::dict({{"count", none()}, {"period", none()}})},
                                       {"filter", none()}}));
  config.set("loaded_at_field", none());
  config.set("loaded_at_query", none());
  config.set("meta", Value::dict());
  config.set("tags", Value::list());
  config.set("static_analysis", none());
}

}  // namespace

Ref<Dict> default_config(ResourceType type) {
  auto config = jinja::make<Dict>();
  switch (type) {
    case ResourceType::Model:
      add_model(*config);
      break;
    case ResourceType::Seed:
      add_seed(*config);
      break;
    case ResourceType::Snapshot:
      add_snapshot(*config);
      break;
    case ResourceType::Function:
      add_function(*config);
      break;
    case ResourceType::Test:
      add_test(*config);
      break;
    case ResourceType::Source:
      add_source(*config);
      break;
    case ResourceType::UnitTest:
      config->set("tags", Value::list());
      config->set("meta", Value::dict());
      config->set("enabled", true);
      config->set("static_analysis", none());
      break;
    case ResourceType::Exposure:
      config->set("enabled", true);
      config->set("tags", Value::list());
      config->set("meta", Value::dict());
      break;
    case ResourceType::Group:
      break;
    case ResourceType::Metric:
    case ResourceType::SemanticModel:
    case ResourceType::SavedQuery:
      config->set("enabled", true);
      config->set("group", none());
      config->set("meta", Value::dict());
      if (type != ResourceType::SavedQuery) break;
      config->set("export_as", none());
      config->set("schema", none());
      config->set("cache", Value::dict({{"enabled", false}}));
      break;
    default:
      add_head(*config, "view");
      add_building(*config);
  }
  return config;
}

}  // namespace plumb::project
