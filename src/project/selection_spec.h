// What is to be selected, as a tree: criteria ("2+tag:daily+") below unions, intersections and differences.
//
//     SelectionSpec spec = parse_selection({"a", "b,c"}, {"d"}, IndirectSelection::Eager);    // (a or (b and c)) less
//     d
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace plumb::project {

// Which tests come with the nodes that are selected: of those that depend on other nodes too, all (Eager), none
// (Cautious), those whose other nodes are ancestors of what is selected (Buildable); or none at all but unit tests
// (Empty).
enum class IndirectSelection : std::uint8_t { Eager, Cautious, Buildable, Empty };
std::optional<IndirectSelection> find_indirect_selection(std::string_view word);

struct Criterion {
  std::string text;  // as written
  Place place = {};  // in selectors.yml; unknown on the command line
  std::string method = "fqn";
  std::vector<std::string> arguments = {};  // "materialized" of config.materialized
  std::string value = {};
  bool childrens_parents = false;  // @x
  bool parents = false, children = false;
  std::optional<int> parents_depth = {}, children_depth = {};  // nothing: all the way
};
// Throws Error(Usage) for an unknown method or "@x+".
Criterion parse_criterion(std::string_view text);
// Splits "config.materialized" and checks the method's name.
void set_method(Criterion& criterion, std::string_view method);

struct SelectionSpec {
  enum class Kind : std::uint8_t { Everything, Criterion, Union, Intersection, Difference };
  Kind kind = Kind::Everything;
  Criterion criterion = {};
  std::vector<SelectionSpec> parts = {};  // of a Difference: what is included, what is excluded
  IndirectSelection indirect = IndirectSelection::Eager;
};
// Each word may hold blanks (unions of its parts) and commas (intersections).
SelectionSpec parse_selection(const std::vector<std::string>& select, const std::vector<std::string>& exclude,
                              IndirectSelection indirect);

}  // namespace plumb::project
