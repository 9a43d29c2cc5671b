// SQL as text: places in a statement for messages, quoting, and which tables a statement mentions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace plumb::db {

// The place of a byte of a statement, for an Error: file "<query>", with the line for the caret.
Place place_in_sql(std::string_view sql, std::size_t byte);

// "a""b"
std::string quote_name(std::string_view name);
// 'it''s'
std::string quote_text(std::string_view text);

// Every dotted name outside of comments and quoted texts, as its parts: "files.raw_bank.t" and "a"."b c". A tolerant
// reading that takes aliases and columns as well as tables, for statements that nothing else can take apart.
std::vector<std::vector<std::string>> scan_dotted_names(std::string_view sql);

}  // namespace plumb::db
