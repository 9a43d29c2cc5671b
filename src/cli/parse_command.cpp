#include "cli/commands.h"

namespace plumb::cli {

int parse_command(Context& context, const ParseArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  auto manifest = load_project_manifest(settings, warnings_beside_results(context, arguments.project.quiet));
  if (project::flag_on(settings.flags, "WRITE_JSON"))
    write_manifest_file(settings, manifest, manifest_metadata(context, settings));
  return 0;
}

}  // namespace plumb::cli
