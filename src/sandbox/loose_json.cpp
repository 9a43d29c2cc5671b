#include "sandbox/loose_json.h"

namespace plumb::sandbox {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool object(const std::string& prefix, LooseObject& into, int depth) {
    if (depth > 8 || !take('{')) return false;
    if (take('}')) return true;
    do {
      std::string key;
      if (!text(key) || !take(':') || !value(prefix + key, into, depth)) return false;
    } while (take(','));
    return take('}');
  }

  bool at_end() {
    skip();
    return rest_.empty();
  }

 private:
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size())); }

  bool take(char expected) {
    skip();
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A text in either sort of quotes. A backslash stands for what follows it: enough for identifiers.
  bool text(std::string& into) {
    skip();
    if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
    char quote = rest_.front();
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      into += rest_[i];
    }
    return false;
  }

  bool value(const std::string& name, LooseObject& into, int depth) {
    skip();
    if (rest_.empty()) return false;
    if (rest_.front() == '{') return object(name + ".", into, depth + 1);
    if (rest_.front() == '[') return list(name, depth);
    std::string scalar;
    if (!text(scalar) && !bare(scalar)) return false;
    into[name] = scalar;
    return true;
  }

  bool list(const std::string& name, int depth) {
    take('[');
    if (take(']')) return true;
    LooseObject ignored;
    do {
      if (depth > 8 || !value(name, ignored, depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  // A number, true, false, null.
  bool bare(std::string& into) {
    std::size_t end = std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size());
    into = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return !into.empty() && into.find_first_of("{[\"':") == std::string::npos;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<LooseObject> find_loose_object(std::string_view text) {
  LooseObject fields;
  Reader reader(text);
  if (!reader.object("", fields, 0) || !reader.at_end()) return std::nullopt;
  return fields;
}

}  // namespace plumb::sandbox
