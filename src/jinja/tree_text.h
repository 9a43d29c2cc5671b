// A tree as text: a template that means the same, with every pair of parentheses and every default written out. For
// tests and for looking at what the parser made of something:
//
//     tree_text(parse("{{ a or b+1|abs }}", …))           // "{{ (a or (b + 1|abs())) }}"
#pragma once

#include <string>

#include "jinja/tree.h"

namespace plumb::jinja {

std::string tree_text(const Tree& tree);
std::string tree_text(const Statements& statements);
std::string tree_text(const Expression& expression);

}  // namespace plumb::jinja
