// Each criterion gives two sets: what it selects, tests included, and the tests that touch it but depend on other
// nodes too. Unions, intersections and differences are made of both; after each of them a test that only "touched"
// comes in when the other nodes it depends on were selected by the criterion's neighbours.
#include "project/selection.h"

#include <algorithm>

#include "base/format.h"
#include "project/selection_graph.h"
#include "project/selection_methods.h"

namespace plumb::project {
namespace {

using Kind = SelectionSpec::Kind;

struct Selected {
  NodeSet direct, indirect;
};

class Selector {
 public:
  Selector(const Manifest& manifest, const SelectionContext& context, std::vector<Warning>* warnings)
      : manifest_(manifest), context_(context), warnings_(warnings), graph_(manifest) {}

  const SelectionGraph& graph() const { return graph_; }

  NodeSet select(const SelectionSpec& spec) { return evaluate(spec).direct; }

 private:
  Selected evaluate(const SelectionSpec& spec) {
    switch (spec.kind) {
      case Kind::Everything: {
        NodeSet all = graph_.empty();
        for (std::size_t i = 0; i < graph_.size(); ++i) all.add(i);
        return {std::move(all), graph_.empty()};
      }
      case Kind::Criterion:
        return evaluate(spec.criterion, spec.indirect);
      default:
        return combine(spec);
    }
  }

  Selected evaluate(const Criterion& criterion, IndirectSelection mode) {
    NodeSet found = match(criterion, graph_, context_, manifest_);
    if (found.empty() && warnings_ && !criterion.text.empty()) {
      warnings_->push_back({"NoNodesForSelectionCriteria",
                            format("The selection criterion '{}' does not match any enabled nodes", criterion.text),
                            criterion.place});
    }
    add_neighbours(criterion, found);
    return add_tests(std::move(found), mode);
  }

  void add_neighbours(const Criterion& criterion, NodeSet& found) const {
    NodeSet neighbours = graph_.empty();
    if (criterion.childrens_parents) {
      NodeSet children = graph_.descendants(found, std::nullopt);
      children.add(found);
      neighbours.add(children);
      neighbours.add(graph_.ancestors(children, std::nullopt));
    }
    if (criterion.parents) neighbours.add(graph_.ancestors(found, criterion.parents_depth));
    if (criterion.children) neighbours.add(graph_.descendants(found, criterion.children_depth));
    found.add(neighbours);
  }

  Selected add_tests(NodeSet found, IndirectSelection mode) const {
    Selected result{found, graph_.empty()};
    NodeSet reach = buildable_reach(found, mode);
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      if (!found.contains(i)) continue;
      for (std::uint32_t child : graph_.children(i)) {
        ResourceType type = graph_.member(child).type;
        bool unit = type == ResourceType::UnitTest;
        if ((type != ResourceType::Test && !unit) || found.contains(child)) continue;
        if (mode == IndirectSelection::Empty && !unit) continue;
        bool comes = mode == IndirectSelection::Eager || parents_within(child, reach);
        (comes ? result.direct : result.indirect).add(child);
      }
    }
    return result;
  }

  // What a test may depend on and still come along.
  NodeSet buildable_reach(const NodeSet& selected, IndirectSelection mode) const {
    NodeSet reach = selected;
    if (mode != IndirectSelection::Buildable) return reach;
    reach.add(graph_.ancestors(selected, std::nullopt));
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      if (graph_.member(i).type == ResourceType::Source) reach.add(i);
    }
    return reach;
  }

  bool parents_within(std::size_t member, const NodeSet& set) const {
    auto parents = graph_.parents(member);
    return std::all_of(parents.begin(), parents.end(), [&](std::uint32_t parent) { return set.contains(parent); });
  }

  Selected combine(const SelectionSpec& spec) {
    Selected result{graph_.empty(), graph_.empty()};
    bool first = true;
    for (const SelectionSpec& part : spec.parts) {
      Selected next = evaluate(part);
      if (first) {
        result = std::move(next);
      } else if (spec.kind == Kind::Union) {
        result.direct.add(next.direct);
        result.indirect.add(next.indirect);
      } else if (spec.kind == Kind::Intersection) {
        result.direct.keep(next.direct);
        result.indirect.keep(next.indirect);
      } else {
        result.direct.remove(next.direct);
        result.indirect.remove(next.indirect);
      }
      first = false;
    }
    add_complete_tests(result, spec.indirect);
    return result;
  }

  void add_complete_tests(Selected& selected, IndirectSelection mode) const {
    if (mode == IndirectSelection::Eager || mode == IndirectSelection::Empty || selected.direct.full()) return;
    NodeSet reach = buildable_reach(selected.direct, mode);
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      if (selected.indirect.contains(i) && parents_within(i, reach)) selected.direct.add(i);
    }
  }

  const Manifest& manifest_;
  const SelectionContext& context_;
  std::vector<Warning>* warnings_;
  SelectionGraph graph_;
};

bool names(const std::vector<std::string>& words, ResourceType type) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return word == "all" || word == to_string(type) || (word == "default" && type != ResourceType::Analysis);
  });
}

}  // namespace

std::set<std::string> select_nodes(const Manifest& manifest, const Selection& selection,
                                   const SelectionContext& context, std::vector<Warning>* warnings) {
  Selector selector(manifest, context, warnings);
  NodeSet chosen =
      selector.select(selection.definition ? *selection.definition
                                           : parse_selection(selection.select, selection.exclude, selection.indirect));
  std::set<std::string> ids;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const Member& member = selector.graph().member(i);
    bool wanted = selection.resource_types.empty() || names(selection.resource_types, member.type);
    if (!chosen.contains(i) || !wanted || names(selection.exclude_resource_types, member.type)) continue;
    ids.emplace(member.unique_id);
  }
  return ids;
}

}  // namespace plumb::project
