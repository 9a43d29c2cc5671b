#include "cli/state_folder.h"

#include "base/document.h"
#include "base/file.h"
#include "base/format.h"

namespace plumb::cli {

namespace fs = std::filesystem;
using jinja::Value;

namespace {

Value read_json_file(const fs::path& path) {
  auto text = find_file(path);
  return text ? project::to_value(parse_json(std::move(*text), path.string()).root()) : Value::none();
}

}  // namespace

fs::path state_folder(const project::ProjectSettings& settings, const std::string& said) {
  if (!said.empty()) return said;
  const Value* flag = settings.flags.as_dict().find("STATE");
  return flag && flag->is_string() ? fs::path(std::string(flag->as_string())) : fs::path();
}

project::Manifest load_state_manifest(const fs::path& folder) {
  fs::path path = folder / "manifest.json";
  auto text = find_file(path);
  if (!text) {
    throw Error(ErrorKind::Usage, plumb::format("Could not find manifest in --state path: '{}'", folder.string()),
                {.hint = "a folder with the manifest.json of another run"});
  }
  return project::read_manifest(parse_json(std::move(*text), path.string()));
}

project::SelectionContext selection_context(const project::ProjectSettings& settings, const project::Manifest* previous,
                                            const fs::path& folder) {
  project::SelectionContext about{.root_package = settings.root.name, .previous = previous};
  if (!folder.empty()) {
    about.results = read_json_file(folder / "run_results.json");
    about.source_results = read_json_file(folder / "sources.json");
    about.current_source_results = read_json_file(settings.target_path / "sources.json");
  }
  return about;
}

}  // namespace plumb::cli
