// Writes the files that stock_duckdb_check.py reads: raw_bank.db, with the table of docs/types.md, and lake.duckdb.
//
//     stock_duckdb_writer FOLDER

#include <cstdio>
#include <filesystem>

#include "db/db.h"

using namespace plumb;
using data::Type;

namespace {

// A row of canonical texts; nothing is null.
void append(data::BatchBuilder& rows, std::initializer_list<std::string_view> texts) {
  std::size_t i = 0;
  for (std::string_view text : texts) {
    if (!data::parse_text(text, rows.column(i++))) throw Error(ErrorKind::Data, "not read: " + std::string(text));
  }
  rows.finish_row();
}

void write(db::Connection& connection, const db::TableName& table, data::BatchBuilder& rows) {
  connection.execute(connection.create_table_sql(table, rows.schema()));
  auto writer = connection.write(table, rows.schema());
  writer->append(rows.take());
  writer->finish();
}

void write_sqlite(const std::filesystem::path& file) {
  auto connection = db::open({.kind = db::Kind::Sqlite, .path = file})->connect();
  data::BatchBuilder rows(data::Schema({{"amount", Type::decimal(15, 2)},
                                        {"total", Type::decimal(20, 2)},
                                        {"is_open", Type::boolean()},
                                        {"opens_at", Type::time()},
                                        {"booked_at", Type::timestamp_tz()},
                                        {"id", Type::uuid()},
                                        {"document", Type::json()}}));
  auto row = [&](std::string_view amount, std::string_view total) {
    append(rows, {amount, total, "true", "07:00:00", "2026-11-21 07:00:00.250000+00:00",
                  "f47ac10b-58cc-4372-8567-0e02b2c3d479", R"({"n": 1.0})"});
  };
  row("0.10", "0.10");
  row("0.20", "0.20");
  row("-9999999999999.99", "-999999999999999999.99");
  row("1234567890123.45", "123456789012345678.90");
  write(*connection, {"", "transactions"}, rows);
}

void write_duckdb(const std::filesystem::path& file) {
  auto connection = db::open({.kind = db::Kind::DuckDb, .path = file})->connect();
  connection->create_schema("raw");
  auto place = Type::structure({{"city", Type::text()}, {"lat", Type::float64()}});
  data::BatchBuilder rows(data::Schema({{"amount", Type::decimal(18, 2)},
                                        {"wide", Type::decimal(38, 10)},
                                        {"day", Type::date()},
                                        {"id", Type::uuid()},
                                        {"document", Type::json()},
                                        {"tags", Type::list(Type::text())},
                                        {"place", place}}));
  append(rows, {"9999999999999999.99", "1234567890123456789012345678.0123456789", "2026-11-21",
                "f47ac10b-58cc-4372-8567-0e02b2c3d479", "{\"n\": 1.0}", "[\"a\",null]",
                "{\"city\":\"Köln\",\"lat\":50.93753}"});
  write(*connection, {"raw", "t"}, rows);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    std::filesystem::path folder = argv[1];
    write_sqlite(folder / "raw_bank.db");
    write_duckdb(folder / "lake.duckdb");
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.render().c_str());
    return 1;
  }
  return 0;
}
