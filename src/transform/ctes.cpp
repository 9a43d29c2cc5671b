#include "transform/ctes.h"

#include <algorithm>
#include <array>
#include <optional>

namespace plumb::transform {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

bool is_blank(char c) {
  return kBlanks.find(c) != std::string_view::npos;
}

// Bytes of UTF-8 beyond ASCII are letters.
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool same_word(std::string_view word, std::string_view lower) {
  return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

// What ends the condition of a `where`.
bool ends_condition(std::string_view word) {
  constexpr std::array<std::string_view, 9> kWords{"order",     "group",  "limit",     "union", "except",
                                                   "intersect", "having", "returning", "into"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view end) { return same_word(word, end); });
}

// Walks over one statement at its outermost level.
class Statement {
 public:
  explicit Statement(std::string_view sql) : sql_(sql) {}

  // Where its own `with` stands, if it has one; and to where the statement goes.
  void walk() {
    while (at_ < sql_.size()) {
      char c = sql_[at_];
      if (skip_comment() || skip_quoted()) continue;
      if (is_word(c)) {
        read_word();
        continue;
      }
      ++at_;
      if (c == '(' || c == '[') ++depth_;
      if ((c == ')' || c == ']') && depth_ > 0) --depth_;
      if (c == ';' && depth_ == 0 && cases_ == 0) {
        skip_tail();
        break;
      }
    }
    end_ = at_;
  }

  std::optional<std::size_t> with() const { return with_; }
  std::size_t end() const { return end_; }

 private:
  bool follows(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  void skip_past(std::string_view mark, std::size_t from) {
    std::size_t found = sql_.find(mark, from);
    at_ = found == std::string_view::npos ? sql_.size() : found + mark.size();
  }

  bool skip_comment() {
    if (follows("--") || follows("# ")) {
      skip_past("\n", at_);
    } else if (follows("/*")) {
      skip_past("*/", at_ + 2);
    } else {
      return false;
    }
    return true;
  }

  // A backslash keeps a quote from closing, as in E'\\'', unless nothing else closes the text.
  std::size_t find_close(std::string_view quote, std::size_t from) const {
    std::size_t close = sql_.find(quote, from);
    if (quote[0] == '$') return close;
    std::size_t first = close;
    while (close != std::string_view::npos && close > from && sql_[close - 1] == '\\')
      close = sql_.find(quote, close + 1);
    return close == std::string_view::npos ? first : close;
  }

  // A quote that nothing closes is a character like others.
  bool skip_quoted() {
    std::string_view quote = sql_.substr(at_, 1);
    if (quote == "$") {
      std::size_t end = at_ + 1;
      while (end < sql_.size() && is_word(sql_[end]) && sql_[end] != '$') ++end;
      if (end == sql_.size() || sql_[end] != '$') return false;
      quote = sql_.substr(at_, end + 1 - at_);
    } else if (quote != "'" && quote != "\"" && quote != "`") {
      return false;
    }
    std::size_t close = find_close(quote, at_ + quote.size());
    at_ = close == std::string_view::npos ? at_ + 1 : close + quote.size();
    return true;
  }

  void read_word() {
    std::size_t start = at_;
    while (at_ < sql_.size() && is_word(sql_[at_])) ++at_;
    if (depth_ != 0 || with_) return;
    std::string_view word = sql_.substr(start, at_ - start);
    char before = start == 0 ? ' ' : sql_[start - 1];
    char after = at_ == sql_.size() ? ' ' : sql_[at_];
    if (before == '.' || before == ':' || before == '@' || after == '.' || after == '(') return;
    if (same_word(word, "case")) ++cases_;
    if (same_word(word, "end") && cases_ > 0) --cases_;
    if (cases_ != 0) return;
    if (same_word(word, "where")) in_condition_ = true;
    if (in_condition_ && ends_condition(word)) in_condition_ = false;
    if (!in_condition_ && same_word(word, "with")) with_ = start;
  }

  // What dbt still counts to a statement after its semicolon: blanks and comments of the same line.
  void skip_tail() {
    while (at_ < sql_.size()) {
      if (sql_[at_] == ' ' || sql_[at_] == '\t') {
        ++at_;
      } else if (follows("--")) {
        skip_past("\n", at_);
      } else {
        return;
      }
    }
  }

  const std::string_view sql_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t depth_ = 0;
  std::size_t cases_ = 0;
  bool in_condition_ = false;
  std::optional<std::size_t> with_;
};

std::size_t skip_blanks(std::string_view sql, std::size_t at) {
  while (at < sql.size() && is_blank(sql[at])) ++at;
  return at;
}

// To behind `with` or `with recursive` and the blanks after it.
std::size_t skip_with(std::string_view sql, std::size_t with) {
  constexpr std::string_view kRecursive = "recursive";
  std::size_t at = skip_blanks(sql, with + 4);
  std::size_t end = at + kRecursive.size();
  bool recursive =
      same_word(sql.substr(at, kRecursive.size()), kRecursive) && (end >= sql.size() || !is_word(sql[end]));
  return recursive ? skip_blanks(sql, end) : at;
}

}  // namespace

std::string inject_ctes(std::string_view sql, std::span<const Cte> ctes) {
  std::size_t first = skip_blanks(sql, 0);
  if (ctes.empty() || first == sql.size()) return std::string(sql);
  std::string joined;
  for (const Cte& cte : ctes) {
    if (!joined.empty()) joined += ", ";
    joined.append(" ").append(cte.name).append(" as (\n").append(cte.sql).append("\n)");
  }
  Statement statement(sql);
  statement.walk();
  sql = sql.substr(0, statement.end());
  std::size_t split = statement.with() ? skip_with(sql, *statement.with()) : first;
  std::string text(sql.substr(0, split));
  text.append(statement.with() ? "" : "with").append(joined).append(statement.with() ? ", " : " ");
  return text.append(sql.substr(split));
}

}  // namespace plumb::transform
