#include "db/placeholders.h"

#include <algorithm>

namespace plumb::db {
namespace {

bool word_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

// The end of what starts at `at` and may hold no parameter: a text, a quoted name, a comment. `at` itself otherwise.
class Opaque {
 public:
  explicit Opaque(std::string_view sql) : sql_(sql) {}

  std::size_t end(std::size_t at) const {
    char c = sql_[at];
    if (c == '\'') return quoted_end(at, escapes(at));
    if (c == '"') return quoted_end(at, false);
    if (c == '$') return dollar_end(at);
    if (sql_.substr(at).starts_with("--")) return std::min(sql_.find('\n', at), sql_.size());
    if (sql_.substr(at).starts_with("/*")) return comment_end(at);
    return at;
  }

 private:
  // E'it\'s'
  bool escapes(std::size_t at) const {
    if (at == 0 || (sql_[at - 1] != 'e' && sql_[at - 1] != 'E')) return false;
    return at == 1 || !word_part(sql_[at - 2]);
  }

  // A doubled quote ends the text and begins another, which comes to the same.
  std::size_t quoted_end(std::size_t at, bool backslashes) const {
    char quote = sql_[at];
    for (++at; at < sql_.size(); ++at) {
      if (backslashes && sql_[at] == '\\') {
        ++at;
      } else if (sql_[at] == quote) {
        return at + 1;
      }
    }
    return sql_.size();
  }

  // $$text$$ and $tag$text$tag$; not $1, and not a$b, which is a name.
  std::size_t dollar_end(std::size_t at) const {
    if (at > 0 && (word_part(sql_[at - 1]) || sql_[at - 1] == '$')) return at;
    std::size_t tag = at + 1;
    while (tag < sql_.size() && word_part(sql_[tag])) ++tag;
    bool number = at + 1 < sql_.size() && sql_[at + 1] >= '0' && sql_[at + 1] <= '9';
    if (tag >= sql_.size() || sql_[tag] != '$' || number) return at;
    std::string_view mark = sql_.substr(at, tag + 1 - at);
    std::size_t close = sql_.find(mark, tag + 1);
    return close == std::string_view::npos ? sql_.size() : close + mark.size();
  }

  // Comments nest in Postgres.
  std::size_t comment_end(std::size_t at) const {
    int depth = 0;
    while (at < sql_.size()) {
      if (sql_.substr(at).starts_with("/*")) {
        ++depth;
        at += 2;
      } else if (sql_.substr(at).starts_with("*/")) {
        at += 2;
        if (--depth == 0) return at;
      } else {
        ++at;
      }
    }
    return at;
  }

  std::string_view sql_;
};

}  // namespace

NumberedSql number_placeholders(std::string_view sql) {
  NumberedSql result;
  Opaque opaque(sql);
  for (std::size_t at = 0; at < sql.size();) {
    if (std::size_t end = opaque.end(at); end != at) {
      result.sql += sql.substr(at, end - at);
      at = end;
    } else if (sql[at] != '?') {
      result.sql += sql[at++];
    } else {
      bool operator_sign = sql.substr(at).starts_with("??");
      result.sql += operator_sign ? "?" : "$" + std::to_string(++result.parameters);
      at += operator_sign ? 2 : 1;
      result.changes.push_back({result.sql.size(), at});
    }
  }
  return result;
}

std::size_t NumberedSql::original(std::size_t byte) const {
  auto after = std::upper_bound(changes.begin(), changes.end(), byte,
                                [](std::size_t value, const Change& change) { return value < change.at; });
  if (after == changes.begin()) return byte;
  const Change& before = *std::prev(after);
  return before.original + (byte - before.at);
}

}  // namespace plumb::db
