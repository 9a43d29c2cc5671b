#include "project/settings.h"

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "project/config_renderer.h"
#include "project/flags.h"
#include "project/packages.h"
#include "project/profiles.h"
#include "project/project_file.h"
#include "project/stand_in.h"

namespace plumb::project {
namespace {

using jinja::Value;
using Secrets = ConfigRenderer::Secrets;

// A flag that may be text: --target and DBT_TARGET are one.
std::string flag_text(const Value& flags, std::string_view name, const std::string& said) {
  if (!said.empty()) return said;
  const Value* value = flags.as_dict().find(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::vector<std::filesystem::path> profile_folders(const std::filesystem::path& folder,
                                                   const config::Environment& environment,
                                                   const InvocationOptions& options) {
  if (!options.profiles_folder.empty()) return {options.profiles_folder};
  for (const char* variable : {"DBT_PROFILES_DIR", "DBT_ENGINE_PROFILES_DIR"}) {
    if (auto said = environment.find(variable); said && !said->empty()) return {*said};
  }
  std::vector<std::filesystem::path> folders{options.working_folder, folder};
  if (auto home = environment.find("HOME")) folders.push_back(std::filesystem::path(*home) / ".dbt");
  return folders;
}

class Loader {
 public:
  Loader(const std::filesystem::path& folder, const config::Environment& environment, const InvocationOptions& options)
      : options_(options) {
    settings_.folder = folder;
    settings_.environment = environment;
    settings_.invocation_id = options.invocation_id;
    settings_.command_line_vars = options.vars.kind() == jinja::Kind::Dict ? options.vars : Value::dict();
  }

  ProjectSettings load() && {
    ProjectFile file = read_project_file(settings_.folder);
    plumb::Node root = file.document.root();
    ConfigRenderer renderer(settings_.environment, settings_.command_line_vars, Secrets::Refused);
    settings_.flags = read_flags(root.find("flags"), renderer, settings_.environment, options_.flags);
    settings_.target = load_target(file, renderer);
    renderer.set("target", target_value(settings_.target));

    bool check_version = flag_on(settings_.flags, "VERSION_CHECK");
    settings_.root = read_package(std::move(file), renderer, check_version, settings_.warnings);
    if (plumb::Node comment = root.find("query-comment")) settings_.query_comment = read_query_comment(comment);
    std::string target_path = flag_text(settings_.flags, "TARGET_PATH", options_.target_path);
    if (target_path.empty()) target_path = renderer.render_text(root.find("target-path"), "target");
    settings_.target_path = settings_.folder / target_path;
    load_packages(root, renderer, check_version);
    return std::move(settings_);
  }

  // As load(), but what is wrong with one file does not keep the other from being looked at.
  SettingsCheck check() && {
    SettingsCheck found{.project_file = settings_.folder / "dbt_project.yml"};
    ProjectFile file{.folder = settings_.folder};
    if (!std::filesystem::exists(found.project_file)) file = read_project_file(settings_.folder);
    ConfigRenderer renderer(settings_.environment, settings_.command_line_vars, Secrets::Refused);
    note_error(found.project_error, [&] {
      file = read_project_file(settings_.folder);
      settings_.flags = read_flags(file.document.root().find("flags"), renderer, settings_.environment, options_.flags);
    });
    if (found.project_error) settings_.flags = read_flags({}, renderer, settings_.environment, options_.flags);
    note_error(found.profile_error, [&] { found.target = load_target(file, renderer); });
    found.profiles_file = settings_.profiles_file;
    found.looked_in = profile_folders(settings_.folder, settings_.environment, options_).front().string();
    if (found.target) renderer.set("target", target_value(*found.target));
    if (!found.project_error) {
      note_error(found.project_error, [&] { read_package(std::move(file), renderer, false, settings_.warnings); });
    }
    return found;
  }

 private:
  // What a check is there for: the error is its result.
  template <class Work>
  static void note_error(std::optional<Error>& into, Work work) {
    try {
      work();
    } catch (const Error& error) {
      into.emplace(error);
    }
  }

  Target load_target(const ProjectFile& file, const ConfigRenderer& early) {
    ProfileChoice choice{.profile = flag_text(settings_.flags, "PROFILE", options_.profile),
                         .target = flag_text(settings_.flags, "TARGET", options_.target),
                         .threads = options_.threads};
    if (choice.profile.empty()) choice.profile = find_profile_name(file, early);
    ConfigRenderer renderer(settings_.environment, settings_.command_line_vars, Secrets::Allowed);
    auto folders = profile_folders(settings_.folder, settings_.environment, options_);
    auto path = find_profiles_file(folders);
    if (!path) {
      if (auto target = find_stand_in(settings_.folder, settings_.environment, choice)) return *target;
      fail_without_profiles(folders, choice.profile);
    }
    settings_.profiles_file = *path;
    // The one in the project's folder is shown as the other files of the project are.
    std::string shown = path->parent_path() == settings_.folder ? "profiles.yml" : path->string();
    Document profiles = parse_yaml(read_file(*path), shown);
    if (profiles.root().null()) {
      throw Error(ErrorKind::Config, format("The profiles.yml file at {} is empty", path->string()),
                  {.place = Place{.file = shown, .line = 1, .column = 1}});
    }
    if (choice.profile.empty()) fail_without_name(file, *path);
    return read_target(profiles.root(), choice, renderer);
  }

  [[noreturn]] static void fail_without_profiles(const std::vector<std::filesystem::path>& folders,
                                                 const std::string& profile) {
    std::string list;
    for (const auto& folder : folders) {
      if (!folder.empty()) list += (list.empty() ? "" : ", ") + (folder / "profiles.yml").string();
    }
    throw Error(ErrorKind::Config, format("Could not find profile named '{}': there is no profiles.yml", profile),
                {.hint = format("looked for {}; --profiles-dir names another folder", list)});
  }

  [[noreturn]] static void fail_without_name(const ProjectFile& file, const std::filesystem::path& profiles) {
    throw Error(ErrorKind::Config, "dbt cannot run because no profile was specified for this dbt project.",
                {.place = file.document.root().place(),
                 .hint = format("add `profile: NAME` to dbt_project.yml, with a name of {}", profiles.string())});
  }

  static Value read_query_comment(const plumb::Node& node) {
    bool fits = node.null() || node.kind() == NodeKind::Text;
    if (node.kind() == NodeKind::Map) {
      fits = true;
      for (std::size_t i = 0; i < node.size(); ++i) {
        std::string_view key = node.key_at(i);
        fits = fits && (key == "comment" || key == "append" || key == "job-label");
      }
    }
    if (fits) return to_value(node);
    throw Error(ErrorKind::Config,
                format("at path ['query-comment']: {} is not valid under any of the given schemas", node.to_json()),
                {.place = node.place(), .hint = "a text, or a map with comment, append and job-label"});
  }

  void load_packages(const plumb::Node& root, const ConfigRenderer& renderer, bool check_version) {
    std::string path = "dbt_packages";
    if (auto said = settings_.environment.find("DBT_PACKAGES_INSTALL_PATH")) path = *said;
    path = renderer.render_text(root.find("packages-install-path"), path);
    if (!options_.packages_path.empty()) path = options_.packages_path;
    settings_.packages_path = settings_.folder / path;
    settings_.packages = read_installed(settings_.folder, path, renderer, check_version, settings_.warnings);
    PackageList wanted = read_package_list(settings_.folder, settings_.environment, settings_.command_line_vars);
    check_installed(wanted, settings_.root, settings_.packages, path);
  }

  const InvocationOptions& options_;
  ProjectSettings settings_;
};

}  // namespace

Value metadata_envs(const ProjectSettings& settings) {
  Value found = Value::dict();
  for (std::string_view prefix : {"DBT_ENV_CUSTOM_ENV_", "DBT_ENGINE_ENV_CUSTOM_ENV_"}) {
    for (const auto& [name, value] : settings.environment.with_prefix(prefix)) found.as_dict().set(name, value);
  }
  return found;
}

bool flag_on(const Value& flags, std::string_view name) {
  const Value* value = flags.kind() == jinja::Kind::Dict ? flags.as_dict().find(name) : nullptr;
  return value && value->kind() == jinja::Kind::Bool && value->as_bool();
}

ProjectSettings load_settings(const std::filesystem::path& folder, const config::Environment& environment,
                              const InvocationOptions& options) {
  return Loader(folder, environment, options).load();
}

SettingsCheck check_settings(const std::filesystem::path& folder, const config::Environment& environment,
                             const InvocationOptions& options) {
  return Loader(folder, environment, options).check();
}

}  // namespace plumb::project
