#include "data/json_text.h"

#include "base/text.h"
#include "data/text.h"

namespace plumb::data {
namespace {

// Walks over one JSON text. Every function returns false at the first byte that is not as RFC 8259 wants it.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  bool done() {
    skip_blanks();
    return at_ == text_.size();
  }
  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  bool skip_value() {
    switch (peek()) {
      case '{':
        return read_members('{', '}', [&] { return peek() == '"' && skip_string() && take(':') && skip_value(); });
      case '[':
        return read_members('[', ']', [&] { return skip_value(); });
      case '"':
        return skip_string();
      case 't':
        return skip_word("true");
      case 'f':
        return skip_word("false");
      case 'n':
        return skip_word("null");
      default:
        return skip_number();
    }
  }
  // The bytes of the next value, as they stand.
  bool take_raw(std::string_view& raw) {
    skip_blanks();
    std::size_t start = at_;
    if (!skip_value()) return false;
    raw = text_.substr(start, at_ - start);
    return true;
  }
  // The next value, a string, with its escapes resolved.
  bool take_string(std::string& value) {
    std::string_view raw;
    return peek() == '"' && take_raw(raw) && unescape(raw.substr(1, raw.size() - 2), value);
  }

  // Calls each() at every element of a list or every member of an object, up to the closing bracket.
  template <class Each>
  bool read_members(char open, char close, Each each) {
    if (!take(open) || ++depth_ > kDeepest) return false;
    if (!take(close)) {
      do {
        if (!each()) return false;
      } while (take(','));
      if (!take(close)) return false;
    }
    --depth_;
    return true;
  }

 private:
  static constexpr int kDeepest = 1000;

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool skip_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !skip_escape()) return false;
    }
    return false;
  }

  // Ends on the escape's last byte.
  bool skip_escape() {
    ++at_;
    if (at_ >= text_.size()) return false;
    if (text_[at_] != 'u') return std::string_view("\"\\/bfnrt").find(text_[at_]) != std::string_view::npos;
    char32_t unit = 0;
    if (!read_hex(text_.substr(at_ + 1), unit)) return false;
    at_ += 4;
    return true;
  }

  static bool read_hex(std::string_view text, char32_t& unit) {
    if (text.size() < 4) return false;
    unit = 0;
    for (char c : text.substr(0, 4)) {
      auto low = static_cast<char>(c | 0x20);
      char32_t digit = c >= '0' && c <= '9' ? static_cast<char32_t>(c - '0') : static_cast<char32_t>(low - 'a' + 10);
      if ((c < '0' || c > '9') && (low < 'a' || low > 'f')) return false;
      unit = unit * 16 + digit;
    }
    return true;
  }

  bool skip_digits() {
    std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ != start;
  }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool skip_number() {
    if (next_is('-')) ++at_;
    if (next_is('0')) {
      ++at_;
    } else if (!skip_digits()) {
      return false;
    }
    if (next_is('.')) {
      ++at_;
      if (!skip_digits()) return false;
    }
    if (next_is('e') || next_is('E')) {
      ++at_;
      if (next_is('+') || next_is('-')) ++at_;
      if (!skip_digits()) return false;
    }
    return true;
  }

  // `raw` has been walked over: its escapes are well formed, but a surrogate may lack its other half.
  static bool unescape(std::string_view raw, std::string& value) {
    value.clear();
    while (!raw.empty()) {
      auto mark = raw.find('\\');
      value += raw.substr(0, mark);
      if (mark == std::string_view::npos) break;
      char kind = raw[mark + 1];
      raw.remove_prefix(mark + 2);
      if (kind == 'u') {
        if (!unescape_unit(raw, value)) return false;
      } else {
        constexpr std::string_view kLetters = "bfnrt";
        auto letter = kLetters.find(kind);
        value += letter == std::string_view::npos ? kind : "\b\f\n\r\t"[letter];
      }
    }
    return true;
  }

  static bool unescape_unit(std::string_view& raw, std::string& value) {
    char32_t character = 0;
    read_hex(raw, character);
    raw.remove_prefix(4);
    if (character >= 0xDC00 && character <= 0xDFFF) return false;
    if (character >= 0xD800 && character <= 0xDBFF) {
      char32_t low = 0;
      if (!raw.starts_with("\\u") || !read_hex(raw.substr(2), low) || low < 0xDC00 || low > 0xDFFF) return false;
      raw.remove_prefix(6);
      character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    }
    value += encode_utf8(character);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

// Reads JSON values into a builder. On false the builder may hold a part of the row.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : json_(text) {}

  bool read_all(ColumnBuilder& builder) { return read(builder) && json_.done(); }

 private:
  bool read(ColumnBuilder& builder) {
    std::string_view raw;
    if (json_.peek() == 'n') {
      if (!json_.take_raw(raw)) return false;
      builder.append_null();
      return true;
    }
    switch (builder.type().kind()) {
      case TypeKind::List:
        return read_list(builder);
      case TypeKind::Struct:
        return read_struct(builder);
      case TypeKind::Json:
        if (!json_.take_raw(raw)) return false;
        builder.append_text(raw);
        return true;
      default:
        break;
    }
    if (json_.peek() == '"') return json_.take_string(string_) && parse_text(string_, builder);
    // Numbers, true and false; in a text column an object or list, too, is kept as it stands.
    bool nested = json_.peek() == '{' || json_.peek() == '[';
    return json_.take_raw(raw) && (!nested || builder.type().kind() == TypeKind::Text) && parse_text(raw, builder);
  }

  bool read_list(ColumnBuilder& builder) {
    if (!json_.read_members('[', ']', [&] { return read(builder.element()); })) return false;
    builder.end_list();
    return true;
  }

  bool read_struct(ColumnBuilder& builder) {
    const auto& fields = builder.type().fields();
    bool good = json_.read_members('{', '}', [&] {
      std::string name;
      if (!json_.take_string(name) || !json_.take(':')) return false;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        // A field that has got its value is one row ahead: a key that comes twice does not fit.
        if (fields[i].name == name) return builder.child(i).rows() == builder.rows() && read(builder.child(i));
      }
      return false;
    });
    if (!good) return false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (builder.child(i).rows() == builder.rows()) builder.child(i).append_null();
    }
    builder.end_struct();
    return true;
  }

  JsonScanner json_;
  std::string string_;
};

}  // namespace

bool valid_json(std::string_view text) {
  JsonScanner json(text);
  return json.skip_value() && json.done() && valid_utf8(text);
}

bool parse_json_text(std::string_view text, ColumnBuilder& builder) {
  std::size_t rows = builder.rows();
  if (valid_utf8(text) && JsonReader(text).read_all(builder)) return true;
  builder.truncate(rows);
  return false;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t start = 0;  // of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out += text.substr(start, i - start);
    start = i + 1;
    constexpr std::string_view kControls = "\b\f\n\r\t";
    out += '\\';
    if (c >= 0x20) {
      out += text[i];
    } else if (auto letter = kControls.find(text[i]); letter != std::string_view::npos) {
      out += "bfnrt"[letter];
    } else {
      out += "u00";
      out += "0123456789abcdef"[c >> 4];
      out += "0123456789abcdef"[c & 15];
    }
  }
  out += text.substr(start);
  out += '"';
}

}  // namespace plumb::data
