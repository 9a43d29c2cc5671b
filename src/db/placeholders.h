// Parameters written ? become Postgres's $1, $2, …
//
// A ? in a text, a quoted name, a dollar-quoted text or a comment is none. ?? is Postgres's own operator ? (of jsonb),
// and so ??| and ??& are ?| and ?&.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plumb::db {

struct NumberedSql {
  std::string sql;
  std::size_t parameters = 0;

  // Where in the user's statement a byte of `sql` comes from.
  std::size_t original(std::size_t byte) const;

  struct Change {
    std::size_t at;        // the byte in `sql` behind what was replaced
    std::size_t original;  // the byte in the user's statement behind it
  };
  std::vector<Change> changes = {};
};

NumberedSql number_placeholders(std::string_view sql);

}  // namespace plumb::db
