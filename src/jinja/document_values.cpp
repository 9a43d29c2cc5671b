#include "jinja/document_values.h"

#include "jinja/number.h"

namespace plumb::jinja {

namespace {

Value to_int(const Node& node) {
  auto digits = node.scalar();
  if (digits.starts_with('+')) digits.remove_prefix(1);
  // A leading 0 is an octal number or YAML's own notation, which the document knows how to read.
  const bool decimal = digits.find_first_not_of("-0123456789") == std::string_view::npos;
  const auto first = digits.find_first_not_of('-');
  if (decimal && (digits.substr(first) == "0" || digits[first] != '0')) {
    if (auto number = parse_int(digits)) return *number;
  }
  return node.as_int();
}

Value to_list(const Node& node) {
  std::vector<Value> items;
  items.reserve(node.size());
  for (std::size_t i = 0; i < node.size(); ++i) items.push_back(to_value(node.at(i)));
  return Value::list(std::move(items));
}

Value to_dict(const Node& node) {
  Value dict = Value::dict();
  for (std::size_t i = 0; i < node.size(); ++i) dict.as_dict().set(node.key_at(i), to_value(node.at(i)));
  return dict;
}

}  // namespace

Value to_value(const Node& node) {
  switch (node.kind()) {
    case NodeKind::Missing:
    case NodeKind::Null:
      return Value::none();
    case NodeKind::Bool:
      return node.as_bool();
    case NodeKind::Int:
      return to_int(node);
    case NodeKind::Float:
      return node.as_double();
    case NodeKind::Text:
      return node.as_text();
    case NodeKind::List:
      return to_list(node);
    case NodeKind::Map:
      return to_dict(node);
  }
  return Value::none();
}

}  // namespace plumb::jinja
