// Ephemeral models have no table: their SQL stands as CTEs in front of the SQL that reads them.
//
//     inject_ctes("select * from __dbt__cte__a", {{"__dbt__cte__a", "select 1 as id"}})
//
//     with __dbt__cte__a as (
//     select 1 as id
//     ) select * from __dbt__cte__a
//
// To the byte, blanks included, the text is dbt's, because `state:modified` and people compare it:
// - a CTE is " NAME as (\nSQL\n)"; several are joined by ", ", which leaves two blanks between them;
// - they follow the blanks that the SQL begins with, as "with" + CTEs + " " + the rest: before a comment, too;
// - where the SQL has a `with` of its own, they become the first of it: `with` (or `with recursive`) and the blanks
// after
//   it as they stand, then CTEs + ", " + the rest. Its own is the first that stands outside of parentheses, quotes,
//   comments, `case … end` and conditions after `where`;
// - what follows the first statement's semicolon and its comment is gone, as it is with dbt, which takes one statement.
// SQL without CTEs, and SQL of nothing but blanks, is left alone. (dbt ends with an error at the latter.)
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace plumb::transform {

struct Cte {
  std::string name;
  std::string sql;
};

// `ctes`: in the order in which they may read one another.
std::string inject_ctes(std::string_view sql, std::span<const Cte> ctes);

}  // namespace plumb::transform
