// From names to nodes: what ref() and source() mean, who may refer to whom, who depends on whom.
#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/format.h"
#include "project/parse.h"
#include "project/references.h"

namespace plumb::project {

using jinja::Value;

namespace {

// One who refers, as messages call it.
struct Referrer {
  std::string_view unique_id, package;
  ResourceType type = ResourceType::Model;
  const Origin& origin;
  std::string group;
};

// As Python's title(): "Semantic_Model".
std::string title(std::string_view word) {
  std::string text(word);
  bool begins = true;
  for (char& c : text) {
    if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    begins = c == '_';
  }
  return text;
}

class Linker {
 public:
  explicit Linker(Parse& parse)
      : parse_(parse),
        enabled_(parse.manifest.nodes, parse.manifest.sources, parse.settings.root.name),
        disabled_(parse.manifest.disabled_nodes, parse.manifest.disabled_sources, parse.settings.root.name) {
    for (const auto* list : {&parse.manifest.nodes, &parse.manifest.disabled_nodes}) {
      for (const Node& node : *list) known_.insert(node.unique_id);
    }
    for (const Other& other : parse.manifest.others) {
      if (other.type == ResourceType::Group) groups_.insert(other.name);
      if (other.type == ResourceType::Metric) metrics_.emplace(other.name, &other);
    }
  }

  void run() {
    for (Node& node : parse_.manifest.nodes) {
      std::string group = node.config_text("group");
      if (!group.empty()) expect_group(node, group);
      bool found = link({node.unique_id, node.package, node.type, node.origin, group}, node.refs, node.sources,
                        node.depends_on.nodes);
      // As in dbt it stays where it is, and is never chosen.
      if (!found) {
        node.config = copy_dict(*node.config);
        node.config->set("enabled", false);
      }
      link_functions(node);
      link_metrics(node);
      settle_attached(node);
    }
    settle_test_groups();
    for (Other& other : parse_.manifest.others) {
      link({other.unique_id, other.package, other.type, other.origin, {}}, other.refs, other.sources,
           other.depends_on.nodes);
      link_metrics(other);
    }
  }

 private:
  // A test of `seeds: - name: x` is one of the model x where there is no such seed, and of nothing where there is none.
  void settle_attached(Node& node) const {
    if (node.attached_node.empty() || known_.contains(node.attached_node)) return;
    RefCall ref{.package = {}, .name = node.file_key_name.substr(node.file_key_name.find('.') + 1), .version = {}};
    ref.version = Value::none();
    const Node* meant = enabled_.find(ref, node.package);
    node.attached_node = meant ? meant->unique_id : "";
  }
  // A test is of the group that what it tests is of.
  void settle_test_groups() {
    std::unordered_map<std::string_view, const Node*> grouped;
    for (const Node& node : parse_.manifest.nodes) {
      if (!node.config_text("group").empty()) grouped.emplace(node.unique_id, &node);
    }
    if (grouped.empty()) return;
    for (Node& node : parse_.manifest.nodes) {
      auto found = grouped.find(node.attached_node);
      if (node.test && found != grouped.end()) node.test->group = found->second->config_text("group");
    }
  }

  static void add(DependsOn& depends_on, const std::string& id) {
    auto& nodes = depends_on.nodes;
    if (std::find(nodes.begin(), nodes.end(), id) == nodes.end()) nodes.push_back(id);
  }

  void link_functions(Node& node) {
    for (const auto& call : node.functions) {
      if (const Node* function = enabled_.find_function(call, node.package)) {
        add(node.depends_on, function->unique_id);
      } else {
        bool disabled = disabled_.find_function(call, node.package) != nullptr;
        miss({node.unique_id, node.package, node.type, node.origin, {}},
             format("a function named '{}'", call.empty() ? "" : call.back()), "", disabled);
      }
    }
  }

  template <class Entry>
  void link_metrics(Entry& entry) {
    for (const auto& call : entry.metrics) {
      std::string_view name = call.empty() ? std::string_view() : call.back();
      if (auto metric = metrics_.find(name); metric != metrics_.end()) {
        add(entry.depends_on, metric->second->unique_id);
      } else {
        miss({entry.unique_id, entry.package, entry.type, entry.origin, {}}, format("a metric named '{}'", name), "",
             false);
      }
    }
  }

  // False when a test refers to what is not there; others throw.
  bool link(const Referrer& from, const std::vector<RefCall>& refs, const std::vector<SourceCall>& sources,
            std::vector<std::string>& into) {
    bool complete = true;
    auto add = [&](const std::string& id) {
      if (std::find(into.begin(), into.end(), id) == into.end()) into.push_back(id);
    };
    for (const SourceCall& call : sources) {
      if (const Source* source = enabled_.find(call, from.package)) {
        add(source->unique_id);
      } else {
        bool disabled = disabled_.find(call, from.package) != nullptr;
        miss(from, format("a source named '{}.{}'", call.source, call.table), "", disabled);
        complete = false;
      }
    }
    for (const RefCall& ref : refs) {
      const Node* node = enabled_.find(ref, from.package);
      if (node == nullptr) {
        miss_ref(from, ref);
        complete = false;
        continue;
      }
      expect_access(from, *node);
      add(node->unique_id);
    }
    return complete;
  }

