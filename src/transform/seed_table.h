// A seed: a CSV file as a table whose columns have the types that their texts show.
//
//     auto table = read_seed(folder / "seeds/cities.csv", ",", {"postcode"});
//     context.set("agate_table", make<ResultTable>(table));
//
// As with dbt (which has agate guess) a column is the first of number, date, datetime, ISO datetime, boolean that every
// text in it can be, else text; empty texts and `null` are None and say nothing. A column without any cell counts as
// Integer. A name that is missing is a letter ("b" for the second column), one that stands twice gets a number ("a_2").
// A row may be shorter than the names, and a blank line is a row of None.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "transform/result_table.h"

namespace plumb::transform {

// `text_columns`: those whose texts stay as they are, because a column_type was given. Throws, with the place, for a
// row that is longer than the names, for a file without any line, and for one that is no UTF-8.
TableDataPtr read_seed(const std::filesystem::path& file, std::string_view delimiter,
                       const std::set<std::string>& text_columns);

}  // namespace plumb::transform
