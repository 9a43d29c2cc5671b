// What Postgres says of its troubles, as an Error of ours.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "db/db.h"
#include "db/libpq.h"
#include "db/placeholders.h"

namespace plumb::db {

// A server's error, in its fields.
struct PostgresTrouble {
  std::string state;  // SQLSTATE: "42P01"; empty when it came from libpq
  std::string message = {};
  std::string detail = {};
  std::string hint = {};
  std::string context = {};  // "COPY t, line 3, column amount"
  std::size_t position = 0;  // a character of the statement, from 1; 0 for none
};

PostgresTrouble read_trouble(const LibPq& pq, const PGresult* result);

// `statement` is what was sent, `user_sql` what the user wrote.
Error translate_trouble(const PostgresTrouble& trouble, const DatabaseConfig& config, const NumberedSql& statement,
                        std::string_view user_sql);

// A connection that could not be made; `words` are libpq's, with the SQLSTATE in them where the server gave one.
Error translate_connection_trouble(std::string_view words, const DatabaseConfig& config);

// A connection that broke off while it was at work.
Error broken_connection(std::string_view words, const DatabaseConfig& config);

}  // namespace plumb::db
