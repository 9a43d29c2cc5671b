// |urlize: addresses in a text become links.
//
// The text is escaped and taken word by word. Of each word brackets and punctuation around it stay outside the link
// (brackets that the address itself opened stay inside), and what remains is asked whether it is an address: of the
// web, of mail, or of a scheme that the template names.
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return is_alpha(c) || is_numeric(c) || is_decimal(c) || is_digit(c);
}

template <class Predicate>
bool all_of(std::string_view text, Predicate predicate) {
  for (std::size_t at = 0; at < text.size();) {
    if (!predicate(next_code_point(text, at))) return false;
  }
  return true;
}

bool has_length(std::string_view text, std::size_t least, std::size_t most) {
  const std::size_t length = count_code_points(text);
  return length >= least && length <= most;
}

bool starts_without_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool equals_without_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && starts_without_case(text, lower);
}

// ---- Addresses of the web

bool is_label(std::string_view text) {
  return !text.empty() && all_of(text, [](char32_t c) { return is_word(c) || c == '%' || c == '-'; });
}

// "com", or "xn--" and what stands for letters beyond ASCII.
bool is_top_level(std::string_view text) {
  if (starts_without_case(text, "xn--")) {
    const std::string_view rest = text.substr(4);
    if (has_length(rest, 2, 59) && all_of(rest, [](char32_t c) { return is_word(c) || c == '%'; })) return true;
  }
  const auto is_letter = [](char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return has_length(text, 2, 63) && all_of(text, is_letter);
}

// Any top level is good behind a scheme or "www.".
bool is_named_host(std::string_view host) {
  for (;;) {
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return is_top_level(host);
    if (!is_label(host.substr(0, dot))) return false;
    host.remove_prefix(dot + 1);
  }
}

// A host alone has to end in one of the old top levels.
bool is_bare_host(std::string_view host) {
  static constexpr std::string_view kKnown[] = {"com", "net", "int", "edu", "gov", "org", "info", "mil"};
  const std::size_t last = host.rfind('.');
  if (last == std::string_view::npos) return false;
  const std::string_view top = host.substr(last + 1);
  if (std::none_of(std::begin(kKnown), std::end(kKnown),
                   [&](std::string_view known) { return equals_without_case(top, known); })) {
    return false;
  }
  for (std::string_view rest = host.substr(0, last + 1); !rest.empty();) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!is_label(label) || !has_length(label, 2, 63)) return false;
    rest.remove_prefix(dot + 1);
  }
  return true;
}

bool is_ipv4(std::string_view host) {
  for (int parts = 0; parts < 4; ++parts) {
    const std::size_t dot = host.find('.');
    if ((dot == std::string_view::npos) != (parts == 3)) return false;
    const std::string_view part = host.substr(0, dot);
    if (!has_length(part, 1, 3) || !all_of(part, is_decimal)) return false;
    if (parts < 3) host.remove_prefix(dot + 1);
  }
  return true;
}

bool is_hexadecimal(char32_t c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || is_decimal(c);
}

// Between the brackets: two groups of up to four digits with their colons, then one to six whose colon may be missing.
bool is_ipv6(std::string_view text) {
  std::size_t groups = 0;
  for (int i = 0; i < 2; ++i) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view group = text.substr(0, colon);
    if (!has_length(group, 0, 4) || !all_of(group, is_hexadecimal)) return false;
    text.remove_prefix(colon + 1);
  }
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view run = text.substr(0, colon);
    if (!all_of(run, is_hexadecimal)) return false;
    groups += std::max<std::size_t>(1, (count_code_points(run) + 3) / 4);
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  }
  return groups <= 6;
}

// Behind a host: nothing, or a port, then nothing or a path.
bool is_tail(std::string_view text) {
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    std::size_t at = 0;
    for (int digits = 0; digits < 5 && at < text.size(); ++digits) {
      std::size_t next = at;
      if (!is_decimal(next_code_point(text, next))) break;
      at = next;
    }
    if (at == 0) return false;
    text.remove_prefix(at);
  }
  return text.empty() || text[0] == '/' || text[0] == '?' || text[0] == '#';
}

