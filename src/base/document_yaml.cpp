// YAML by libyaml's events: the events arrive in the order of the text, and this builds the tree from them, with a
// stack of the lists and maps that are open. What plain scalars mean is decided in yaml_scalar.cpp.
//
// libyaml tells places in characters; CharacterOffsets turns those into bytes.
//
// Aliases share nodes, so the tree in memory stays small whatever they do; but whoever walks it meets a node as often
// as it is named. So each node's size and height with all aliases written out are counted while it is built, and what
// would grow beyond kMostNodes or kDeepest is refused.
#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/document.h"
#include "base/document_internal.h"
#include "base/format.h"
#include "base/yaml_scalar.h"

namespace plumb {
namespace {

constexpr std::uint64_t kMostNodes = 1'000'000;
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

// The byte at which the n-th character starts.
class CharacterOffsets {
 public:
  explicit CharacterOffsets(std::string_view text) : text_(text) {
    for (std::size_t at = 0, character = 0; at < text.size(); ++character) {
      if (character % kStride == 0) starts_.push_back(static_cast<std::uint32_t>(at));
      at += step_utf8(text.substr(at)).bytes;
    }
  }
  std::uint32_t operator[](std::size_t character) const {
    if (starts_.empty() || character / kStride >= starts_.size()) return static_cast<std::uint32_t>(text_.size());
    std::size_t at = starts_[character / kStride];
    for (std::size_t i = 0; i < character % kStride && at < text_.size(); ++i) at += step_utf8(text_.substr(at)).bytes;
    return static_cast<std::uint32_t>(at);
  }

 private:
  static constexpr std::size_t kStride = 64;
  std::string_view text_;
  std::vector<std::uint32_t> starts_;
};

// libyaml's parser and its current event, freed at the end.
class EventStream {
 public:
  explicit EventStream(std::string_view text) {
    if (yaml_parser_initialize(&parser_) == 0) throw Error(ErrorKind::Internal, "libyaml has no memory");
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~EventStream() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // False when libyaml found a fault: see parser().
  bool next() {
    yaml_event_delete(&event_);
    return yaml_parser_parse(&parser_, &event_) != 0;
  }
  const yaml_event_t& event() const { return event_; }
  const yaml_parser_t& parser() const { return parser_; }

 private:
  yaml_parser_t parser_ = {};
  yaml_event_t event_ = {};
};

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// A node with all that aliases add written out.
struct Extent {
  std::uint64_t nodes = 1;
  std::size_t height = 0;  // how many levels of lists and maps it holds, itself included
};

struct Finished {
  std::uint32_t index = 0;
  Extent extent;
};

// A list or map whose end has not come yet.
struct OpenNode {
  NodeRecord record;
  std::string anchor;
  std::size_t from = 0;                 // its first child in items_ or entries_
  Extent inside{};                      // of its children so far
  std::optional<std::uint32_t> key{};   // of a map: the key whose value comes next
  std::vector<std::uint32_t> merged{};  // of a map: the maps named by "<<", in the order of the text
};

struct Anchor {
  std::optional<Finished> node = {};  // empty while the node is open
  std::uint32_t begin = 0;
};

class YamlBuilder {
 public:
  explicit YamlBuilder(DocumentData& data) : data_(data), offsets_(data.text), events_(data.text) {}

  void run() {
    while (true) {
      if (!events_.next()) fail_as_libyaml();
      const yaml_event_t& event = events_.event();
      begin_ = offsets_[event.start_mark.index];
      switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
          start_document();
          break;
        case YAML_ALIAS_EVENT:
          add_alias(view(event.data.alias.anchor));
          break;
        case YAML_SCALAR_EVENT:
          add_scalar(event);
          break;
        case YAML_SEQUENCE_START_EVENT:
          expect_tag(view(event.data.sequence_start.tag), "seq");
          open(NodeKind::List, view(event.data.sequence_start.anchor));
          break;
        case YAML_MAPPING_START_EVENT:
          expect_tag(view(event.data.mapping_start.tag), "map");
          open(NodeKind::Map, view(event.data.mapping_start.anchor));
          break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
          close(offsets_[event.end_mark.index]);
          break;
        case YAML_STREAM_END_EVENT:
          return;
        default:
          break;
      }
    }
  }

