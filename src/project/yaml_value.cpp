#include "project/yaml_value.h"

#include <algorithm>
#include <charconv>

#include "project/blocks.h"

namespace plumb::project {
namespace {

using jinja::Value;

// Beyond 64 bits only decimal numbers keep all their digits.
Value int_value(const plumb::Node& node) {
  std::string digits(node.scalar());
  constexpr std::size_t kSurelyFits = 18;
  if (digits.size() <= kSurelyFits) return Value(node.as_int());
  std::erase(digits, '_');
  std::int64_t value = 0;
  const char* begin = digits.data() + (digits.starts_with('+') ? 1 : 0);
  const char* end = digits.data() + digits.size();
  auto [stop, failure] = std::from_chars(begin, end, value);
  if (failure == std::errc() && stop == end) return Value(value);
  if (stop != end) return Value(node.as_int());
  return jinja::Value(node.as_double());
}

Value build(const plumb::Node& node, const TextRenderer* render) {
  switch (node.kind()) {
    case NodeKind::Missing:
    case NodeKind::Null:
      return Value::none();
    case NodeKind::Bool:
      return Value(node.as_bool());
    case NodeKind::Int:
      return int_value(node);
    case NodeKind::Float:
      return Value(node.as_double());
    case NodeKind::Text: {
      std::string_view text = node.scalar();
      return render && has_template(text) ? (*render)(text, node) : Value(text);
    }
    case NodeKind::List: {
      std::vector<Value> items;
      items.reserve(node.size());
      for (std::size_t i = 0; i < node.size(); ++i) items.push_back(build(node.at(i), render));
      return Value::list(std::move(items));
    }
    case NodeKind::Map: {
      auto dict = jinja::make<jinja::Dict>();
      for (std::size_t i = 0; i < node.size(); ++i) dict->set(node.key_at(i), build(node.at(i), render));
      return Value(std::move(dict));
    }
  }
  return Value::none();
}

}  // namespace

Value to_value(const plumb::Node& node) {
  return build(node, nullptr);
}

Value to_value(const plumb::Node& node, const TextRenderer& render) {
  return build(node, &render);
}

std::string to_text(const plumb::Node& node) {
  switch (node.kind()) {
    case NodeKind::Bool:
      return node.as_bool() ? "True" : "False";
    case NodeKind::Int: {
      Value value = int_value(node);
      return value.is_int() ? std::to_string(value.as_int()) : std::string(node.scalar());
    }
    default:
      return std::string(node.scalar());
  }
}

}  // namespace plumb::project
