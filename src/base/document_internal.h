// How a Document keeps its nodes: plain records in one vector, children in two more, texts as ranges of the source.
//
//   text       the source as it came (less a byte order mark)
//   decoded    texts that differ from the source (escapes, folded lines), one behind the other
//   nodes      a record each; keys of maps are nodes too, for their places
//   items      the children of lists, and the sorted order of big maps
//   entries    the key-value pairs of maps
//
// A parser fills it from the leaves up: children first, then the container that names their range.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"

namespace plumb {

// The deepest nesting of lists and maps that is read.
inline constexpr std::size_t kDeepest = 200;
// Maps with more keys are searched by their sorted order.
inline constexpr std::uint32_t kSmallMap = 16;

struct NodeRecord {
  std::uint32_t begin = 0;  // where the node stands in the source, in bytes
  std::uint32_t end = 0;
  std::uint32_t first = 0;  // of a scalar: its text's start; of a list or map: its first child in items or entries
  std::uint32_t count = 0;  // of a scalar: its text's length; of a list or map: how many children
  std::uint32_t order = 0;  // of a big map: the start of its sorted order in items
  NodeKind kind = NodeKind::Null;
  bool in_decoded = false;  // a scalar's text lies in `decoded`, not in `text`
};

struct MapEntry {
  std::uint32_t key = 0;
  std::uint32_t value = 0;
};

struct DocumentData {
  bool json = false;
  bool empty = true;  // nothing stands in the file
  std::uint32_t root = 0;
  std::string file;
  std::string text;
  std::string decoded;
  std::vector<NodeRecord> nodes;
  std::vector<std::uint32_t> items;
  std::vector<MapEntry> entries;

  std::string_view scalar(const NodeRecord& node) const {
    return std::string_view(node.in_decoded ? decoded : text).substr(node.first, node.count);
  }
  std::string_view key_of(const MapEntry& entry) const { return scalar(nodes[entry.key]); }

  std::uint32_t add_node(const NodeRecord& node) {
    nodes.push_back(node);
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }
  // Move pending[from…] to where the container keeps them, and shrink `pending` to `from`.
  void close_list(NodeRecord& list, std::vector<std::uint32_t>& pending, std::size_t from);
  void close_map(NodeRecord& map, std::vector<MapEntry>& pending, std::size_t from);
  // Calls `twice(first, second)` for each key of pending[from…] that was there before, and drops the second entry.
  using Twice = std::function<void(MapEntry& first, const MapEntry& second)>;
  void join_duplicates(std::vector<MapEntry>& pending, std::size_t from, const Twice& twice) const;

  // Line, column and an excerpt for a position in the source.
  Place place_at(std::size_t offset) const;
  // An error of this document's kind at a position.
  Error error_at(std::size_t offset, std::string message, std::string hint = {}, std::string cause = {}) const;

 private:
  // The start of the line that holds the offset, and its number. Lines end with \n, \r\n or \r.
  std::pair<std::size_t, int> line_of(std::size_t offset) const;
  // Where lines start; found when the first place is asked for.
  mutable std::once_flag lines_found_;
  mutable std::vector<std::uint32_t> line_starts_;
};

// Takes text and name into a fresh DocumentData: checks size and UTF-8, drops the byte order mark.
std::unique_ptr<DocumentData> take_source(std::string text, std::string file, bool json);

}  // namespace plumb
