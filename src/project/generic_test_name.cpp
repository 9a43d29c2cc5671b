#include "project/generic_test_name.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Value;

namespace {

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kShortened = 30;

std::vector<Value::Entry> sorted_entries(const Dict& dict) {
  std::vector<Value::Entry> entries;
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.next(position)) entries.push_back(*entry);
  std::sort(entries.begin(), entries.end(),
            [](const Value::Entry& a, const Value::Entry& b) { return python_text(a.key) < python_text(b.key); });
  return entries;
}

// Each run of characters that no identifier has becomes one underscore.
std::string cleaned(std::string_view text) {
  std::string clean;
  for (char c : text) {
    bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (fits) {
      clean += c;
    } else if (clean.empty() || clean.back() != '\0') {
      clean += '\0';  // stands for the underscore of a run, which is another than the text's own
    }
  }
  std::replace(clean.begin(), clean.end(), '\0', '_');
  return clean;
}

// Lists and texts in them, as the hash takes them: everything is text, keys are in order.
std::string hashable(const Value& value) {
  if (value.kind() == jinja::Kind::Dict) {
    std::string text;
    for (const Value::Entry& entry : sorted_entries(value.as_dict())) {
      text += (text.empty() ? "" : ", ") + python_repr(entry.key) + ": " + hashable(entry.value);
    }
    return "{" + text + "}";
  }
  if (value.kind() == jinja::Kind::List) {
    std::string text;
    for (const Value& item : value.items()) text += (text.empty() ? "" : ", ") + hashable(item);
    return "[" + text + "]";
  }
  return jinja::repr_text(python_text(value));
}

}  // namespace

TestNames name_test(std::string_view kind, std::string_view target, const Dict& arguments) {
  std::string suffix;
  auto add = [&](const Value& part) { suffix += (suffix.empty() ? "" : "__") + cleaned(python_text(part)); };
  for (const Value::Entry& entry : sorted_entries(arguments)) {
    if (python_text(entry.key) == "model") continue;
    if (entry.value.kind() == jinja::Kind::Dict) {
      std::size_t position = 0;
      while (const Value::Entry* inner = entry.value.as_dict().next(position)) add(inner->value);
    } else if (entry.value.kind() == jinja::Kind::List) {
      for (const Value& item : entry.value.items()) add(item);
    } else {
      add(entry.value);
    }
  }
  std::string begin = std::string(kind) + "_" + std::string(target);
  TestNames names;
  names.full = begin + "_" + suffix;
  names.brief =
      names.full.size() <= kLongestName ? names.full : begin.substr(0, kShortened) + "_" + md5_hex(names.full);
  return names;
}

std::string hash_test(std::string_view full_name, std::string_view package, std::string_view test,
                      const Dict& arguments) {
  std::string metadata = "{'kwargs': " + hashable(Value(copy_dict(arguments))) + ", 'name': " + jinja::repr_text(test) +
                         ", 'namespace': " + (package.empty() ? "'None'" : jinja::repr_text(package)) + "}";
  return md5_hex(std::string(full_name) + metadata).substr(22);
}

}  // namespace plumb::project
