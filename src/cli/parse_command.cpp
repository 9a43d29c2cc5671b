#include "cli/commands.h"

namespace plumb::cli {

int parse_command(Context& context, const ParseArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  auto manifest = load_project_manifest(settings, warnings_beside_results(context, arguments.project.quiet));
  const jinja::Value* write = settings.flags.as_dict().find("WRITE_JSON");
  bool wanted = write == nullptr || write->kind() != jinja::Kind::Bool || write->as_bool();
  if (wanted) write_manifest_file(settings, manifest, manifest_metadata(context, settings));
  return 0;
}

}  // namespace plumb::cli
