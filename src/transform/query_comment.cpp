#include "transform/query_comment.h"

#include "base/format.h"

namespace plumb::transform {

using jinja::Kind;
using jinja::Value;

namespace {

const Value* part(const project::ProjectSettings& settings, std::string_view key) {
  return settings.query_comment.kind() == Kind::Dict ? settings.query_comment.as_dict().find(key) : nullptr;
}

std::string default_comment(const project::ProjectSettings& settings, const std::string& id) {
  std::string text;
  project::append_json(text, Value::dict({{"app", "dbt"},
                                          {"dbt_version", project::kDbtVersion},
                                          {"profile_name", settings.target.profile},
                                          {"target_name", settings.target.name},
                                          {"node_id", id}}));
  return text;
}

// Empty: no comment.
std::string query_comment(RunContext& context, const project::Node& node) {
  const auto& settings = context.invocation().settings();
  const Value* said = &settings.query_comment;
  if (said->kind() == Kind::Dict) said = part(settings, "comment");
  if (said == nullptr || said->is_undefined()) return default_comment(settings, node.unique_id);
  if (!said->is_string()) return {};
  Value more = Value::dict({{"connection_name", node.unique_id}, {"node", manifest_entry(node)}});
  std::string text =
      context.render(std::string(said->as_string()), {.package = settings.root.name, .path = "dbt_project.yml"}, more);
  if (text.find("*/") != std::string::npos) {
    jinja::raise("DbtRuntimeError", "query comment contains illegal value \"*/\": " + text);
  }
  return text;
}

}  // namespace

void comment_statements(RunContext& context, const project::Node& node) {
  const Value* append = part(context.invocation().settings(), "append");
  bool behind = append != nullptr && append->kind() == Kind::Bool && append->as_bool();
  context.session().set_comment(query_comment(context, node), behind);
}

}  // namespace plumb::transform
