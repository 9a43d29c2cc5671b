// Templates in YAML files: {{ env_var('X') }}, {{ var('x') }}, {{ target.name }} and what else dbt knows there.
//
//     ConfigRenderer renderer(environment, vars, ConfigRenderer::Secrets::Refused);
//     renderer.set("target", target_value(target));
//     Value database = renderer.render("{{ env_var('DB', 'dev') }}", node);
//     Value threads = renderer.render("{{ env_var('N') | as_number }}", node);   // 4
//
// As dbt renders: an expression that stands alone gives its own value, unless that is a text, which stays one: a number
// from the environment is a text until `| as_number`, `| as_bool` or `| as_native` (Python's literals) makes it one. An
// expression of constants alone, and whatever stands beside other text, is text. A text without a template is given
// back as it is, at no cost.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/document.h"
#include "config/config.h"
#include "project/yaml_value.h"

namespace plumb::project {

class ConfigRenderer {
 public:
  // Whether names that start with DBT_ENV_SECRET may be asked for: in profiles.yml and packages.yml only.
  enum class Secrets : std::uint8_t { Allowed, Refused };
  // `vars` is a dict, what var() finds; `owner` is who asks, for messages ("<Configuration>").
  ConfigRenderer(config::Environment environment, jinja::Value vars, Secrets secrets);
  ~ConfigRenderer();
  ConfigRenderer(ConfigRenderer&&) noexcept;

  // A further name, e.g. `target`, for what is rendered after this.
  void set(std::string_view name, jinja::Value value);

  // Errors have the place of the node: "Env var required but not provided: 'X'", "Could not render {{ x( }}: …".
  jinja::Value render(std::string_view text, const plumb::Node& node) const;
  std::string render_text(const plumb::Node& node, std::string_view fallback = {}) const;
  // A whole tree.
  jinja::Value render(const plumb::Node& node) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// env_var() and var(), for every context of a project that has them.
jinja::Value make_env_var(const config::Environment& environment, ConfigRenderer::Secrets secrets);
// The value of a template in YAML, with any names: as above.
jinja::Value render_yaml(const jinja::Environment& environment, jinja::Source source, const jinja::Context& context,
                         std::stop_token stop = {});
// In SQL these change nothing.
void add_text_filters(jinja::Environment& environment);
// Adds as_text, as_bool, as_number and as_native.
void add_native_filters(jinja::Environment& environment);

}  // namespace plumb::project
