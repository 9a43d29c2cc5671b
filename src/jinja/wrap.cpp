// |wordwrap: lines no longer than a width, broken as Python's textwrap breaks them.
//
// A line falls into chunks that are never broken unless one alone is too wide: white space, words, and the parts of a
// hyphenated word ("well-" "known") or of words about a dash. Chunks fill lines; white space at a line's end and
// beginning is dropped (but not at the beginning of the first).
#include "jinja/calling.h"
#include "jinja/environment.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

using Points = std::u32string;
using PointsView = std::u32string_view;

struct WrapOptions {
  std::size_t width = 79;
  bool width_is_whole = true;  // Python takes a float, as long as no word has to be broken
  Value break_long_words = {true};
  bool split_at_hyphens = true;     // words into chunks …
  Value break_on_hyphens = {true};  // … and chunks that have to be broken; asked only then, as Python does
};

// textwrap knows ASCII's white space only: a no-break space stays inside its word.
bool is_break(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_word(char32_t c) {
  return is_alpha(c) || is_numeric(c) || is_decimal(c) || is_digit(c) || c == '_';
}
bool is_letter(char32_t c) {
  return is_word(c) && !is_decimal(c);
}
bool is_word_or_mark(char32_t c) {
  return is_word(c) || c == '!' || c == '"' || c == '\'' || c == '&' || c == '.' || c == ',' || c == '?';
}

// Where a chunk may end and begin within a line.
class Chunker {
 public:
  Chunker(PointsView line, bool on_hyphens) : line_(line), on_hyphens_(on_hyphens) {}

  std::vector<PointsView> split() const {
    std::vector<PointsView> chunks;
    for (std::size_t begin = 0; begin < line_.size();) {
      const std::size_t end = find_end(begin);
      chunks.push_back(line_.substr(begin, end - begin));
      begin = end;
    }
    return chunks;
  }

 private:
  std::size_t find_end(std::size_t begin) const {
    std::size_t end = begin;
    if (is_break(line_[begin])) {
      while (end < line_.size() && is_break(line_[end])) ++end;
      return end;
    }
    if (!on_hyphens_) {
      while (end < line_.size() && !is_break(line_[end])) ++end;
      return end;
    }
    if (begins_dash(begin)) {
      while (line_[end] == '-') ++end;
      return end;
    }
    for (end = begin + 1; end < line_.size() && !is_break(line_[end]); ++end) {
      if (line_[end] == '-' && joins_letters(end)) return end + 1;
      if (begins_dash(end)) return end;
    }
    return end;
  }

  // Two hyphens or more between a word and the next.
  bool begins_dash(std::size_t at) const {
    if (at == 0 || at + 1 >= line_.size() || line_[at] != '-' || line_[at + 1] != '-') return false;
    if (!is_word_or_mark(line_[at - 1])) return false;
    std::size_t end = at;
    while (end < line_.size() && line_[end] == '-') ++end;
    return end < line_.size() && is_word(line_[end]);
  }

  bool letter_at(std::size_t at) const { return at < line_.size() && is_letter(line_[at]); }

  // A hyphen behind two letters (or a letter, a hyphen and one more: "e-m-ail") and before two ("x-y" counts).
  bool joins_letters(std::size_t hyphen) const {
    const bool behind_two = hyphen >= 2 && letter_at(hyphen - 1) && letter_at(hyphen - 2);
    const bool behind_one =
        hyphen >= 3 && letter_at(hyphen - 3) && line_[hyphen - 2] == '-' && is_word_or_mark(line_[hyphen - 1]);
    if (!behind_two && !behind_one) return false;
    if (!letter_at(hyphen + 1)) return false;
    return letter_at(hyphen + 2) || (hyphen + 2 < line_.size() && line_[hyphen + 2] == '-' && letter_at(hyphen + 3));
  }

  PointsView line_;
  bool on_hyphens_;
};

bool is_blank(PointsView chunk) {
  return std::all_of(chunk.begin(), chunk.end(), is_space);
}

// Where to break a chunk that is wider than a line, with `room` left in this one.
std::size_t find_break(PointsView chunk, std::size_t room, bool on_hyphens) {
  if (!on_hyphens || chunk.size() <= room || room == 0) return room;
  const std::size_t hyphen = chunk.rfind(U'-', room - 1);
  if (hyphen == PointsView::npos || hyphen == 0) return room;
  return chunk.substr(0, hyphen).find_first_not_of(U'-') == PointsView::npos ? room : hyphen + 1;
}

std::vector<Points> wrap_line(State& state, PointsView line, const WrapOptions& options) {
  std::vector<PointsView> chunks = Chunker(line, options.split_at_hyphens).split();
  std::vector<Points> lines;
  for (std::size_t next = 0; next < chunks.size();) {
    state.tick();
    if (!lines.empty() && is_blank(chunks[next])) ++next;
    std::vector<PointsView> current;
    std::size_t length = 0;
    while (next < chunks.size() && length + chunks[next].size() <= options.width) {
      length += chunks[next].size();
      current.push_back(chunks[next++]);
    }
    if (next < chunks.size() && chunks[next].size() > options.width) {
      if (truth(state, options.break_long_words)) {
        if (!options.width_is_whole) {
          raise_type_error("slice indices must be integers or None or have an __index__ method");
        }
        const std::size_t end =
            find_break(chunks[next], options.width - length, truth(state, options.break_on_hyphens));
        current.push_back(chunks[next].substr(0, end));
        chunks[next].remove_prefix(end);
      } else if (current.empty()) {
        current.push_back(chunks[next++]);
      }
    }
    if (!current.empty() && is_blank(current.back())) current.pop_back();
    if (current.empty()) continue;
    Points& made = lines.emplace_back();
    for (PointsView chunk : current) made += chunk;
  }
  return lines;
}

Points decode(std::string_view text) {
  Points out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) out += next_code_point(text, at);
  return out;
}

