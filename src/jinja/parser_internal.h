// What the parser's files share.
#pragma once

#include <string>
#include <string_view>

#include "jinja/lexer.h"
#include "jinja/parser.h"

namespace plumb::jinja {

inline constexpr const char* kTooDeep = "too many levels of nesting";

// One more level of the source within others, for as long as it lives.
class Parser::Level {
 public:
  explicit Level(Parser& parser);
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  ~Level();

 private:
  Parser& parser_;
};

// Names and operators as Python's repr shows them.
inline std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

inline bool is_constant_name(std::string_view name) {
  return name == "true" || name == "false" || name == "none" || name == "True" || name == "False" || name == "None";
}

}  // namespace plumb::jinja
