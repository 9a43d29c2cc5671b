// One pass: find the next "{%", "{{" or "{#"; step over comments, expressions, raw text and, within tags, quoted text.
// Outside of a block the stack of open control tags says whether we are at the top level; within a wanted block only
// its own end counts, as nesting there is Jinja's business.
#include "project/blocks.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/text.h"

namespace plumb::project {
namespace {

constexpr std::array<std::string_view, 6> kWords = {"macro",           "test",     "data_test",
                                                    "materialization", "snapshot", "docs"};
constexpr std::array<std::string_view, 6> kEndWords = {"endmacro",           "endtest",     "enddata_test",
                                                       "endmaterialization", "endsnapshot", "enddocs"};
// Tags with an end, of which nothing wanted may stand inside.
constexpr std::array<std::string_view, 5> kControl = {"if", "for", "filter", "call", "block"};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(at, end - at);
}
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text.substr(skip_blanks(text, 0));
}

// A {% … %}: where it begins and ends with the blanks that its dashes trim, and what it says.
struct Tag {
  std::size_t tag = 0, begin = 0, end = 0;
  std::string_view word, rest;
};

class Scanner {
 public:
  Scanner(const SourceFile& file, std::initializer_list<BlockKind> wanted, std::vector<StrayTag>* stray)
      : file_(file), text_(file.text), wanted_(wanted), stray_(stray) {}

  std::vector<Block> run() {
    while (auto tag = next_tag()) {
      if (open_) {
        visit_inside(*tag);
      } else {
        visit_top(*tag);
      }
    }
    if (open_) {
      fail(open_->tag, format("Reached EOF without finding a close tag for {} (searched from line {})",
                              to_string(open_->kind), open_->line));
    }
    return std::move(blocks_);
  }

 private:
  [[noreturn]] void fail(std::size_t at, std::string message, std::string hint = {}) const {
    throw Error(ErrorKind::Config, std::move(message), {.place = file_.place(at), .hint = std::move(hint)});
  }

  // The next tag of the file; comments, expressions and raw text are stepped over.
  std::optional<Tag> next_tag() {
    while (true) {
      std::size_t open = text_.find('{', at_);
      if (open == std::string_view::npos || open + 1 >= text_.size()) return std::nullopt;
      char c = text_[open + 1];
      at_ = open + 2;
      if (c == '#') {
        skip_comment(open);
      } else if (c == '{') {
        at_ = find_close(at_, '}', '}', open);
      } else if (c == '%') {
        Tag tag = read_tag(open);
        if (tag.word != "raw") return tag;
        note_stray(tag);
        skip_raw(open);
      } else {
        at_ = open + 1;
      }
    }
  }

  void skip_comment(std::size_t open) {
    std::size_t close = text_.find("#}", at_);
    if (close == std::string_view::npos) {
      fail(open, format("unexpected EOF, expected #}}, got \"{}\"", text_.substr(open + 2, 30)));
    }
    at_ = close + 2;
  }

  void skip_raw(std::size_t open) {
    for (std::size_t found = text_.find("{%", at_); found != std::string_view::npos;
         found = text_.find("{%", found + 2)) {
      std::size_t word = found + 2;
      if (word < text_.size() && (text_[word] == '-' || text_[word] == '+')) ++word;
      if (word_at(text_, skip_blanks(text_, word)) != "endraw") continue;
      read_tag(found);
      return;
    }
    fail(open, "Reached EOF without finding a close tag for raw", "write {% endraw %} where the raw text ends");
  }

  // The position behind the closing pair of an expression or tag, which may hold quoted text.
  std::size_t find_close(std::size_t at, char first, char second, std::size_t open) const {
    while (at + 1 < text_.size()) {
      char c = text_[at];
      if (c == first && text_[at + 1] == second) return at + 2;
      if (c == '"' || c == '\'') {
        at = find_quote_end(at);
      } else {
        ++at;
      }
    }
    fail(open, format("unexpected EOF, expected {}{}", first, second));
  }
  std::size_t find_quote_end(std::size_t at) const {
    char quote = text_[at++];
    while (at < text_.size() && text_[at] != quote) at += text_[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text_.size());
  }

  // Moves behind the tag.
  Tag read_tag(std::size_t open) {
    std::size_t content = open + 2;
    Tag tag{.tag = open, .begin = open};
    if (content < text_.size() && (text_[content] == '-' || text_[content] == '+')) {
      // What the dash of the tag before has taken is that one's.
      while (text_[content] == '-' && tag.begin > taken_to_ && is_blank(text_[tag.begin - 1])) --tag.begin;
      ++content;
    }
    content = skip_blanks(text_, content);
    tag.word = word_at(text_, content);
    at_ = find_close(content, '%', '}', open);
    tag.end = at_;
    std::size_t rest_end = at_ - 2;
    if (rest_end > content && (text_[rest_end - 1] == '-' || text_[rest_end - 1] == '+')) {
      --rest_end;
      if (text_[rest_end] == '-') tag.end = skip_blanks(text_, tag.end);
    }
    taken_to_ = tag.end;
    std::size_t rest = content + tag.word.size();
    tag.rest = trimmed(text_.substr(rest, std::max(rest_end, rest) - rest));
    return tag;
  }

