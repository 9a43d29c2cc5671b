#include "base/file.h"
#include "cli/commands.h"

namespace plumb::cli {

int parse_command(Context& context, const ParseArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  auto manifest = load_project_manifest(context, settings, arguments.project.quiet);
  if (!arguments.write_json) return 0;
  std::filesystem::create_directories(settings.target_path);
  FileReplacement file(settings.target_path / "manifest.json");
  project::write_manifest(manifest, manifest_metadata(context, settings),
                          [&](std::string_view piece) { file.write(piece); });
  file.finish();
  return 0;
}

}  // namespace plumb::cli
