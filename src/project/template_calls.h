// What templates say alike while a project is parsed and when it runs: the calls of ref() and source(), the arguments
// of a generic test, `context`.
#pragma once

#include <functional>
#include <string>

#include "project/manifest.h"

namespace plumb::project {

// ref('name'), ref('package', 'name'), each with v= or version=. CompilationError for anything else.
RefCall read_ref(jinja::State& state, jinja::Arguments arguments);
// source('source', 'table').
SourceCall read_source(jinja::State& state, jinja::Arguments arguments);

// The arguments of a generic test as its macro gets them: texts are templates, "ref('x')" without braces too.
// `render_value` gives a template's value.
jinja::Value render_test_arguments(const jinja::Value& written,
                                   const std::function<jinja::Value(const std::string&)>& render_value);

// `context`: all names that a template sees, as one mapping.
jinja::Value context_view();

}  // namespace plumb::project