 private:
  [[noreturn]] void fail(std::size_t offset, std::string message, std::string hint = {}) const {
    throw data_.error_at(offset, std::move(message), std::move(hint));
  }

  void start_document() {
    if (!data_.empty)
      fail(begin_, "expected one document, found a second one", "keep each document in a file of its own");
  }

  // A list or map may carry the tag of its kind and no other.
  void expect_tag(std::string_view tag, std::string_view kind) const {
    if (tag.empty() || tag == "!" || tag == std::string(kTagPrefix) + std::string(kind)) return;
    fail_tag(tag);
  }
  [[noreturn]] void fail_tag(std::string_view tag) const {
    std::string shown =
        tag.starts_with(kTagPrefix) ? "!!" + std::string(tag.substr(kTagPrefix.size())) : std::string(tag);
    fail(begin_, format("the tag {} has no meaning here", printable(shown)), "leave it out, or quote the text");
  }

  void open(NodeKind kind, std::string_view anchor) {
    if (open_.size() == kDeepest) fail(begin_, format("lists and maps are nested deeper than {}", kDeepest));
    name_anchor(anchor);
    bool map = kind == NodeKind::Map;
    open_.push_back({.record = {.begin = begin_, .kind = kind},
                     .anchor = std::string(anchor),
                     .from = map ? entries_.size() : items_.size()});
  }

  void name_anchor(std::string_view anchor) {
    if (anchor.empty()) return;
    auto [place, fresh] = anchors_.try_emplace(std::string(anchor), Anchor{.begin = begin_});
    if (fresh) return;
    fail(begin_,
         format("the anchor &{} was already given on line {}", anchor, data_.place_at(place->second.begin).line),
         "give each anchor a name of its own");
  }

  void add_alias(std::string_view name) {
    auto anchor = anchors_.find(std::string(name));
    if (anchor == anchors_.end()) fail(begin_, format("the alias *{} names no anchor above it", name));
    if (!anchor->second.node) fail(begin_, format("the alias *{} stands inside of what it names", name));
    const Finished& node = *anchor->second.node;
    if (open_.size() + node.extent.height > kDeepest) {
      fail(begin_, format("with its aliases this is nested deeper than {}", kDeepest));
    }
    attach(node, false);
  }

  void add_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    name_anchor(view(scalar.anchor));
    std::string_view value(reinterpret_cast<const char*>(scalar.value), scalar.length);
    bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    NodeRecord record{.begin = begin_, .end = offsets_[event.end_mark.index]};
    record.kind = kind_of(view(scalar.tag), scalar.plain_implicit != 0, value);
    store_text(record, value);
    Finished node{.index = data_.add_node(record), .extent = {}};
    if (scalar.anchor != nullptr) anchors_[std::string(view(scalar.anchor))].node = node;
    attach(node, plain && value == "<<" && scalar.tag == nullptr);
  }

  // A plain scalar mostly is what stands there; others are put into `decoded`.
  void store_text(NodeRecord& record, std::string_view value) {
    record.count = static_cast<std::uint32_t>(value.size());
    record.in_decoded = std::string_view(data_.text).substr(record.begin, value.size()) != value;
    record.first = record.in_decoded ? static_cast<std::uint32_t>(data_.decoded.size()) : record.begin;
    if (record.in_decoded) data_.decoded += value;
  }