  void visit_inside(const Tag& tag) {
    std::string_view end_word = kEndWords[static_cast<std::size_t>(open_->kind)];
    if (tag.word == end_word) {
      open_->body_end = tag.begin;
      open_->end = tag.end;
      blocks_.push_back(*open_);
      open_.reset();
    } else if (tag.word == to_string(open_->kind)) {
      fail(tag.tag, format("Got nested tags: {0} (started at line {1}) did not have a matching {{% end{0} %}} before a "
                           "subsequent {0} was found",
                           tag.word, open_->line));
    }
  }

  void visit_top(const Tag& tag) {
    if (auto kind = find_wanted(tag.word)) {
      if (!control_.empty()) {
        fail(tag.tag,
             format("Got a block definition inside control flow at {}:{}. All dbt block definitions must be at the top "
                    "level",
                    file_.place(tag.tag).line, file_.place(tag.tag).column),
             format("end the {{% {} %}} before it", control_.back()));
      }
      start(*kind, tag);
      return;
    }
    note_stray(tag);
    if (std::find(kControl.begin(), kControl.end(), tag.word) != kControl.end()) {
      control_.push_back(tag.word);
    } else if (tag.word.starts_with("end")) {
      close_control(tag);
    }
  }

  void close_control(const Tag& tag) {
    std::string_view word = tag.word.substr(3);
    if (std::find(kControl.begin(), kControl.end(), word) == kControl.end()) return;
    if (control_.empty()) {
      Place place = file_.place(tag.tag);
      fail(tag.tag, format("Got an unexpected control flow end tag, got {} but never saw a preceeding {} (@ {}:{})",
                           tag.word, word, place.line, place.column));
    }
    if (control_.back() != word) {
      Place place = file_.place(tag.tag);
      fail(tag.tag, format("Got an unexpected control flow end tag, got {} but expected {} next (@ {}:{})", tag.word,
                           "end" + std::string(control_.back()), place.line, place.column));
    }
    control_.pop_back();
  }

  void start(BlockKind kind, const Tag& tag) {
    std::string_view name = word_at(tag.rest, 0);
    if (name.empty()) {
      fail(tag.tag,
           tag.rest.empty() ? "expected token 'name', got 'end of statement block'"
                            : format("expected token 'name', got '{}'", tag.rest.substr(0, 1)),
           format("{{% {} … %}} wants a name", tag.word));
    }
    std::size_t lines_from = counted_to_;
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(lines_from),
                                         text_.begin() + static_cast<std::ptrdiff_t>(tag.tag), '\n'));
    counted_to_ = tag.tag;
    std::size_t newline = text_.substr(0, tag.tag).rfind('\n');
    std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
    int indent = newline == std::string_view::npos ? file_.first_column : 1;
    open_ =
        Block{.kind = kind,
              .name = name,
              .header = trimmed(tag.rest.substr(name.size())),
              .begin = tag.begin,
              .body_begin = tag.end,
              .tag = tag.tag,
              .line = line_,
              .column = indent + static_cast<int>(count_characters(text_.substr(line_begin, tag.tag - line_begin)))};
  }

  std::optional<BlockKind> find_wanted(std::string_view word) const {
    for (BlockKind kind : wanted_) {
      if (to_string(kind) == word) return kind;
    }
    return std::nullopt;
  }

  void note_stray(const Tag& tag) const {
    if (stray_ && !open_) stray_->push_back({tag.word, tag.tag});
  }

  const SourceFile& file_;
  const std::string_view text_;
  const std::initializer_list<BlockKind> wanted_;
  std::vector<StrayTag>* stray_;
  std::size_t at_ = 0;
  std::size_t taken_to_ = 0;  // where the last tag ended, with the blanks that it trims
  std::optional<Block> open_;
  std::vector<std::string_view> control_;  // the open control tags at the top level
  std::vector<Block> blocks_;
  // Lines are counted once along the file.
  int line_ = file_.first_line;
  std::size_t counted_to_ = 0;
};

// The texts in quotes of what follows `key=` in a header, up to the next argument.
std::vector<std::string> quoted_after(std::string_view header, std::string_view key) {
  std::vector<std::string> texts;
  std::size_t at = header.find(key);
  if (at == std::string_view::npos) return texts;
  at = skip_blanks(header, at + key.size());
  if (at >= header.size() || header[at] != '=') return texts;
  bool list = false;
  for (++at; at < header.size(); ++at) {
    char c = header[at];
    if (c == '[') list = true;
    if (c == ']' || (c == ',' && !list)) break;
    if (c != '"' && c != '\'') continue;
    std::size_t close = std::min(header.find(c, at + 1), header.size());
    texts.emplace_back(header.substr(at + 1, close - at - 1));
    at = close;
  }
  return texts;
}

}  // namespace

std::string_view to_string(BlockKind kind) {
  return kWords[static_cast<std::size_t>(kind)];
}

std::vector<Block> find_blocks(const SourceFile& file, std::initializer_list<BlockKind> wanted,
                               std::vector<StrayTag>* stray) {
  return Scanner(file, wanted, stray).run();
}

MaterializationHeader read_materialization_header(const Block& block) {
  MaterializationHeader header;
  if (auto adapter = quoted_after(block.header, "adapter"); !adapter.empty()) header.adapter = adapter.front();
  if (auto languages = quoted_after(block.header, "supported_languages"); !languages.empty()) {
    header.languages = std::move(languages);
  }
  return header;
}

bool has_template(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos && at + 1 < text.size();
       at = text.find('{', at + 1)) {
    char c = text[at + 1];
    if (c == '{' || c == '%' || c == '#') return true;
  }
  return false;
}

}  // namespace plumb::project
