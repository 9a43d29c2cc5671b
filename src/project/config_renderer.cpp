#include "project/config_renderer.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/blocks.h"
#include "project/text_edges.h"

namespace plumb::project {
namespace {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

constexpr std::array<std::string_view, 4> kNativeFilters = {"as_text", "as_bool", "as_number", "as_native"};
constexpr std::string_view kSecretPrefix = "DBT_ENV_SECRET";
// What these say needs no "Could not render …" in front.
constexpr std::string_view kMissingType = "EnvVarMissingError";
constexpr std::string_view kSecretType = "SecretEnvVarLocationError";

// {{ var('x', default) }} and {{ var.has_var('x') }}.
class VarLookup final : public jinja::Object {
 public:
  explicit VarLookup(Value vars) : vars_(std::move(vars)) {}
  std::string_view type_name() const override { return "Var"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override {
    static const jinja::Signature kSignature{"var", {"var_name", "default"}, 1};
    auto [name, fallback] = jinja::bind<2>(kSignature, arguments);
    if (const Value* found = find(name)) return *found;
    if (jinja::given(fallback) && !fallback.is_none()) return fallback;
    jinja::raise("RequiredVarNotFoundError",
                 plumb::format("Required var '{}' not found in config:\nVars supplied to <Configuration> = {}",
                               jinja::to_str(state, name), shown(state)),
                 "give it with --vars, or a default as var's second argument");
  }
  std::optional<Value> call_method(State&, std::string_view name, Arguments arguments) override {
    if (name != "has_var") return std::nullopt;
    static const jinja::Signature kSignature{"has_var", {"var_name"}, 1};
    auto [var] = jinja::bind<1>(kSignature, arguments);
    return Value(find(var) != nullptr);
  }

 private:
  const Value* find(const Value& name) const {
    if (vars_.kind() != jinja::Kind::Dict) return nullptr;
    return static_cast<const jinja::Dict&>(vars_.as_dict()).find(name);
  }
  std::string shown(State& state) const {
    if (vars_.kind() != jinja::Kind::Dict || vars_.as_dict().size() == 0) return "{}";
    std::array<Value, 1> positional{vars_};
    std::array<jinja::Keyword, 1> keywords{{{"indent", 4}}};
    return jinja::to_str(state, state.apply_filter("tojson", {positional, keywords}));
  }
  Value vars_;
};

Value env_var(const config::Environment& environment, ConfigRenderer::Secrets secrets, State& state,
              Arguments arguments) {
  static const jinja::Signature kSignature{"env_var", {"var", "default"}, 1};
  auto [var, fallback] = jinja::bind<2>(kSignature, arguments);
  std::string name = jinja::to_str(state, var);
  if (name.starts_with(kSecretPrefix) && secrets == ConfigRenderer::Secrets::Refused) {
    jinja::raise(kSecretType, format("Secret env vars are allowed only in profiles.yml or packages.yml. Found '{}' "
                                     "referenced elsewhere.",
                                     name));
  }
  if (auto value = environment.find(name)) return Value(std::move(*value));
  if (jinja::given(fallback) && !fallback.is_none()) return fallback;
  jinja::raise(kMissingType, format("Env var required but not provided: '{}'", name),
               "set it, put it into .env, or give a default as env_var's second argument");
}

[[noreturn]] void fail_conversion(State& state, const Value& value, std::string_view type) {
  jinja::raise("JinjaRenderingError",
               format("Could not convert value '{}' into type '{}'", jinja::to_str(state, value), type),
               "only Python's own spelling counts: True, False, 3, 1.5");
}

Value literal_of(const Value& value) {
  if (!value.is_string()) return value;
  return jinja::parse_literal(strip(value.as_string())).value_or(value);
}

// ---- Is a text one expression, and of constants alone?

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

// What stands between {{ and }} when there is nothing else in the text.
std::optional<std::string_view> find_lone_expression(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);  // as templates lose their last newline
  if (!text.starts_with("{{") || !text.ends_with("}}") || text.size() < 5) return std::nullopt;
  std::string_view inner = text.substr(2, text.size() - 4);
  if (inner.starts_with('-') || inner.starts_with('+')) inner.remove_prefix(1);
  if (inner.ends_with('-') || inner.ends_with('+')) inner.remove_suffix(1);
  for (std::size_t at = 0; at + 1 < inner.size(); ++at) {
    char c = inner[at];
    if (c == '"' || c == '\'') {
      for (++at; at < inner.size() && inner[at] != c; ++at) {
        if (inner[at] == '\\') ++at;
      }
    } else if (inner.substr(at, 2) == "}}" && inner.find("{{", at) != std::string_view::npos) {
      return std::nullopt;
    }
  }
  return inner;
}

// No names in it but those of constants, operators and filters: Jinja2 folds such an expression into text.
bool is_constant(std::string_view expression) {
  constexpr std::array<std::string_view, 15> kWords = {"true", "false", "none", "True", "False", "None", "and", "or",
                                                       "not",  "in",    "is",   "if",   "else",  "e",    "E"};
  char before = ' ';
  for (std::size_t at = 0; at < expression.size();) {
    char c = expression[at];
    if (c == '"' || c == '\'') {
      for (++at; at < expression.size() && expression[at] != c; ++at) {
        if (expression[at] == '\\') ++at;
      }
      ++at;
      before = c;
    } else if (is_name_start(c)) {
      std::size_t end = at;
      while (end < expression.size() && is_name(expression[end])) ++end;
      std::string_view word = expression.substr(at, end - at);
      if (std::find(kNativeFilters.begin(), kNativeFilters.end(), word) != kNativeFilters.end()) return false;
      bool belongs_to_name = before == '|' || before == '.';
      if (!belongs_to_name && std::find(kWords.begin(), kWords.end(), word) == kWords.end()) return false;
      before = 'a';
      at = end;
    } else {
      if (c != ' ') before = c;
      ++at;
    }
  }
  return true;
}

}  // namespace

struct ConfigRenderer::Parts {
  jinja::Environment jinja;
  jinja::Context context;

