// Exposures, groups, metrics, semantic models and saved queries: read and linked, but nothing is built of them here.
#include <algorithm>

#include "base/format.h"
#include "project/parse.h"
#include "project/semantic_body.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

Value get(const Dict& dict, std::string_view key, Value fallback = Value::none()) {
  const Value* found = dict.find(key);
  return found ? *found : fallback;
}

// {email, name, …} with both keys there.
Value owner_of(const Value& written) {
  Value owner = Value::dict({{"email", Value::none()}, {"name", Value::none()}});
  if (written.kind() != jinja::Kind::Dict) return owner;
  std::size_t position = 0;
  while (const Value::Entry* entry = written.as_dict().next(position)) owner.as_dict().set(entry->key, entry->value);
  return owner;
}

class OtherMaker {
 public:
  OtherMaker(Parse& parse, const LoadedProperties& properties, const OtherPatch& patch)
      : parse_(parse), properties_(properties), patch_(patch) {}

  void make() {
    other_.type = patch_.type;
    other_.name = patch_.name;
    other_.package = properties_.file->package;
    other_.unique_id = format("{}.{}.{}", to_string(patch_.type), other_.package, patch_.name);
    other_.origin = origin_of(properties_, patch_.node);
    other_.fqn = fqn_of(*properties_.file, {other_.name});
    other_.created_at = parse_.now;
    other_.body = jinja::make<Dict>();
    describe();
    if (other_.enabled) {
      if (other_.type == ResourceType::SemanticModel) make_metrics_of_measures();
      claim(parse_, other_);
      parse_.manifest.others.push_back(std::move(other_));
    } else {
      parse_.manifest.disabled_others.push_back(std::move(other_));
    }
  }

 private:
  const Dict& written() const { return *patch_.body; }
  void set(std::string_view key, Value value) { other_.body->set(key, std::move(value)); }
  std::string description() {
    std::vector<std::string> blocks;
    return parse_.docs.render(patch_.description, other_.package, patch_.node.place(), blocks);
  }

  void describe() {
    switch (patch_.type) {
      case ResourceType::Exposure:
        return describe_exposure();
      case ResourceType::Group:
        return describe_group();
      case ResourceType::Metric:
        return describe_metric();
      case ResourceType::SemanticModel:
        return describe_semantic_model();
      default:
        return describe_saved_query();
    }
  }

  // config, with the keys beside it, over the tree.
  void configure() {
    auto layer = jinja::make<Dict>();
    if (Value config = get(written(), "config"); config.kind() == jinja::Kind::Dict) {
      merge_config(*layer, config.as_dict());
    }
    for (std::string_view key : {"meta", "tags", "enabled", "group"}) {
      if (const Value* said = written().find(key); said && !layer->find(key)) layer->set(key, *said);
    }
    auto complete =
        parse_.bench->configs.complete(patch_.type, other_.package, other_.fqn, {.properties = layer.get()});
    Value enabled = get(*complete.config, "enabled", true);
    other_.enabled = enabled.kind() != jinja::Kind::Bool || enabled.as_bool();
    set("meta", get(*complete.config, "meta", Value::dict()));
    set("tags", get(*complete.config, "tags", Value::list()));
    set("config", Value(complete.config));
    bool exposure = patch_.type == ResourceType::Exposure;
    auto only_written =
        exposure ? copy_dict(*parse_.bench->configs.complete(patch_.type, other_.package, other_.fqn, {}).unrendered)
                 : jinja::make<Dict>();
    if (Value config = get(written(), "config"); config.kind() == jinja::Kind::Dict) {
      merge_config(*only_written, config.as_dict());
    }
    set("unrendered_config", Value(only_written));
  }

  void describe_exposure() {
    set("type", get(written(), "type"));
    set("owner", owner_of(get(written(), "owner")));
    set("description", description());
    set("label", get(written(), "label"));
    set("maturity", get(written(), "maturity"));
    configure();
    set("url", get(written(), "url"));
    Value depends = get(written(), "depends_on");
    if (depends.kind() == jinja::Kind::List) {
      for (const Value& entry : depends.items()) note(python_text(entry));
    }
  }

  // ref('x') and source('a', 'b') as text.
  void note(const std::string& call) {
    Node node;
    node.package = other_.package;
    parse_.bench->context.begin(node);
    parse_.bench->context.prepare = nullptr;
    Origin origin = other_.origin;
    parse_.bench->context.render("{{ " + call + " }}", origin);
    other_.refs.insert(other_.refs.end(), node.refs.begin(), node.refs.end());
    other_.sources.insert(other_.sources.end(), node.sources.begin(), node.sources.end());
    other_.metrics.insert(other_.metrics.end(), node.metrics.begin(), node.metrics.end());
    say(parse_, std::exchange(parse_.bench->said, {}));
  }

  void describe_group() {
    set("owner", owner_of(get(written(), "owner")));
    set("description", patch_.description.empty() ? Value::none() : Value(description()));
    auto complete = parse_.bench->configs.complete(patch_.type, other_.package, other_.fqn, {});
    Value config = Value::dict({{"meta", Value::dict()}});
    std::size_t position = 0;
    while (const Value::Entry* entry = complete.unrendered->next(position)) {
      std::string_view key = entry->key.as_string();
      if (key != "pre-hook" && key != "post-hook") config.as_dict().set(entry->key, entry->value);
    }
    if (Value own = get(written(), "config"); own.kind() == jinja::Kind::Dict)
      merge_config(config.as_dict(), own.as_dict());
    set("config", config);
  }

