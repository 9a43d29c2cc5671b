#include "jinja/native.h"

#include "jinja/library.h"
#include "jinja/state.h"
#include "jinja/text.h"

namespace plumb::jinja {

Value join_native(State& state, std::vector<Value> pieces) {
  if (pieces.empty()) return Value::none();
  if (pieces.size() == 1 && !pieces.front().is_string()) return std::move(pieces.front());
  std::string text;
  if (pieces.size() == 1) {
    text = pieces.front().as_string();
  } else {
    for (const Value& piece : pieces) {
      append_str(state, text, piece);
      state.reserve(text.size());
    }
  }
  // Python's parser takes blanks before it for an indentation, which no expression has; empty lines are none.
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == 0 || begin == std::string::npos || text[begin - 1] == '\n' || text[begin - 1] == '\r') {
    if (auto literal = parse_literal(text)) return *std::move(literal);
  }
  return pieces.size() == 1 ? std::move(pieces.front()) : Value(std::move(text));
}

}  // namespace plumb::jinja
