#include "ingest/pipeline.h"

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/format.h"

namespace plumb::ingest {

namespace {

constexpr WriteMode kWriteModes[] = {WriteMode::Append, WriteMode::Replace, WriteMode::Merge, WriteMode::Insert};

Error wrong(const Node& node, std::string message, std::string hint = {}) {
  return Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

WriteMode read_write_mode(const Node& node) {
  auto text = node.as_text();
  std::vector<std::string_view> names;
  for (auto mode : kWriteModes) {
    if (to_string(mode) == text) return mode;
    names.push_back(to_string(mode));
  }
  throw wrong(node, format("unknown write mode '{}'", text), format("there are {}", fmt::join(names, ", ")));
}

// One name or a list of them.
std::vector<std::string> read_names(const Node& node) {
  if (node.null()) return {};
  if (node.kind() != NodeKind::List) return {node.as_text()};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < node.size(); ++i) names.push_back(node.at(i).as_text());
  return names;
}

// "90s", "15m", "3h", "2d".
std::chrono::seconds read_duration(const Node& node) {
  auto text = node.scalar();
  std::int64_t count = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (failed == std::errc() && count >= 0) {
    if (unit == "s") return std::chrono::seconds(count);
    if (unit == "m") return std::chrono::minutes(count);
    if (unit == "h") return std::chrono::hours(count);
    if (unit == "d") return std::chrono::days(count);
  }
  throw wrong(node, format("'{}' is no duration", text), "write a number with s, m, h or d: 3h");
}

std::map<std::string, data::Type> read_columns(const Node& node) {
  std::map<std::string, data::Type> columns;
  for (std::size_t i = 0; i < node.size(); ++i) {
    try {
      columns.emplace(node.key_at(i), data::Type::parse(node.at(i).as_text()));
    } catch (const Error& error) {
      throw error.at(node.at(i).place());
    }
  }
  return columns;
}

const Resource& get_resource(const Connector& connector, std::string_view name, const Place& place) {
  std::vector<std::string> names;
  for (const auto& resource : connector.resources) {
    if (resource.name == name) return resource;
    names.push_back(resource.name);
  }
  auto nearest = find_nearest(name, names);
  throw Error(ErrorKind::Config, format("{} has no resource '{}'", connector.type, name),
              {.place = place,
               .hint = nearest.empty() ? format("there are {}", fmt::join(names, ", "))
                                       : format("did you mean '{}'?", nearest)});
}

PipelineResource read_resource(const Connector& connector, std::string_view name, const Node& node,
                               const Place& place) {
  PipelineResource result{.resource = get_resource(connector, name, place), .table = std::string(name)};
  if (node.null()) return result;
  node.expect_keys({"table", "write", "primary_key", "cursor", "raw", "columns"});
  Resource& resource = result.resource;
  const bool connector_raw = resource.raw;
  result.table = node.find("table").text_or(result.table);
  if (auto raw = node.find("raw")) resource.raw = raw.as_bool();
  if (resource.raw && !connector_raw) {
    // Documents have none of the columns that the connector's key names: they are appended unless the file says more.
    resource.write = WriteMode::Append;
    resource.primary_key.clear();
    resource.scope.clear();
  }
  if (auto write = node.find("write")) {
    auto mode = read_write_mode(write);
    if (mode != resource.write) resource.scope.clear();
    resource.write = mode;
  }
  if (auto key = node.find("primary_key")) resource.primary_key = read_names(key);
  if (auto cursor = node.find("cursor")) {
    if (cursor.kind() == NodeKind::Map) {
      cursor.expect_keys({"field", "lag"});
      resource.cursor = cursor.get("field").as_text();
      if (auto lag = cursor.find("lag")) result.cursor_lag = read_duration(lag);
    } else {
      resource.cursor = cursor.as_text();
    }
  }
  result.columns = read_columns(node.find("columns"));
  const bool keyed = resource.write == WriteMode::Merge || resource.write == WriteMode::Insert;
  if (keyed && resource.primary_key.empty()) {
    throw wrong(node,
                format("resource '{}' is written by {}, which needs a `primary_key`", name, to_string(resource.write)));
  }
  return result;
}

std::vector<PipelineResource> read_resources(const Connector& connector, const Node& node) {
  std::vector<PipelineResource> resources;
  if (node.null()) {
    for (const auto& name : connector.standard) resources.push_back(read_resource(connector, name, {}, {}));
  } else if (node.kind() == NodeKind::List) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      resources.push_back(read_resource(connector, node.at(i).as_text(), {}, node.at(i).place()));
    }
  } else {
    for (std::size_t i = 0; i < node.size(); ++i) {
      resources.push_back(read_resource(connector, node.key_at(i), node.at(i), node.key_place_at(i)));
    }
  }
  return resources;
}

