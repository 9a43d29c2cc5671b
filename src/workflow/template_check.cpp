#include "workflow/template_check.h"

#include "base/format.h"
#include "workflow/render_environment.h"
#include "workflow/shape.h"

namespace plumb::workflow {

namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view line_of(std::string_view text, int number) {
  for (; number > 1; --number) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  auto line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Where a line and column of a text in YAML stand in the file. Only what is plain to see is followed: a text of one
// line, and the lines of a block ("|"); anything else has the place at which it begins.
Place place_within(std::string_view file, const Node& node, int line, int column) {
  Place place = node.place();
  if (file.empty() || line < 1 || column < 1) return place;
  const auto first = line_of(file, place.line);
  if (place.column > static_cast<int>(first.size())) return place;  // column counts characters: good enough for ASCII
  const char style = first[static_cast<std::size_t>(place.column) - 1];
  const bool several_lines = node.scalar().find('\n') != std::string_view::npos;
  if (style == '|') {
    const auto begin = line_of(file, place.line + 1);
    auto indentation = begin.find_first_not_of(kBlanks);
    // The first line may be empty, or indented further than the block: then only the line is known.
    if (indentation == begin.npos || node.scalar().starts_with(' ')) indentation = 0;
    place.line += line;
    place.column = static_cast<int>(indentation) + column;
    place.source_line = std::string(line_of(file, place.line));
    place.source_column = 1;
  } else if (!several_lines && line == 1 && style != '>') {
    const int quote = style == '"' || style == '\'' ? 1 : 0;
    const int shifted = place.column + quote + column - 1;
    if (shifted <= static_cast<int>(first.size()) + 1) place.column = shifted;
  }
  return place;
}

std::string hint_for(const Error& error, std::string_view text) {
  if (error.message().find("comment") != std::string::npos && text.find("${#") != text.npos) {
    return "\"{#\" begins a comment of the template: write ${{ '{#' }}x} for bash's ${#x}";
  }
  return error.hint();
}

}  // namespace

std::string_view without_braces(std::string_view expression) {
  auto trimmed = expression;
  const auto trim = [&trimmed] {
    while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.front())) != 0) trimmed.remove_prefix(1);
    while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.back())) != 0) trimmed.remove_suffix(1);
  };
  trim();
  if (!trimmed.starts_with("{{") || !trimmed.ends_with("}}")) return trimmed;
  // Two of them in one text are a template, not an expression.
  if (trimmed.find("{{", 2) != trimmed.npos) return trimmed;
  trimmed.remove_prefix(2);
  trimmed.remove_suffix(2);
  trim();
  return trimmed;
}

TemplateCheck::TemplateCheck() : environment_(make_environment(clock_)) {}

void TemplateCheck::check(const Node& node, bool expression, std::string_view text) const {
  const auto source = node.scalar();
  const bool bare = expression && !is_template(source);
  if (!expression && !is_template(source)) return;
  constexpr std::string_view kOpen = "{{ ";
  try {
    environment_->parse(bare ? format("{}{} }}}}", kOpen, source) : std::string(source));
  } catch (const Error& error) {
    const Place* at = error.find_place();
    const int shift = bare && at != nullptr && at->line == 1 ? static_cast<int>(kOpen.size()) : 0;
    Place place = at != nullptr ? place_within(text, node, at->line, at->column - shift) : node.place();
    throw Error(ErrorKind::Config, error.message(),
                {.place = std::move(place), .hint = hint_for(error, source), .type = error.type()});
  }
}

}  // namespace plumb::workflow