  void miss_ref(const Referrer& from, const RefCall& ref) {
    bool disabled = disabled_.find(ref, from.package) != nullptr;
    std::string what = format("a node named '{}'", ref.name);
    if (!ref.version.is_none()) what += format(" with version '{}'", version_text(ref.version));
    bool test = from.type == ResourceType::Test;
    std::string where;
    if (!ref.package.empty()) {
      where = format(" in package or project '{}'", ref.package);
    } else if (test && !disabled) {
      where = " in package ''";
    }
    miss(from, what, where, disabled);
  }

  // Of a test dbt only warns, and never of one that tests something disabled.
  void miss(const Referrer& from, const std::string& what, const std::string& where, bool disabled) {
    std::string message = format("{} '{}' ({}) depends on {}{} which {}", title(to_string(from.type)), from.unique_id,
                                 from.origin.path, what, where, disabled ? "is disabled" : "was not found");
    Place place{.file = from.origin.path, .line = from.origin.line, .column = from.origin.column};
    if (from.type == ResourceType::Test) {
      if (!disabled) parse_.warnings.push_back({"NodeNotFoundOrDisabled", std::move(message), std::move(place)});
      return;
    }
    throw Error(
        ErrorKind::Config, std::move(message),
        {.place = std::move(place),
         .hint = disabled ? "enable it, or don't refer to it" : "is the name right, and its package installed?"});
  }

  void expect_group(const Node& node, const std::string& group) const {
    if (groups_.contains(group)) return;
    std::string known;
    for (const std::string& name : groups_) known += (known.empty() ? "'" : ", '") + name + "'";
    throw Error(ErrorKind::Config, format("Invalid group '{}', expected one of [{}]", group, known),
                {.place = Place{.file = node.origin.path, .line = 1, .column = 1}});
  }

  void expect_access(const Referrer& from, const Node& node) const {
    if (node.type != ResourceType::Model || from.type == ResourceType::Test) return;
    std::string access = node.config_text("access");
    std::string group = node.config_text("group");
    bool refused = false;
    std::string why;
    if (access == "private") {
      refused = group.empty() ? from.package != node.package : group != from.group;
      why = format("private to the '{}' group", group);
    } else if (access == "protected" && from.package != node.package) {
      refused = parse_.bench->context.package(node.package).restrict_access;
      why = format("protected to the '{}' package", node.package);
    }
    if (!refused) return;
    throw Error(
        ErrorKind::Config,
        format("Node {} attempted to reference node {}, which is not allowed because the referenced node is {}.",
               from.unique_id, node.unique_id, why),
        {.place = Place{.file = from.origin.path, .line = from.origin.line, .column = from.origin.column}});
  }

  Parse& parse_;
  const References enabled_, disabled_;
  std::unordered_set<std::string_view> known_;  // unique ids of all nodes, enabled or not
  std::set<std::string, std::less<>> groups_;
  std::map<std::string_view, const Other*> metrics_;
};

void build_maps(Manifest& manifest) {
  auto add = [&](const std::string& id, const std::vector<std::string>& parents) {
    auto& own = manifest.parents[id];
    own = parents;
    std::sort(own.begin(), own.end());
    manifest.children[id];
    for (const std::string& parent : own) manifest.children[parent].push_back(id);
  };
  for (const Source& source : manifest.sources) add(source.unique_id, {});
  for (const Node& node : manifest.nodes) add(node.unique_id, node.depends_on.nodes);
  for (const Other& other : manifest.others) {
    if (other.type != ResourceType::Group) add(other.unique_id, other.depends_on.nodes);
  }
  for (auto& entry : manifest.children) std::sort(entry.second.begin(), entry.second.end());
}

// The columns that tell a row, as a constraint or as tests of them say.
void find_primary_keys(Manifest& manifest) {
  std::unordered_map<std::string_view, std::vector<const Node*>> tests;
  for (const auto* list : {&manifest.nodes, &manifest.disabled_nodes}) {
    for (const Node& node : *list) {
      if (node.test && !node.attached_node.empty()) tests[node.attached_node].push_back(&node);
    }
  }
  for (Node& node : manifest.nodes) {
    if (node.type == ResourceType::Model) node.primary_key = find_primary_key(node, tests[node.unique_id]);
  }
}

}  // namespace

void link(Parse& parse) {
  Linker(parse).run();
  link_semantics(parse.manifest);
  expect_no_cycles(parse.manifest);
  find_primary_keys(parse.manifest);
  build_maps(parse.manifest);
}

}  // namespace plumb::project
