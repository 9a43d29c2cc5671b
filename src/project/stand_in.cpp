#include "project/stand_in.h"

#include <charconv>

#include "base/format.h"

namespace plumb::project {
namespace {

// A connection's settings are text; an output's are YAML. Numbers are told by how they look.
std::string yaml_scalar(std::string_view text) {
  std::int64_t number = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool whole = failure == std::errc() && end == text.data() + text.size();
  return whole ? std::string(text) : json_quote(text);
}

// The output that somebody would have written into profiles.yml.
std::string output_of(const config::Project& project, const config::Connection& connection) {
  std::string text = format("type: {}\n", connection.type);
  for (const auto& [key, setting] : connection.settings) {
    std::string value = setting.value;
    if (key == "path" && value != ":memory:" && !value.empty()) value = (project.folder / value).string();
    bool word = key == "password" || key == "user" || key == "dbname" || key == "host" || key == "path";
    text += format("{}: {}\n", key, word ? json_quote(value) : yaml_scalar(value));
  }
  if (connection.type != "postgres") return text;
  if (connection.find("schema") == nullptr) text += "schema: public\n";
  if (connection.find("port") == nullptr) text += "port: 5432\n";
  if (connection.find("password") == nullptr) text += "password: \"\"\n";
  return text;
}

}  // namespace

std::optional<Target> find_stand_in(const std::filesystem::path& folder, const config::Environment& environment,
                                    const ProfileChoice& choice) {
  auto root = config::find_project_folder(folder);
  if (!root) return std::nullopt;
  config::Project project = config::load_project(*root, environment);
  auto found = project.connections.find(choice.profile);
  if (found == project.connections.end()) return std::nullopt;
  const config::Connection& connection = found->second;
  if (connection.type != "duckdb" && connection.type != "postgres") return std::nullopt;
  Document output = parse_yaml(output_of(project, connection), "plumb.yml");
  // plumb.yml's own templates were rendered when it was read; this one only reads kinds.
  ConfigRenderer renderer(environment, jinja::Value::dict(), ConfigRenderer::Secrets::Allowed);
  Target target{.profile = choice.profile, .name = choice.target.empty() ? "default" : choice.target};
  target.threads = choice.threads > 0 ? choice.threads : 1;
  read_credentials(output.root(), renderer, target);
  return target;
}

}  // namespace plumb::project
