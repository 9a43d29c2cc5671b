// |pprint: Python's pprint.pformat at 80 columns.
//
// What fits on the line is its repr, dicts with their keys sorted. What does not is broken after each item, the items
// indented by one; text is broken behind white space into pieces that Python would join again.
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

std::int64_t width_of(std::string_view text) {
  return static_cast<std::int64_t>(count_code_points(text));
}

bool is_list_or_tuple(const Value& value) {
  return value.kind() == Kind::List || value.kind() == Kind::Tuple;
}

class PrettyPrinter {
 public:
  explicit PrettyPrinter(State& state) : state_(state) {}

  std::string print(const Value& value) {
    format(value, 0, 0, 0);
    return std::move(out_);
  }

 private:
  static constexpr std::int64_t kWidth = 80;
  static constexpr std::size_t kDeepest = 300;

  // Of a container: is it among those around it? Its text is then a remark rather than its items.
  bool is_inside_itself(const Value& value) const {
    return value.identity() && std::find(outer_.begin(), outer_.end(), value.identity()) != outer_.end();
  }

  std::string recursion_remark(const Value& value) const {
    return "<Recursion on " + std::string(type_name(value)) +
           " with id=" + std::to_string(reinterpret_cast<std::uintptr_t>(value.identity())) + ">";
  }

  void enter(const Value& value) {
    state_.tick();
    if (outer_.size() >= kDeepest) raise("RecursionError", "maximum recursion depth exceeded");
    outer_.push_back(value.identity());
  }

  // By `<` where there is one, else by the types' names.
  std::vector<std::size_t> sort_safely(const std::vector<Value>& keys) {
    std::vector<std::size_t> indices(keys.size());
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
    auto name_of = [](const Value& value) { return "<class '" + std::string(type_name(value)) + "'>"; };
    std::stable_sort(indices.begin(), indices.end(), [&](std::size_t a, std::size_t b) {
      const Value &left = keys[a], &right = keys[b];
      const bool alike = (left.is_string() && right.is_string()) || (left.is_number() && right.is_number()) ||
                         (left.kind() == right.kind() && is_list_or_tuple(left));
      if (!alike) return name_of(left) < name_of(right);
      try {
        return order(state_, left, right) == std::partial_ordering::less;
      } catch (const Error&) {  // tuples whose items have no order: as good as equal
        return false;
      }
    });
    return indices;
  }

  // repr on one line, dicts sorted.
  std::string repr_of(const Value& value) {
    state_.tick();
    if (value.kind() != Kind::Dict && !is_list_or_tuple(value)) return repr(state_, value);
    if (is_inside_itself(value)) return recursion_remark(value);
    enter(value);
    std::string text = value.kind() == Kind::Dict ? repr_of_dict(value.as_dict()) : repr_of_list(value);
    outer_.pop_back();
    return text;
  }

