// How redact() finds credentials in a text of any form. It walks the text once, word by word:
//
//   scheme://user:password@host      the part between "//" and "@"
//   Bearer x, Basic x, eyJ…          the token itself
//   name=value  name: value  "name":"value"  \"name\":\"value\"     the value, if the name is a credential's
//
// Where a value ends depends on what opened it: a quote closes it, a form's "=" ends at "&", a header's or YAML's ":"
// at the end of the line, inside of braces also at a comma. An unfinished value (a body cut off) is masked to the end.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "base/secret.h"

namespace plumb {
namespace {

constexpr std::string_view kMask = "***";

// Names without case, "-" and "_". Whole names, because they are too short or too common to be looked for as an end.
constexpr std::array<std::string_view, 17> kWholeNames = {
    "appid", "pass",   "pwd",       "pin",      "tan",      "cookie",      "setcookie",           "sid",         "jwt",
    "pw",    "bearer", "signature", "plumbkey", "username", "credentials", "xonceauthentication", "accessnumber"};
constexpr std::array<std::string_view, 12> kNameEnds = {"password",  "passwort",   "passwd",        "passphrase",
                                                        "secret",    "token",      "apikey",        "accesskey",
                                                        "secretkey", "privatekey", "encryptionkey", "authorization"};

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_end_of_line(char c) {
  return c == '\n' || c == '\r';
}

bool same_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
         });
}

