// selectors.yml. A definition is one of
//
//     definition: "+tag:daily"                            a criterion as on the command line
//     definition: {tag: daily}                            a method and its value
//     definition: {method: tag, value: daily, children: true, exclude: [stg_orders]}
//     definition: {method: selector, value: another}      one that stands further up
//     definition: {union: [..., exclude: [...]]}          or intersection
#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "project/selection.h"

namespace plumb::project {
namespace {

using Kind = SelectionSpec::Kind;

[[noreturn]] void fail(const plumb::Node& node, std::string message, std::string hint = {}) {
  throw Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

std::string key_list(const plumb::Node& map) {
  std::string list;
  for (std::size_t i = 0; i < map.size(); ++i) list += format("{}'{}'", i == 0 ? "" : ", ", map.key_at(i));
  return list;
}

class Reader {
 public:
  explicit Reader(const ConfigRenderer& renderer) : renderer_(renderer) {}

  std::vector<NamedSelector> read(const plumb::Node& root) {
    if (root.null()) return {};
    plumb::Node entries = root.find("selectors");
    if (entries.kind() != NodeKind::List || root.size() != 1) {
      fail(root, "Could not parse selector file data: expected a map with one key, `selectors`, which is a list");
    }
    for (std::size_t i = 0; i < entries.size(); ++i) read_entry(entries.at(i));
    return std::move(selectors_);
  }

 private:
  void read_entry(const plumb::Node& node) {
    if (node.kind() != NodeKind::Map) fail(node, "Could not parse selector file data: a selector is a map");
    node.expect_keys({"name", "description", "definition", "default"});
    for (std::string_view key : {"name", "definition"}) {
      if (node.find(key).null()) fail(node, format("Could not parse selector file data: a selector needs a `{}`", key));
    }
    NamedSelector selector{.name = renderer_.render_text(node.find("name")),
                           .description = node.find("description").text_or(""),
                           .is_default = read_flag(node, "default")};
    if (selector.is_default) {
      for (const NamedSelector& other : selectors_) {
        if (!other.is_default) continue;
        fail(node,
             format("Error when parsing the selector file. Found multiple selectors with `default: true`:{} and {}",
                    other.name, selector.name));
      }
    }
    selector.selection.definition = std::make_shared<SelectionSpec>(read_root(node.find("definition")));
    selector.entry = renderer_.render(node);
    selector.entry.as_dict().set("definition",
                                 selector_definition_entry(*selector.entry.as_dict().find("definition"), selectors_));
    std::erase_if(selectors_, [&](const NamedSelector& other) { return other.name == selector.name; });
    selectors_.push_back(std::move(selector));
  }

  bool read_flag(const plumb::Node& node, std::string_view key) const {
    plumb::Node said = node.find(key);
    if (said.null()) return false;
    jinja::Value value = renderer_.render(said);
    if (value.kind() != jinja::Kind::Bool) fail(said, format("`{}` should be true or false", key));
    return value.as_bool();
  }

  SelectionSpec read_root(const plumb::Node& node) {
    if (node.kind() == NodeKind::Map && node.find("union") && node.find("intersection")) {
      fail(node, format("Only a single 'union' or 'intersection' key is allowed in a root level selector definition; "
                        "found {}.",
                        node.key_at(0) == "union" ? "union,intersection" : "intersection,union"));
    }
    return read_definition(node);
  }

  SelectionSpec read_definition(const plumb::Node& node) {
    if (node.kind() == NodeKind::Text) return read_text(node);
    if (node.kind() != NodeKind::Map) {
      fail(node, "Could not parse selector file data: a definition is a text or a map",
           "valid definitions: union, intersection, text, a map with method and value");
    }
    if (plumb::Node parts = node.find("union")) return read_parts(Kind::Union, "union", parts);
    if (plumb::Node parts = node.find("intersection")) return read_parts(Kind::Intersection, "intersection", parts);
    if (node.find("method") && node.find("value")) return read_method(node);
    if (node.size() == 1) {
      if (node.at(0).kind() == NodeKind::List || node.at(0).kind() == NodeKind::Map) {
        fail(node.at(0), format("the value of '{}' must be a text", node.key_at(0)));
      }
      return criterion(node, node.key_at(0), node.at(0));
    }
    fail(node, format("Expected either 1 key or else \"method\" and \"value\" keys, but got [{}]", key_list(node)));
  }

  SelectionSpec read_text(const plumb::Node& node) const {
    std::string text = renderer_.render_text(node);
    try {
      SelectionSpec spec{.kind = Kind::Criterion, .criterion = parse_criterion(text)};
      spec.criterion.place = node.place();
      return spec;
    } catch (const Error& error) {
      // The command line's complaint has no place.
      fail(node, error.message(), error.hint());
    }
  }

  SelectionSpec criterion(const plumb::Node& node, std::string_view method, const plumb::Node& value) const {
    SelectionSpec spec{.kind = Kind::Criterion};
    spec.criterion.value = renderer_.render_text(value);
    spec.criterion.text = format("{}:{}", method, spec.criterion.value);
    spec.criterion.place = node.place();
    set_method(spec.criterion, method);
    return spec;
  }

  SelectionSpec read_method(const plumb::Node& node) {
    std::string method = renderer_.render_text(node.find("method"));
    // As dbt does, other keys beside an inherited selector count for nothing.
    if (method == "selector") return inherit(node.find("value"));
    SelectionSpec spec = criterion(node, method, node.find("value"));
    spec.criterion.childrens_parents = read_flag(node, "childrens_parents");
    spec.criterion.parents = read_flag(node, "parents");
    spec.criterion.children = read_flag(node, "children");
    spec.criterion.parents_depth = read_depth(node.find("parents_depth"));
    spec.criterion.children_depth = read_depth(node.find("children_depth"));
    if (plumb::Node mode = node.find("indirect_selection"); !mode.null()) {
      auto found = find_indirect_selection(mode.scalar());
      if (!found) {
        fail(mode, format("'{}' is not a valid IndirectSelection", mode.scalar()),
             "it is one of eager, cautious, buildable and empty");
      }
      spec.indirect = *found;
    }
    return without(std::move(spec), node.find("exclude"));
  }

  std::optional<int> read_depth(const plumb::Node& node) const {
    if (node.null()) return std::nullopt;
    return static_cast<int>(node.as_int());
  }

  SelectionSpec inherit(const plumb::Node& value) const {
    std::string name = renderer_.render_text(value);
    for (const NamedSelector& selector : selectors_) {
      if (selector.name == name) return *selector.selection.definition;
    }
    fail(value, format("Existing selector definition for {} not found.", name),
         "a selector can build on those that stand above it");
  }

  SelectionSpec read_parts(Kind kind, std::string_view word, const plumb::Node& parts) {
    if (parts.kind() != NodeKind::List) fail(parts, format("Invalid value for key \"{}\". Expected a list.", word));
    SelectionSpec spec{.kind = kind};
    plumb::Node exclude;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      plumb::Node part = parts.at(i);
      if (part.size() == 1 && part.find("exclude")) {
        if (exclude) fail(part, "You cannot provide multiple exclude arguments to the same selector set operator");
        exclude = part.find("exclude");
      } else {
        spec.parts.push_back(read_definition(part));
      }
    }
    return without(std::move(spec), exclude);
  }

  SelectionSpec without(SelectionSpec spec, const plumb::Node& exclude) {
    if (exclude.null()) return spec;
    SelectionSpec difference{.kind = Kind::Difference};
    difference.parts.push_back(std::move(spec));
    difference.parts.push_back(read_parts(Kind::Union, "exclude", exclude));
    return difference;
  }

  const ConfigRenderer& renderer_;
  std::vector<NamedSelector> selectors_;
};

}  // namespace

std::vector<NamedSelector> read_selectors(const Document& file, const ConfigRenderer& renderer) {
  return Reader(renderer).read(file.root());
}

std::vector<NamedSelector> load_selectors(const ProjectSettings& settings) {
  auto text = find_file(settings.folder / "selectors.yml");
  if (!text) return {};
  ConfigRenderer renderer(settings.environment, settings.command_line_vars, ConfigRenderer::Secrets::Refused);
  renderer.set("target", target_value(settings.target));
  return read_selectors(parse_yaml(std::move(*text), "selectors.yml"), renderer);
}

const NamedSelector& get_selector(const std::vector<NamedSelector>& selectors, std::string_view name) {
  std::vector<std::string_view> known;
  std::string list;
  for (const NamedSelector& selector : selectors) {
    if (selector.name == name) return selector;
    known.push_back(selector.name);
    list += format("{}'{}'", list.empty() ? "" : ", ", selector.name);
  }
  std::string_view nearest = find_nearest(name, known);
  throw Error(ErrorKind::Usage, format("Could not find selector named {}, expected one of [{}]", name, list),
              {.hint = nearest.empty() ? "selectors stand in selectors.yml" : format("did you mean '{}'?", nearest)});
}

}  // namespace plumb::project
