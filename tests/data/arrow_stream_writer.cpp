// Writes an Arrow IPC stream to standard output, for arrow_stream_check.py to read: every type, nulls, empty values,
// three batches (one of them without rows). With the argument "empty" the stream has columns and no batch.
#include <cstdio>
#include <string>
#include <string_view>

#include "data/data.h"

namespace {

using plumb::data::BatchBuilder;
using plumb::data::Schema;
using plumb::data::Type;

const char* const kColumns[][2] = {
    {"flag", "bool"},
    {"count", "int64"},
    {"amount", "decimal(38,2)"},
    {"ratio", "double"},
    {"name", "text"},
    {"blob", "binary"},
    {"day", "date"},
    {"clock", "time"},
    {"local", "timestamp"},
    {"moment", "timestamptz"},
    {"id", "uuid"},
    {"document", "json"},
    {"tags", "list(text)"},
    {"place", "struct(city text not null, at list(decimal(8,5)), since date)"},
    {"ids", "list(uuid)"},
};

// A row is a text for each column; null pointers are nulls.
using Row = const char * [std::size(kColumns)];

const Row kFull = {"true",
                   "-9223372036854775808",
                   "-123456789012345678901234567890123456.78",
                   "0.1",
                   "Käse \"x\"",
                   "00ff10",
                   "2026-11-21",
                   "07:00:00.000001",
                   "1969-12-31 23:59:59.999999",
                   "2026-11-21 07:00:00.5+00:00",
                   "123e4567-e89b-12d3-a456-426614174000",
                   R"({"a": [1, 2.50]})",
                   R"(["a", null, ""])",
                   R"({"city": "Berlin", "at": [52.52437, null], "since": "2026-01-01"})",
                   R"(["123e4567-e89b-12d3-a456-426614174000", null])"};
const Row kNone = {};
const Row kSmall = {"false",
                    "0",
                    "0.05",
                    "-Infinity",
                    "",
                    "",
                    "0001-01-01",
                    "00:00:00",
                    "2026-02-28 00:00:00",
                    "1970-01-01 00:00:00+00:00",
                    "00000000-0000-0000-0000-000000000000",
                    "null",
                    "[]",
                    R"({"city": ""})",
                    "[]"};

// The last column counts the rows of a batch, and is NOT NULL.
void append(BatchBuilder& rows, const Row& row) {
  for (std::size_t i = 0; i < std::size(kColumns); ++i) {
    if (row[i] == nullptr) {
      rows.column(i).append_null();
    } else if (!plumb::data::parse_text(row[i], rows.column(i))) {
      std::fprintf(stderr, "%s is no %s\n", row[i], kColumns[i][1]);
      std::exit(1);
    }
  }
  rows.column(std::size(kColumns)).append_int64(static_cast<std::int64_t>(rows.rows()));
  rows.finish_row();
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<plumb::data::Field> fields;
  for (auto [name, type] : kColumns) fields.push_back({name, Type::parse(type)});
  fields.push_back({"row", Type::int64(), false});
  Schema schema(std::move(fields));
  plumb::data::ArrowStreamWriter stream(
      schema, [](std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); });
  if (count == 1 || std::string_view(arguments[1]) != "empty") {
    BatchBuilder rows(schema);
    append(rows, kFull);
    append(rows, kNone);
    append(rows, kSmall);
    stream.write(rows.take());
    stream.write(rows.take());  // no rows
    for (int i = 0; i < 1000; ++i) append(rows, i % 3 == 0 ? kNone : i % 3 == 1 ? kFull : kSmall);
    stream.write(rows.take());
  }
  stream.finish();
}
