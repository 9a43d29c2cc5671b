#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

// Reads one expression: env_var('NAME'), env_var('NAME', 'default'), var('x'), var('x', 'default').
class Expression {
 public:
  Expression(std::string_view text, const Place& place) : text_(text), place_(place) {}

  struct Call {
    std::string function;
    std::vector<std::string> arguments;
  };

  Call parse() {
    Call call;
    call.function = word();
    expect('(');
    call.arguments.push_back(quoted());
    skip_blanks();
    if (peek() == ',') {
      ++at_;
      call.arguments.push_back(quoted());
    }
    expect(')');
    skip_blanks();
    if (at_ != text_.size()) fail();
    return call;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  std::string word() {
    skip_blanks();
    std::string name;
    while ((peek() >= 'a' && peek() <= 'z') || peek() == '_') name += text_[at_++];
    if (name.empty()) fail();
    return name;
  }
  void expect(char c) {
    skip_blanks();
    if (peek() != c) fail();
    ++at_;
  }
  std::string quoted() {
    skip_blanks();
    char quote = peek();
    if (quote != '\'' && quote != '"') fail();
    std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail();
    std::string inside(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return inside;
  }
  [[noreturn]] void fail() const {
    throw Error(
        ErrorKind::Config, format("can't read the expression {{{{{}}}}}", text_),
        {.place = place_, .hint = "write {{ env_var('NAME') }}, {{ env_var('NAME', 'default') }} or {{ var('x') }}"});
  }

  std::string_view text_;
  const Place& place_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Values::render(std::string_view text, const Place& place) const {
  std::string out;
  while (true) {
    std::size_t open = text.find("{{");
    if (open == std::string_view::npos) return out.append(text);
    std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      throw Error(ErrorKind::Config, "'{{' without '}}'", {.place = place});
    }
    out.append(text.substr(0, open));
    auto call = Expression(text.substr(open + 2, close - open - 2), place).parse();
    out += evaluate(call.function, call.arguments, place);
    text.remove_prefix(close + 2);
  }
}

std::string Values::evaluate(const std::string& function, const std::vector<std::string>& arguments,
                             const Place& place) const {
  const std::string& name = arguments.front();
  std::optional<std::string> found;
  std::string hint;
  if (function == "env_var") {
    found = environment_->find(name);
    hint = format("set it in the environment or in .env, or write env_var('{}', 'default')", name);
  } else if (function == "var") {
    if (auto it = vars_.find(name); it != vars_.end()) found = it->second;
    hint = "add it under `vars:` in plumb.yml";
  } else {
    throw Error(ErrorKind::Config, format("unknown function '{}'", function),
                {.place = place, .hint = "there are env_var and var"});
  }
  if (found) return *found;
  if (arguments.size() > 1) return arguments[1];
  throw Error(ErrorKind::Config, format("{} '{}' is not set", function == "var" ? "var" : "environment variable", name),
              {.place = place, .hint = hint});
}

std::string Values::text(const Node& node, std::string_view fallback) const {
  if (node.null()) return std::string(fallback);
  if (node.kind() == NodeKind::List || node.kind() == NodeKind::Map) return node.as_text();  // throws, with the place
  return render(node.scalar(), node.place());
}

}  // namespace plumb::config