bool is_web_address(std::string_view text) {
  auto split_host = [](std::string_view rest) {
    const std::size_t end = std::min(rest.find_first_of(":/?#"), rest.size());
    return std::pair(rest.substr(0, end), rest.substr(end));
  };
  for (std::string_view prefix : {"http://", "https://", "www."}) {
    if (!starts_without_case(text, prefix)) continue;
    const std::string_view rest = text.substr(prefix.size());
    const auto [host, tail] = split_host(rest);
    if (is_named_host(host) && is_tail(tail)) return true;
    if (prefix == "www.") break;
    if (is_ipv4(host) && is_tail(tail)) return true;
    const std::size_t close = rest.find(']');
    return rest.starts_with('[') && close != std::string_view::npos && is_ipv6(rest.substr(1, close - 1)) &&
           is_tail(rest.substr(close + 1));
  }
  const auto [host, tail] = split_host(text);
  return is_bare_host(host) && is_tail(tail);
}

// ---- Addresses of mail

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view host = text.substr(at + 1);
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view front = host.substr(0, dot), top = host.substr(dot + 1);
  std::size_t behind_first = 0;
  if (!is_word(next_code_point(front, behind_first)) || top.empty()) return false;
  return all_of(front, [](char32_t c) { return is_word(c) || c == '.' || c == '-'; }) && all_of(top, is_word);
}

// ---- A word

struct Word {
  std::string_view head;
  std::string middle;
  std::string tail;
};

std::size_t skip_any(std::string_view text, std::initializer_list<std::string_view> openings) {
  for (std::string_view opening : openings) {
    if (text.starts_with(opening)) return opening.size();
  }
  return 0;
}

