// PCRE2 stays within this file.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "project/python_regex.h"

#include <pcre2.h>

#include "base/format.h"
#include "jinja/jinja.h"

namespace plumb::project::python {

struct Regex::Code {
  explicit Code(pcre2_code* compiled) : code(compiled) {}
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code); }
  pcre2_code* const code;
};

namespace {

std::string message_of(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

struct CompileContext {
  CompileContext() : context(pcre2_compile_context_create(nullptr)) { pcre2_set_newline(context, PCRE2_NEWLINE_LF); }
  CompileContext(const CompileContext&) = delete;
  CompileContext& operator=(const CompileContext&) = delete;
  ~CompileContext() { pcre2_compile_context_free(context); }
  pcre2_compile_context* const context;
};

constexpr int kNotFixedWidth = 125;  // PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH; its name differs between versions

}  // namespace

Regex::Regex(const RegexSyntax& syntax) {
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
  if ((syntax.flags & kIgnoreCase) != 0) options |= PCRE2_CASELESS;
  if ((syntax.flags & kMultiline) != 0) options |= PCRE2_MULTILINE;
  if ((syntax.flags & kDotAll) != 0) options |= PCRE2_DOTALL;
  if ((syntax.flags & kAscii) == 0) options |= PCRE2_UCP;
  int error = 0;
  PCRE2_SIZE at = 0;
  const CompileContext context;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(syntax.pcre.data()), syntax.pcre.size(), options,
                                   &error, &at, context.context);
  if (code == nullptr) {
    jinja::raise("error", error == kNotFixedWidth ? "look-behind requires fixed-width pattern"
                                                  : format("{} at position {}", message_of(error), at));
  }
  code_ = std::make_shared<const Code>(code);
}

std::vector<Span> Regex::find(std::string_view text, std::size_t start, Where where, bool must_move) const {
  std::uint32_t options = 0;
  if (where != Where::Anywhere) options |= PCRE2_ANCHORED;
  if (where == Where::Whole) options |= PCRE2_ENDANCHORED;
  if (must_move) options |= PCRE2_NOTEMPTY_ATSTART;
  struct Free {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  };
  const std::unique_ptr<pcre2_match_data, Free> data(pcre2_match_data_create_from_pattern(code_->code, nullptr));
  const char* bytes = text.data() != nullptr ? text.data() : "";
  const int count =
      pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(bytes), text.size(), start, options, data.get(), nullptr);
  if (count == PCRE2_ERROR_NOMATCH) return {};
  // An expression that would go on for ever is what the limits of templates are for.
  if (count < 0) jinja::raise("LimitError", "a regular expression gave up: " + message_of(count));
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data.get());
  std::vector<Span> spans(pcre2_get_ovector_count(data.get()));
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (std::cmp_less(i, count) && ends[2 * i] != PCRE2_UNSET) spans[i] = {ends[2 * i], ends[2 * i + 1]};
  }
  return spans;
}

}  // namespace plumb::project::python
