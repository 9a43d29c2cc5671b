// What must hold for any source: it is parsed or refused with an Error that has a type and a place; and an expression
// that is written out with all its parentheses is read as the same again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "jinja/parser.h"
#include "jinja/tree_text.h"

namespace {

using namespace plumb::jinja;

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// The first byte chooses among the ways in which templates are written.
Syntax make_syntax(std::uint8_t choice) {
  Syntax syntax;
  syntax.trim_blocks = (choice & 1) != 0;
  syntax.lstrip_blocks = (choice & 2) != 0;
  syntax.keep_trailing_newline = (choice & 4) != 0;
  if ((choice & 8) != 0) syntax.newline_sequence = "\r\n";
  if ((choice & 16) != 0) {
    syntax.line_statement_prefix = "#";
    syntax.line_comment_prefix = "##";
  }
  if ((choice & 32) != 0) {
    syntax.block_start = "<%";
    syntax.block_end = "%>";
    syntax.variable_start = "${";
    syntax.variable_end = "}";
    syntax.comment_start = "<%#";
    syntax.comment_end = "%>";
  }
  return syntax;
}

void check_error(const plumb::Error& error) {
  require(!error.type().empty() && !error.message().empty(), "an error says what it is");
  require(error.find_place() != nullptr && error.find_place()->line > 0, "an error says where it is");
  require(!error.render().empty(), "an error can be shown");
}

void check_template(std::string_view source, const Syntax& syntax) {
  try {
    tree_text(parse(source, "fuzz", syntax));
  } catch (const plumb::Error& error) {
    check_error(error);
  }
}

void check_expression(std::string_view source) {
  constexpr std::size_t kLongest = 2000;  // so that no number is longer than Python reads
  if (source.size() > kLongest) return;
  if (source.find("not") != std::string_view::npos) return;  // a name in places, as in `1 + not`, but not in all
  std::string written;
  try {
    written = tree_text(*parse_expression(source, "fuzz", {}));
  } catch (const plumb::Error& error) {
    return check_error(error);
  }
  try {
    require(tree_text(*parse_expression(written, "written", {})) == written, "an expression is read as it was written");
  } catch (const plumb::Error& error) {
    require(error.message().find("too many levels") != std::string::npos, "what was written can be read");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (text.empty()) return 0;
  check_template(text.substr(1), make_syntax(bytes[0]));
  check_expression(text.substr(1));
  return 0;
}
