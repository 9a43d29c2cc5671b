// The filters, a table per file; filters.cpp joins them into builtin_filters().
#pragma once

#include <span>

#include "jinja/library.h"

namespace plumb::jinja {

std::span<const LibraryFunction> text_filters();
std::span<const LibraryFunction> layout_filters();
std::span<const LibraryFunction> number_filters();
std::span<const LibraryFunction> sequence_filters();
std::span<const LibraryFunction> order_filters();
std::span<const LibraryFunction> selection_filters();
std::span<const LibraryFunction> html_filters();

// ---- Filters that have a file of their own
Value filter_pprint(State& state, Arguments arguments);
Value filter_tojson(State& state, Arguments arguments);
Value filter_urlize(State& state, Arguments arguments);
Value filter_wordwrap(State& state, Arguments arguments);
Value filter_groupby(State& state, Arguments arguments);

// A whole number below `end`, which is not 0: what |random and lipsum() draw.
std::size_t draw_below(std::size_t end);
// The text without HTML's tags, comments and entities, its white space in single spaces.
std::string strip_tags(std::string_view html);
// "&amp;" and its kin as what they stand for, by the rules of HTML 5.
std::string unescape_entities(std::string_view html);

}  // namespace plumb::jinja
