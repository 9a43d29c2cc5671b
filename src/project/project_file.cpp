// Keys first, then values: a key that dbt does not know is told before anything is rendered, and each known key has a
// reader that checks its kind.
#include "project/project_file.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/format.h"
#include "project/node_config.h"
#include "project/version_check.h"

namespace plumb::project {
namespace {

using jinja::Value;

constexpr std::string_view kFileName = "dbt_project.yml";

// Older words for newer keys.
struct Renamed {
  std::string_view old_key, key, event;
};
constexpr std::array<Renamed, 2> kRenamed{{{"source-paths", "model-paths", "ConfigSourcePathDeprecation"},
                                           {"data-paths", "seed-paths", "ConfigDataPathDeprecation"}}};

constexpr std::array<std::string_view, 10> kTrees = {"models",     "seeds",    "snapshots",       "sources",
                                                     "unit_tests", "metrics",  "semantic-models", "saved-queries",
                                                     "exposures",  "functions"};
constexpr std::array<std::string_view, 42> kKeys = {"name",
                                                    "config-version",
                                                    "version",
                                                    "project-root",
                                                    "profile",
                                                    "source-paths",
                                                    "model-paths",
                                                    "macro-paths",
                                                    "data-paths",
                                                    "seed-paths",
                                                    "test-paths",
                                                    "analysis-paths",
                                                    "docs-paths",
                                                    "asset-paths",
                                                    "target-path",
                                                    "snapshot-paths",
                                                    "clean-targets",
                                                    "log-path",
                                                    "function-paths",
                                                    "quoting",
                                                    "on-run-start",
                                                    "on-run-end",
                                                    "require-dbt-version",
                                                    "dispatch",
                                                    "models",
                                                    "seeds",
                                                    "snapshots",
                                                    "analyses",
                                                    "sources",
                                                    "tests",
                                                    "data_tests",
                                                    "unit_tests",
                                                    "metrics",
                                                    "semantic-models",
                                                    "saved-queries",
                                                    "exposures",
                                                    "functions",
                                                    "vars",
                                                    "packages",
                                                    "query-comment",
                                                    "restrict-access",
                                                    "dbt-cloud"};
constexpr std::array<std::string_view, 2> kMoreKeys = {"flags", "packages-install-path"};

[[noreturn]] void fail(const Place& place, std::string message, std::string hint = {}) {
  throw Error(ErrorKind::Config, std::move(message), {.place = place, .hint = std::move(hint)});
}

// As Python would show it, near enough for a message.
std::string shown(const plumb::Node& node) {
  if (node.null()) return "None";
  if (node.kind() == NodeKind::Text) return format("'{}'", node.scalar());
  if (node.kind() == NodeKind::List || node.kind() == NodeKind::Map) return node.to_json();
  return to_text(node);
}

[[noreturn]] void fail_schema(std::string_view key, const plumb::Node& node, std::string_view rule, std::string hint) {
  fail(node.place(), format("at path ['{}']: {} {}", key, shown(node), rule), std::move(hint));
}
constexpr std::string_view kNoFit = "is not valid under any of the given schemas";

void check_keys(const plumb::Node& root) {
  std::vector<std::string_view> known(kKeys.begin(), kKeys.end());
  known.insert(known.end(), kMoreKeys.begin(), kMoreKeys.end());
  std::vector<std::string> unknown;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < root.size(); ++i) {
    if (std::find(known.begin(), known.end(), root.key_at(i)) != known.end()) continue;
    if (!first) first = i;
    unknown.push_back(format("'{}'", root.key_at(i)));
  }
  if (!first) return;
  std::sort(unknown.begin(), unknown.end());
  std::string list;
  for (const std::string& key : unknown) list += (list.empty() ? "" : ", ") + key;
  std::string_view nearest = find_nearest(root.key_at(*first), known);
  fail(root.key_place_at(*first),
       format("at path []: Additional properties are not allowed ({} {} unexpected)", list,
              unknown.size() == 1 ? "was" : "were"),
       nearest.empty() ? "" : format("did you mean '{}'?", nearest));
}

// '^[^\d\W]\w*$'; letters beyond ASCII count.
bool is_identifier(std::string_view name) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

Value render_tree(const plumb::Node& node, const ConfigRenderer& renderer) {
  if (node.kind() != NodeKind::Map) return renderer.render(node);
  auto tree = jinja::make<jinja::Dict>();
  for (std::size_t i = 0; i < node.size(); ++i) {
    std::string_view key = node.key_at(i);
    tree->set(key, is_hook(key) ? to_value(node.at(i)) : render_tree(node.at(i), renderer));
  }
  return Value(std::move(tree));
}

class Reader {
 public:
  Reader(const plumb::Node& root, const ConfigRenderer& renderer, std::vector<Warning>& warnings, PackageSettings& out)
      : root_(root), renderer_(renderer), warnings_(warnings), out_(out) {}