  NodeKind kind_of(std::string_view tag, bool by_its_look, std::string_view value) const {
    NodeKind look = resolve_yaml_scalar(value);
    if (tag.empty() || tag == "!") {
      if (!by_its_look) return NodeKind::Text;
      if (look == NodeKind::Int && !yaml_int_has_digits(value))
        fail(begin_, "this number has no digits", "quote the text");
      return look;
    }
    std::string_view name = tag.starts_with(kTagPrefix) ? tag.substr(kTagPrefix.size()) : "";
    if (name == "str" || name == "timestamp") return NodeKind::Text;
    if (name == "null") return NodeKind::Null;
    bool whole = look == NodeKind::Int && yaml_int_has_digits(value);
    if (name == "int" && whole) return NodeKind::Int;
    if (name == "float" && (whole || look == NodeKind::Float)) return NodeKind::Float;
    if (name == "bool" && look == NodeKind::Bool) return NodeKind::Bool;
    if (name == "int" || name == "float" || name == "bool") fail(begin_, format("this is no !!{}", name));
    fail_tag(tag);
  }

  // A finished node goes where it belongs: the open list, the open map as key or value, or the root.
  void attach(const Finished& node, bool merge_key) {
    if (open_.empty()) {
      data_.root = node.index;
      data_.empty = false;
      return;
    }
    OpenNode& parent = open_.back();
    parent.inside.nodes += node.extent.nodes;
    parent.inside.height = std::max(parent.inside.height, height_below(parent, node));
    if (parent.inside.nodes > kMostNodes) {
      fail(begin_, format("with its aliases written out this has more than {} nodes", kMostNodes));
    }
    if (parent.record.kind == NodeKind::List) {
      items_.push_back(node.index);
    } else if (!parent.key) {
      set_key(parent, node, merge_key);
    } else {
      std::uint32_t key = *std::exchange(parent.key, std::nullopt);
      if (key == kMergeKey) {
        merge(parent, node.index);
      } else {
        entries_.push_back({key, node.index});
      }
    }
  }

  // What "<<" names is not a level of its own: its entries become the parent's.
  std::size_t height_below(const OpenNode& parent, const Finished& node) const {
    if (parent.key != kMergeKey) return node.extent.height;
    std::size_t levels = data_.nodes[node.index].kind == NodeKind::List ? 2 : 1;
    return node.extent.height - std::min(levels, node.extent.height);
  }

  void set_key(OpenNode& parent, const Finished& node, bool merge_key) const {
    NodeKind kind = data_.nodes[node.index].kind;
    if (kind == NodeKind::List || kind == NodeKind::Map) {
      fail(data_.nodes[node.index].begin, format("a key must be a scalar, found {}", describe(kind)));
    }
    parent.key = merge_key ? kMergeKey : node.index;
  }

  // "<<: *a" and "<<: [*a, *b]": of several the earlier wins, and of several "<<" the later.
  void merge(OpenNode& parent, std::uint32_t value) {
    const NodeRecord& node = data_.nodes[value];
    if (node.kind == NodeKind::Map) {
      parent.merged.push_back(value);
    } else if (node.kind == NodeKind::List) {
      for (std::uint32_t i = node.count; i-- > 0;) {
        std::uint32_t item = data_.items[node.first + i];
        if (data_.nodes[item].kind != NodeKind::Map) fail_merge(data_.nodes[item]);
        parent.merged.push_back(item);
      }
    } else {
      fail_merge(node);
    }
  }
  [[noreturn]] void fail_merge(const NodeRecord& node) const {
    fail(node.begin, format("'<<' wants a map or a list of maps, found {}", describe(node.kind)));
  }

  void close(std::uint32_t end) {
    OpenNode node = std::move(open_.back());
    open_.pop_back();
    node.record.end = end;
    if (node.record.kind == NodeKind::List) {
      data_.close_list(node.record, items_, node.from);
    } else {
      data_.join_duplicates(entries_, node.from, [this](MapEntry& first, const MapEntry& second) {
        const NodeRecord& again = data_.nodes[second.key];
        Place before = data_.place_at(data_.nodes[first.key].begin);
        fail(again.begin,
             format("duplicate key '{}', first given on line {}, column {}", printable(data_.scalar(again)),
                    before.line, before.column),
             "keep one of them");
      });
      if (!node.merged.empty()) join_merged(node);
      data_.close_map(node.record, entries_, node.from);
    }
    Finished finished{.index = data_.add_node(node.record),
                      .extent = {.nodes = node.inside.nodes + 1, .height = node.inside.height + 1}};
    if (!node.anchor.empty()) anchors_[node.anchor].node = finished;
    attach(finished, false);
  }

