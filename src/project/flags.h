// Flags: what templates see as flags.FULL_REFRESH, and what decides how the rest behaves.
#pragma once

#include "base/document.h"
#include "project/config_renderer.h"

namespace plumb::project {

// A dict by upper-case name, complete with dbt's defaults. Who says last wins: the default, `flags:` of
// dbt_project.yml, DBT_FULL_REFRESH and the like (also DBT_ENGINE_FULL_REFRESH), the command line (a dict, or
// undefined). Throws Error(Usage) for a variable that is no boolean where one is expected.
jinja::Value read_flags(const plumb::Node& project_flags, const ConfigRenderer& renderer,
                        const config::Environment& environment, const jinja::Value& command_line);

}  // namespace plumb::project
