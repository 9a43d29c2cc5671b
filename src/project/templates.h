// The templates of a dbt project, for those who render them with names of their own: transform, when nodes run.
//
// A Manifest's catalog (macro_catalog.h) has all macros; a MacroScope (macro_scope.h) shows those that a package's
// templates may call; template_functions.h has the functions that every template finds; references.h tells which node a
// ref() means; template_calls.h reads such calls; config_renderer.h renders what stands in YAML.
#pragma once

#include "project/config_renderer.h"     // IWYU pragma: export
#include "project/macro_catalog.h"       // IWYU pragma: export
#include "project/macro_scope.h"         // IWYU pragma: export
#include "project/references.h"          // IWYU pragma: export
#include "project/template_calls.h"      // IWYU pragma: export
#include "project/template_functions.h"  // IWYU pragma: export
