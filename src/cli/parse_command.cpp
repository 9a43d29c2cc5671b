#include "base/file.h"
#include "cli/commands.h"

namespace plumb::cli {

int parse_command(Context& context, const ParseArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  auto manifest = load_project_manifest(context, settings, arguments.project.quiet);
  if (!arguments.write_json) return 0;
  std::filesystem::create_directories(settings.target_path);
  write_file(settings.target_path / "manifest.json",
             project::manifest_json(manifest, manifest_metadata(context, settings)));
  return 0;
}

}  // namespace plumb::cli
