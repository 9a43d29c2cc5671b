#include "workflow/shape.h"

#include <algorithm>

#include "base/format.h"
#include "base/zone.h"
#include "workflow/duration.h"

namespace plumb::workflow {

namespace {

Error fault(const Node& node, std::string message, std::string hint = {}) {
  return Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

bool is_scalar(NodeKind kind) {
  return kind == NodeKind::Text || kind == NodeKind::Bool || kind == NodeKind::Int || kind == NodeKind::Float;
}

// Whether a node of this kind may be of this form; what exactly stands there is another matter.
bool fits(NodeKind kind, const Shape& shape) {
  switch (shape.form) {
    case Form::Null:
      return kind == NodeKind::Null || kind == NodeKind::Missing;
    case Form::Text:
    case Form::Template:
    case Form::Name:
    case Form::Word:
    case Form::Date:
      return kind == NodeKind::Text;
    case Form::Expression:
      return kind == NodeKind::Text || kind == NodeKind::Bool;
    case Form::Scalar:
      return is_scalar(kind);
    case Form::Bool:
      return kind == NodeKind::Bool;
    case Form::Whole:
      return kind == NodeKind::Int;
    case Form::Number:
      return kind == NodeKind::Int || kind == NodeKind::Float;
    case Form::Duration:
      return kind == NodeKind::Text || kind == NodeKind::Int || kind == NodeKind::Float;
    case Form::Any:
    case Form::Data:
      return true;
    case Form::List:
      return kind == NodeKind::List;
    case Form::Map:
    case Form::Object:
      return kind == NodeKind::Map;
    case Form::Either:
      return std::any_of(shape.items.begin(), shape.items.end(), [&](const Shape& one) { return fits(kind, one); });
  }
  return false;
}

std::string_view describe(const Shape& shape) {
  switch (shape.form) {
    case Form::Null:
      return "nothing";
    case Form::Name:
      return "a name";
    case Form::Word:
      return shape.what;
    case Form::Expression:
      return "an expression";
    case Form::Scalar:
      return "text or a number";
    case Form::Bool:
      return "true or false";
    case Form::Whole:
      return "a whole number";
    case Form::Number:
      return "a number";
    case Form::Duration:
      return "a duration";
    case Form::Date:
      return "a date";
    case Form::List:
      return "a list";
    case Form::Map:
    case Form::Object:
      return "a map";
    default:
      return "text";
  }
}

// "text, a list or a map"
std::string expected(const Shape& shape) {
  if (shape.form != Form::Either) return std::string(describe(shape));
  std::vector<std::string_view> parts;
  for (const Shape& one : shape.items) {
    if (one.form == Form::Null) continue;
    if (std::find(parts.begin(), parts.end(), describe(one)) == parts.end()) parts.push_back(describe(one));
  }
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += format("{}{}", i == 0 ? "" : i + 1 == parts.size() ? " or " : ", ", parts[i]);
  }
  return text;
}

class Checker {
 public:
  explicit Checker(const ShapeCheck& context) : context_(context) {}

  void check(const Node& node, const Shape& shape, bool in_rendered) {
    if (shape.elsewhere) return;
    in_rendered = in_rendered || shape.rendered;
    const NodeKind kind = node.kind();
    if (in_rendered && kind == NodeKind::Text && is_template(node.scalar())) return read_template(node, false);
    if (!fits(kind, shape)) return refuse(node, shape);
    switch (shape.form) {
      case Form::Template:
        return read_template(node, false);
      case Form::Expression:
        if (kind == NodeKind::Text) read_template(node, true);
        return;
      case Form::Name:
        return check_name(node);
      case Form::Word:
        return check_word(node, shape);
      case Form::Whole:
        return check_whole(node, shape);
      case Form::Duration:
        return attempt([&] { parse_duration(node); });
      case Form::Date:
        return check_date(node);
      case Form::Any:
        return check_tree(node);
      case Form::List:
        for (std::size_t i = 0; i < node.size(); ++i) check(node.at(i), shape.items.front(), in_rendered);
        return;
      case Form::Map:
        for (std::size_t i = 0; i < node.size(); ++i) check(node.at(i), shape.items.front(), in_rendered);
        return;
      case Form::Object:
        return check_object(node, shape, in_rendered);
      case Form::Either:
        for (const Shape& one : shape.items) {
          if (fits(kind, one)) return check(node, one, in_rendered);
        }
        return;
      default:
        return;
    }
  }

 private:
  // Faults of single nodes are collected: people want to see all of them at once.
  template <class Work>
  void attempt(Work work) {
    try {
      work();
    } catch (const Error& error) {
      context_.faults.push_back(error);
    }
  }

  void read_template(const Node& node, bool expression) {
    attempt([&] { context_.read_template(node, expression); });
  }

  void refuse(const Node& node, const Shape& shape) {
    const NodeKind kind = node.kind();
    const bool wants_text = fits(NodeKind::Text, shape);
    std::string hint = wants_text && is_scalar(kind) ? "write it in quotes" : "";
    context_.faults.push_back(
        fault(node, format("expected {}, found {}", expected(shape), plumb::describe(kind)), std::move(hint)));
  }

