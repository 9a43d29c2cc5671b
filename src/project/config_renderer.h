// Templates in YAML files: {{ env_var('X') }}, {{ var('x') }}, {{ target.name }} and what else dbt knows there.
//
//     ConfigRenderer renderer(environment, vars);           // profiles.yml and dbt_project.yml
//     renderer.set("target", target_value(target));
//     Value database = renderer.render("{{ env_var('DB', 'dev') }}", node);
//     Value threads = renderer.render("{{ env_var('N') | as_number }}", node);   // 4
//
// Texts render natively, as dbt does it: an expression that stands alone and ends in as_bool, as_number or as_native
// gives its value, everything else a text. A texts without a template is given back as it is, at no cost.
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
  // `vars` is a dict: what var() finds. Undefined: there is no var() here.
  ConfigRenderer(config::Environment environment, jinja::Value vars, Secrets secrets);
  ~ConfigRenderer();
  ConfigRenderer(ConfigRenderer&&) noexcept;

  // A further name, e.g. `target`, for what is rendered after this.
  void set(std::string_view name, jinja::Value value);

  // Errors have the place of the node: "Env var required but not provided: 'X'".
  jinja::Value render(std::string_view text, const plumb::Node& node) const;
  std::string render_text(const plumb::Node& node, std::string_view fallback = {}) const;
  // A whole tree.
  jinja::Value render(const plumb::Node& node) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace plumb::project