  // The merged maps' entries come first, each overridden by what comes after it.
  void join_merged(OpenNode& node) {
    std::vector<MapEntry> all;
    for (std::uint32_t index : node.merged) {
      const NodeRecord& map = data_.nodes[index];
      auto first = data_.entries.begin() + map.first;
      all.insert(all.end(), first, first + map.count);
    }
    merged_entries_ += all.size();
    if (merged_entries_ > kMostNodes) fail(node.record.begin, format("'<<' merges more than {} entries", kMostNodes));
    all.insert(all.end(), entries_.begin() + static_cast<std::ptrdiff_t>(node.from), entries_.end());
    entries_.resize(node.from);
    entries_.insert(entries_.end(), all.begin(), all.end());
    data_.join_duplicates(entries_, node.from, [](MapEntry& first, const MapEntry& second) { first = second; });
  }

  [[noreturn]] void fail_as_libyaml() const;

  static constexpr std::uint32_t kMergeKey = ~std::uint32_t{0};

  DocumentData& data_;
  CharacterOffsets offsets_;
  EventStream events_;
  std::uint32_t begin_ = 0;  // where the current event stands
  std::vector<OpenNode> open_;
  // Children of the open nodes, the innermost's last.
  std::vector<std::uint32_t> items_;
  std::vector<MapEntry> entries_;
  std::map<std::string, Anchor, std::less<>> anchors_;
  std::uint64_t merged_entries_ = 0;
};

// What libyaml's words usually mean to somebody who writes a file by hand.
std::string hint_for(std::string_view problem, char found) {
  if (problem.starts_with("mapping values are not allowed")) {
    return "quote a text that holds ': ', and check the indentation";
  }
  if (problem.starts_with("found character that cannot start any token")) {
    if (found == '\t') return "indent with blanks: YAML allows no tabs there";
    return format("quote a text that begins with '{}'", printable({&found, 1}));
  }
  if (problem.starts_with("found a tab character")) return "indent with blanks: YAML allows no tabs there";
  if (problem.starts_with("did not find expected ',' or")) return "a bracket may not be closed";
  if (problem.starts_with("found unexpected end of stream")) return "a quote may not be closed";
  if (problem.starts_with("could not find expected ':'")) return "a key needs a ':' behind it";
  if (problem.starts_with("did not find expected key")) return "check the indentation, and quotes around texts";
  if (problem.starts_with("did not find expected '-' indicator")) return "check the indentation of the list";
  if (problem.starts_with("found unknown escape character")) return "use single quotes, or write \\\\ for a backslash";
  if (problem.starts_with("block sequence entries are not allowed")) return "begin the list on a line of its own";
  return "";
}

void YamlBuilder::fail_as_libyaml() const {
  const yaml_parser_t& parser = events_.parser();
  if (parser.error == YAML_MEMORY_ERROR) throw Error(ErrorKind::Internal, "libyaml has no memory");
  std::string problem = parser.problem ? parser.problem : "it can't be read";
  if (parser.error == YAML_READER_ERROR) {
    fail(parser.problem_offset, "a control character can't stand in YAML",
         "in double quotes it can be written as \\x00");
  }
  std::uint32_t offset = offsets_[parser.problem_mark.index];
  std::string cause;
  if (parser.context) {
    Place context = data_.place_at(offsets_[parser.context_mark.index]);
    cause = format("{} that begins on line {}, column {}", parser.context, context.line, context.column);
  }
  char found = offset < data_.text.size() ? data_.text[offset] : '\0';
  throw data_.error_at(offset, "this is no YAML: " + problem, hint_for(problem, found), cause);
}

}  // namespace

Document parse_yaml(std::string text, std::string file) {
  std::unique_ptr<DocumentData> data = take_source(std::move(text), std::move(file), false);
  YamlBuilder(*data).run();
  return Document(std::move(data));
}

}  // namespace plumb
