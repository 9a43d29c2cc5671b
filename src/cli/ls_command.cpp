#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/state_folder.h"

namespace plumb::cli {

namespace {

using jinja::Value;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

// One thing that is listed, whatever it is.
struct Listed {
  std::string unique_id, name, selector, path;
  project::ResourceType type = project::ResourceType::Model;
  Value entry;
};

std::vector<Listed> list_all(const project::Manifest& manifest) {
  std::vector<Listed> all;
  for (const project::Node& node : manifest.nodes) {
    if (node.type == project::ResourceType::Operation) continue;
    std::string prefix = node.type == project::ResourceType::UnitTest ? "unit_test:" : "";
    std::string selector =
        prefix.empty() ? joined(node.fqn) : prefix + node.package + "." + project::versioned_name(node);
    all.push_back({node.unique_id, node.name, selector, node.origin.path, node.type, manifest_entry(node)});
  }
  for (const project::Source& source : manifest.sources) {
    std::string name = source.source_name + "." + source.name;
    all.push_back({source.unique_id, name, "source:" + source.package + "." + name, source.origin.path,
                   project::ResourceType::Source, manifest_entry(source)});
  }
  for (const project::Other& other : manifest.others) {
    if (other.type == project::ResourceType::Group) continue;
    std::string selector = format("{}:{}.{}", to_string(other.type), other.package, other.name);
    all.push_back({other.unique_id, other.name, selector, other.origin.path, other.type, manifest_entry(other)});
  }
  return all;
}

std::string json_line(const Value& entry, const std::vector<std::string>& keys) {
  Value line = Value::dict();
  for (const std::string& key : keys) {
    if (const Value* value = entry.as_dict().find(key)) line.as_dict().set(key, *value);
  }
  std::string text;
  project::append_json(text, line);
  return text;
}

std::string line_of(const Listed& listed, const LsArguments& arguments) {
  if (arguments.output == "name") return listed.name;
  if (arguments.output == "path") return listed.path;
  if (arguments.output != "json") return listed.selector;
  static const std::vector<std::string> kKeys{"alias",     "name",       "package_name",  "depends_on",
                                              "tags",      "config",     "resource_type", "original_file_path",
                                              "unique_id", "source_name"};
  return json_line(listed.entry, arguments.output_keys.empty() ? kKeys : arguments.output_keys);
}

}  // namespace

int ls_command(Context& context, const LsArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  auto tell = warnings_beside_results(context, arguments.project.quiet);
  auto manifest = load_project_manifest(settings, tell);
  std::vector<project::Warning> warnings;
  const auto folder = state_folder(settings, arguments.state);
  std::optional<project::Manifest> previous;
  if (!folder.empty()) previous = load_state_manifest(folder);
  auto chosen = project::select_nodes(manifest, selection_of(settings, arguments.selection),
                                      selection_context(settings, previous ? &*previous : nullptr, folder), &warnings);
  for (const project::Warning& warning : judge(project::WarningPolicy(settings.flags), std::move(warnings), true)) {
    tell(warning);
  }
  std::vector<Listed> listed = list_all(manifest);
  // Analyses are only listed when they are asked for.
  bool all_types = !arguments.selection.resource_types.empty();
  std::erase_if(listed, [&](const Listed& one) {
    return !chosen.contains(one.unique_id) || (one.type == project::ResourceType::Analysis && !all_types);
  });
  if (listed.empty()) context.terminal.say("No nodes selected!");
  std::sort(listed.begin(), listed.end(), [](const Listed& a, const Listed& b) { return a.unique_id < b.unique_id; });
  for (const Listed& one : listed) context.terminal.print(line_of(one, arguments) + "\n");
  return 0;
}

}  // namespace plumb::cli
