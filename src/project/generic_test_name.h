// How dbt names a generic test: "not_null_orders_id", "accepted_values_orders_status__open__done". It goes into unique
// ids, file names and state comparison, so it has to be the same to the last character.
#pragma once

#include <string>
#include <string_view>

#include "jinja/jinja.h"

namespace plumb::project {

struct TestNames {
  std::string brief;  // at most 63 characters: a hash takes the place of the end
  std::string full;
};
// `kind` is "unique", "source_unique", "dbt_utils_equality"; `target` is "orders", "dim_v1", "raw_orders".
TestNames name_test(std::string_view kind, std::string_view target, const jinja::Dict& arguments);

// The end of the unique id: of two tests alike but for their arguments.
std::string hash_test(std::string_view full_name, std::string_view package, std::string_view test,
                      const jinja::Dict& arguments);

}  // namespace plumb::project
