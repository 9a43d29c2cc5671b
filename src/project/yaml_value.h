// YAML as values of the template language: what PyYAML's safe_load gives to dbt, and dbt writes into its artifacts.
//
// Whole numbers are ints of any size, dates and times stay the text that stands there, and so do keys (PyYAML makes
// True of the key in {on: a}; dbt then refuses it).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "jinja/jinja.h"

namespace plumb::project {

// Of a missing node: None.
jinja::Value to_value(const plumb::Node& node);

// What becomes of a text that holds a template; it is asked for no other. The node is there for its place.
using TextRenderer = std::function<jinja::Value(std::string_view text, const plumb::Node& node)>;
jinja::Value to_value(const plumb::Node& node, const TextRenderer& render);

// The text of a scalar as Python's str() of its value would write it, since names may be numbers in YAML. Empty for
// null and what is missing.
std::string to_text(const plumb::Node& node);

}  // namespace plumb::project