  void check_name(const Node& node) {
    if (is_name(node.scalar())) return;
    context_.faults.push_back(
        fault(node, format("'{}' can't be a name", printable(node.scalar())),
              "names are letters, digits, '_', '-' and '.', and begin with a letter, a digit or '_'"));
  }

  void check_word(const Node& node, const Shape& shape) {
    const auto text = node.scalar();
    if (std::find(shape.words.begin(), shape.words.end(), text) != shape.words.end()) return;
    const auto nearest = find_nearest(text, shape.words);
    context_.faults.push_back(fault(node, format("unknown {} '{}'", shape.what, printable(text)),
                                    nearest.empty() ? format("there are {}", fmt::join(shape.words, ", "))
                                                    : format("did you mean '{}'?", nearest)));
  }

  void check_whole(const Node& node, const Shape& shape) {
    attempt([&] {
      const auto value = node.as_int();
      if (value >= shape.least && value <= shape.most) return;
      throw fault(node,
                  shape.most == INT32_MAX
                      ? format("expected a whole number of at least {}, found {}", shape.least, value)
                      : format("expected a whole number from {} to {}, found {}", shape.least, shape.most, value));
    });
  }

  void check_date(const Node& node) {
    if (find_date(node.scalar()) || find_instant(node.scalar())) return;
    context_.faults.push_back(fault(node, format("'{}' is no date", printable(node.scalar())),
                                    "write 2026-11-21, or 2026-11-21T07:00:00+01:00"));
  }

  void check_tree(const Node& node) {
    if (node.kind() == NodeKind::Text) read_template(node, false);
    for (std::size_t i = 0; i < node.size(); ++i) check_tree(node.at(i));
  }

  void check_object(const Node& node, const Shape& shape, bool in_rendered) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const auto key = node.key_at(i);
      const auto found =
          std::find_if(shape.keys.begin(), shape.keys.end(), [&](const Key& k) { return k.name == key; });
      if (found == shape.keys.end()) {
        refuse_key(node, i, shape);
      } else if (!(node.at(i).null() && !found->required && found->shape.form != Form::Either)) {
        check(node.at(i), found->shape, in_rendered);
      }
    }
    for (const Key& key : shape.keys) {
      if (key.required && node.find(key.name).missing()) {
        context_.faults.push_back(fault(node, format("missing key '{}'", key.name), std::string(key.description)));
      }
    }
  }

  void refuse_key(const Node& node, std::size_t index, const Shape& shape) {
    const auto key = node.key_at(index);
    std::vector<std::string_view> known;
    for (const Key& one : shape.keys) known.push_back(one.name);
    std::string hint;
    const auto other = context_.other_word ? context_.other_word(key) : std::string_view();
    if (!other.empty() && std::find(known.begin(), known.end(), other) != known.end()) {
      hint = format("it is called '{}' here", other);
    } else if (const auto nearest = find_nearest(key, known); !nearest.empty()) {
      hint = format("did you mean '{}'?", nearest);
    } else if (!known.empty()) {
      hint = format("known keys: {}", fmt::join(known, ", "));
    }
    context_.faults.push_back(Error(ErrorKind::Config, format("unknown key '{}'", printable(key)),
                                    {.place = node.key_place_at(index), .hint = std::move(hint)}));
  }

  const ShapeCheck& context_;
};

}  // namespace

Shape of(Form form) {
  return {.form = form, .keys = {}};
}

Shape word(std::string_view what, std::vector<std::string_view> words) {
  return {.form = Form::Word, .what = what, .words = std::move(words), .keys = {}};
}

Shape whole(std::int64_t least, std::int64_t most) {
  return {.form = Form::Whole, .least = least, .most = most, .keys = {}};
}

Shape object(std::vector<Key> keys) {
  return {.form = Form::Object, .keys = std::move(keys)};
}

Shape list_of(Shape item) {
  return {.form = Form::List, .keys = {}, .items = {std::move(item)}};
}

Shape map_of(Shape item) {
  return {.form = Form::Map, .keys = {}, .items = {std::move(item)}};
}

Shape either(std::vector<Shape> shapes) {
  return {.form = Form::Either, .keys = {}, .items = std::move(shapes)};
}

Shape one_or_more(Shape item) {
  Shape list = list_of(item);
  return either({std::move(item), std::move(list)});
}

Shape rendered(Shape shape) {
  shape.rendered = true;
  return shape;
}

Shape elsewhere(Shape shape) {
  shape.elsewhere = true;
  return shape;
}

Shape named(std::string_view name, Shape shape) {
  shape.name = name;
  return shape;
}

bool check(const Node& node, const Shape& shape, const ShapeCheck& context) {
  const std::size_t before = context.faults.size();
  Checker(context).check(node, shape, false);
  return context.faults.size() == before;
}

bool is_template(std::string_view text) {
  return text.find("{{") != text.npos || text.find("{%") != text.npos || text.find("{#") != text.npos;
}

bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || text.size() > kLongest || text.front() == '.' || text.front() == '-') return false;
  if (!std::all_of(text.begin(), text.end(),
                   [&](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; }))
    return false;
  const auto dot = text.rfind('.');
  return dot == text.npos || !std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(), is_digit);
}

}  // namespace plumb::workflow
