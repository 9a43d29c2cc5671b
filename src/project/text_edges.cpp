#include "project/text_edges.h"

#include "base/text.h"

namespace plumb::project {
namespace {

// What str.isspace() says of a character.
bool is_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
         c == 0x202f || c == 0x205f || c == 0x3000;
}

// Where the last character starts.
std::size_t last_character(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return at;
}

}  // namespace

TextEdges find_edges(std::string_view text) {
  TextEdges edges{0, text.size()};
  while (edges.begin < text.size()) {
    Utf8Step step = step_utf8(text.substr(edges.begin));
    if (!step.valid || !is_space(step.character)) break;
    edges.begin += step.bytes;
  }
  while (edges.end > edges.begin) {
    std::size_t at = last_character(text.substr(0, edges.end));
    if (!is_space(step_utf8(text.substr(at)).character)) break;
    edges.end = at;
  }
  return edges;
}

std::string_view strip(std::string_view text) {
  TextEdges edges = find_edges(text);
  return text.substr(edges.begin, edges.end - edges.begin);
}

}  // namespace plumb::project