  void read(bool check_version) {
    check_keys(root_);
    read_name();
    if (check_version) check_required_version(root_.find("require-dbt-version"), out_.name, kDbtVersion);
    read_paths();
    read_quoting();
    read_dispatch();
    out_.vars = read_map("vars", kNoFit) ? to_value(root_.find("vars")) : Value::dict();
    out_.on_run_start = read_hooks("on-run-start");
    out_.on_run_end = read_hooks("on-run-end");
    read_trees();
    if (auto node = root_.find("restrict-access"); !node.null()) {
      Value value = renderer_.render(node);
      if (value.kind() != jinja::Kind::Bool) fail_schema("restrict-access", node, "is not of type 'boolean'", "");
      out_.restrict_access = value.as_bool();
    }
    warn_of_moved_paths();
  }

 private:
  // Whether there is something; it has to be a map.
  bool read_map(std::string_view key, std::string_view rule = "is not of type 'object'") const {
    plumb::Node node = root_.find(key);
    if (node.null()) return false;
    if (node.kind() != NodeKind::Map) fail_schema(key, node, rule, "a map is expected here");
    return true;
  }

  void read_name() {
    plumb::Node name = root_.find("name");
    if (name.missing()) {
      fail(root_.place(), "Required \"name\" field not present in project", "add `name: my_project`");
    }
    if (name.kind() != NodeKind::Text) fail_schema("name", name, "is not of type 'string'", "");
    out_.name = renderer_.render_text(name);
    if (!is_identifier(out_.name)) {
      fail(name.place(), format("at path ['name']: '{}' does not match '^[^\\\\d\\\\W]\\\\w*$'", out_.name),
           "a project's name has letters, digits and underscores only, and no digit in front");
    }
    plumb::Node version = root_.find("version");
    if (version.kind() == NodeKind::List || version.kind() == NodeKind::Map)
      fail_schema("version", version, kNoFit, "");
    out_.version = renderer_.render_text(version);
  }

  void read_paths() {
    for (const Renamed& renamed : kRenamed) read_renamed(renamed);
    read_list("model-paths", out_.model_paths);
    read_list("seed-paths", out_.seed_paths);
    read_list("snapshot-paths", out_.snapshot_paths);
    read_list("test-paths", out_.test_paths);
    read_list("analysis-paths", out_.analysis_paths);
    read_list("macro-paths", out_.macro_paths);
    read_list("function-paths", out_.function_paths);
    read_list("docs-paths", out_.docs_paths);
    read_list("asset-paths", out_.asset_paths);
    out_.clean_targets = {renderer_.render_text(root_.find("target-path"), "target")};
    read_list("clean-targets", out_.clean_targets);
  }

  void read_renamed(const Renamed& renamed) {
    plumb::Node old = root_.find(renamed.old_key);
    if (old.missing()) return;
    if (root_.find(renamed.key)) {
      fail(old.place(), format("{0} and {1} cannot both be defined. The `{0}` config has been deprecated in favor of "
                               "`{1}`. Please update your `dbt_project.yml` configuration to reflect this change.",
                               renamed.old_key, renamed.key));
    }
    read_list(renamed.old_key, renamed.key == "model-paths" ? out_.model_paths : out_.seed_paths);
    warn(renamed.event, old,
         format("The `{}` config has been renamed to `{}`. Please update your `dbt_project.yml` configuration to "
                "reflect this change.",
                renamed.old_key, renamed.key));
  }

  // Leaves the default where nothing is said. A folder that is named twice counts once.
  void read_list(std::string_view key, std::vector<std::string>& list) const {
    plumb::Node node = root_.find(key);
    if (node.null()) return;
    auto invalid = [&] {
      fail_schema(key, node, kNoFit,
                  format("a list of folders is expected: {}: [\"{}\"]", key,
                         node.kind() == NodeKind::Text ? node.scalar() : "…"));
    };
    if (node.kind() != NodeKind::List) invalid();
    list.clear();
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (node.at(i).kind() != NodeKind::Text) invalid();
      std::string folder = renderer_.render_text(node.at(i));
      if (std::find(list.begin(), list.end(), folder) == list.end()) list.push_back(std::move(folder));
    }
  }

  void read_quoting() {
    out_.quoting = Value::dict();
    plumb::Node node = root_.find("quoting");
    if (!read_map("quoting", kNoFit)) return;
    for (std::size_t i = 0; i < node.size(); ++i) {
      std::string_view key = node.key_at(i);
      bool known = key == "database" || key == "schema" || key == "identifier" || key == "project" ||
                   key == "snowflake_ignore_case";
      Value value = renderer_.render(node.at(i));
      if (!known || (value.kind() != jinja::Kind::Bool && !value.is_none())) {
        fail_schema("quoting", node, kNoFit, "quoting has database, schema and identifier, each true or false");
      }
      if (!value.is_none()) out_.quoting.as_dict().set(key == "project" ? "database" : key, value);
    }
  }