class Redactor {
 public:
  explicit Redactor(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (at_end_of("://")) mask_user_info();
      char c = at_ < text_.size() ? text_[at_] : '\0';
      if (at_ >= text_.size()) break;
      if (is_name_character(c)) {
        read_word();
        continue;
      }
      if (c == '{') ++braces_;
      if (c == '}' && braces_ > 0) --braces_;
      if (is_end_of_line(c)) braces_ = 0;
      copy(1);
    }
    return std::move(out_);
  }

 private:
  void copy(std::size_t count) {
    out_ += text_.substr(at_, count);
    at_ += count;
  }
  void mask_until(std::size_t end) {
    if (end > at_) out_ += kMask;
    at_ = end;
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool at_end_of(std::string_view mark) const {
    return at_ >= mark.size() && text_.substr(at_ - mark.size(), mark.size()) == mark;
  }

  // After "://". A password that holds a raw "/" is met by looking further when the authority has no "@" and its
  // port is no number.
  void mask_user_info() {
    std::size_t line_end = std::min(text_.find_first_of(" \t\r\n\"'<>", at_), text_.size());
    std::size_t authority_end = std::min(text_.find_first_of("/?#", at_), line_end);
    std::string_view authority = text_.substr(at_, authority_end - at_);
    std::size_t at_sign = authority.rfind('@');
    if (at_sign == std::string_view::npos) {
      std::size_t colon = authority.rfind(':');
      bool port = colon == std::string_view::npos ||
                  authority.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
      if (port || authority.starts_with('[')) return;
      at_sign = text_.substr(at_, line_end - at_).rfind('@');
      if (at_sign == std::string_view::npos) return;
    }
    if (at_sign > 0) mask_until(at_ + at_sign);
  }

  void read_word() {
    std::size_t end = at_;
    while (end < text_.size() && is_name_character(text_[end])) ++end;
    std::string_view word = text_.substr(at_, end - at_);
    // A JSON Web Token says so by its first bytes, {" in base64, and its dots.
    if (word.size() > 16 && word.starts_with("eyJ") && end < text_.size() && text_[end] == '.') {
      mask_until(end_of_token(end));
      return;
    }
    copy(word.size());
    if ((same_without_case(word, "bearer") || same_without_case(word, "basic")) && peek() == ' ') {
      copy(1);
      if (peek() != '{') mask_token();
      return;
    }
    if (!names_a_secret(word) || (word == "PASS" && counts_follow())) return;
    if (word.starts_with("--") && is_blank(peek())) {  // an option of a command line
      copy(1);
      mask_until(end_of_token(at_));
      return;
    }
    mask_value();
  }

  // dbt's last line: "Done. PASS=12 WARN=0 ERROR=0 …".
  bool counts_follow() const {
    if (peek() != '=') return false;
    std::size_t end = text_.find_first_not_of("0123456789", at_ + 1);
    return end != std::string_view::npos && text_.substr(end).starts_with(" WARN=");
  }

  std::size_t end_of_token(std::size_t from) const {
    return std::min(text_.find_first_of(" \t\r\n\"'&,;<>()", from), text_.size());
  }

  // Of "Bearer x" in prose, "bearer token" stays readable: a token has a digit or is long.
  void mask_token() {
    std::size_t end = end_of_token(at_);
    std::string_view token = text_.substr(at_, end - at_);
    bool looks_random = token.size() >= 16 || token.find_first_of("0123456789+/=") != std::string_view::npos;
    if (looks_random) mask_until(end);
  }

  // After the name: an optional quote, "=" or ":", then the value in its own kind of quotes or none.
  void mask_value() {
    std::size_t start = at_;
    bool quoted_name = skip_quote(start);
    while (start < text_.size() && is_blank(text_[start])) ++start;
    if (start >= text_.size()) return;
    bool equals = text_[start] == '=';
    bool encoded_equals = text_.substr(start, 3) == "%3D" || text_.substr(start, 3) == "%3d";
    if (!equals && !encoded_equals && text_[start] != ':') return;
    start += encoded_equals ? 3 : 1;
    if (text_.substr(start - 1, 3) == "://") return;  // a scheme, not a name
    while (start < text_.size() && is_blank(text_[start])) ++start;
    copy(start - at_);

    std::size_t opened = at_;
    if (skip_quote(opened)) {
      std::string_view quote = text_.substr(at_, opened - at_);
      copy(quote.size());
      mask_unless_template(end_of_quoted(quote));
    } else if (equals || encoded_equals) {
      mask_unless_harmless(std::min(text_.find_first_of("& \t\r\n;,\"')}]<>", at_), text_.size()));
    } else {
      std::string_view ends = quoted_name || braces_ > 0 ? "\r\n,}]" : "\r\n";
      mask_unless_harmless(std::min(text_.find_first_of(ends, at_), text_.size()));
    }
  }

  // Steps over ", ' or an escaped \" at `position`.
  bool skip_quote(std::size_t& position) const {
    std::string_view rest = text_.substr(std::min(position, text_.size()));
    std::size_t width = rest.starts_with('"') || rest.starts_with('\'') ? 1 : rest.starts_with("\\\"") ? 2 : 0;
    position += width;
    return width > 0;
  }

  std::size_t end_of_quoted(std::string_view quote) const {
    for (std::size_t i = at_; i < text_.size(); ++i) {
      if (text_.substr(i, quote.size()) == quote) return i;
      if (text_[i] == '\\' && quote != "'") ++i;
    }
    return text_.size();
  }

  void mask_unless_template(std::size_t end) {
    std::string_view value = text_.substr(at_, end - at_);
    if (value.starts_with("{{") && value.ends_with("}}")) {
      copy(value.size());
    } else {
      mask_until(end);
    }
  }

  // Nothing-values help the reader and hide nothing; lists and maps are walked on.
  void mask_unless_harmless(std::size_t end) {
    std::string_view value = text_.substr(at_, end - at_);
    bool nothing = value == "null" || value == "true" || value == "false" || value == kMask;
    bool nested = value.starts_with('{') || value.starts_with('[');
    if (!nothing && !nested) mask_until(end);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t braces_ = 0;  // open ones on this line: a flow map or JSON
  std::string out_;
};

}  // namespace

bool names_a_secret(std::string_view name) {
  std::string plain;
  for (char c : name) {
    if (c != '-' && c != '_') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (plain.size() > 64) return false;
  if (std::find(kWholeNames.begin(), kWholeNames.end(), plain) != kWholeNames.end()) return true;
  return std::any_of(kNameEnds.begin(), kNameEnds.end(), [&](std::string_view end) {
    if (plain.ends_with(end)) return true;
    return end.size() >= 6 && plain.size() + 1 >= end.size() && plain.size() <= end.size() + 1 &&
           edit_distance(plain, end) == 1;
  });
}

std::string redact(std::string_view text) {
  return Redactor(text).run();
}

}  // namespace plumb
