// YAML as values of the template language: what PyYAML's safe_load gives to dbt.
//
// Whole numbers of any size are ints, dates and times are text as Python's isoformat() writes them, keys are text (but
// for those that look like another kind: {1: a} has the int 1, {on: a} has True).
#pragma once

#include <functional>
#include <string_view>

#include "base/document.h"
#include "jinja/jinja.h"

namespace plumb::project {

// Of a missing node: None.
jinja::Value to_value(const plumb::Node& node);

// What becomes of a text that holds a template; it is asked for no other. The node is there for its place.
using TextRenderer = std::function<jinja::Value(std::string_view text, const plumb::Node& node)>;
jinja::Value to_value(const plumb::Node& node, const TextRenderer& render);

// The text of a scalar as Python's str() of its value would write it: names may be numbers in YAML.
std::string to_text(const plumb::Node& node);

}  // namespace plumb::project
