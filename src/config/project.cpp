#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

constexpr std::string_view kProjectFile = "plumb.yml";

Connection read_connection(const Node& connections, std::size_t index, const Values& values) {
  Connection connection;
  connection.name = connections.key_at(index);
  connection.place = connections.key_place_at(index);
  Node body = connections.at(index);
  if (body.kind() != NodeKind::Map) {
    throw Error(ErrorKind::Config, format("connection '{}' should be a map with a `type`", connection.name),
                {.place = body.place(), .hint = "for example {type: sqlite, path: data}"});
  }
  connection.type = values.text(body.get("type"));
  connection.type_place = body.get("type").place();
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body.key_at(i) == "type") continue;
    Connection::Setting setting{values.text(body.at(i)), body.at(i).place()};
    setting.place.source_line.clear();  // it may hold a secret in plain
    connection.settings.emplace(body.key_at(i), std::move(setting));
  }
  return connection;
}

std::map<std::string, std::string> read_vars(const Node& vars) {
  std::map<std::string, std::string> result;
  for (std::size_t i = 0; i < vars.size(); ++i) {
    result.emplace(vars.key_at(i), vars.at(i).scalar());
  }
  return result;
}

Zone read_zone(const Node& root, const Values& values) {
  Node node = root.find("timezone");
  if (node.null()) return Zone();
  try {
    return Zone::get(values.text(node));
  } catch (const Error& error) {
    throw error.at(node.place());
  }
}

}  // namespace

const Connection::Setting* Connection::find(std::string_view key) const {
  auto it = settings.find(std::string(key));
  return it == settings.end() ? nullptr : &it->second;
}

std::string Connection::text(std::string_view key, std::string_view fallback) const {
  const Setting* setting = find(key);
  return setting != nullptr ? setting->value : std::string(fallback);
}

void Connection::expect_settings(const std::vector<std::string>& known) const {
  for (const auto& [key, setting] : settings) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    auto nearest = find_nearest(key, known);
    throw Error(ErrorKind::Config, format("unknown setting '{}' of the {} connection '{}'", key, type, name),
                {.place = setting.place,
                 .hint = nearest.empty() ? format("it knows {}", fmt::join(known, ", "))
                                         : format("did you mean '{}'?", nearest)});
  }
}

const Connection& Project::get_connection(std::string_view wanted, const Place& at) const {
  if (auto it = connections.find(std::string(wanted)); it != connections.end()) return it->second;
  std::vector<std::string> names;
  for (const auto& entry : connections) names.push_back(entry.first);
  auto nearest = find_nearest(wanted, names);
  throw Error(
      ErrorKind::Config, format("unknown connection '{}'", wanted),
      {.place = at.known() ? std::optional(at) : std::nullopt,
       .hint = nearest.empty() ? "add it under `connections:` in plumb.yml" : format("did you mean '{}'?", nearest)});
}

std::vector<Secret> Project::secrets() const {
  constexpr std::size_t kShortest = 4;
  std::set<std::string_view> values;
  const auto add = [&](std::string_view key, std::string_view value) {
    const bool word = value == "true" || value == "false" || value == "none" || value == "null";
    if (value.size() >= kShortest && !word && names_a_secret(key)) values.insert(value);
  };
  for (const auto& [variable, value] : environment.all()) add(variable, value);
  for (const auto& [ignored, connection] : connections) {
    for (const auto& [setting, value] : connection.settings) add(setting, value.value);
  }
  std::vector<std::string_view> sorted(values.begin(), values.end());
  // A secret within another one must not leave the rest of that one to be seen.
  std::stable_sort(sorted.begin(), sorted.end(), [](auto a, auto b) { return a.size() > b.size(); });
  std::vector<Secret> secrets;
  secrets.reserve(sorted.size());
  for (auto value : sorted) secrets.emplace_back(std::string(value));
  return secrets;
}

Project load_project(const std::filesystem::path& folder, Environment environment,
                     std::map<std::string, std::string> vars) {
  auto file = folder / kProjectFile;
  auto text = find_file(file);
  if (!text) {
    throw Error(
        ErrorKind::Config,
        format("there is no {} in {}", kProjectFile, std::filesystem::absolute(folder).lexically_normal().string()),
        {.hint = "run `plumb init` to make one, or say where it is with --project-dir"});
  }
  // The name that messages show is relative when the user stands in the folder.
  auto shown = folder == std::filesystem::path(".") || folder.empty() ? std::string(kProjectFile) : file.string();
  auto document = std::make_shared<const Document>(parse_yaml(*std::move(text), shown));
  Node root = document->root();
  if (root.kind() != NodeKind::Map) {
    throw Error(ErrorKind::Config, "the file should be a map with at least `name`", {.place = Place{shown, 1, 1, ""}});
  }
  // Those after `vars` belong to rooms further up, which read and check them.
  root.expect_keys({"name", "timezone", "connections", "vars", "defaults", "pools", "calendars", "retention", "alerts",
                    "server", "store"});

  Project project;
  project.document = document;
  project.folder = folder;
  project.environment = std::move(environment);
  project.environment.read_dotenv(folder / ".env");
  project.vars = std::move(vars);
  project.vars.merge(read_vars(root.find("vars")));
  Values values = project.values();
  project.name = values.text(root.get("name"));
  project.zone = read_zone(root, values);
  Node connections = root.find("connections");
  if (!connections.null() && connections.kind() != NodeKind::Map) {
    throw Error(ErrorKind::Config, "`connections` should be a map of names", {.place = connections.place()});
  }
  for (std::size_t i = 0; i < connections.size(); ++i) {
    Connection connection = read_connection(connections, i, values);
    project.connections.emplace(connection.name, std::move(connection));
  }
  return project;
}

std::optional<std::filesystem::path> find_project_folder(const std::filesystem::path& start) {
  std::error_code ignored;
  auto folder = std::filesystem::absolute(start, ignored);
  while (true) {
    if (std::filesystem::exists(folder / kProjectFile, ignored)) return folder;
    if (folder == folder.parent_path()) return std::nullopt;
    folder = folder.parent_path();
  }
}

}  // namespace plumb::config
