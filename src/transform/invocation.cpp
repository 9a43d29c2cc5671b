#include "transform/invocation.h"

namespace plumb::transform {

using jinja::Value;

Invocation::Invocation(const project::ProjectSettings& settings, const project::Manifest& manifest,
                       Warehouse& warehouse, const Clock& clock)
    : settings_(settings),
      manifest_(manifest),
      warehouse_(warehouse),
      clock_(clock),
      started_at_(clock.now()),
      references_(manifest.nodes, manifest.sources, settings.root.name),
      quoting_(merge_policy({}, settings.root.quoting)),
      warning_policy_(settings.flags) {
  auto say = [this](std::string_view text, project::Voice voice) {
    std::lock_guard lock(mutex_);
    if (settings_.say) settings_.say(text, voice);
  };
  functions_ = project::template_functions(settings, say, say);
  jinja::Dict& names = functions_.as_dict();
  names.set("execute", true);
  names.set("modules", project::modules(clock));
  names.set("run_started_at", project::python_utc_datetime(started_at_));
}

void Invocation::say(std::string_view text) const {
  std::lock_guard lock(mutex_);
  if (settings_.say) settings_.say(text, project::Voice::Info);
}

bool Invocation::flag(std::string_view name) const {
  return project::flag_on(settings_.flags, name);
}

const project::PackageSettings& Invocation::package(std::string_view name) const {
  for (const project::PackageSettings& package : settings_.packages) {
    if (package.name == name) return package;
  }
  return settings_.root;
}

Value Invocation::graph() const {
  std::lock_guard lock(mutex_);
  if (!graph_.is_undefined()) return graph_;
  Value graph = Value::dict();
  for (std::string_view section :
       {"exposures", "functions", "groups", "metrics", "nodes", "sources", "semantic_models", "saved_queries"}) {
    graph.as_dict().set(section, Value::dict());
  }
  auto add = [&](std::string_view section, const std::string& id, Value entry) {
    graph.as_dict().find(section)->as_dict().set(id, std::move(entry));
  };
  for (const project::Node& node : manifest_.nodes) {
    if (node.type != project::ResourceType::UnitTest) add("nodes", node.unique_id, manifest_entry(node));
  }
  for (const project::Source& source : manifest_.sources) add("sources", source.unique_id, manifest_entry(source));
  for (const project::Other& other : manifest_.others) {
    std::string section(to_string(other.type));
    if (section == "saved_query") section = "saved_querie";
    section += 's';
    if (graph.as_dict().find(section)) add(section, other.unique_id, manifest_entry(other));
  }
  graph_ = graph;
  return graph_;
}

}  // namespace plumb::transform
