#include "base/format.h"
#include "config/config.h"
#include "jinja/jinja.h"

namespace plumb::config {

namespace {

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos ||
         text.find("{#") != std::string_view::npos;
}

// env_var('NAME') and var('x'), each with a default as its second argument.
jinja::Value make_lookup(const char* function, std::string what, std::string advice,
                         std::function<std::optional<std::string>(const std::string&)> find) {
  auto look_up = [=, find = std::move(find)](jinja::State& state, jinja::Arguments arguments) -> jinja::Value {
    const jinja::Signature signature{function, {"name", "default"}, 1};
    auto [name, fallback] = jinja::bind<2>(signature, arguments);
    const auto wanted = jinja::to_str(state, name);
    if (auto found = find(wanted)) return *std::move(found);
    if (jinja::given(fallback) && !fallback.is_none()) return fallback;
    throw Error(ErrorKind::Config, format("{} '{}' is not set", what, wanted),
                {.hint = format(fmt::runtime(advice), wanted)});
  };
  return jinja::make_function(function, std::move(look_up));
}

}  // namespace

std::string Values::render(std::string_view text, const Place& place) const {
  // Most values are no templates: for them no environment is made.
  if (!is_template(text)) return std::string(text);
  jinja::Environment environment(
      {.syntax = {.keep_trailing_newline = true}, .undefined = jinja::UndefinedKind::Strict});
  environment.set_global("env_var",
                         make_lookup("env_var", "environment variable",
                                     "set it in the environment or in .env, or write env_var('{}', 'default')",
                                     [this](const std::string& name) { return environment_->find(name); }));
  environment.set_global("var", make_lookup("var", "var", "add it under `vars:` in plumb.yml",
                                            [this](const std::string& name) -> std::optional<std::string> {
                                              auto found = vars_.find(name);
                                              return found == vars_.end() ? std::nullopt : std::optional(found->second);
                                            }));
  // The template knows its own lines; the user's are those of the YAML file.
  try {
    return environment.parse(std::string(text), place.file)->render();
  } catch (const Error& error) {
    auto hint = error.hint();
    if (hint.empty() && error.type() == "UndefinedError")
      hint = "there are env_var and var, and Jinja2's own functions";
    throw Error(ErrorKind::Config, error.message(), {.place = place, .hint = std::move(hint), .type = error.type()});
  }
}

std::string Values::text(const Node& node, std::string_view fallback) const {
  if (node.null()) return std::string(fallback);
  if (node.kind() == NodeKind::List || node.kind() == NodeKind::Map) return node.as_text();  // throws, with the place
  return render(node.scalar(), node.place());
}

}  // namespace plumb::config
