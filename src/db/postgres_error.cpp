#include "db/postgres_error.h"

#include <array>
#include <charconv>
#include <cstring>

#include "base/format.h"
#include "base/text.h"
#include "db/drivers.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

std::string user_of(const DatabaseConfig& config) {
  return config.user.empty() ? std::string("your user") : quote_name(config.user);
}

// The text between double quotes, the last one of several.
std::string_view quoted_part(std::string_view text) {
  std::size_t end = text.rfind('"');
  if (end == std::string_view::npos || end == 0) return {};
  std::size_t start = text.rfind('"', end - 1);
  return start == std::string_view::npos ? std::string_view() : text.substr(start + 1, end - start - 1);
}

std::string_view first_word(std::string_view sql) {
  std::size_t start = sql.find_first_not_of(" \t\r\n(");
  if (start == std::string_view::npos) return {};
  return sql.substr(start, sql.find_first_of(" \t\r\n(;", start) - start);
}

bool same(std::string_view word, std::string_view upper) {
  return word.size() == upper.size() && std::equal(word.begin(), word.end(), upper.begin(), [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b;
         });
}

// "permission denied for table t", "… for schema raw", "must be owner of table t": what the owner has to grant.
std::string grant_hint(std::string_view message, const DatabaseConfig& config, std::string_view sql) {
  std::size_t at = message.find(" for ");
  if (message.find("must be owner") != std::string_view::npos) {
    return format("only the owner may do this: let {} own it (ALTER TABLE … OWNER TO …), or create it",
                  user_of(config));
  }
  if (at == std::string_view::npos) return "ask the owner for the missing right; docs/postgres-roles.md lists them";
  std::string_view object = message.substr(at + 5);
  std::string_view kind = object.substr(0, object.find(' '));
  std::string name(trimmed(object.substr(std::min(object.size(), kind.size() + 1))));
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  std::string user = user_of(config);
  std::string_view word = first_word(sql);
  std::string grant;
  if (kind == "schema") {
    grant = format("GRANT USAGE{} ON SCHEMA {} TO {};", same(word, "CREATE") ? ", CREATE" : "", quote_name(name), user);
  } else if (kind == "database") {
    grant = format("GRANT CREATE ON DATABASE {} TO {};", quote_name(name), user);
  } else if (kind == "table" || kind == "relation" || kind == "view") {
    std::string_view right = same(word, "COPY")       ? "INSERT"
                             : same(word, "INSERT")   ? "SELECT, INSERT, UPDATE"
                             : same(word, "UPDATE")   ? "SELECT, UPDATE"
                             : same(word, "DELETE")   ? "SELECT, DELETE"
                             : same(word, "TRUNCATE") ? "TRUNCATE"
                                                      : "SELECT";
    grant = format("GRANT {} ON {} TO {};", right, quote_name(name), user);
  } else if (kind == "sequence") {
    grant = format("GRANT USAGE ON SEQUENCE {} TO {};", quote_name(name), user);
  } else {
    return "ask the owner for the missing right; docs/postgres-roles.md lists them";
  }
  return format("the owner runs: {} (docs/postgres-roles.md has the whole roles)", grant);
}

// The byte of a character of a text, counted from 1.
std::size_t byte_of_character(std::string_view text, std::size_t position) {
  std::size_t byte = 0;
  for (std::size_t i = 1; i < position && byte < text.size(); ++i) byte += step_utf8(text.substr(byte)).bytes;
  return byte;
}

struct Meaning {
  std::string_view state;  // a whole SQLSTATE, or the two digits of its class
  ErrorKind kind;
  bool retry_may_help = false;
  std::string_view hint = {};
};

constexpr std::array kMeanings = {
    Meaning{"57014", ErrorKind::Cancelled},
    Meaning{"57P01", ErrorKind::Network, true, "the server was stopped; nothing of this transaction was kept"},
    Meaning{"57P02", ErrorKind::Network, true, "the server crashed; nothing of this transaction was kept"},
    Meaning{"57P03", ErrorKind::Network, true, "the server is starting or stopping; try again in a moment"},
    Meaning{"57P05", ErrorKind::Network, true, "the server ended the connection because it was idle for long"},
    Meaning{"53100", ErrorKind::Io, false, "the server's disk is full; nothing of this transaction was kept"},
    Meaning{"53200", ErrorKind::Io, true, "the server is out of memory"},
    Meaning{"53300", ErrorKind::Busy, true, "all connections are taken: end some, or raise max_connections"},
    Meaning{"55P03", ErrorKind::Busy, true,
            "another session holds the lock: SELECT pid, usename, application_name, query FROM pg_stat_activity WHERE "
            "state <> 'idle' shows who"},
    Meaning{"40001", ErrorKind::Busy, true, "another transaction was quicker; run this again"},
    Meaning{"40P01", ErrorKind::Busy, true, "two transactions waited for each other; run this again"},
    Meaning{"25P03", ErrorKind::Network, true, "the server ended the connection because a transaction stood still"},
    Meaning{"25006", ErrorKind::Io, false, "the connection or the server (a standby) is read-only"},
    Meaning{"3D000", ErrorKind::NotFound, false, "create it (createdb NAME), or correct the name"},
    Meaning{"28", ErrorKind::Auth},
    Meaning{"08", ErrorKind::Network, true},
    Meaning{"22", ErrorKind::Data},
    Meaning{"23", ErrorKind::Data},
    Meaning{"42501", ErrorKind::Auth},
};