  Value evaluate(std::string_view text) const {
    auto expression = find_lone_expression(text);
    if (!expression || is_constant(*expression)) return jinja.parse(std::string(text))->render(context);
    return jinja.evaluate(*expression, context);
  }
};

ConfigRenderer::ConfigRenderer(config::Environment environment, Value vars, Secrets secrets)
    : parts_(std::make_unique<Parts>()) {
  add_native_filters(parts_->jinja);
  parts_->context.set("env_var", make_env_var(environment, secrets));
  parts_->context.set("var", jinja::make<VarLookup>(std::move(vars)));
}
ConfigRenderer::~ConfigRenderer() = default;
ConfigRenderer::ConfigRenderer(ConfigRenderer&&) noexcept = default;

void ConfigRenderer::set(std::string_view name, Value value) {
  parts_->context.set(name, std::move(value));
}

Value ConfigRenderer::render(std::string_view text, const plumb::Node& node) const {
  if (!has_template(text)) return Value(text);
  try {
    return parts_->evaluate(text);
  } catch (const Error& error) {
    // The template's own line and column say nothing to somebody who looks at a YAML file.
    bool plain = error.type() == kMissingType || error.type() == kSecretType;
    std::string message = plain ? error.message() : format("Could not render {}: {}", text, error.message());
    throw Error(ErrorKind::Config, std::move(message),
                {.place = node.place(), .hint = error.hint(), .type = error.type(), .calls = error.calls()});
  }
}

std::string ConfigRenderer::render_text(const plumb::Node& node, std::string_view fallback) const {
  if (node.null()) return std::string(fallback);
  if (node.kind() != NodeKind::Text || !has_template(node.scalar())) return to_text(node);
  Value value = render(node.scalar(), node);
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_none()) return std::string(fallback);
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.kind() == jinja::Kind::Bool) return value.as_bool() ? "True" : "False";
  throw Error(ErrorKind::Config, format("expected text, but {} renders to something else", node.scalar()),
              {.place = node.place()});
}

Value ConfigRenderer::render(const plumb::Node& node) const {
  return to_value(node, [this](std::string_view text, const plumb::Node& at) { return render(text, at); });
}

Value make_env_var(const config::Environment& environment, ConfigRenderer::Secrets secrets) {
  return jinja::make_function("env_var", [environment, secrets](State& state, Arguments arguments) {
    return env_var(environment, secrets, state, arguments);
  });
}

Value render_yaml(const jinja::Environment& environment, jinja::Source source, const jinja::Context& context,
                  std::stop_token stop) {
  auto expression = find_lone_expression(source.text);
  bool text = !expression || is_constant(*expression);
  std::string name = source.file;
  auto made = environment.parse(std::move(source), name);
  return text ? Value(made->render(context, std::move(stop))) : made->render_value(context, std::move(stop));
}

void add_text_filters(jinja::Environment& environment) {
  for (std::string_view name : kNativeFilters) {
    environment.add_filter(std::string(name), [](State&, Arguments arguments) { return arguments.positional[0]; });
  }
}

void add_native_filters(jinja::Environment& environment) {
  environment.add_filter("as_text", [](State& state, Arguments arguments) {
    return Value(jinja::to_str(state, arguments.positional[0]));
  });
  environment.add_filter("as_native", [](State&, Arguments arguments) { return literal_of(arguments.positional[0]); });
  environment.add_filter("as_bool", [](State& state, Arguments arguments) {
    Value value = literal_of(arguments.positional[0]);
    if (value.kind() != jinja::Kind::Bool) fail_conversion(state, arguments.positional[0], "bool");
    return value;
  });
  environment.add_filter("as_number", [](State& state, Arguments arguments) {
    Value value = literal_of(arguments.positional[0]);
    bool number = value.is_number() && value.kind() != jinja::Kind::Bool;
    if (!number) fail_conversion(state, arguments.positional[0], "number");
    return value;
  });
}

}  // namespace plumb::project
