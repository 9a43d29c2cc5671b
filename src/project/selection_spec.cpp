#include "project/selection_spec.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"

namespace plumb::project {
namespace {

using Kind = SelectionSpec::Kind;

constexpr std::array<std::string_view, 21> kMethods = {
    "fqn",         "tag",       "group",         "access",        "source", "path",     "file",   "package",
    "config",      "test_name", "test_type",     "resource_type", "state",  "exposure", "metric", "semantic_model",
    "saved_query", "result",    "source_status", "unit_test",     "version"};

// Takes "2+" or "+" from the front; nothing when there is no operator.
struct Depth {
  bool said = false;
  std::optional<int> levels;
};
std::optional<int> number(std::string_view digits) {
  int levels = 0;
  auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), levels);
  return failure == std::errc() && end == digits.data() + digits.size() ? std::optional(levels) : std::nullopt;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Depth take_parents(std::string_view& rest) {
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  if (digits == rest.size() || rest[digits] != '+') return {};
  Depth depth{true, number(rest.substr(0, digits))};
  rest.remove_prefix(digits + 1);
  return depth;
}
Depth take_children(std::string_view& rest) {
  std::size_t digits = rest.size();
  while (digits > 0 && is_digit(rest[digits - 1])) --digits;
  if (digits == 0 || rest[digits - 1] != '+') return {};
  Depth depth{true, number(rest.substr(digits))};
  rest.remove_suffix(rest.size() - digits + 1);
  return depth;
}

// "tag" of "tag:daily": letters, digits, _ and dots in front of the first colon.
std::size_t method_length(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
  bool name = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
  });
  return name ? colon : std::string_view::npos;
}

std::string_view default_method(std::string_view value) {
  if (value.find('/') != std::string_view::npos) return "path";
  for (std::string_view ending : {".sql", ".py", ".csv"}) {
    if (value.ends_with(ending)) return "file";
  }
  return "fqn";
}

template <class Each>
void split(std::string_view text, char at, Each each) {
  while (true) {
    std::size_t end = text.find(at);
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

SelectionSpec group(Kind kind, IndirectSelection indirect) {
  return {.kind = kind, .indirect = indirect};
}

SelectionSpec parse_union(const std::vector<std::string>& words, IndirectSelection indirect) {
  SelectionSpec all = group(Kind::Union, indirect);
  for (const std::string& word : words) {
    split(word, ' ', [&](std::string_view part) {
      SelectionSpec together = group(Kind::Intersection, indirect);
      split(part, ',', [&](std::string_view text) {
        together.parts.push_back({.kind = Kind::Criterion, .criterion = parse_criterion(text), .indirect = indirect});
      });
      all.parts.push_back(together.parts.size() == 1 ? std::move(together.parts.front()) : std::move(together));
    });
  }
  return all;
}

}  // namespace

std::optional<IndirectSelection> find_indirect_selection(std::string_view word) {
  if (word == "eager") return IndirectSelection::Eager;
  if (word == "cautious") return IndirectSelection::Cautious;
  if (word == "buildable") return IndirectSelection::Buildable;
  if (word == "empty") return IndirectSelection::Empty;
  return std::nullopt;
}

void set_method(Criterion& criterion, std::string_view method) {
  bool first = true;
  criterion.arguments.clear();
  split(method, '.', [&](std::string_view part) {
    if (first) {
      criterion.method = part;
    } else {
      criterion.arguments.emplace_back(part);
    }
    first = false;
  });
  if (std::find(kMethods.begin(), kMethods.end(), criterion.method) != kMethods.end()) return;
  std::string_view nearest = find_nearest(criterion.method, kMethods);
  throw Error(criterion.place.known() ? ErrorKind::Config : ErrorKind::Usage,
              format("'{}' is not a valid method name", criterion.method),
              {.place = criterion.place.known() ? std::optional(criterion.place) : std::nullopt,
               .hint = nearest.empty() ? format("in '{}'", criterion.text) : format("did you mean '{}'?", nearest)});
}

Criterion parse_criterion(std::string_view text) {
  Criterion criterion{.text = std::string(text)};
  std::string_view rest = text;
  if (rest.starts_with('@')) {
    criterion.childrens_parents = true;
    rest.remove_prefix(1);
  }
  Depth parents = take_parents(rest), children = take_children(rest);
  criterion.parents = parents.said;
  criterion.parents_depth = parents.levels;
  criterion.children = children.said;
  criterion.children_depth = children.levels;
  if (criterion.childrens_parents && criterion.children) {
    throw Error(ErrorKind::Usage,
                format("Invalid node spec {} - \"@\" prefix and \"+\" suffix are incompatible", text));
  }
  std::size_t colon = method_length(rest);
  criterion.value = colon == std::string_view::npos ? rest : rest.substr(colon + 1);
  set_method(criterion, colon == std::string_view::npos ? default_method(rest) : rest.substr(0, colon));
  return criterion;
}

SelectionSpec parse_selection(const std::vector<std::string>& select, const std::vector<std::string>& exclude,
                              IndirectSelection indirect) {
  SelectionSpec included = select.empty() ? group(Kind::Everything, indirect) : parse_union(select, indirect);
  if (exclude.empty()) return included;
  SelectionSpec difference = group(Kind::Difference, indirect);
  difference.parts.push_back(std::move(included));
  difference.parts.push_back(parse_union(exclude, indirect));
  return difference;
}

}  // namespace plumb::project
