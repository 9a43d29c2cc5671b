#include "workflow/definition_sections.h"

#include <algorithm>

#include "ingest/ingest.h"
#include "workflow/definition_keys.h"
#include "workflow/duration.h"
#include "workflow/template_check.h"

namespace plumb::workflow {

namespace {

std::map<std::string, Pool> read_pools(const Node& node) {
  std::map<std::string, Pool> pools{{"default_pool", Pool{}}};
  for (std::size_t i = 0; i < node.size(); ++i) {
    Node one = node.at(i);
    Pool& pool = pools[std::string(node.key_at(i))];
    if (one.kind() != NodeKind::Map) {
      pool.slots = static_cast<int>(one.as_int());
      continue;
    }
    pool.slots = static_cast<int>(one.get("slots").as_int());
    pool.description = one.find("description").text_or("");
    if (Node deferred = one.find("include_deferred"); !deferred.null()) pool.include_deferred = deferred.as_bool();
  }
  return pools;
}

std::optional<std::chrono::hours> read_hours(const Node& node) {
  if (node.null()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::hours>(parse_duration(node));
}

std::map<std::string, std::vector<std::string>, std::less<>> read_pipelines(const config::Project& project) {
  std::map<std::string, std::vector<std::string>, std::less<>> pipelines;
  const auto connectors = ingest::connectors();
  for (const auto& file : yaml_files(project.folder / "pipelines")) {
    std::vector<std::string> assets;
    std::string name;
    // A faulty pipeline is no fault of the workflows that load it.
    try {
      const auto pipeline = ingest::load_pipeline(project, file.stem().string(), connectors);
      name = pipeline.name;
      for (const auto& resource : pipeline.resources) assets.push_back(pipeline.dataset + "." + resource.table);
    } catch (const Error&) {
      assets.clear();
    }
    if (!name.empty()) pipelines[name] = assets;
    pipelines[file.stem().string()] = std::move(assets);
  }
  return pipelines;
}

}  // namespace

Sections read_sections(const config::Project& project, std::vector<Error>& faults) {
  Sections sections;
  const TemplateCheck templates;
  const ShapeCheck context{
      .faults = faults,
      .read_template = [&](const Node& node, bool expression) { templates.check(node, expression, {}); },
      .other_word = find_other_word};
  const auto section = [&](std::string_view name, const Shape& shape) {
    Node node = project.section(name);
    return !node.null() && check(node, shape, context) ? node : Node();
  };
  sections.pools = read_pools(section("pools", pools_shape()));
  sections.defaults = section("defaults", project_defaults_shape());
  Node retention = section("retention", retention_shape());
  sections.retention = {read_hours(retention.find("history")), read_hours(retention.find("logs"))};
  // Faults of calendars are theirs to tell; one of them must not hide all others.
  try {
    sections.calendars = parse_calendars(project.section("calendars"));
  } catch (const Error& error) {
    faults.push_back(error);
  }
  Node alerts = project.section("alerts");
  for (std::size_t i = 0; i < alerts.size(); ++i) sections.alerts.insert(std::string(alerts.key_at(i)));
  sections.pipelines = read_pipelines(project);
  return sections;
}

std::string shown_path(const config::Project& project, const std::filesystem::path& file) {
  const bool here = project.folder == "." || project.folder.empty();
  return (here ? file.lexically_relative(".") : file).string();
}

std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const auto name = entry.path().filename().string();
    const auto extension = entry.path().extension();
    if (!name.starts_with(".") && (extension == ".yml" || extension == ".yaml")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace plumb::workflow