const Meaning* find_meaning(std::string_view state) {
  for (const Meaning& meaning : kMeanings) {
    if (state.starts_with(meaning.state)) return &meaning;
  }
  return nullptr;
}

std::string auth_hint(std::string_view state, std::string_view words, const DatabaseConfig& config) {
  if (words.find("no pg_hba.conf entry") != std::string_view::npos) {
    return "the server's pg_hba.conf has no line for this host, user and database; docs/postgres-roles.md shows one";
  }
  if (config.password.empty())
    return "no password was given: set it in plumb.yml from an environment variable, or PGPASSWORD";
  if (state == "28P01" || words.find("password") != std::string_view::npos) {
    return format("check the password of {}", user_of(config));
  }
  return format("does the role {} exist, and may it log in?", user_of(config));
}

}  // namespace

PostgresTrouble read_trouble(const LibPq& pq, const PGresult* result) {
  auto field = [&](int code) {
    const char* text = pq.resultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
  };
  PostgresTrouble trouble{.state = field(PG_DIAG_SQLSTATE),
                          .message = field(PG_DIAG_MESSAGE_PRIMARY),
                          .detail = field(PG_DIAG_MESSAGE_DETAIL),
                          .hint = field(PG_DIAG_MESSAGE_HINT),
                          .context = field(PG_DIAG_CONTEXT)};
  std::string position = field(PG_DIAG_STATEMENT_POSITION);
  std::from_chars(position.data(), position.data() + position.size(), trouble.position);
  if (trouble.message.empty()) trouble.message = trimmed(pq.resultErrorMessage(result));
  return trouble;
}

Error translate_trouble(const PostgresTrouble& trouble, const DatabaseConfig& config, const NumberedSql& statement,
                        std::string_view user_sql) {
  const Meaning* meaning = find_meaning(trouble.state);
  ErrorKind kind = meaning == nullptr ? ErrorKind::Database : meaning->kind;
  std::string message = trouble.message;
  // "COPY t, line 3, column amount" tells table and row.
  if (trouble.context.starts_with("COPY ")) {
    message = format("{}: {}", std::string_view(trouble.context).substr(5, trouble.context.find('\n') - 5), message);
  }
  if (kind == ErrorKind::Network) message = format("{}: {}", describe(config), message);
  Error::Details details{.hint = trouble.hint, .cause = trouble.detail};
  if (meaning != nullptr) {
    details.retry_may_help = meaning->retry_may_help;
    if (!meaning->hint.empty()) details.hint = meaning->hint;
  }
  if (trouble.state == "42501") details.hint = grant_hint(trouble.message, config, user_sql);
  if (trouble.state.starts_with("28")) details.hint = auth_hint(trouble.state, trouble.message, config);
  if (trouble.position != 0 && kind == ErrorKind::Database) {
    details.place = place_in_sql(user_sql, statement.original(byte_of_character(statement.sql, trouble.position)));
  }
  return Error(kind, std::move(message), std::move(details));
}

Error translate_connection_trouble(std::string_view words, const DatabaseConfig& config) {
  words = trimmed(words);
  // Written verbosely: "connection to server at … failed: FATAL:  28P01: password authentication failed for user …".
  std::string state;
  std::string_view message = words;
  for (std::string_view mark : {"FATAL:  ", "ERROR:  "}) {
    std::size_t at = words.rfind(mark);
    if (at == std::string_view::npos || words.size() < at + mark.size() + 7) continue;
    state = words.substr(at + mark.size(), 5);
    message = words.substr(at + mark.size() + 7);
    message = message.substr(0, message.find('\n'));
    break;
  }
  if (!state.empty()) {
    const Meaning* meaning = find_meaning(state);
    Error::Details details;
    if (meaning != nullptr) details = {.hint = std::string(meaning->hint), .retry_may_help = meaning->retry_may_help};
    if (state.starts_with("28")) details.hint = auth_hint(state, message, config);
    if (state == "3D000") {
      details.hint = format("create it (createdb {}), or correct the name", quoted_part(message));
    }
    return Error(meaning == nullptr ? ErrorKind::Database : meaning->kind, format("{}: {}", describe(config), message),
                 std::move(details));
  }
  if (words.find("password") != std::string_view::npos) {  // "fe_sendauth: no password supplied"
    return Error(ErrorKind::Auth, format("{}: a password is needed", describe(config)),
                 {.hint = auth_hint("", words, config), .cause = std::string(words)});
  }
  return Error(ErrorKind::Network, format("can't reach {}", describe(config)),
               {.hint = "is the server running, and are host and port right?",
                .retry_may_help = true,
                .cause = std::string(words)});
}

Error broken_connection(std::string_view words, const DatabaseConfig& config) {
  return Error(ErrorKind::Network, format("{}: the connection broke off", describe(config)),
               {.hint = "nothing of this transaction was kept; run it again when the server is back",
                .retry_may_help = true,
                .cause = std::string(trimmed(words))});
}

}  // namespace plumb::db
