// The JSON parser: one pass over the text, by recursive descent (no deeper than kDeepest), into DocumentData.
#include <array>

#include "base/document.h"
#include "base/document_internal.h"
#include "base/format.h"

namespace plumb {
namespace {

// The bytes that end the plain part of a string: the quote, the backslash and what JSON forbids.
constexpr std::array<bool, 256> kEndsPlain = [] {
  std::array<bool, 256> ends{};
  for (std::size_t c = 0; c < 0x20; ++c) ends[c] = true;
  ends['"'] = ends['\\'] = true;
  return ends;
}();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class JsonParser {
 public:
  explicit JsonParser(DocumentData& data)
      : data_(data), begin_(data.text.data()), at_(begin_), end_(begin_ + data.text.size()) {
    data_.nodes.reserve(data.text.size() / 10);
  }

  void run() {
    data_.root = read_value();
    data_.empty = false;
    skip_blanks();
    if (at_ != end_) fail("expected the end of the document, found " + found());
  }

 private:
  // The text ends with a NUL, which no token holds: looking ahead needs no test for the end.
  char peek() const { return *at_; }
  std::uint32_t offset() const { return static_cast<std::uint32_t>(at_ - begin_); }

  void skip_blanks() {
    while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::uint32_t read_value() {
    skip_blanks();
    switch (peek()) {
      case '{':
        return read_map();
      case '[':
        return read_list();
      case '"':
        return read_text();
      case 't':
        return read_word("true", NodeKind::Bool);
      case 'f':
        return read_word("false", NodeKind::Bool);
      case 'n':
        return read_word("null", NodeKind::Null);
      default:
        break;
    }
    if (peek() == '-' || is_digit(peek())) return read_number();
    fail("expected a value, found " + found(), hint_for_value());
  }

  std::uint32_t read_list() {
    NodeRecord list = open();
    std::size_t from = items_.size();
    if (!take(']')) {
      do {
        items_.push_back(read_value());
      } while (take(','));
      if (!take(']')) fail("expected ',' or ']', found " + found());
    }
    data_.close_list(list, items_, from);
    return close(list);
  }

  std::uint32_t read_map() {
    NodeRecord map = open();
    std::size_t from = entries_.size();
    if (!take('}')) {
      do {
        skip_blanks();
        if (peek() != '"') fail("expected a key in double quotes, found " + found(), hint_for_key());
        std::uint32_t key = read_text();
        if (!take(':')) fail("expected ':' after the key, found " + found());
        entries_.push_back({key, read_value()});
      } while (take(','));
      if (!take('}')) fail("expected ',' or '}', found " + found());
    }
    data_.join_duplicates(entries_, from, [](MapEntry& first, const MapEntry& second) { first = second; });
    data_.close_map(map, entries_, from);
    return close(map);
  }

  NodeRecord open() {
    if (depth_ == kDeepest) fail(format("lists and maps are nested deeper than {}", kDeepest));
    open_[depth_++] = offset();
    ++at_;
    return {.begin = open_[depth_ - 1]};
  }
  std::uint32_t close(NodeRecord& container) {
    --depth_;
    container.end = offset();
    return data_.add_node(container);
  }

  std::uint32_t read_word(std::string_view word, NodeKind kind) {
    NodeRecord node{.begin = offset(), .first = offset(), .kind = kind};
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word) {
      fail("expected a value, found " + found());
    }
    at_ += word.size();
    return add_plain(node);
  }

  std::uint32_t read_number() {
    NodeRecord node{.begin = offset(), .first = offset(), .kind = NodeKind::Int};
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
      if (is_digit(peek())) fail("a number can't begin with 0", "a code belongs in quotes");
    } else {
      read_digits();
    }
    if (peek() == '.') {
      ++at_;
      node.kind = NodeKind::Float;
      read_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      node.kind = NodeKind::Float;
      if (peek() == '+' || peek() == '-') ++at_;
      read_digits();
    }
    return add_plain(node);
  }
  void read_digits() {
    if (!is_digit(peek())) fail("expected a digit, found " + found());
    while (is_digit(peek())) ++at_;
  }

  // A scalar whose text is what stands there, from its begin up to here.
  std::uint32_t add_plain(NodeRecord& node) {
    node.end = offset();
    node.count = node.end - node.first;
    return data_.add_node(node);
  }

  std::uint32_t read_text() {
    NodeRecord node{.begin = offset(), .first = offset() + 1, .kind = NodeKind::Text};
    ++at_;
    skip_plain();
    if (peek() == '"') {
      node.count = offset() - node.first;
    } else {
      decode_rest(node);
    }
    ++at_;
    node.end = offset();
    return data_.add_node(node);
  }

