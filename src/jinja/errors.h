// The errors of templates: plumb::Error with the name that Jinja2 or Python gives it as type().
//
// Raised without a place where the trouble is noticed (an operator, a filter); the renderer adds template, line, column
// and the chain of macro calls. Messages are Jinja2's and CPython 3.11's own, so that people find them by searching.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace plumb::jinja {

// type: "TypeError", "UndefinedError", "TemplateSyntaxError", … Kind is Config: the template is the user's file.
Error make_error(std::string_view type, std::string message, std::string hint = {});

[[noreturn]] void raise(std::string_view type, std::string message, std::string hint = {});
[[noreturn]] void raise_type_error(std::string message);
[[noreturn]] void raise_value_error(std::string message);
// "TemplateRuntimeError"
[[noreturn]] void raise_runtime_error(std::string message);
// jinja2.exceptions.FilterArgumentError
[[noreturn]] void raise_filter_argument_error(std::string message);

}  // namespace plumb::jinja