void check_options(const Node& source, const Connector& connector) {
  for (std::size_t i = 0; i < source.size(); ++i) {
    auto key = source.key_at(i);
    if (key == "connection" ||
        std::find(connector.options.begin(), connector.options.end(), key) != connector.options.end())
      continue;
    auto nearest = find_nearest(key, connector.options);
    throw Error(
        ErrorKind::Config, format("unknown option '{}' of a {} source", key, connector.type),
        {.place = source.key_place_at(i), .hint = nearest.empty() ? "" : format("did you mean '{}'?", nearest)});
  }
}

Pipeline read_pipeline(const config::Project& project, const std::filesystem::path& file,
                       const std::vector<Connector>& connectors) {
  auto shown = project.folder == "." ? file.lexically_relative(project.folder).string() : file.string();
  auto document = std::make_shared<Document>(parse_yaml(read_file(file), shown));
  Node root = document->root();
  if (root.kind() != NodeKind::Map)
    throw Error(ErrorKind::Config, "a pipeline should be a map", {.place = Place{shown, 1, 1, ""}});
  root.expect_keys({"pipeline", "source", "destination", "dataset", "resources"});

  Pipeline pipeline;
  pipeline.document = document;
  pipeline.name = root.get("pipeline").as_text();
  pipeline.place = root.get("pipeline").place();
  Node source = root.get("source");
  // `source: bank` is short for `source: {connection: bank}`.
  Node name = source.kind() == NodeKind::Map ? source.get("connection") : source;
  pipeline.connection = name.as_text();
  const auto& connection = project.get_connection(pipeline.connection, name.place());
  expect_known_type(connection, connectors);
  const auto* connector = find_connector(connectors, connection.type);
  if (connector == nullptr) {
    throw wrong(
        name,
        format("connection '{}' is of type '{}', which can't be loaded from yet", connection.name, connection.type),
        "`plumb copy` copies tables between databases");
  }
  connection.expect_settings(connector->settings);
  if (source.kind() == NodeKind::Map) {
    check_options(source, *connector);
    pipeline.source_options = source;
  }
  Node destination = root.get("destination");
  for (const auto& target : read_names(destination)) {
    const auto& found = project.get_connection(target, destination.place());
    expect_known_type(found, connectors);
    if (!config::is_database(found)) throw wrong(destination, format("connection '{}' is no database", target));
    pipeline.destinations.push_back(target);
  }
  pipeline.dataset = root.find("dataset").text_or(pipeline.name);
  pipeline.resources = read_resources(*connector, root.find("resources"));
  return pipeline;
}

std::vector<std::filesystem::path> pipeline_files(const config::Project& project) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(project.folder / "pipelines", none)) {
    if (entry.path().extension() == ".yml" || entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string_view to_string(WriteMode mode) {
  switch (mode) {
    case WriteMode::Append:
      return "append";
    case WriteMode::Replace:
      return "replace";
    case WriteMode::Merge:
      return "merge";
    case WriteMode::Insert:
      return "insert";
  }
  return "";
}

Pipeline load_pipeline(const config::Project& project, std::string_view name,
                       const std::vector<Connector>& connectors) {
  std::vector<std::string> names;
  for (const auto& file : pipeline_files(project)) {
    if (file.stem() == name) return read_pipeline(project, file, connectors);
    names.push_back(file.stem().string());
  }
  // Not a file's name: perhaps the name inside one.
  for (const auto& file : pipeline_files(project)) {
    auto document = parse_yaml(read_file(file), file.string());
    if (document.root().find("pipeline").text_or("") == name) return read_pipeline(project, file, connectors);
  }
  auto nearest = find_nearest(name, names);
  throw Error(ErrorKind::Config,
              format("there is no pipeline '{}' in {}", name, (project.folder / "pipelines").string()),
              {.hint = !nearest.empty() ? format("did you mean '{}'?", nearest)
                       : names.empty()  ? "make pipelines/NAME.yml, or run `plumb init`"
                                        : format("there are {}", fmt::join(names, ", "))});
}

std::vector<Pipeline> load_pipelines(const config::Project& project, const std::vector<Connector>& connectors) {
  std::vector<Pipeline> pipelines;
  for (const auto& file : pipeline_files(project)) pipelines.push_back(read_pipeline(project, file, connectors));
  return pipelines;
}

}  // namespace plumb::ingest
