#include "base/http/form.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/http_client.h"
#include "base/http_server.h"

namespace plumb {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Takes the text up to the next mark off the front, the mark too.
std::string_view take_until(std::string_view& text, char mark) {
  std::size_t end = std::min(text.find(mark), text.size());
  std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

// "0", "0.0", "0.000": a coding that the client refuses.
bool weighs_nothing(std::string_view weight) {
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim_blanks(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text += percent_encode(name) + "=" + percent_encode(value);
  }
  return text;
}

FormFields parse_form(std::string_view text) {
  FormFields fields;
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    if (value.empty()) continue;
    std::string_view name = take_until(value, '=');
    fields.emplace_back(percent_decode(name, true), percent_decode(value, true));
  }
  return fields;
}

std::optional<RequestTarget> find_target(std::string_view target) {
  std::size_t scheme = target.find("://");
  if (!target.starts_with('/') && scheme != std::string_view::npos) {
    target.remove_prefix(std::min(target.find_first_of("/?", scheme + 3), target.size()));
  }
  std::string_view path = take_until(target, '?');
  RequestTarget found{.path = path.empty() ? "/" : percent_decode(path), .query = parse_form(target)};
  if (found.path.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) return {};
  return found;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool accepted = false;
  while (!accept_encoding.empty()) {
    std::string_view parameters = take_until(accept_encoding, ',');
    std::string_view coding = trim_blanks(take_until(parameters, ';'));
    bool gzip = same_name(coding, "gzip");
    if (!gzip && coding != "*") continue;
    std::string_view weight = trim_blanks(take_until(parameters, ';'));
    bool refused = (weight.starts_with("q=") || weight.starts_with("Q=")) && weighs_nothing(weight.substr(2));
    if (gzip) return !refused;  // the name itself counts more than "*"
    accepted = !refused;
  }
  return accepted;
}

const std::string* ServerRequest::find_query(std::string_view name) const {
  for (const auto& [known, value] : query) {
    if (known == name) return &value;
  }
  return nullptr;
}

std::vector<std::pair<std::string, std::string>> ServerRequest::form() const {
  return parse_form(body);
}

}  // namespace plumb
