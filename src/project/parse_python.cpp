// Python models: their dbt.ref(…), dbt.source(…) and dbt.config(…), found without running any Python.
//
// Arguments have to be literals, and Python's literals are the template language's: each call becomes a template's.
#include <array>

#include "project/parse.h"

namespace plumb::project {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// Behind the text that begins at `at` with a quote, ''' and """ too.
std::size_t skip_text(std::string_view code, std::size_t at) {
  char quote = code[at];
  std::string_view thrice = code.substr(at, 3);
  bool is_long = thrice == std::string(3, quote);
  std::size_t end = at + (is_long ? 3 : 1);
  for (; end < code.size(); ++end) {
    if (code[end] == '\\') {
      ++end;
    } else if (is_long ? code.substr(end, 3) == thrice : code[end] == quote || code[end] == '\n') {
      return end + (is_long ? 3 : 1);
    }
  }
  return code.size();
}

std::size_t skip_comment(std::string_view code, std::size_t at) {
  return std::min(code.find('\n', at), code.size());
}

// Behind the bracket that closes the one at `at`.
std::size_t skip_brackets(std::string_view code, std::size_t at) {
  int depth = 0;
  while (at < code.size()) {
    char c = code[at];
    if (c == '"' || c == '\'') {
      at = skip_text(code, at);
    } else if (c == '#') {
      at = skip_comment(code, at);
    } else {
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      ++at;
      if (depth == 0) return at;
    }
  }
  return at;
}

}  // namespace

std::string python_calls(std::string_view code) {
  constexpr std::array<std::string_view, 3> kCalls{"dbt.ref", "dbt.source", "dbt.config"};
  std::string calls;
  for (std::size_t at = 0; at < code.size();) {
    char c = code[at];
    if (c == '"' || c == '\'') {
      at = skip_text(code, at);
      continue;
    }
    if (c == '#') {
      at = skip_comment(code, at);
      continue;
    }
    if (!is_name(c)) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < code.size() && is_name(code[end])) ++end;
    std::string_view name = code.substr(at, end - at);
    at = end;
    if (std::find(kCalls.begin(), kCalls.end(), name) == kCalls.end() || end == code.size() || code[end] != '(')
      continue;
    at = skip_brackets(code, end);
    calls += "{{ " + std::string(name.substr(4)) + std::string(code.substr(end, at - end)) + " }}";
  }
  return calls;
}

}  // namespace plumb::project
