// Jinja2 in C++: the whole template language, knowing nothing of what it is used for.
//
// A source goes through a lexer (lexer.h) and a parser (parser.h) into a tree (tree.h); scopes.cpp gives every name its
// slot; the renderer (renderer.h) walks the tree with a State (state.h) and writes text. Beside them are the values
// (value.h), Python's operators on them (operators.h) and their text (text.h), and the library of filters, tests,
// globals and methods (library.h). Programs use an Environment:
//
//     jinja::Environment environment;
//     auto page = environment.parse("{% for n in range(3) %}{{ n }},{% endfor %}");
//     page->render();                                                     // "0,1,2,"
//
// A host whose objects stand for Python's own finds what those are made of: tables of methods (methods.h), whole
// numbers of any size (number.h), text by code points (unicode.h).
//
// The measure is Jinja2 3.1.6 on CPython 3.11; docs/jinja.md lists every difference.
#pragma once

#include "jinja/document_values.h"  // IWYU pragma: export
#include "jinja/environment.h"      // IWYU pragma: export
#include "jinja/errors.h"           // IWYU pragma: export
#include "jinja/library.h"          // IWYU pragma: export
#include "jinja/methods.h"          // IWYU pragma: export
#include "jinja/number.h"           // IWYU pragma: export
#include "jinja/object.h"           // IWYU pragma: export
#include "jinja/operators.h"        // IWYU pragma: export
#include "jinja/parser.h"           // IWYU pragma: export
#include "jinja/state.h"            // IWYU pragma: export
#include "jinja/text.h"             // IWYU pragma: export
#include "jinja/undefined.h"        // IWYU pragma: export
#include "jinja/unicode.h"          // IWYU pragma: export
#include "jinja/value.h"            // IWYU pragma: export