std::string encode(PointsView text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : text) append_code_point(out, c);
  return out;
}

}  // namespace

Value filter_wordwrap(State& state, Arguments arguments) {
  static const Signature kSignature{
      "do_wordwrap", {"s", "width", "break_long_words", "wrapstring", "break_on_hyphens"}, 1};
  auto [s, width, break_long_words, wrapstring, break_on_hyphens] = bind_behind_context<5>(kSignature, arguments);
  if (s.is_undefined()) raise_undefined(s);
  if (is_set(wrapstring) && !wrapstring.is_string()) raise_no_attribute(wrapstring, "join");
  if (!s.is_string()) raise_no_attribute(s, "splitlines");
  if (!is_set(wrapstring)) wrapstring = Value(state.environment().options().syntax.newline_sequence);
  const auto source = split_lines(s.as_string(), false);
  WrapOptions options;
  if (given(width) && !source.empty()) {
    if (compare(state, CompareOperator::LessEqual, width, Value(0))) {
      raise_value_error("invalid width " + repr(state, width) + " (must be > 0)");
    }
    options.width_is_whole = width.is_integral();
    const std::int64_t wanted =
        width.kind() == Kind::Float ? static_cast<std::int64_t>(width.as_float()) : index_of(width);
    options.width = static_cast<std::size_t>(wanted);
  }
  if (given(break_long_words)) options.break_long_words = break_long_words;
  // Chunks by hyphens only for True itself.
  if (given(break_on_hyphens)) {
    options.split_at_hyphens = break_on_hyphens.kind() == Kind::Bool && break_on_hyphens.as_bool();
    options.break_on_hyphens = break_on_hyphens;
  }

  const std::string_view separator = wrapstring.as_string();
  std::string out;
  bool first = true;
  for (std::string_view line : source) {
    const std::vector<Points> lines = wrap_line(state, decode(line), options);
    state.reserve(out.size() + lines.size() * separator.size() + line.size());
    if (lines.empty()) {
      // A line of white space leaves its place.
      if (!std::exchange(first, false)) out += separator;
    }
    for (const Points& made : lines) {
      if (!std::exchange(first, false)) out += separator;
      if (wrapstring.is_markup()) {
        append_escaped(out, encode(made));
      } else {
        out += encode(made);
      }
    }
  }
  return make_text(std::move(out), wrapstring.is_markup());
}

}  // namespace plumb::jinja
