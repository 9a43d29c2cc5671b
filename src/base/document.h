// YAML and JSON files read into one tree whose nodes know where they stand.
//
// Configuration, credentials and small service answers are documents. (Rows are not: `ingest` reads those in batches.)
// A Document owns the text and the nodes; a Node is a small handle into it, valid as long as the Document lives.
//
//     Document doc = parse_yaml(read_file(path), path);
//     Node schedule = doc.root().get("schedule");
//     throw Error(ErrorKind::Config, "no such schedule", {.place = schedule.place()});
//
// YAML is YAML 1.1 as PyYAML's safe_load reads it (yes/no/on/off, octals, sexagesimals, merge keys, anchors), but for
// these: a duplicate key is an error with both places, dates stay text, so do a lone "=" and "<<", keys are the text
// that stands there (`on: x` has the key "on"), and the tags !!binary, !!set, !!omap and !!pairs are refused. Aliases
// share nodes; an alias inside of what it names and a bomb of them are refused.
//
// JSON is RFC 8259; numbers keep their own text, so that 18 digits of money survive; a duplicate key takes the last
// value; half of a surrogate pair ("\ud800") becomes U+FFFD. Both refuse invalid UTF-8 and nesting deeper than 200,
// with the place, and skip a byte order mark.
//
// Reading is const and may happen from many threads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace plumb {

enum class NodeKind { Missing, Null, Bool, Int, Float, Text, List, Map };
// As messages name it: "a list", "text", "a number".
std::string_view describe(NodeKind kind);

struct DocumentData;

class Node {
 public:
  // A missing node: what find() gives for a key that is not there.
  Node() = default;

  NodeKind kind() const;
  bool missing() const { return kind() == NodeKind::Missing; }
  bool null() const { return kind() == NodeKind::Null || missing(); }
  explicit operator bool() const { return !missing(); }

  // Of a map: the value of a key, or a missing node. Of anything else: a missing node.
  Node find(std::string_view key) const;
  // Like find, but throws "missing key 'x'" at this node's place: Error(Config) for YAML, Error(Data) for JSON.
  Node get(std::string_view key) const;
  // Of a list or map: how many entries, and each of them.
  std::size_t size() const;
  Node at(std::size_t index) const;
  std::string_view key_at(std::size_t index) const;
  Place key_place_at(std::size_t index) const;

  // Values. Each throws "expected text, found a list" at the place when the kind does not fit, and for numbers also
  // when the value does not (more than 64 bits, beyond a double): Error(Config) for YAML, Error(Data) for JSON.
  bool as_bool() const;
  std::int64_t as_int() const;
  double as_double() const;     // of Int or Float
  std::string as_text() const;  // of Text
  // The scalar as it was written, whatever its kind: "0042", "1.50", "true". Empty for null, list, map.
  std::string_view scalar() const;
  // as_text() or scalar() if present and not null, else the default.
  std::string text_or(std::string_view fallback) const;

  Place place() const;
  // The node as one line of JSON (YAML's .inf and .nan as null). For a document that was parsed from JSON these are the
  // bytes as they came.
  std::string to_json() const;

  // Throws Error(Config) for the first key of this map that is not in `known`, with the nearest known one as hint.
  void expect_keys(std::initializer_list<std::string_view> known) const;

 private:
  friend class Document;
  Node(const DocumentData* document, std::uint32_t index) : document_(document), index_(index) {}
  Node child(std::uint32_t index) const { return Node(document_, index); }
  Error error(std::string message, std::string hint = {}) const;
  Error expected(std::string_view what, std::string hint = {}) const;
  void append_json(std::string& out) const;
  const DocumentData* document_ = nullptr;
  std::uint32_t index_ = 0;
};

class Document {
 public:
  Document();  // an empty one
  explicit Document(std::unique_ptr<const DocumentData> data);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();
  // A missing node for an empty YAML file. The Document may be moved; nodes taken from it stay valid.
  Node root() const;

 private:
  std::unique_ptr<const DocumentData> data_;
};

// `file` is the name that messages show. Throw Error(Config) for YAML and Error(Data) for JSON.
Document parse_yaml(std::string text, std::string file);
Document parse_json(std::string text, std::string file);

// Writes JSON, a piece at a time, in the order of the calls: for request bodies, --json output and the sandbox.
// Commas are its own business. Text that is no UTF-8 has its bad bytes replaced.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(double value);  // the shortest text that reads back the same; null for infinities and NaN
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // A piece that already is JSON: a number's own text, a document.
  JsonWriter& raw(std::string_view json);
  // key + value in one call.
  JsonWriter& field(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).text(value); }
  JsonWriter& field(std::string_view name, const std::string& value) { return key(name).text(value); }
  JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, int value) { return key(name).number(static_cast<std::int64_t>(value)); }
  JsonWriter& field(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  bool comma_ = false;
};

// A text as a JSON string, quotes included. Bad bytes are replaced.
std::string json_quote(std::string_view text);
void append_json_text(std::string& out, std::string_view text);

}  // namespace plumb
