// What metrics, semantic models and saved queries have to do with each other: a metric is of a measure, which a
// semantic model has, or of other metrics; a saved query asks for metrics.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Value;

namespace {

Value get(const Value& from, std::string_view key) {
  const Value* found = from.kind() == jinja::Kind::Dict ? from.as_dict().find(key) : nullptr;
  return found ? *found : Value::none();
}

std::string name_of(const Value& input) {
  Value name = get(input, "name");
  return name.is_string() ? std::string(name.as_string()) : std::string();
}

void add(DependsOn& depends_on, const std::string& id) {
  auto& nodes = depends_on.nodes;
  if (std::find(nodes.begin(), nodes.end(), id) == nodes.end()) nodes.push_back(id);
}

class SemanticLinker {
 public:
  explicit SemanticLinker(Manifest& manifest) : manifest_(manifest) {
    for (Other& other : manifest.others) {
      if (other.type == ResourceType::Metric) metrics_.emplace(other.name, &other);
      if (other.type != ResourceType::SemanticModel) continue;
      for (const Value& measure : other.body->find("measures")->items()) measures_.emplace(name_of(measure), &other);
    }
  }

  void run() {
    for (Other& other : manifest_.others) {
      if (other.type == ResourceType::SemanticModel) name_relation(other);
      if (other.type == ResourceType::Metric) link_metric(other);
      if (other.type == ResourceType::SavedQuery) link_query(other);
    }
  }

 private:
  // The model that it is of.
  void name_relation(Other& semantic) {
    if (semantic.depends_on.nodes.empty()) return;
    for (const Node& node : manifest_.nodes) {
      if (node.unique_id != semantic.depends_on.nodes.front()) continue;
      semantic.body->set("node_relation", Value::dict({{"alias", node.alias},
                                                       {"schema_name", node.schema},
                                                       {"database", node.database},
                                                       {"relation_name", node.relation_name}}));
      return;
    }
  }

  void link_metric(Other& metric) {
    if (!linked_.insert(&metric).second) return;
    Value params = *metric.body->find("type_params");
    std::vector<Value> measures;
    auto take = [&](const Value& measure) {
      bool known = std::any_of(measures.begin(), measures.end(), [&](const Value& other) {
        std::string one, two;
        append_json(one, measure);
        append_json(two, other);
        return one == two;
      });
      if (!known) measures.push_back(measure);
    };
    auto link_measure = [&](const Value& measure) {
      if (measure.is_none()) return;
      auto found = measures_.find(name_of(measure));
      if (found == measures_.end()) {
        fail(metric,
             format("A semantic model having a measure `{}` does not exist but was referenced.", name_of(measure)));
      }
      add(metric.depends_on, found->second->unique_id);
      take(measure);
    };
    auto link_input = [&](const Value& input) {
      if (input.is_none()) return;
      Other& other = get_metric(metric, "metric", name_of(input));
      add(metric.depends_on, other.unique_id);
      link_metric(other);
      for (const Value& measure : get(*other.body->find("type_params"), "input_measures").items()) take(measure);
    };
    link_measure(get(params, "measure"));
    Value conversion = get(params, "conversion_type_params");
    link_measure(get(conversion, "base_measure"));
    link_measure(get(conversion, "conversion_measure"));
    link_input(get(params, "numerator"));
    link_input(get(params, "denominator"));
    for (const Value& input : get(params, "metrics").items()) link_input(input);
    params.as_dict().set("input_measures", Value::list(std::move(measures)));
  }

  void link_query(Other& query) {
    for (const Value& name : get(*query.body->find("query_params"), "metrics").items()) {
      add(query.depends_on, get_metric(query, "saved query", python_text(name)).unique_id);
    }
  }

  Other& get_metric(const Other& from, std::string_view what, const std::string& name) {
    auto found = metrics_.find(name);
    if (found == metrics_.end()) {
      fail(from, format("The metric `{}` does not exist but was referenced by {} `{}`.", name, what, from.name));
    }
    return *found->second;
  }

  [[noreturn]] static void fail(const Other& from, std::string message) {
    throw Error(ErrorKind::Config, std::move(message),
                {.place = Place{.file = from.origin.path, .line = from.origin.line, .column = from.origin.column}});
  }

  Manifest& manifest_;
  std::unordered_map<std::string, Other*> metrics_, measures_;
  std::set<const Other*> linked_;
};

}  // namespace

void link_semantics(Manifest& manifest) {
  SemanticLinker(manifest).run();
}

}  // namespace plumb::project
