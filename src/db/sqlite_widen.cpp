#include "db/sqlite_widen.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "db/sql_text.h"
#include "db/sqlite_reader.h"
#include "db/sqlite_types.h"
#include "db/sqlite_writer.h"

namespace plumb::db {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

// A piece of a statement: a word, a quoted name, or one sign.
struct Token {
  std::size_t start = 0;
  std::size_t end = 0;
  std::string name;  // of a word or quoted name, without its quotes
  char sign = 0;     // of a sign
  bool quoted = false;

  bool is_word(std::string_view word) const { return !quoted && same_name(name, word); }
};

// Takes a CREATE statement apart, as far as telling names from signs. Comments and blanks fall away.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : sql_(sql) {}

  std::optional<Token> next() {
    skip_blanks();
    if (at_ >= sql_.size()) return std::nullopt;
    Token token{.start = at_};
    char c = sql_[at_];
    if (c == '"' || c == '\'' || c == '`' || c == '[') {
      read_quoted(token, c == '[' ? ']' : c);
    } else if (word_part(c)) {
      while (at_ < sql_.size() && word_part(sql_[at_])) token.name += sql_[at_++];
    } else {
      token.sign = c;
      ++at_;
    }
    token.end = at_;
    return token;
  }

 private:
  static bool word_part(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c < 0;
  }

  void skip_blanks() {
    while (at_ < sql_.size()) {
      std::string_view rest = sql_.substr(at_);
      if (rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n' || rest[0] == '\r' || rest[0] == '\f') {
        ++at_;
      } else if (rest.starts_with("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (rest.starts_with("/*")) {
        std::size_t end = sql_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? sql_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  void read_quoted(Token& token, char close) {
    token.quoted = true;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] == close) {
        ++at_;
        if (close == ']' || at_ >= sql_.size() || sql_[at_] != close) return;
      }
      token.name += sql_[at_];
    }
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

// The words that may follow a declared type.
bool begins_constraint(const Token& token) {
  constexpr std::array<std::string_view, 11> kWords = {
      "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return token.is_word(word); });
}

}  // namespace

std::optional<std::string> replace_declared_type(std::string_view create_table, std::string_view column,
                                                 std::string_view declaration) {
  Tokens tokens(create_table);
  auto token = tokens.next();
  while (token && token->sign != '(') token = tokens.next();
  int depth = 1;
  bool column_begins = true;
  while (token && depth > 0) {
    token = tokens.next();
    if (!token) return std::nullopt;
    if (column_begins && depth == 1 && token->sign == 0 && same_name(token->name, column)) {
      // From the end of the name to the end of its type: words, and numbers in parentheses.
      std::size_t start = token->end;
      std::size_t end = start;
      int inner = 0;
      for (auto part = tokens.next(); part; part = tokens.next()) {
        if (inner == 0 && (part->sign == ',' || part->sign == ')' || begins_constraint(*part))) break;
        if (part->sign == '(') ++inner;
        if (part->sign == ')') --inner;
        end = part->end;
      }
      std::string sql(create_table);
      return sql.replace(start, end - start, " " + std::string(declaration));
    }
    column_begins = depth == 1 && token->sign == ',';
    if (token->sign == '(') ++depth;
    if (token->sign == ')') --depth;
  }
  return std::nullopt;
}

namespace {

struct Conversion {
  data::Type from;
  data::Type to;
};

// _plumb_widen(value): the value in the form that the wider type has in SQLite. What does not read as the narrow type
// stays as it is: SQLite let it in, so it may stay.
void convert(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  const auto* conversion = static_cast<const Conversion*>(sqlite3_user_data(context));
  try {
    SqliteColumnReader column(conversion->from);
    if (!column.append(SqliteValue::of(values[0]), true)) {
      sqlite3_result_value(context, values[0]);
      return;
    }
    column.settle();
    data::Column wider = data::cast(column.take(), conversion->to);
    std::string text;
    switch (wider.type().kind()) {
      case data::TypeKind::Double:
        sqlite3_result_double(context, wider.double_at(0));
        return;
      case data::TypeKind::Decimal:
        if (kept_as_number(wider.type())) break;
        [[fallthrough]];
      default:
        data::append_text(wider, 0, text);
    }
    if (text.empty() && wider.type().kind() == data::TypeKind::Decimal) {
      sqlite3_result_value(context, values[0]);  // a number stays the number it is
    } else {
      sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
  } catch (const std::exception& error) {  // C code calls this
    sqlite3_result_error(context, error.what(), -1);
  }
}

void convert_values(SqliteHandle& handle, const TableName& table, const std::string& column, Conversion conversion) {
  constexpr const char* kFunction = "_plumb_widen";
  handle.check(sqlite3_create_function_v2(handle.get(), kFunction, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, &conversion,
                                          &convert, nullptr, nullptr, nullptr));
  std::string name = quote_name(column);
  auto remove = [&handle](void*) {
    sqlite3_create_function_v2(handle.get(), kFunction, 1, SQLITE_UTF8, nullptr, nullptr, nullptr, nullptr, nullptr);
  };
  std::unique_ptr<void, decltype(remove)> removed(&conversion, remove);
  handle.run(
      format("UPDATE {} SET {} = {}({}) WHERE {} IS NOT NULL", quote_name(table.table), name, kFunction, name, name));
}

void edit_schema(SqliteHandle& handle, const TableName& table, const std::string& sql) {
  auto version = handle.ask("PRAGMA schema_version");
  handle.run("PRAGMA writable_schema=ON");
  auto update = handle.prepare("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ? COLLATE NOCASE");
  bind_value(handle, update, 1, Value(sql));
  bind_value(handle, update, 2, Value(table.table));
  handle.step(update);
  update.handle.reset();
  // Others must read the schema again, and so must we.
  handle.run(format("PRAGMA schema_version={}", std::stoll(version) + 1));
  handle.run("PRAGMA writable_schema=RESET");
}

}  // namespace

void widen_sqlite_column(Connection& connection, SqliteHandle& handle, const TableName& table,
                         const data::Field& column) {
  auto before = connection.find_table(table);
  auto at = before ? before->find(column.name) : std::nullopt;
  if (!at) throw Error(ErrorKind::NotFound, format("there is no column {}.{} to widen", table.table, column.name));
  data::Type narrow = (*before)[*at].type;
  std::string declaration = sqlite_declaration(column.type);
  if (sqlite_declaration(narrow) == declaration) return;

  std::optional<Transaction> own;
  if (!connection.in_transaction()) own.emplace(connection);
  auto sql = find_value(connection, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
                        std::array{Value(table.table)});
  auto wider = sql ? replace_declared_type(*sql, column.name, declaration) : std::nullopt;
  if (!wider)
    throw Error(ErrorKind::Database, format("can't widen {}.{}: it is no column of a table", table.table, column.name));
  edit_schema(handle, table, *wider);

  auto after = connection.find_table(table);
  auto expected = before->fields();
  expected[*at].type = *find_sqlite_type(declaration);
  if (!after || after->fields() != expected) {
    throw Error(ErrorKind::Database,
                format("can't widen {}.{}: its declaration is not understood", table.table, column.name),
                {.hint = "make the table anew with the wider type"});
  }
  convert_values(handle, table, column.name, {narrow, expected[*at].type});
  if (own) own->commit();
}

}  // namespace plumb::db
