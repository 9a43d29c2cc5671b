// What a plain YAML scalar means: the rules of YAML 1.1 as PyYAML's resolver and constructor carry them out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/document.h"

namespace plumb {

// Null, Bool, Int, Float or Text, by the way it is written.
NodeKind resolve_yaml_scalar(std::string_view text);

// The values, of a text that resolves to that kind. Empty when an integer needs more than 64 bits or has no digits at
// all ("0x_"), when a float is beyond a double's range.
bool yaml_bool(std::string_view text);
std::optional<std::int64_t> find_yaml_int(std::string_view text);
std::optional<double> find_yaml_double(std::string_view text);
// As JSON writes it: 0x1F as 31. Beyond 64 bits what is not decimal stays as it was written, in quotes.
std::string yaml_int_to_json(std::string_view text);
// False for "0x_" and the like, which look like an integer and are none.
bool yaml_int_has_digits(std::string_view text);

}  // namespace plumb
