#include "db/sql_text.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace plumb::db {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out += quote;
}

bool starts_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}
bool continues_word(char c) {
  return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

// Walks over a statement and gives its names, dots and other signs one by one; texts and comments are passed over.
class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  // The name, plain or quoted, that stands here.
  bool read_name(std::string& name) {
    skip_blanks();
    if (at_end()) return false;
    if (sql_[at_] == '"') return read_quoted(name);
    if (!starts_word(sql_[at_])) return false;
    std::size_t start = at_;
    while (!at_end() && continues_word(sql_[at_])) ++at_;
    name = sql_.substr(start, at_ - start);
    return true;
  }

  bool read_dot() {
    skip_blanks();
    if (at_end() || sql_[at_] != '.') return false;
    ++at_;
    return true;
  }

  // Over a text, a number or any other sign; false at the end.
  bool skip_other() {
    skip_blanks();
    if (at_end()) return false;
    char c = sql_[at_];
    if (c == '\'') {
      skip_text(at_ > 0 && (sql_[at_ - 1] == 'e' || sql_[at_ - 1] == 'E'));
    } else if (c == '$') {
      skip_dollar_text();
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      while (!at_end() && (continues_word(sql_[at_]) || sql_[at_] == '.')) ++at_;
    } else {
      ++at_;
    }
    return true;
  }

 private:
  bool at_end() const { return at_ >= sql_.size(); }
  bool here(std::string_view sign) const { return sql_.substr(at_).starts_with(sign); }

  void skip_blanks() {
    while (!at_end()) {
      if (std::isspace(static_cast<unsigned char>(sql_[at_])) != 0) {
        ++at_;
      } else if (here("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (here("/*")) {
        std::size_t end = sql_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? sql_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  bool read_quoted(std::string& name) {
    name.clear();
    for (++at_; !at_end(); ++at_) {
      if (sql_[at_] == '"') {
        ++at_;
        if (at_end() || sql_[at_] != '"') return true;
      }
      name += sql_[at_];
    }
    return true;
  }

  void skip_text(bool backslashes) {
    for (++at_; !at_end(); ++at_) {
      if (backslashes && sql_[at_] == '\\') {
        ++at_;
      } else if (sql_[at_] == '\'') {
        ++at_;
        if (at_end() || sql_[at_] != '\'') return;
      }
    }
  }

  // $$text$$ or $tag$text$tag$; a lone $1 is a parameter.
  void skip_dollar_text() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && continues_word(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$') {
      at_ = end;
      return;
    }
    std::string_view tag = sql_.substr(at_, end + 1 - at_);
    std::size_t close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace

Place place_in_sql(std::string_view sql, std::size_t byte) {
  byte = std::min(byte, sql.size());
  std::string_view before = sql.substr(0, byte);
  std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  std::string_view line = sql.substr(start, sql.find('\n', start) - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {.file = "<query>",
          .line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          .column = static_cast<int>(count_characters(before.substr(start))) + 1,
          .source_line = std::string(line)};
}

std::string quote_name(std::string_view name) {
  return quoted(name, '"');
}
std::string quote_text(std::string_view text) {
  return quoted(text, '\'');
}

std::vector<std::vector<std::string>> scan_dotted_names(std::string_view sql) {
  std::vector<std::vector<std::string>> names;
  Scanner scanner(sql);
  std::string name;
  do {
    while (scanner.read_name(name)) {
      std::vector<std::string> parts{name};
      while (scanner.read_dot() && scanner.read_name(name)) parts.push_back(name);
      if (std::find(names.begin(), names.end(), parts) == names.end()) names.push_back(std::move(parts));
    }
  } while (scanner.skip_other());
  return names;
}

}  // namespace plumb::db
