#include "jinja/lexer.h"

#include <algorithm>
#include <utility>

#include "jinja/errors.h"
#include "jinja/place.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

// Every newline of the source as \n; empty when there is nothing to change.
std::string normalize_newlines(std::string_view source) {
  std::string out;
  std::size_t at = source.find('\r');
  if (at == std::string_view::npos) return out;
  out.reserve(source.size());
  std::size_t from = 0;
  for (; at != std::string_view::npos; at = source.find('\r', from)) {
    out.append(source, from, at - from).push_back('\n');
    from = at + (source.substr(at, 2) == "\r\n" ? 2 : 1);
  }
  return out.append(source, from);
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

std::string_view describe(TokenKind kind) {
  switch (kind) {
    case TokenKind::Text:
      return "template data / text";
    case TokenKind::BlockStart:
      return "begin of statement block";
    case TokenKind::BlockEnd:
      return "end of statement block";
    case TokenKind::VariableStart:
      return "begin of print statement";
    case TokenKind::VariableEnd:
      return "end of print statement";
    case TokenKind::Name:
      return "name";
    case TokenKind::String:
      return "string";
    case TokenKind::Integer:
      return "integer";
    case TokenKind::Float:
      return "float";
    case TokenKind::Operator:
      return "operator";
    case TokenKind::End:
      return "end of template";
  }
  return {};
}

std::string_view describe(const Token& token) {
  bool shows_itself = token.kind == TokenKind::Name || token.kind == TokenKind::Operator;
  return shows_itself ? token.text : describe(token.kind);
}

TokenStream::TokenStream(std::string_view source, std::string_view name, const Syntax& syntax, Start start)
    : name_(name), syntax_(syntax), normalized_(normalize_newlines(source)) {
  source_ = normalized_.empty() ? source : normalized_;
  if (!syntax.keep_trailing_newline && source_.ends_with('\n')) source_.remove_suffix(1);
  prepare_delimiters();
  if (start == Start::Expression) mode_ = Mode::Variable;
  current_ = lex();
}

void TokenStream::prepare_delimiters() {
  delimiters_ = {{Opening::Variable, syntax_.variable_start},
                 {Opening::LineStatement, syntax_.line_statement_prefix},
                 {Opening::LineComment, syntax_.line_comment_prefix},
                 {Opening::Comment, syntax_.comment_start},
                 {Opening::Block, syntax_.block_start}};
  std::erase_if(delimiters_, [](const Delimiter& delimiter) { return delimiter.text.empty(); });
  std::stable_sort(delimiters_.begin(), delimiters_.end(),
                   [](const Delimiter& a, const Delimiter& b) { return a.text.size() > b.text.size(); });
  delimiters_.insert(delimiters_.begin(), {Opening::Raw, syntax_.block_start});
  for (const auto& delimiter : delimiters_) may_open_[static_cast<unsigned char>(delimiter.text.front())] = true;
  if (std::count(may_open_.begin(), may_open_.end(), true) == 1) opener_ = delimiters_.front().text.front();
}

Token TokenStream::next() {
  Token taken = std::move(current_);
  skip();
  return taken;
}

void TokenStream::skip() {
  if (ahead_) {
    current_ = std::move(*ahead_);
    ahead_.reset();
  } else {
    current_ = lex();
  }
}

const Token& TokenStream::look() {
  if (!ahead_) ahead_ = lex();
  return *ahead_;
}

Error TokenStream::error(std::string_view type, std::string message, Position at) const {
  return make_error(type, std::move(message)).at(find_place(name_, source_, at));
}

void TokenStream::fail(std::string message) {
  throw error("TemplateSyntaxError", std::move(message), place(at_));
}

Position TokenStream::place(std::size_t byte) {
  assert(byte >= placed_);
  std::string_view passed = source_.substr(placed_, byte - placed_);
  auto newline = passed.rfind('\n');
  if (newline != std::string_view::npos) {
    placed_at_.line += static_cast<std::int32_t>(std::count(passed.begin(), passed.end(), '\n'));
    placed_at_.column = 1;
    passed.remove_prefix(newline + 1);
  }
  auto characters = std::count_if(passed.begin(), passed.end(), [](char next) { return !is_continuation(next); });
  placed_at_.column += static_cast<std::int32_t>(characters);
  placed_ = byte;
  return placed_at_;
}

Token TokenStream::take(TokenKind kind, std::size_t end) {
  Token token{kind, place(at_), source_.substr(at_, end - at_)};
  at_ = end;
  return token;
}

// A source that is used up ends where its last token stands, as Jinja2 has it.
Token TokenStream::lex() {
  while (at_ < source_.size() || found_ || mode_ == Mode::LineStatement) {
    TokenOrNothing token;
    if (found_) {
      token = open(*std::exchange(found_, std::nullopt));
    } else if (mode_ == Mode::Text) {
      token = lex_text();
    } else if (mode_ == Mode::Raw) {
      token = lex_raw();
    } else {
      token = lex_in_tag();
    }
    if (token) return std::move(*token);
  }
  return {TokenKind::End, current_.at};
}

std::size_t TokenStream::skip_space(std::size_t at) const {
  while (at < source_.size()) {
    if (auto next = static_cast<unsigned char>(source_[at]); next > ' ' && next < 0x80) return at;
    std::size_t behind = at;
    if (!is_space(next_code_point(source_, behind))) return at;
    at = behind;
  }
  return at;
}

std::size_t TokenStream::skip_sign(std::size_t at, char& sign) const {
  sign = byte(at) == '-' || byte(at) == '+' ? byte(at) : '\0';
  return sign != '\0' ? at + 1 : at;
}

std::optional<std::size_t> TokenStream::match_end(std::size_t at, std::string_view end, bool takes_plus,
                                                  bool trims) const {
  if (byte(at) == '-' && stands(end, at + 1)) return skip_space(at + 1 + end.size());
  if (takes_plus && byte(at) == '+' && stands(end, at + 1)) return at + 1 + end.size();
  if (!stands(end, at)) return std::nullopt;
  at += end.size();
  return trims && byte(at) == '\n' ? at + 1 : at;
}

// ---- Outside of tags

TokenStream::TokenOrNothing TokenStream::lex_text() {
  std::size_t begin = at_;
  found_ = find_opening();
  if (found_) return text_token(begin, *found_);
  Token token = take(TokenKind::Text, source_.size());
  token.text = with_newlines(token.text);
  return token;
}

// The text from `begin` on up to what opens next, without the blanks that this takes away.
TokenStream::TokenOrNothing TokenStream::text_token(std::size_t begin, const Found& next) {
  std::string_view text = source_.substr(begin, next.begin - begin);
  at_ = next.end;
  if (next.sign == '-') {
    text = strip_right(text);
  } else if (next.sign != '+' && syntax_.lstrip_blocks && next.opening != Opening::Variable) {
    auto newline = text.rfind('\n');
    bool line_begins = newline != std::string_view::npos || begin == 0 || source_[begin - 1] == '\n';
    std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if (line_begins && strip(text.substr(line)).empty()) text = text.substr(0, line);
  }
  if (text.empty()) return std::nullopt;
  return Token{TokenKind::Text, place(begin), with_newlines(text)};
}

TokenStream::TokenOrNothing TokenStream::open(const Found& found) {
  switch (found.opening) {
    case Opening::Raw:
      mode_ = Mode::Raw;
      return std::nullopt;
    case Opening::Comment:
      skip_comment();
      return std::nullopt;
    case Opening::LineComment:
      at_ = std::min(source_.find('\n', at_), source_.size());
      return std::nullopt;
    case Opening::Variable:
      mode_ = Mode::Variable;
      return Token{TokenKind::VariableStart, place(found.begin)};
    case Opening::Block:
      mode_ = Mode::Block;
      break;
    case Opening::LineStatement:
      mode_ = Mode::LineStatement;
      break;
  }
  return Token{TokenKind::BlockStart, place(found.begin)};
}

// An opening at the very end of the source is not missed its end, by Jinja2; so it is for raw blocks.
void TokenStream::skip_comment() {
  std::size_t end = source_.find(syntax_.comment_end, at_);
  if (end == std::string_view::npos) {
    if (at_ < source_.size()) fail("Missing end of comment tag");
    return;
  }
  if (end > at_ && (source_[end - 1] == '-' || source_[end - 1] == '+')) --end;
  at_ = *match_end(end, syntax_.comment_end, true, syntax_.trim_blocks);
}

TokenStream::TokenOrNothing TokenStream::lex_raw() {
  std::size_t block = source_.find(syntax_.block_start, at_);
  for (; block != std::string_view::npos; block = source_.find(syntax_.block_start, block + 1)) {
    Found found{Opening::Raw, block, 0, '\0'};
    std::size_t word = skip_space(skip_sign(block + syntax_.block_start.size(), found.sign));
    if (!stands("endraw", word)) continue;
    auto end = match_end(skip_space(word + 6), syntax_.block_end, true, syntax_.trim_blocks);
    if (!end) continue;
    found.end = *end;
    mode_ = Mode::Text;
    return text_token(at_, found);
  }
  fail("Missing end of raw directive");
}

std::optional<TokenStream::Found> TokenStream::find_opening() const {
  for (std::size_t at = at_; at < source_.size(); ++at) {
    if (opener_) {
      at = source_.find(*opener_, at);
      if (at == std::string_view::npos) break;
    } else if (!may_open_[static_cast<unsigned char>(source_[at])]) {
      continue;
    }
    if (auto found = match_opening(at)) return found;
  }
  return std::nullopt;
}

// The delimiter whose own text stands at `at`. Those of lines begin with the blanks before, and so before all others.
std::optional<TokenStream::Found> TokenStream::match_opening(std::size_t at) const {
  std::optional<Found> best;
  for (const auto& [opening, text] : delimiters_) {
    if (!stands(text, at)) continue;
    Found found{opening, at, 0, '\0'};
    if (opening == Opening::Raw) {
      auto raw = match_raw(at);
      if (!raw) continue;
      found = *raw;
    } else {
      if (opening == Opening::LineStatement || opening == Opening::LineComment) {
        auto begin = find_line_prefix(opening, at);
        if (!begin) continue;
        found.begin = *begin;
      }
      found.end = skip_sign(at + text.size(), found.sign);
    }
    if (!best || found.begin < best->begin) best = found;
  }
  return best;
}

std::optional<TokenStream::Found> TokenStream::match_raw(std::size_t at) const {
  Found found{Opening::Raw, at, 0, '\0'};
  std::size_t word = skip_space(skip_sign(at + syntax_.block_start.size(), found.sign));
  if (!stands("raw", word)) return std::nullopt;
  auto end = match_end(skip_space(word + 3), syntax_.block_end, false, false);
  if (!end) return std::nullopt;
  found.end = *end;
  return found;
}

// Where the blanks before the prefix of a line statement or line comment begin; nothing when it may not stand there: a
// statement has its line for itself, a comment follows a line's begin or text.
std::optional<std::size_t> TokenStream::find_line_prefix(Opening opening, std::size_t at) const {
  bool statement = opening == Opening::LineStatement;
  auto stands_at = [this](std::size_t begin) { return begin == 0 || source_[begin - 1] == '\n'; };
  while (at > at_ && !stands_at(at)) {
    std::size_t before = at;
    char32_t blank = previous_code_point(source_, before);
    if (statement ? blank != ' ' && blank != '\t' && blank != '\v' : !is_space(blank)) break;
    at = before;
  }
  if (stands_at(at)) return at;
  std::size_t before = at;
  if (statement || is_space(previous_code_point(source_, before))) return std::nullopt;
  return at;
}

std::string_view TokenStream::with_newlines(std::string_view text) {
  if (syntax_.newline_sequence == "\n" || text.find('\n') == std::string_view::npos) return text;
  auto changed = std::make_unique<std::string>();
  for (char next : text) {
    if (next == '\n') {
      changed->append(syntax_.newline_sequence);
    } else {
      changed->push_back(next);
    }
  }
  texts_.push_back(std::move(changed));
  return *texts_.back();
}

}  // namespace plumb::jinja
