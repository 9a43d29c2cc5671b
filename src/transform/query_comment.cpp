#include "transform/query_comment.h"

#include "base/format.h"

namespace plumb::transform {

using jinja::Kind;
using jinja::Value;

namespace {

// The connection of what no node asks.
constexpr std::string_view kMaster = "master";

const Value* part(const project::ProjectSettings& settings, std::string_view key) {
  return settings.query_comment.kind() == Kind::Dict ? settings.query_comment.as_dict().find(key) : nullptr;
}

std::string default_comment(const project::ProjectSettings& settings, const project::Node* node) {
  Value comment = Value::dict({{"app", "dbt"},
                               {"dbt_version", project::kDbtVersion},
                               {"profile_name", settings.target.profile},
                               {"target_name", settings.target.name}});
  comment.as_dict().set(node ? "node_id" : "connection_name", node ? node->unique_id : std::string(kMaster));
  std::string text;
  project::append_json(text, comment);
  return text;
}

// Empty: no comment.
std::string query_comment(RunContext& context, const project::Node* node) {
  const auto& settings = context.invocation().settings();
  const Value* said = &settings.query_comment;
  if (said->kind() == Kind::Dict) said = part(settings, "comment");
  if (said == nullptr || said->is_undefined()) return default_comment(settings, node);
  if (!said->is_string()) return {};
  Value more = Value::dict({{"connection_name", node ? node->unique_id : std::string(kMaster)},
                            {"node", node ? manifest_entry(*node) : Value::none()}});
  // A macro, so that it may return().
  std::string macro = "{% macro comment_() %}" + std::string(said->as_string()) + "{% endmacro %}{{ comment_() }}";
  std::string text = context.render(macro, {.package = settings.root.name, .path = "dbt_project.yml"}, more);
  std::size_t begin = text.find_first_not_of(" \t\r\n");
  text = begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
  if (text.find("*/") != std::string::npos) {
    jinja::raise("DbtRuntimeError", "query comment contains illegal value \"*/\": " + text);
  }
  return text;
}

void set_comment(RunContext& context, const project::Node* node) {
  const Value* append = part(context.invocation().settings(), "append");
  bool behind = append != nullptr && append->kind() == Kind::Bool && append->as_bool();
  context.session().set_comment(query_comment(context, node), behind);
}

}  // namespace

void comment_statements(RunContext& context, const project::Node& node) {
  set_comment(context, &node);
}

void comment_statements(RunContext& context) {
  set_comment(context, nullptr);
}

}  // namespace plumb::transform
