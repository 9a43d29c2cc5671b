#include "project/selection_methods.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>

#include "base/format.h"
#include "project/glob.h"
#include "project/selection_state.h"

namespace plumb::project {
namespace {

using jinja::Dict;
using jinja::Value;
using Test = std::function<bool(const Member&)>;

[[noreturn]] void fail(const Criterion& criterion, std::string message, std::string hint = {}) {
  bool in_file = criterion.place.known();
  throw Error(in_file ? ErrorKind::Config : ErrorKind::Usage, std::move(message),
              {.place = in_file ? std::optional(criterion.place) : std::nullopt, .hint = std::move(hint)});
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// ---- Names

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[]") != std::string_view::npos;
}

std::string join(std::span<const std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) text += (text.empty() ? "" : ".") + std::string(part);
  return text;
}

// Is the selector a beginning of the name? From the first wildcard on, it has to match the rest of the name.
bool matches_beginning(std::span<const std::string_view> name, std::span<const std::string_view> selector) {
  if (selector.size() > name.size()) return false;
  for (std::size_t i = 0; i < selector.size(); ++i) {
    if (has_wildcard(selector[i])) return matches_glob(join(selector.subspan(i)), join(name.subspan(i)));
    if (name[i] != selector[i]) return false;
  }
  return true;
}

// "dim_v1", "dim.v1" and "dim" mean a model of versions, whose fqn ends in dim, v1.
bool matches_end(const Member& member, std::string_view selector) {
  const std::vector<std::string>& fqn = member.fqn();
  if (matches_glob(selector, fqn.back())) return true;
  bool versioned =
      member.node && !member.node->version.is_none() && !member.node->version.is_undefined() && fqn.size() > 1;
  if (!versioned || member.type != ResourceType::Model) return false;
  const std::string& model = fqn[fqn.size() - 2];
  return matches_glob(selector, model) || selector == model + "_" + fqn.back() || selector == model + "." + fqn.back();
}

Test fqn_test(std::string_view selector) {
  return [selector, parts = split(selector, '.')](const Member& member) {
    if (member.type == ResourceType::Source || member.fqn().empty()) return false;
    if (matches_end(member, selector)) return true;
    std::vector<std::string_view> name;
    for (const std::string& part : member.fqn()) {
      for (std::string_view piece : split(part, '.')) name.push_back(piece);
    }
    return matches_beginning(name, parts) || matches_beginning(std::span(name).subspan(1), parts);
  };
}

Test source_test(const Criterion& criterion) {
  std::vector<std::string_view> parts = split(criterion.value, '.');
  if (parts.size() > 3) {
    fail(criterion,
         format("Invalid source selector value \"{}\". Sources must be of the form `${{source_name}}`, "
                "`${{source_name}}.${{target_name}}`, or `${{package_name}}.${{source_name}}.${{target_name}}`",
                criterion.value));
  }
  std::string_view package = parts.size() == 3 ? parts[0] : "*", table = parts.size() > 1 ? parts.back() : "*";
  std::string_view source = parts.size() == 3 ? parts[1] : parts[0];
  return [=](const Member& member) {
    return member.source && matches_glob(package, member.package) && matches_glob(source, member.source->source_name) &&
           matches_glob(table, member.name);
  };
}

// "name" or "package.name" of one type.
Test name_test(const Criterion& criterion, ResourceType type) {
  std::vector<std::string_view> parts = split(criterion.value, '.');
  if (parts.size() > 2) {
    std::string word(to_string(type));
    std::replace(word.begin(), word.end(), '_', ' ');
    fail(criterion, format("Invalid {0} selector value \"{1}\". It must be of the form ${{{2}_name}} or "
                           "${{package_name.{2}_name}}",
                           word, criterion.value, to_string(type)));
  }
  std::string_view package = parts.size() == 2 ? parts[0] : "*", name = parts.back();
  return [=](const Member& member) {
    return member.type == type && matches_glob(package, member.package) && matches_glob(name, member.name);
  };
}

// ---- Files

std::string_view without_dots(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// The path itself or a folder that it lies in.
bool path_matches(std::string_view pattern, std::string_view path) {
  while (!path.empty()) {
    if (matches_path_glob(pattern, path)) return true;
    std::size_t slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
  return false;
}

Test path_test(std::string_view value) {
  return [pattern = without_dots(value)](const Member& member) {
    if (path_matches(pattern, member.origin().path)) return true;
    return member.node && member.node->patch && path_matches(pattern, member.node->patch->path);
  };
}

Test file_test(std::string_view value) {
  return [value](const Member& member) {
    std::string_view name = member.origin().path;
    name = name.substr(name.rfind('/') + 1);
    return matches_glob(value, name) || matches_glob(value, name.substr(0, name.rfind('.')));
  };
}

// ---- Configuration

bool config_matches(const Value& value, std::string_view wanted) {
  auto boolean = [&](bool on) {
    constexpr std::string_view kTrue = "true", kFalse = "false";
    std::string_view word = on ? kTrue : kFalse;
    return std::equal(wanted.begin(), wanted.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (value.kind() == jinja::Kind::Bool) return boolean(value.as_bool());
  return value.is_string() && value.as_string() == wanted;
}

Test config_test(const Criterion& criterion) {
  return [&criterion](const Member& member) {
    const Dict* dict = member.config();
    const Value* value = nullptr;
    for (const std::string& key : criterion.arguments) {
      value = dict ? dict->find(key) : nullptr;
      dict = value && value->kind() == jinja::Kind::Dict ? &value->as_dict() : nullptr;
    }
    if (!value) return false;
    if (value->kind() != jinja::Kind::List) return config_matches(*value, criterion.value);
    return std::any_of(value->items().begin(), value->items().end(),
                       [&](const Value& item) { return config_matches(item, criterion.value); });
  };
}

Test tag_test(std::string_view value) {
  return [value](const Member& member) {
    std::vector<std::string> tags = member.tags();
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return matches_glob(value, tag); });
  };
}

// ---- Kinds of things

Test resource_type_test(const Criterion& criterion) {
  auto type = find_resource_type(criterion.value);
  if (!type) fail(criterion, format("Invalid resource_type selector \"{}\"", criterion.value));
  return [type](const Member& member) { return member.type == *type; };
}

Test test_type_test(const Criterion& criterion) {
  const std::string& word = criterion.value;
  bool generic = word == "generic" || word == "schema" || word == "data",
       singular = word == "singular" || word == "data";
  bool unit = word == "unit";
  if (!generic && !singular && !unit) {
    fail(criterion,
         format("Invalid test type selector {}: expected \"generic\", \"singular\", \"unit\", or \"data\"", word));
  }
  return [=](const Member& member) {
    if (member.type == ResourceType::UnitTest) return unit;
    return member.type == ResourceType::Test && (member.node->test ? generic : singular);
  };
}

Test version_test(const Criterion& criterion) {
  const std::string& word = criterion.value;
  if (word != "latest" && word != "prerelease" && word != "old" && word != "none") {
    fail(criterion, format("Invalid version type selector {}: expected one of: \"latest\", \"prerelease\", \"old\", or "
                           "\"none\"",
                           word));
  }
  return [&word](const Member& member) {
    if (member.type != ResourceType::Model) return false;
    auto order = compare_versions(member.node->version, member.node->latest_version);
    if (!order) return word == "none";
    return word == (*order == 0 ? "latest" : *order > 0 ? "prerelease" : "old");
  };
}

Test node_test(const Criterion& criterion, const SelectionContext& context) {
  const std::string& method = criterion.method;
  std::string_view value = criterion.value;
  if (method == "fqn") return fqn_test(value);
  if (method == "tag") return tag_test(value);
  if (method == "path") return path_test(value);
  if (method == "file") return file_test(value);
  if (method == "config") return config_test(criterion);
  if (method == "source") return source_test(criterion);
  if (method == "exposure") return name_test(criterion, ResourceType::Exposure);
  if (method == "metric") return name_test(criterion, ResourceType::Metric);
  if (method == "semantic_model") return name_test(criterion, ResourceType::SemanticModel);
  if (method == "saved_query") return name_test(criterion, ResourceType::SavedQuery);
  if (method == "unit_test") return name_test(criterion, ResourceType::UnitTest);
  if (method == "resource_type") return resource_type_test(criterion);
  if (method == "test_type") return test_type_test(criterion);
  if (method == "version") return version_test(criterion);
  if (method == "package") {
    std::string_view package = value == "this" ? std::string_view(context.root_package) : value;
    return [package](const Member& member) { return matches_glob(package, member.package); };
  }
  if (method == "group") {
    return [value](const Member& member) { return matches_glob(value, member.config_text("group")); };
  }
  if (method == "access") {
    return [value](const Member& member) {
      return member.type == ResourceType::Model && member.config_text("access") == value;
    };
  }
  assert(method == "test_name" && "set_method lets no other name pass");
  return [value](const Member& member) {
    if (member.type == ResourceType::UnitTest) return matches_glob(value, member.name);
    return member.node && member.node->test && matches_glob(value, member.node->test->name);
  };
}

// ---- What the runs before left

Test result_test(const Criterion& criterion, const SelectionContext& context) {
  if (context.results.is_none()) {
    fail(criterion, "No comparison run_results", "--state names the folder with the run_results.json to compare with");
  }
  return [ids = find_results(context.results, criterion.value)](const Member& member) {
    return ids.contains(member.unique_id);
  };
}

Test source_status_test(const Criterion& criterion, const SelectionContext& context) {
  if (criterion.value != "fresher") {
    fail(criterion, format("Invalid source_status selector \"{}\": expected \"fresher\"", criterion.value));
  }
  if (context.source_results.is_none() || context.current_source_results.is_none()) {
    fail(criterion,
         context.source_results.is_none() ? "No previous state comparison freshness results in sources.json"
                                          : "No current state comparison freshness results in sources.json",
         "`source freshness` writes that file");
  }
  return [ids = find_fresher(context.source_results, context.current_source_results)](const Member& member) {
    return ids.contains(member.unique_id);
  };
}

}  // namespace

NodeSet match(const Criterion& criterion, const SelectionGraph& graph, const SelectionContext& context,
              const Manifest& manifest) {
  Test test;
  std::optional<StateComparison> state;
  if (criterion.method == "state") {
    if (!context.previous) {
      fail(criterion, "Got a state selector method, but no comparison manifest",
           "--state names the folder with the manifest.json to compare with");
    }
    auto question = find_state_question(criterion);
    if (!question) fail(criterion, unknown_state_question(criterion));
    state.emplace(manifest, *context.previous);
    test = [&, asked = *question](const Member& member) { return state->answer(asked, member); };
  } else if (criterion.method == "result") {
    test = result_test(criterion, context);
  } else if (criterion.method == "source_status") {
    test = source_status_test(criterion, context);
  } else {
    test = node_test(criterion, context);
  }
  NodeSet found = graph.empty();
  for (std::size_t i = 0; i < graph.size(); ++i) {
    if (test(graph.member(i))) found.add(i);
  }
  return found;
}

}  // namespace plumb::project
