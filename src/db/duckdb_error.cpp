#include "db/duckdb_error.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/document.h"
#include "base/format.h"
#include "base/text.h"
#include "db/file_holder.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

constexpr auto kNowhere = std::string_view::npos;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != kNowhere;
}

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  std::size_t start = text.find(before);
  if (start == kNowhere) return {};
  text.remove_prefix(start + before.size());
  return text.substr(0, text.find(after));
}

void trim_end(std::string& text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
}

// "Binder Error: " in front.
std::string take_type(std::string_view& words) {
  constexpr std::string_view kMark = " Error: ";
  std::size_t mark = words.find(kMark);
  if (mark == kNowhere || mark > 40 || has(words.substr(0, mark), "\n")) return {};
  std::string type(words.substr(0, mark));
  words.remove_prefix(mark + kMark.size());
  return type;
}

// {"exception_type": …, "exception_message": …, "position": "22"}
DuckDbTrouble read_json(std::string_view words) {
  Document document = parse_json(std::string(words), "DuckDB's error");
  Node root = document.root();
  DuckDbTrouble trouble{.type = root.find("exception_type").text_or({}),
                        .message = root.find("exception_message").text_or({})};
  std::string position = root.find("position").text_or({});
  std::size_t byte = 0;
  auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), byte);
  if (error == std::errc() && end != position.data()) trouble.byte = byte;
  return trouble;
}

// Assertions in DuckDB bring a page of advice and a stack.
void cut_stack(std::string& message) {
  for (std::string_view mark : {"\nThis error signals", "\n\nStack Trace:", "\nStack Trace:"}) {
    if (std::size_t at = message.find(mark); at != kNowhere) message.resize(at);
  }
}

ErrorKind io_kind(std::string_view message) {
  if (has(message, "Could not set lock") || has(message, "database is locked")) return ErrorKind::Busy;
  if (has(message, "password authentication failed") || has(message, "no password supplied")) return ErrorKind::Auth;
  if (has(message, "Unable to connect to Postgres") || has(message, "Could not establish connection") ||
      has(message, "HTTP"))
    return ErrorKind::Network;
  if (has(message, "No files found") || has(message, "No such file") || has(message, "database does not exist"))
    return ErrorKind::NotFound;
  if (has(message, "ERROR:") || has(message, "not a valid DuckDB database") || has(message, "file is not a database"))
    return ErrorKind::Database;
  return ErrorKind::Io;
}

ErrorKind kind_of(const DuckDbTrouble& trouble) {
  struct Pair {
    std::string_view type;
    ErrorKind kind;
  };
  static constexpr std::array kKinds = {
      Pair{"Interrupt", ErrorKind::Cancelled},
      Pair{"INTERRUPT", ErrorKind::Cancelled},
      Pair{"Connection", ErrorKind::Network},
      Pair{"HTTP", ErrorKind::Network},
      Pair{"Network", ErrorKind::Network},
      Pair{"Conversion", ErrorKind::Data},
      Pair{"Out of Range", ErrorKind::Data},
      Pair{"Decimal", ErrorKind::Data},
      Pair{"Mismatch Type", ErrorKind::Data},
      Pair{"Constraint", ErrorKind::Data},
      Pair{"Missing Extension", ErrorKind::NotFound},
  };
  if (trouble.type == "IO") return io_kind(trouble.message);
  if (has(trouble.type, "Transaction") && has(trouble.message, "onflict")) return ErrorKind::Busy;
  if (has(trouble.message, "database is locked")) return ErrorKind::Busy;
  if (has(trouble.message, "read-only mode")) return ErrorKind::Io;
  for (const Pair& pair : kKinds) {
    if (trouble.type == pair.type) return pair.kind;
  }
  return ErrorKind::Database;
}

std::string hint_for(const DuckDbTrouble& trouble, ErrorKind kind, std::string_view rest) {
  if (auto name = between(rest, "Did you mean \"", "\""); !name.empty()) return format("did you mean \"{}\"?", name);
  if (auto names = between(rest, "Candidate bindings: ", "\n"); !names.empty()) return format("there is {}", names);
  if (trouble.type == "Out of Memory") return "raise the connection's memory_limit, or let it use fewer threads";
  if (has(trouble.message, "No space left")) return "free space on the disk, then run it again";
  if (kind == ErrorKind::Busy && has(trouble.type, "Transaction"))
    return "another transaction changed the same rows; run it again";
  if (has(trouble.message, "read-only mode")) return "open the connection without read_only";
  return {};
}

// DuckDB's advice repeats the hint or sends the reader to settings that are the driver's business.
std::string cause_of(std::string_view rest) {
  for (std::string_view advice : {"Did you mean", "Candidate bindings", "Please try installing", "LINE "}) {
    rest = rest.substr(0, rest.find(advice));
  }
  std::string cause(rest);
  trim_end(cause);
  cause.erase(0, std::min(cause.find_first_not_of("\n "), cause.size()));
  return cause;
}

}  // namespace

DuckDbTrouble read_duckdb_trouble(std::string_view words) {
  DuckDbTrouble trouble;
  std::string_view rest = words;
  std::string type = take_type(rest);
  // The appender puts words of its own in front.
  if (std::size_t json = rest.find("{\"exception_type\"");
      json != kNowhere && rest.ends_with('}') && valid_utf8(rest)) {
    rest.remove_prefix(json);
    trouble = read_json(rest);
  } else {
    trouble.message = rest.substr(0, rest.find("\n\nLINE "));
  }
  if (trouble.type.empty()) trouble.type = type;
  cut_stack(trouble.message);
  trim_end(trouble.message);
  if (trouble.message.empty()) trouble.message = "DuckDB failed without a word";
  return trouble;
}

Error translate_duckdb_trouble(const DuckDbTrouble& trouble, std::string_view sql) {
  if (auto holder = find_lock_holder(trouble)) {
    return Error(ErrorKind::Busy, format("{} is in use by {}", between(trouble.message, "on file \"", "\""), *holder),
                 {.hint = "close it there, then run this again", .retry_may_help = true});
  }
  ErrorKind kind = kind_of(trouble);
  if (kind == ErrorKind::Cancelled) return Error(kind, "the statement was cancelled");
  std::string_view text = trouble.message;
  std::string_view first = text.substr(0, text.find('\n'));
  std::string_view rest = text.substr(first.size());
  if (first.ends_with('!')) first.remove_suffix(1);
  Error::Details details{.hint = hint_for(trouble, kind, rest),
                         .retry_may_help = kind == ErrorKind::Busy || kind == ErrorKind::Network,
                         .cause = cause_of(rest)};
  if (trouble.byte && !sql.empty()) details.place = place_in_sql(sql, *trouble.byte);
  return Error(kind, std::string(first), std::move(details));
}

std::optional<std::string> find_lock_holder(const DuckDbTrouble& trouble) {
  if (!has(trouble.message, "Could not set lock on file")) return {};
  std::string_view number = between(trouble.message, "(PID ", ")");
  int process = 0;
  std::from_chars(number.data(), number.data() + number.size(), process);
  return process > 0 ? describe_process(process) : "another process";
}

}  // namespace plumb::db
