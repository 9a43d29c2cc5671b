#include "project/profiles.h"

#include <system_error>

#include "base/format.h"

namespace plumb::project {
namespace {

using jinja::Value;

[[noreturn]] void fail(const Place& place, std::string message, std::string hint = {}) {
  throw Error(ErrorKind::Config, std::move(message), {.place = place, .hint = std::move(hint)});
}

std::vector<std::string_view> keys_of(const plumb::Node& map) {
  std::vector<std::string_view> keys;
  for (std::size_t i = 0; map.kind() == NodeKind::Map && i < map.size(); ++i) keys.push_back(map.key_at(i));
  return keys;
}

std::string suggest(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view nearest = find_nearest(name, known);
  return nearest.empty() ? std::string() : format("did you mean '{}'?", nearest);
}

plumb::Node get_profile(const plumb::Node& profiles, const std::string& name) {
  if (profiles.kind() != NodeKind::Map) fail(profiles.place(), "profiles.yml must be a map of profiles");
  plumb::Node profile = profiles.find(name);
  if (profile.null()) {
    fail(profiles.place(), format("Could not find profile named '{}'", name), suggest(name, keys_of(profiles)));
  }
  return profile;
}

// --target, the profile's `target:`, "default".
std::string target_name(const plumb::Node& profile, const ProfileChoice& choice, const ConfigRenderer& renderer) {
  if (!choice.target.empty()) return choice.target;
  return renderer.render_text(profile.find("target"), "default");
}

plumb::Node get_output(const plumb::Node& profile, const std::string& name, const ProfileChoice& choice) {
  plumb::Node outputs = profile.find("outputs");
  if (outputs.null()) fail(profile.place(), format("outputs not specified in profile '{}'", choice.profile));
  std::vector<std::string_view> known = keys_of(outputs);
  plumb::Node output = outputs.find(name);
  if (output.missing()) {
    std::string list;
    for (std::string_view key : known) list += format("\n- {}", key);
    fail(outputs.place(),
         format("The profile '{}' does not have a target named '{}'. The valid target names for this profile are:{}",
                choice.profile, name, list),
         suggest(name, known));
  }
  if (output.kind() != NodeKind::Map) {
    fail(output.place(), format("output '{}' of profile '{}' is misconfigured in profiles.yml", name, choice.profile));
  }
  return output;
}

int read_threads(const plumb::Node& output, const ConfigRenderer& renderer) {
  plumb::Node node = output.find("threads");
  if (node.null()) return 1;
  Value value = renderer.render(node);
  if (!value.is_int()) {
    fail(node.place(), format("at path ['threads']: '{}' is not of type 'integer'", to_text(node)),
         "a number from the environment is text until `| as_number` makes it one");
  }
  return static_cast<int>(value.as_int());
}

}  // namespace

std::optional<std::filesystem::path> find_profiles_file(const std::vector<std::filesystem::path>& folders) {
  for (const std::filesystem::path& folder : folders) {
    std::error_code ignored;
    if (folder.empty()) continue;
    if (std::filesystem::path file = folder / "profiles.yml"; std::filesystem::is_regular_file(file, ignored)) {
      return file;
    }
  }
  return std::nullopt;
}

Target read_target(const plumb::Node& profiles, const ProfileChoice& choice, const ConfigRenderer& renderer) {
  plumb::Node profile = get_profile(profiles, choice.profile);
  Target target{.profile = choice.profile, .name = target_name(profile, choice, renderer)};
  plumb::Node output = get_output(profile, target.name, choice);
  target.threads = choice.threads > 0 ? choice.threads : read_threads(output, renderer);
  read_credentials(output, renderer, target);
  return target;
}

}  // namespace plumb::project