  std::string repr_of_list(const Value& value) {
    const bool is_tuple = value.kind() == Kind::Tuple;
    std::string text(1, is_tuple ? '(' : '[');
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      if (i > 0) text += ", ";
      text += repr_of(value.items()[i]);
      state_.reserve(3 * text.size());
    }
    if (is_tuple && value.items().size() == 1) text += ',';
    text += is_tuple ? ')' : ']';
    return text;
  }

  std::string repr_of_dict(const Dict& dict) {
    std::string text = "{";
    const std::vector<Value> keys = dict.keys();
    for (std::size_t index : sort_safely(keys)) {
      if (text.size() > 1) text += ", ";
      text += repr_of(keys[index]) + ": " + repr_of(*dict.find(keys[index]));
      state_.reserve(3 * text.size());
    }
    return text + "}";
  }

  // `indent`: the column where it begins; `allowance`: what follows on its last line; `level`: containers around it.
  void format(const Value& value, std::int64_t indent, std::int64_t allowance, int level) {
    if (is_inside_itself(value)) {
      out_ += recursion_remark(value);
      return;
    }
    std::string text = repr_of(value);
    const bool breaks = is_list_or_tuple(value) || value.kind() == Kind::Dict || value.kind() == Kind::Set ||
                        (value.is_string() && !value.is_markup());
    if (!breaks || width_of(text) <= kWidth - indent - allowance) {
      out_ += text;
      state_.reserve(3 * out_.size());
      return;
    }
    enter(value);
    format_broken(value, indent, allowance, level + 1);
    outer_.pop_back();
  }

  void format_broken(const Value& value, std::int64_t indent, std::int64_t allowance, int level) {
    switch (value.kind()) {
      case Kind::String:
        return format_text(value.as_string(), indent, allowance, level);
      case Kind::Dict:
        return format_dict(value.as_dict(), indent, allowance, level);
      case Kind::Set:
        return format_set(value, indent, allowance, level);
      default:
        return format_list(value, indent, allowance, level);
    }
  }

  void format_list(const Value& value, std::int64_t indent, std::int64_t allowance, int level) {
    const bool is_tuple = value.kind() == Kind::Tuple;
    const std::string_view end = !is_tuple ? "]" : value.items().size() == 1 ? ",)" : ")";
    out_ += is_tuple ? '(' : '[';
    format_items(value.items(), indent, allowance + width_of(end), level);
    out_ += end;
  }

  void format_set(const Value& value, std::int64_t indent, std::int64_t allowance, int level) {
    std::vector<Value> items = to_vector(state_, value);
    std::vector<Value> sorted;
    for (std::size_t index : sort_safely(items)) sorted.push_back(std::move(items[index]));
    out_ += '{';
    format_items(sorted, indent, allowance + 1, level);
    out_ += '}';
  }

  void format_items(const std::vector<Value>& items, std::int64_t indent, std::int64_t allowance, int level) {
    ++indent;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) begin_line(",", indent);
      format(items[i], indent, i + 1 == items.size() ? allowance : 1, level);
    }
  }

  void format_dict(const Dict& dict, std::int64_t indent, std::int64_t allowance, int level) {
    out_ += '{';
    ++indent;
    const std::vector<Value> keys = dict.keys();
    const std::vector<std::size_t> sorted = sort_safely(keys);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0) begin_line(",", indent);
      const Value& key = keys[sorted[i]];
      const std::string text = repr_of(key);
      out_ += text + ": ";
      format(*dict.find(key), indent + width_of(text) + 2, i + 1 == sorted.size() ? allowance + 1 : 1, level);
    }
    out_ += '}';
  }

  void begin_line(std::string_view before, std::int64_t indent) {
    out_ += before;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent), ' ');
  }

  // Text alone stands in parentheses; within a container its pieces stand under each other.
  void format_text(std::string_view text, std::int64_t indent, std::int64_t allowance, int level) {
    if (level == 1) {
      ++indent;
      ++allowance;
    }
    const std::vector<std::string> pieces = split_text(text, kWidth - indent, allowance);
    if (pieces.size() == 1) {
      out_ += pieces[0];
      return;
    }
    if (level == 1) out_ += '(';
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i > 0) begin_line("", indent);
      out_ += pieces[i];
    }
    if (level == 1) out_ += ')';
  }

  std::vector<std::string> split_text(std::string_view text, std::int64_t width, std::int64_t allowance) {
    std::vector<std::string> pieces;
    const auto lines = split_lines(text, true);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::int64_t taken = i + 1 == lines.size() ? allowance : 0;
      std::string whole = repr_text(lines[i]);
      if (width_of(whole) <= width - taken) {
        pieces.push_back(std::move(whole));
      } else {
        split_line(lines[i], width, taken, pieces);
      }
    }
    return pieces;
  }

  // Words with the white space behind them, as many as fit. `taken` counts from the last word on.
  void split_line(std::string_view line, std::int64_t width, std::int64_t taken, std::vector<std::string>& pieces) {
    std::string_view current = line.substr(0, 0);
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t begin = at;
      at = find_word_end(line, begin);
      if (at == line.size()) width -= taken;
      const std::string_view candidate(current.data(), current.size() + (at - begin));
      if (!current.empty() && width_of(repr_text(candidate)) > width) {
        pieces.push_back(repr_text(current));
        current = line.substr(begin, at - begin);
      } else {
        current = candidate;
      }
      state_.tick();
    }
    if (!current.empty()) pieces.push_back(repr_text(current));
  }

  static std::size_t find_word_end(std::string_view line, std::size_t at) {
    bool space = false;
    while (at < line.size()) {
      std::size_t next = at;
      const bool is_white = is_space(next_code_point(line, next));
      if (space && !is_white) break;
      space = is_white;
      at = next;
    }
    return at;
  }

  State& state_;
  std::string out_;
  std::vector<const Shared*> outer_;
};

}  // namespace

Value filter_pprint(State& state, Arguments arguments) {
  static const Signature kSignature{"do_pprint", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(PrettyPrinter(state).print(value));
}

}  // namespace plumb::jinja
