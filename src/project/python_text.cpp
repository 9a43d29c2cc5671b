// Plain values as Python's str() and repr() write them, where no template is running.
#include "project/parse.h"

namespace plumb::project {

using jinja::Value;

std::string python_repr(const Value& value) {
  switch (value.kind()) {
    case jinja::Kind::String:
      return jinja::repr_text(value.as_string());
    case jinja::Kind::List:
    case jinja::Kind::Tuple: {
      std::string text;
      for (const Value& item : value.items()) text += (text.empty() ? "" : ", ") + python_repr(item);
      return "[" + text + "]";
    }
    case jinja::Kind::Dict: {
      std::string text;
      std::size_t position = 0;
      while (const Value::Entry* entry = value.as_dict().next(position)) {
        text += (text.empty() ? "" : ", ") + python_repr(entry->key) + ": " + python_repr(entry->value);
      }
      return "{" + text + "}";
    }
    default:
      return python_text(value);
  }
}

std::string python_text(const Value& value) {
  switch (value.kind()) {
    case jinja::Kind::String:
      return std::string(value.as_string());
    case jinja::Kind::Bool:
      return value.as_bool() ? "True" : "False";
    case jinja::Kind::None:
    case jinja::Kind::Undefined:
      return "None";
    case jinja::Kind::Int:
    case jinja::Kind::Float: {
      std::string text;
      append_json(text, value);
      return text;
    }
    default:
      return python_repr(value);
  }
}

}  // namespace plumb::project