  void read_dispatch() {
    out_.dispatch = Value::list();
    plumb::Node node = root_.find("dispatch");
    if (node.null()) return;
    if (node.kind() != NodeKind::List) fail_schema("dispatch", node, "is not of type 'array'", "");
    for (std::size_t i = 0; i < node.size(); ++i) {
      plumb::Node entry = node.at(i);
      bool complete = entry.kind() == NodeKind::Map && entry.size() == 2 && !entry.find("macro_namespace").null() &&
                      entry.find("search_order").kind() == NodeKind::List;
      if (!complete) {
        fail(entry.place(), format("at path []: Invalid project dispatch config: {}", entry.to_json()),
             "an entry has a macro_namespace and a search_order, which is a list of packages");
      }
    }
    out_.dispatch = renderer_.render(node);
  }

  std::vector<std::string> read_hooks(std::string_view key) const {
    plumb::Node node = root_.find(key);
    if (node.null()) return {};
    if (node.kind() == NodeKind::Text) return {std::string(node.scalar())};
    std::vector<std::string> hooks;
    bool texts = node.kind() == NodeKind::List;
    for (std::size_t i = 0; texts && i < node.size(); ++i) {
      texts = node.at(i).kind() == NodeKind::Text;
      hooks.emplace_back(node.at(i).scalar());
    }
    if (!texts) fail_schema(key, node, kNoFit, "a text or a list of texts is expected");
    return hooks;
  }

  void read_trees() {
    for (std::string_view key : kTrees) read_tree(key, key);
    if (root_.find("tests") && root_.find("data_tests")) {
      fail(root_.find("tests").place(),
           "at path []: Invalid project config: cannot have both 'tests' and 'data_tests' defined",
           "move everything to `data_tests:`");
    }
    read_tree(root_.find("tests") ? "tests" : "data_tests", "data_tests");
  }
  void read_tree(std::string_view key, std::string_view name) {
    if (read_map(key)) out_.config_trees.emplace(name, render_tree(root_.find(key), renderer_));
  }

  void warn_of_moved_paths() {
    plumb::Node target = root_.find("target-path"), log = root_.find("log-path");
    if (!target.null() && target.scalar() != "target") warn_of_moved_path("target", "artifacts", target);
    if (!log.null() && log.scalar() != "logs") warn_of_moved_path("log", "dbt logs", log);
  }
  void warn_of_moved_path(std::string_view word, std::string_view what, const plumb::Node& node) {
    bool target = word == "target";
    warn(target ? "ConfigTargetPathDeprecation" : "ConfigLogPathDeprecation", node,
         format("The `{0}-path` config in `dbt_project.yml` has been deprecated, and will no longer be supported in a "
                "future version of dbt-core. If you wish to write {1} to a custom directory, please use the "
                "--{0}-path CLI flag or DBT_{2}_PATH env var instead.",
                word, target ? "dbt artifacts" : what, target ? "TARGET" : "LOG"));
  }
  void warn(std::string_view event, const plumb::Node& node, std::string message) {
    warnings_.push_back({std::string(event), std::move(message), node.place()});
  }

  const plumb::Node root_;
  const ConfigRenderer& renderer_;
  std::vector<Warning>& warnings_;
  PackageSettings& out_;
};

}  // namespace

ProjectFile read_project_file(const std::filesystem::path& folder, const std::filesystem::path& shown_folder) {
  auto text = find_file(folder / kFileName);
  if (!text) {
    throw Error(ErrorKind::Config,
                format("No dbt_project.yml found at expected path {}", (folder / kFileName).string()),
                {.hint = shown_folder.empty() ? "run this in a dbt project's folder, or name it with --project-dir"
                                              : "each folder of dbt_packages/ is a dbt project; `plumb deps` makes "
                                                "them anew"});
  }
  ProjectFile file{folder, parse_yaml(std::move(*text), (shown_folder / kFileName).generic_string())};
  if (file.document.root().kind() != NodeKind::Map) {
    Place place = file.document.root()
                      ? file.document.root().place()
                      : Place{.file = (shown_folder / kFileName).generic_string(), .line = 1, .column = 1};
    fail(place, "dbt_project.yml does not parse to a dictionary");
  }
  return file;
}

std::string find_profile_name(const ProjectFile& file, const ConfigRenderer& renderer) {
  plumb::Node node = file.document.root().find("profile");
  if (!node.null() && node.kind() != NodeKind::Text)
    fail_schema("profile", node, "is not of type 'string'", "put it in quotes");
  return renderer.render_text(node);
}

PackageSettings read_package(ProjectFile file, const ConfigRenderer& renderer, bool check_version,
                             std::vector<Warning>& warnings) {
  PackageSettings package;
  package.folder = std::move(file.folder);
  package.file = std::move(file.document);
  Reader(package.file.root(), renderer, warnings, package).read(check_version);
  return package;
}

}  // namespace plumb::project
