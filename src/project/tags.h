// dbt's own tags beside Jinja's: macro, test (data_test) and materialization. Each makes a macro, under a name that no
// template can meet by chance, so that what a template calls is looked up among all packages' macros (macro_scope.h),
// the macro's own file included.
#pragma once

#include <string>
#include <string_view>

#include "jinja/jinja.h"

namespace plumb::project {

void add_tags(jinja::Environment& environment);
// What the template that holds the macro exports it as: "dbt_macro__cents".
std::string exported_name(std::string_view macro);
// "materialization_view_duckdb", "test_unique".
std::string materialization_name(std::string_view name, std::string_view adapter);
std::string test_macro_name(std::string_view name);

}  // namespace plumb::project
