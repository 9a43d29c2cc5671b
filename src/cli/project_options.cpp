#include "cli/project_options.h"

#include "base/crypto.h"
#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "transform/transform.h"

namespace plumb::cli {

namespace fs = std::filesystem;

fs::path dbt_folder(const Context& context) {
  if (!context.project_dir.empty()) return context.project_dir;
  if (auto folder = context.environment.find("DBT_PROJECT_DIR")) return *folder;
  std::error_code ignored;
  fs::path here = fs::current_path();
  for (fs::path folder = here;; folder = folder.parent_path()) {
    if (fs::exists(folder / "dbt_project.yml", ignored)) return folder;
    if (folder == folder.parent_path()) return here;
  }
}

jinja::Value read_vars(const std::string& text) {
  if (text.empty()) return {};
  Document document = parse_yaml(text, "--vars");
  if (document.root().null()) return jinja::Value::dict();
  if (document.root().kind() != NodeKind::Map) {
    throw Error(
        ErrorKind::Usage,
        format("The --vars argument must be a YAML dictionary, but was of type '{}'", describe(document.root().kind())),
        {.hint = "write --vars '{name: value}'"});
  }
  return project::to_value(document.root());
}

namespace {

project::InvocationOptions invocation_options(const Context& context, const ProjectArguments& arguments) {
  project::InvocationOptions options;
  options.profiles_folder = arguments.profiles_dir;
  options.working_folder = fs::current_path();
  options.profile = arguments.profile;
  options.target = arguments.target;
  options.target_path = arguments.target_path;
  options.vars = read_vars(arguments.vars);
  for (const auto& [name, value] : context.vars) {
    if (options.vars.is_undefined()) options.vars = jinja::Value::dict();
    options.vars.as_dict().set(name, value);
  }
  options.threads = arguments.threads;
  options.flags = arguments.flags;
  options.packages_path = arguments.packages_install_path;
  options.invocation_id = arguments.invocation_id.empty() ? random_uuid() : arguments.invocation_id;
  return options;
}

}  // namespace

project::ProjectSettings project_settings(const Context& context, const ProjectArguments& arguments) {
  auto options = invocation_options(context, arguments);
  auto settings = project::load_settings(dbt_folder(context), context.environment, options);
  settings.clock = &context.clock;
  settings.started_at = context.clock.now();
  settings.column_class =
      transform::column_class(settings.target.type == "postgres" ? db::Kind::Postgres : db::Kind::DuckDb);
  settings.say = [&context](std::string_view text, project::Voice voice) {
    if (voice != project::Voice::Debug || context.verbose) context.terminal.say(text);
  };
  return settings;
}

project::SettingsCheck check_project_settings(const Context& context, const ProjectArguments& arguments) {
  return project::check_settings(dbt_folder(context), context.environment, invocation_options(context, arguments));
}

project::Manifest load_project_manifest(const project::ProjectSettings& settings, const TellWarning& tell) {
  project::WarningPolicy policy(settings.flags);
  auto result = project::load_manifest(settings);
  bool all_deprecations = project::flag_on(settings.flags, "SHOW_ALL_DEPRECATIONS");
  for (const project::Warning& warning : judge(policy, std::move(result.warnings), all_deprecations)) tell(warning);
  return std::move(result.manifest);
}

TellWarning warnings_beside_results(const Context& context, bool quiet) {
  return [&context, quiet](const project::Warning& warning) {
    if (quiet) return;
    std::string where = warning.place.known() ? format("{}:{}: ", warning.place.file, warning.place.line) : "";
    context.terminal.say(format("warning: {}{}", where, warning.message));
  };
}

project::Selection selection_of(const project::ProjectSettings& settings, const SelectionArguments& arguments) {
  project::Selection selection{.select = arguments.select, .exclude = arguments.exclude};
  bool chosen = !selection.select.empty() || !selection.exclude.empty();
  if (!arguments.selector.empty()) {
    auto selectors = project::load_selectors(settings);
    selection = project::get_selector(selectors, arguments.selector).selection;
  } else if (!chosen) {
    for (const auto& selector : project::load_selectors(settings)) {
      if (selector.is_default) selection = selector.selection;
    }
  }
  const jinja::Value* indirect = settings.flags.as_dict().find("INDIRECT_SELECTION");
  if (indirect && indirect->is_string()) {
    if (auto mode = project::find_indirect_selection(indirect->as_string())) selection.indirect = *mode;
  }
  selection.resource_types = arguments.resource_types;
  selection.exclude_resource_types = arguments.exclude_resource_types;
  return selection;
}

void write_manifest_file(const project::ProjectSettings& settings, const project::Manifest& manifest,
                         const project::ManifestMetadata& metadata) {
  fs::create_directories(settings.target_path);
  FileReplacement file(settings.target_path / "manifest.json");
  project::write_manifest(manifest, metadata, [&](std::string_view piece) { file.write(piece); });
  file.finish();
}

project::ManifestMetadata manifest_metadata(const Context& context, const project::ProjectSettings& settings) {
  project::ManifestMetadata metadata;
  std::string now = format_instant(settings.started_at);
  metadata.dbt_version = project::kDbtVersion;
  metadata.env = project::metadata_envs(settings);
  metadata.generated_at = format_instant(context.clock.now());
  metadata.invocation_started_at = now;
  metadata.run_started_at = now;
  metadata.invocation_id = settings.invocation_id;
  metadata.project_name = settings.root.name;
  metadata.project_id = md5_hex(settings.root.name);
  metadata.adapter_type = settings.target.type;
  metadata.selectors = project::selectors_entry(project::load_selectors(settings));
  metadata.quoting = jinja::Value::dict(
      {{"database", true}, {"schema", true}, {"identifier", true}, {"column", jinja::Value::none()}});
  if (settings.root.quoting.kind() == jinja::Kind::Dict) {
    std::size_t position = 0;
    while (const auto* entry = settings.root.quoting.as_dict().next(position)) {
      metadata.quoting.as_dict().set(entry->key, entry->value);
    }
  }
  return metadata;
}

}  // namespace plumb::cli
