#include "base/document.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "base/document_internal.h"
#include "base/format.h"
#include "base/secret.h"
#include "base/yaml_scalar.h"

namespace plumb {
namespace {

// A longer line is shown in part only.
constexpr std::size_t kLongLine = 400;
constexpr std::size_t kShownBefore = 60;  // bytes, roughly
constexpr std::size_t kShownAfter = 60;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Of a very long line only what is near. It is masked before it is cut, from a place on where no value can be in
// midst, so that no half of a token is shown; where there is no such place near, nothing is shown.
void show_part(Place& place, std::string_view line, std::size_t offset) {
  constexpr std::size_t kLookBack = 4096;
  std::size_t from = offset > kLookBack ? offset - kLookBack : 0;
  if (from > 0) from = line.find_first_of(",{[", from);
  if (from > offset) return;
  std::size_t to = std::min(line.size(), offset + kShownAfter);
  while (to < line.size() && is_continuation(line[to])) ++to;
  std::string before = redact(line.substr(from, offset - from));
  std::string all = redact(line.substr(from, to - from));
  if (!std::string_view(all).starts_with(before)) return;
  std::size_t cut = before.size() > kShownBefore ? before.size() - kShownBefore : 0;
  while (cut > 0 && is_continuation(before[cut])) --cut;
  place.source_line = all.substr(cut);
  place.source_column = place.column - static_cast<int>(count_characters(std::string_view(before).substr(cut)));
}

// Whole floats keep their ".0", so that they are read back as what they are.
std::string float_to_json(std::optional<double> value) {
  std::string out = JsonWriter().number(value.value_or(std::numeric_limits<double>::infinity())).take();
  return out.find_first_not_of("-0123456789") == std::string::npos ? out + ".0" : out;
}

}  // namespace

std::string_view describe(NodeKind kind) {
  switch (kind) {
    case NodeKind::Missing:
      return "nothing";
    case NodeKind::Null:
      return "null";
    case NodeKind::Bool:
      return "true or false";
    case NodeKind::Int:
      return "a whole number";
    case NodeKind::Float:
      return "a number";
    case NodeKind::Text:
      return "text";
    case NodeKind::List:
      return "a list";
    case NodeKind::Map:
      return "a map";
  }
  return "nothing";
}

void DocumentData::close_list(NodeRecord& list, std::vector<std::uint32_t>& pending, std::size_t from) {
  list.kind = NodeKind::List;
  list.first = static_cast<std::uint32_t>(items.size());
  list.count = static_cast<std::uint32_t>(pending.size() - from);
  items.insert(items.end(), pending.begin() + static_cast<std::ptrdiff_t>(from), pending.end());
  pending.resize(from);
}

void DocumentData::close_map(NodeRecord& map, std::vector<MapEntry>& pending, std::size_t from) {
  map.kind = NodeKind::Map;
  map.first = static_cast<std::uint32_t>(entries.size());
  map.count = static_cast<std::uint32_t>(pending.size() - from);
  entries.insert(entries.end(), pending.begin() + static_cast<std::ptrdiff_t>(from), pending.end());
  pending.resize(from);
  if (map.count <= kSmallMap) return;
  map.order = static_cast<std::uint32_t>(items.size());
  items.resize(items.size() + map.count);
  auto begin = items.begin() + map.order;
  std::iota(begin, items.end(), map.first);
  std::sort(begin, items.end(),
            [&](std::uint32_t a, std::uint32_t b) { return key_of(entries[a]) < key_of(entries[b]); });
}

void DocumentData::join_duplicates(std::vector<MapEntry>& pending, std::size_t from, const Twice& twice) const {
  std::size_t count = pending.size() - from;
  if (count < 2) return;
  std::size_t kept = from;
  if (count <= kSmallMap) {
    for (std::size_t i = from; i < pending.size(); ++i) {
      std::string_view key = key_of(pending[i]);
      std::size_t first = from;
      while (first < kept && key_of(pending[first]) != key) ++first;
      if (first < kept) {
        twice(pending[first], pending[i]);
      } else {
        pending[kept++] = pending[i];
      }
    }
  } else {
    std::unordered_map<std::string_view, std::size_t> seen;
    seen.reserve(count);
    for (std::size_t i = from; i < pending.size(); ++i) {
      auto [place, fresh] = seen.try_emplace(key_of(pending[i]), kept);
      if (fresh) {
        pending[kept++] = pending[i];
      } else {
        twice(pending[place->second], pending[i]);
      }
    }
  }
  pending.resize(kept);
}

std::pair<std::size_t, int> DocumentData::line_of(std::size_t offset) const {
  std::call_once(lines_found_, [this] {
    line_starts_.push_back(0);
    for (std::size_t at = text.find_first_of("\n\r"); at != std::string::npos; at = text.find_first_of("\n\r", at)) {
      at += std::string_view(text).substr(at, 2) == "\r\n" ? 2 : 1;
      line_starts_.push_back(static_cast<std::uint32_t>(at));
    }
  });
  if (offset > 0 && std::string_view(text).substr(offset - 1, 2) == "\r\n") --offset;  // on the line that they end
  auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return {*std::prev(next), static_cast<int>(next - line_starts_.begin())};
}

Place DocumentData::place_at(std::size_t offset) const {
  offset = std::min(offset, text.size());
  auto [begin, line_number] = line_of(offset);
  std::string_view line = std::string_view(text).substr(begin);
  line = line.substr(0, line.find_first_of("\n\r"));
  std::size_t inside = std::min(offset - begin, line.size());
  Place place{.file = file, .line = line_number};
  place.column = static_cast<int>(count_characters(line.substr(0, inside))) + 1;
  if (line.size() <= kLongLine) {
    place.source_line = std::string(line);
  } else {
    show_part(place, line, inside);
  }
  return place;
}

Error DocumentData::error_at(std::size_t offset, std::string message, std::string hint, std::string cause) const {
  return Error(json ? ErrorKind::Data : ErrorKind::Config, std::move(message),
               {.place = place_at(offset), .hint = std::move(hint), .cause = std::move(cause)});
}

std::unique_ptr<DocumentData> take_source(std::string text, std::string file, bool json) {
  auto data = std::make_unique<DocumentData>();
  data->json = json;
  data->file = std::move(file);
  data->text = std::move(text);
  if (data->text.size() >= std::numeric_limits<std::uint32_t>::max() / 2) {
    data->text.clear();
    throw data->error_at(0, "a document of more than 2 GB can't be read as a whole");
  }
  if (data->text.starts_with("\xEF\xBB\xBF")) data->text.erase(0, 3);
  if (auto bad = find_invalid_utf8(data->text)) {
    throw data->error_at(*bad, "this byte is no UTF-8", "save the file as UTF-8");
  }
  return data;
}

Document::Document(std::unique_ptr<const DocumentData> data) : data_(std::move(data)) {}
Document::Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Node Document::root() const {
  return data_ && !data_->empty ? Node(data_.get(), data_->root) : Node();
}

NodeKind Node::kind() const {
  return document_ ? document_->nodes[index_].kind : NodeKind::Missing;
}

Node Node::find(std::string_view key) const {
  if (kind() != NodeKind::Map) return {};
  const NodeRecord& map = document_->nodes[index_];
  if (map.count <= kSmallMap) {
    for (std::uint32_t i = map.first; i < map.first + map.count; ++i) {
      if (document_->key_of(document_->entries[i]) == key) return child(document_->entries[i].value);
    }
    return {};
  }
  auto begin = document_->items.begin() + map.order;
  auto end = begin + map.count;
  auto found = std::lower_bound(begin, end, key, [&](std::uint32_t entry, std::string_view wanted) {
    return document_->key_of(document_->entries[entry]) < wanted;
  });
  if (found == end || document_->key_of(document_->entries[*found]) != key) return {};
  return child(document_->entries[*found].value);
}

Node Node::get(std::string_view key) const {
  if (kind() != NodeKind::Map && !missing()) throw expected("a map");
  Node value = find(key);
  if (value.missing()) throw error(format("missing key '{}'", key));
  return value;
}

std::size_t Node::size() const {
  bool container = kind() == NodeKind::List || kind() == NodeKind::Map;
  return container ? document_->nodes[index_].count : 0;
}

Node Node::at(std::size_t index) const {
  if (index >= size()) return {};
  const NodeRecord& node = document_->nodes[index_];
  if (node.kind == NodeKind::List) return child(document_->items[node.first + index]);
  return child(document_->entries[node.first + index].value);
}

std::string_view Node::key_at(std::size_t index) const {
  if (kind() != NodeKind::Map || index >= size()) return {};
  return document_->key_of(document_->entries[document_->nodes[index_].first + index]);
}

Place Node::key_place_at(std::size_t index) const {
  if (kind() != NodeKind::Map || index >= size()) return {};
  return child(document_->entries[document_->nodes[index_].first + index].key).place();
}

bool Node::as_bool() const {
  if (kind() != NodeKind::Bool) throw expected("true or false");
  return document_->json ? scalar() == "true" : yaml_bool(scalar());
}

std::int64_t Node::as_int() const {
  if (kind() != NodeKind::Int) throw expected("a whole number");
  auto value = find_yaml_int(scalar());
  if (!value) throw error("this number does not fit into 64 bits");
  return *value;
}

double Node::as_double() const {
  if (kind() != NodeKind::Float && kind() != NodeKind::Int) throw expected("a number");
  auto value = find_yaml_double(scalar());
  if (!value) throw error("this number is too large for a double");
  return *value;
}

std::string Node::as_text() const {
  bool plain_yaml = document_ && !document_->json;
  if (plain_yaml && kind() == NodeKind::Bool) {
    throw expected("text", "yes, no, on, off, true and false are truth values in YAML: write it in quotes");
  }
  if (plain_yaml && (kind() == NodeKind::Int || kind() == NodeKind::Float)) {
    throw expected("text", "write it in quotes");
  }
  if (kind() != NodeKind::Text) throw expected("text");
  return std::string(scalar());
}

std::string_view Node::scalar() const {
  switch (kind()) {
    case NodeKind::Bool:
    case NodeKind::Int:
    case NodeKind::Float:
    case NodeKind::Text:
      return document_->scalar(document_->nodes[index_]);
    default:
      return {};
  }
}

std::string Node::text_or(std::string_view fallback) const {
  if (null()) return std::string(fallback);
  if (kind() == NodeKind::List || kind() == NodeKind::Map) throw expected("text");
  return std::string(scalar());
}

Place Node::place() const {
  if (!document_) return {};
  return document_->place_at(document_->nodes[index_].begin);
}

std::string Node::to_json() const {
  if (missing()) return "null";
  const NodeRecord& node = document_->nodes[index_];
  if (document_->json) return document_->text.substr(node.begin, node.end - node.begin);
  std::string out;
  append_json(out);
  return out;
}

void Node::append_json(std::string& out) const {
  switch (kind()) {
    case NodeKind::Missing:
    case NodeKind::Null:
      out += "null";
      break;
    case NodeKind::Bool:
      out += as_bool() ? "true" : "false";
      break;
    case NodeKind::Text:
      out += json_quote(scalar());
      break;
    case NodeKind::Int:
      out += yaml_int_to_json(scalar());
      break;
    case NodeKind::Float:
      out += float_to_json(find_yaml_double(scalar()));
      break;
    case NodeKind::List:
      for (std::size_t i = 0; i < size(); ++i) {
        out += i == 0 ? '[' : ',';
        at(i).append_json(out);
      }
      out += size() == 0 ? "[]" : "]";
      break;
    case NodeKind::Map:
      for (std::size_t i = 0; i < size(); ++i) {
        out += i == 0 ? '{' : ',';
        out += json_quote(key_at(i)) + ":";
        at(i).append_json(out);
      }
      out += size() == 0 ? "{}" : "}";
      break;
  }
}

void Node::expect_keys(std::initializer_list<std::string_view> known) const {
  if (null()) return;
  if (kind() != NodeKind::Map) throw expected("a map");
  for (std::size_t i = 0; i < size(); ++i) {
    std::string_view key = key_at(i);
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string_view nearest = find_nearest(key, known);
    std::string hint = nearest.empty() ? "known keys: " : format("did you mean '{}'?", nearest);
    if (nearest.empty()) {
      for (std::string_view name : known) hint += format("{}{}", name == *known.begin() ? "" : ", ", name);
    }
    NodeRecord place = document_->nodes[document_->entries[document_->nodes[index_].first + i].key];
    throw document_->error_at(place.begin, format("unknown key '{}'", printable(key)), known.size() ? hint : "");
  }
}

Error Node::error(std::string message, std::string hint) const {
  if (!document_) return Error(ErrorKind::Config, std::move(message), {.hint = std::move(hint)});
  return document_->error_at(document_->nodes[index_].begin, std::move(message), std::move(hint));
}

Error Node::expected(std::string_view what, std::string hint) const {
  return error(format("expected {}, found {}", what, describe(kind())), std::move(hint));
}

}  // namespace plumb