  void skip_plain() {
    while (!kEndsPlain[static_cast<unsigned char>(*at_)]) ++at_;
  }

  // From the first escape on, the text is put together in `decoded`. Ends at the closing quote.
  void decode_rest(NodeRecord& node) {
    std::string& out = data_.decoded;
    std::size_t start = out.size();
    out.append(begin_ + node.first, at_);
    while (peek() != '"') {
      if (peek() == '\\') {
        decode_escape(out);
      } else {
        if (at_ == end_) fail("");
        fail("a control character can't stand in a JSON text", "write it as an escape, as \\n");
      }
      const char* plain = at_;
      skip_plain();
      out.append(plain, at_);
    }
    node.in_decoded = true;
    node.first = static_cast<std::uint32_t>(start);
    node.count = static_cast<std::uint32_t>(out.size() - start);
  }

  void decode_escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    char letter = at_[1];  // at worst the NUL at the end
    std::size_t index = kLetters.find(letter);
    if (index != std::string_view::npos && letter != '\0') {
      out += kMeanings[index];
      at_ += 2;
    } else if (letter == 'u') {
      out += encode_utf8(decode_unicode());
    } else {
      if (at_ + 1 == end_) ++at_;
      fail("JSON has no such escape", "a backslash itself is written \\\\");
    }
  }

  // \u20AC, or a pair of surrogates; half of a pair becomes U+FFFD by way of encode_utf8.
  char32_t decode_unicode() {
    char32_t first = read_four_digits();
    bool pair = first >= 0xD800 && first < 0xDC00 && at_[0] == '\\' && at_[1] == 'u';
    if (!pair) return first;
    const char* second_at = at_;
    char32_t second = read_four_digits();
    if (second >= 0xDC00 && second < 0xE000) return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    at_ = second_at;
    return first;
  }
  char32_t read_four_digits() {
    at_ += 2;
    char32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      char c = *at_;
      char low = static_cast<char>(c | 0x20);
      if (!is_digit(c) && (low < 'a' || low > 'f')) fail("\\u wants four hexadecimal digits");
      value = value * 16 + static_cast<char32_t>(is_digit(c) ? c - '0' : low - 'a' + 10);
    }
    return value;
  }

  // What stands here, for a message: a word, a character, never the inside of a text.
  std::string found() const {
    if (at_ == end_) return "the end";
    if (peek() == '"') return "a text";
    const char* end = at_;
    auto is_word = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    while (is_word(*end) && end - at_ < 12) ++end;
    std::size_t length = static_cast<std::size_t>(end - at_);
    if (length == 0) length = step_utf8({at_, static_cast<std::size_t>(end_ - at_)}).bytes;
    return format("'{}'", printable({at_, length}));
  }

  std::string hint_for_value() const {
    switch (peek()) {
      case ']':
      case '}':
        return offset() > 0 ? "JSON allows no comma before it" : "";
      case '\'':
        return "JSON wants double quotes";
      case '/':
      case '#':
        return "JSON has no comments";
      case '<':
        return offset() == 0 ? "this looks like a web page, not like JSON" : "";
      default:
        return "";
    }
  }
  std::string hint_for_key() const { return peek() == '\'' || peek() == '}' || peek() == '/' ? hint_for_value() : ""; }

  [[noreturn]] void fail(std::string message, std::string hint = {}) const {
    if (at_ == end_ && data_.text.find_first_not_of(" \t\r\n") == std::string::npos) {
      throw data_.error_at(offset(), "expected JSON, found nothing");
    }
    if (at_ == end_) {
      Place opened = data_.place_at(depth_ > 0 ? open_[depth_ - 1] : 0);
      message = "the JSON ends too early";
      if (depth_ > 0) {
        message += format(": the '{}' of line {}, column {} is not closed", begin_[open_[depth_ - 1]], opened.line,
                          opened.column);
      }
      hint = "it may have been cut off";
    }
    throw data_.error_at(offset(), std::move(message), std::move(hint));
  }

  DocumentData& data_;
  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t depth_ = 0;
  std::array<std::uint32_t, kDeepest> open_{};  // where the open containers begin
  // Children of the open containers, the innermost's last.
  std::vector<std::uint32_t> items_;
  std::vector<MapEntry> entries_;
};

}  // namespace

Document parse_json(std::string text, std::string file) {
  std::unique_ptr<DocumentData> data = take_source(std::move(text), std::move(file), true);
  JsonParser(*data).run();
  return Document(std::move(data));
}

}  // namespace plumb