  // ---- Metrics and what they are made of

  // config, with the group beside it; for metrics the tree's counts as written, too.
  void configure_semantic() {
    auto layer = jinja::make<Dict>();
    if (Value config = get(written(), "config"); config.kind() == jinja::Kind::Dict) {
      merge_config(*layer, config.as_dict());
    }
    if (const Value* group = written().find("group"); group && !layer->find("group")) layer->set("group", *group);
    auto complete =
        parse_.bench->configs.complete(patch_.type, other_.package, other_.fqn, {.properties = layer.get()});
    Value enabled = get(*complete.config, "enabled", true);
    other_.enabled = enabled.kind() != jinja::Kind::Bool || enabled.as_bool();
    set("config", Value(complete.config));
    set("unrendered_config", Value(complete.unrendered));
    set("group", get(*complete.config, "group"));
    set("metadata", Value::none());
    set("label", get(written(), "label"));
  }
  const Dict& config() const { return other_.body->find("config")->as_dict(); }

  void describe_metric() {
    configure_semantic();
    set("description", description());
    set("type", get(written(), "type"));
    set("type_params", metric_type_params(written()));
    set("filter", filter_entry(get(written(), "filter")));
    set("time_granularity", get(written(), "time_granularity"));
    set("meta", get(written(), "meta", get(config(), "meta", Value::dict())));  // dbt keeps one beside it apart
    set("tags", listified(get(written(), "tags")));
    Value params = get(written(), "type_params");
    if (params.kind() != jinja::Kind::Dict) return;
    if (!params.as_dict().find("window") && !params.as_dict().find("grain_to_date")) return;
    parse_.warnings.push_back(
        {"MFCumulativeTypeParamsDeprecation",
         "Cumulative fields `type_params.window` and `type_params.grain_to_date` have been moved and will soon be "
         "deprecated. Please nest those values under `type_params.cumulative_type_params.window` and "
         "`type_params.cumulative_type_params.grain_to_date`.",
         patch_.node.place()});
  }

  void describe_semantic_model() {
    configure_semantic();
    Value meta = get(config(), "meta");
    set("model", get(written(), "model"));
    set("node_relation", Value::none());
    set("description", patch_.description.empty() ? Value::none() : Value(description()));
    set("defaults", get(written(), "defaults"));
    set("entities", entity_list(written(), meta));
    set("measures", measure_list(written(), meta));
    set("dimensions", dimension_list(written(), meta));
    set("primary_entity", get(written(), "primary_entity"));
    if (const Value* model = written().find("model"); model && model->is_string()) {
      note(std::string(model->as_string()));
    }
  }

  // `create_metric: true` of a measure.
  void make_metrics_of_measures() {
    Value written_measures = get(written(), "measures");
    const Value measures = *other_.body->find("measures");
    for (std::size_t i = 0; i < measures.items().size(); ++i) {
      Value create = get(written_measures.items()[i].as_dict(), "create_metric");
      if (create.kind() != jinja::Kind::Bool || !create.as_bool()) continue;
      const Dict& measure = measures.items()[i].as_dict();
      Value name = get(measure, "name"), label = get(measure, "label"), told = get(measure, "description");
      Value config = Value::dict({{"meta", get(get(measure, "config").as_dict(), "meta")}, {"enabled", true}});
      Value params = Value::dict({{"measure", name}, {"expr", get(measure, "expr")}});
      OtherPatch metric{.type = ResourceType::Metric, .node = patch_.node.find("measures").at(i)};
      metric.name = python_text(name);
      metric.description = told.is_none() ? "Metric created from measure " + metric.name : python_text(told);
      metric.body = jinja::make<Dict>();
      metric.body->set("label", label.is_none() ? name : label);
      metric.body->set("type", "simple");
      metric.body->set("type_params", params);
      metric.body->set("config", config);
      OtherMaker(parse_, properties_, metric).make();
    }
  }

  void describe_saved_query() {
    configure_semantic();
    set("description", patch_.description.empty() ? Value::none() : Value(description()));
    set("query_params", query_params(written()));
    set("exports", export_list(written(), config(), parse_.settings.target));
    std::vector<Value> tags = listed(get(written(), "tags"));
    for (const Value& tag : listed(get(config(), "tags"))) {
      bool known =
          std::any_of(tags.begin(), tags.end(), [&](const Value& other) { return jinja::equal_keys(other, tag); });
      if (!known) tags.push_back(tag);
    }
    set("tags", Value::list(std::move(tags)));
  }

  Parse& parse_;
  const LoadedProperties& properties_;
  const OtherPatch& patch_;
  Other other_;
};

}  // namespace

void parse_others(Parse& parse, const LoadedPackage& package) {
  for (const LoadedProperties& properties : package.properties) {
    for (const OtherPatch& patch : properties.content.others) OtherMaker(parse, properties, patch).make();
  }
}

}  // namespace plumb::project