Word take_apart(std::string_view word) {
  std::size_t begin = 0;
  while (std::size_t skipped = skip_any(word.substr(begin), {"(", "<", "&lt;"})) begin += skipped;
  std::size_t end = word.size();
  for (bool shrinks = true; shrinks && end > begin;) {
    shrinks = false;
    const std::string_view rest = word.substr(begin, end - begin);
    for (std::string_view closing : {")", ">", ".", ",", "\n", "&gt;"}) {
      if (!rest.ends_with(closing)) continue;
      end -= closing.size();
      shrinks = true;
      break;
    }
  }
  return {word.substr(0, begin), std::string(word.substr(begin, end - begin)), std::string(word.substr(end))};
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// Gives back to the middle what closes a bracket that it opened.
void balance(Word& word) {
  static constexpr std::pair<std::string_view, std::string_view> kBrackets[] = {
      {"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}};
  for (const auto& [opening, closing] : kBrackets) {
    const std::size_t opened = count_of(word.middle, opening);
    if (opened <= count_of(word.middle, closing)) continue;
    const std::size_t moved = std::min(opened, count_of(word.tail, closing));
    std::size_t end = 0;
    for (std::size_t i = 0; i < moved; ++i) end = word.tail.find(closing, end) + closing.size();
    word.middle += word.tail.substr(0, end);
    word.tail.erase(0, end);
  }
}

// ---- The text

struct LinkStyle {
  Value longest = Value::none();  // of a link's text; whatever it is, only a link asks
  std::string attributes;         // ` rel="…" target="…"`
  std::vector<std::string> schemes;
};

std::string shorten(State& state, const std::string& text, const LinkStyle& style) {
  if (style.longest.is_none()) return text;
  const Value whole(text), none = Value::none();
  const Value length(static_cast<std::int64_t>(count_code_points(text)));
  if (!compare(state, CompareOperator::Greater, length, style.longest)) return text;
  return std::string(slice(state, whole, none, style.longest, none).as_string()) + "...";
}

std::string make_link(const std::string& target, const std::string& attributes, const std::string& text) {
  return "<a href=\"" + target + "\"" + attributes + ">" + text + "</a>";
}

std::string link_if_address(State& state, const std::string& text, const LinkStyle& style) {
  if (is_web_address(text)) {
    const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
    return make_link(has_scheme ? text : "https://" + text, style.attributes, shorten(state, text, style));
  }
  constexpr std::string_view kMailto = "mailto:";
  if (text.starts_with(kMailto) && is_mail_address(std::string_view(text).substr(kMailto.size()))) {
    return make_link(text, "", text.substr(kMailto.size()));
  }
  if (text.find('@') != std::string::npos && !text.starts_with("www.") && text.find(':') == std::string::npos &&
      is_mail_address(text)) {
    return make_link(std::string(kMailto) + text, "", text);
  }
  std::string linked = text;
  for (const std::string& scheme : style.schemes) {
    if (linked != scheme && linked.starts_with(scheme)) linked = make_link(linked, style.attributes, linked);
  }
  return linked;
}

void append_word(State& state, std::string& out, std::string_view text, const LinkStyle& style) {
  Word word = take_apart(text);
  balance(word);
  out += word.head;
  out += link_if_address(state, word.middle, style);
  out += word.tail;
}

std::string link_words(State& state, std::string_view text, const LinkStyle& style) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    state.tick();
    state.reserve(3 * out.size());
    const std::size_t begin = at;
    bool white = false;
    for (std::size_t next = at; next < text.size(); at = next) {
      const bool is_white = is_space(next_code_point(text, next));
      if (at == begin) white = is_white;
      if (is_white != white) break;
    }
    if (white) {
      out += text.substr(begin, at - begin);
    } else {
      append_word(state, out, text.substr(begin, at - begin), style);
    }
  }
  return out;
}

// ---- What the filter is told

void add_words(std::vector<std::string>& words, std::string_view text) {
  for (std::size_t at = 0, begin = 0; at <= text.size();) {
    const std::size_t end = at;
    const bool ends = at == text.size() || is_space(next_code_point(text, at));
    if (ends && end > begin) words.emplace_back(text.substr(begin, end - begin));
    if (ends) begin = at;
    if (end == text.size()) break;
  }
}

std::string make_rel(const Value& rel, bool nofollow) {
  std::vector<std::string> words{"noopener"};
  if (is_set(rel)) add_words(words, rel.as_string());
  if (nofollow) words.emplace_back("nofollow");
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

bool is_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = text.substr(0, colon), slashes = text.substr(colon + 1);
  if (slashes != "" && slashes != "/" && slashes != "//") return false;
  return has_length(name, 2, SIZE_MAX) &&
         all_of(name, [](char32_t c) { return is_word(c) || c == '.' || c == '+' || c == '-'; });
}

std::vector<std::string> read_schemes(State& state, const Value& schemes) {
  std::vector<std::string> read;
  if (!is_set(schemes)) return read;
  for (const Value& scheme : to_vector(state, schemes)) {
    if (!scheme.is_string()) {
      raise_type_error("expected string or bytes-like object, got '" + std::string(type_name(scheme)) + "'");
    }
    if (!is_scheme(scheme.as_string())) {
      raise_filter_argument_error(repr(state, scheme) + " is not a valid URI scheme prefix.");
    }
    read.emplace_back(scheme.as_string());
  }
  return read;
}

std::string make_attribute(State& state, std::string_view name, const Value& value) {
  return " " + std::string(name) + "=\"" + std::string(escape(state, value).as_string()) + "\"";
}

}  // namespace

Value filter_urlize(State& state, Arguments arguments) {
  static const Signature kSignature{
      "do_urlize", {"value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}, 1};
  auto [value, limit, nofollow, target, rel, schemes] = bind_behind_context<6>(kSignature, arguments);
  if (is_set(rel) && truth(state, rel) && !rel.is_string()) raise_no_attribute(rel, "split");
  if (is_set(rel) && !rel.is_string()) rel = Value::none();
  LinkStyle style;
  style.attributes = make_attribute(state, "rel", Value(make_rel(rel, flag(state, nofollow))));
  style.schemes = read_schemes(state, schemes);
  if (is_set(target) && truth(state, target)) style.attributes += make_attribute(state, "target", target);
  if (given(limit)) style.longest = limit;
  const Value escaped = escape(state, value);
  return make_text(link_words(state, escaped.as_string(), style), state.autoescape());
}

}  // namespace plumb::jinja
