#include "ingest/connectors/files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/testing.h"

namespace plumb::ingest {
namespace {

using data::Type;

class Files : public testing::Test {
 protected:
  // The schema, then each row as canonical text, null as NULL.
  std::string read(const std::string& name, const std::string& text) {
    auto file = open(name, text);
    std::string out;
    for (const auto& field : file->schema()) out += field.name + " " + field.type.to_string() + "; ";
    file->read(
        [&](data::Batch batch) {
          for (std::size_t row = 0; row < batch.rows(); ++row) {
            out += "\n";
            for (std::size_t i = 0; i < batch.columns(); ++i) {
              if (i > 0) out += "|";
              if (batch.column(i).null_at(row)) {
                out += "NULL";
              } else {
                data::append_text(batch.column(i), row, out);
              }
            }
          }
        },
        {});
    return out;
  }
  std::unique_ptr<RowFile> open(const std::string& name, const std::string& text) {
    auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return open_row_file(path);
  }
  std::string message(const std::string& name, const std::string& text) {
    try {
      read(name, text);
    } catch (const Error& error) {
      auto said = error.render();
      auto at = said.find(folder_.path().string() + "/");
      return at == std::string::npos ? said : said.erase(at, folder_.path().string().size() + 1);
    }
    return "no error";
  }
  TemporaryFolder folder_;
};

TEST_F(Files, CsvColumnsGetTheTypeThatHoldsAllTheirValues) {
  EXPECT_EQ(
      read("rows.csv", "id,amount,lat,day,note\n1,-12.30,0.1339642441,2026-01-31,REWE\n2,5.1,12,2026-02-01,\"a, b\"\n"),
      "id int64; amount decimal(15,2); lat double; day date; note text; \n"
      "1|-12.30|0.1339642441|2026-01-31|REWE\n"
      "2|5.10|12.0|2026-02-01|a, b");
}

TEST_F(Files, ATypeThatChangesInTheLastRowIsTheTypeOfAll) {
  EXPECT_EQ(read("rows.csv", "code\n1\n2\n007\n"), "code text; \n1\n2\n007");
  EXPECT_EQ(read("rows.ndjson", "{\"v\":1}\n{\"v\":\"x\"}\n{\"v\":[1]}\n"), "v json; \n1\n\"x\"\n[1]");
}

TEST_F(Files, CsvTellsEmptyFromNull) {
  EXPECT_EQ(read("rows.csv", "a,b\n,\"\"\nx,y\n"), "a text; b text; \nNULL|\nx|y");
}

TEST_F(Files, CsvIsReadAsItIsFound) {
  EXPECT_EQ(read("rows.csv",
                 "\xEF\xBB\xBF"
                 "a;b\r\n1;\"x\r\ny \"\"z\"\"\"\r\n\r\n"),
            "a int64; b text; \n1|x\r\ny \"z\"");
  EXPECT_EQ(read("rows.tsv", "a\ta\t\n1\t2\t3"), "a int64; a_2 int64; column_3 int64; \n1|2|3");
}

TEST_F(Files, RowsMayCrossTheChunksThatAreRead) {
  std::string text = "n,text\n";
  std::string filler(1000, 'x');
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + ",\"" + filler + "ä\n\"\n";
  auto file = open("rows.csv", text);
  std::int64_t rows = 0;
  std::int64_t sum = 0;
  file->read(
      [&](data::Batch batch) {
        for (std::size_t row = 0; row < batch.rows(); ++row) {
          sum += batch.column(0).int64_at(row);
          EXPECT_EQ(batch.column(1).text_at(row), filler + "ä\n");
        }
        rows += static_cast<std::int64_t>(batch.rows());
      },
      {});
  EXPECT_EQ(rows, 5000);
  EXPECT_EQ(sum, 5000 * 4999 / 2);
}

TEST_F(Files, WrongCsvIsToldWithItsLine) {
  EXPECT_EQ(message("rows.csv", "a,b\n1,2\n1,2,3\n"),
            "rows.csv:3:1: this row has 3 fields, the header has 2\nhint: quote fields that hold the separator or a "
            "line break");
  EXPECT_EQ(message("rows.csv", "a\n\"x\n"),
            "rows.csv:2:1: a quoted field is not closed, or text follows its closing quote\n"
            "hint: write a quote inside a quoted field twice");
  EXPECT_EQ(message("rows.csv", "a\nx\n\xFF\n"),
            "rows.csv:3:1: the text is no valid UTF-8\n"
            "hint: convert the file first, for example: iconv -f latin1 -t utf8");
  EXPECT_EQ(message("rows.csv", ""), "rows.csv is empty: there is no header line");
}

TEST_F(Files, NestedJsonKeepsItsShape) {
  EXPECT_EQ(
      read("rows.ndjson",
           "{\"id\":1,\"account\":{\"id\":\"A1\",\"type\":\"GIRO\"},\"amount\":{\"value\":\"12.30\",\"unit\":\"EUR\"},"
           "\"day\":\"2026-01-31\",\"lat\":0.5,\"tags\":[\"a\",\"b\"]}\n"
           "\n{\"id\":2,\"account\":{\"id\":\"A2\"},\"extra\":true}\n"),
      "id int64; account struct(id text, type text); amount struct(value text, unit text); day date; lat double; "
      "tags list(text); extra bool; \n"
      "1|{\"id\":\"A1\",\"type\":\"GIRO\"}|{\"value\":\"12.30\",\"unit\":\"EUR\"}|2026-01-31|0.5|[\"a\",\"b\"]|NULL\n"
      "2|{\"id\":\"A2\",\"type\":null}|NULL|NULL|NULL|NULL|true");
}

TEST_F(Files, JsonNumbersKeepWhatTheySay) {
  EXPECT_EQ(read("rows.ndjson",
                 "{\"a\":9007199254740993,\"b\":123456789012345678901234567890,\"c\":1,\"d\":\"12.30\"}\n"
                 "{\"a\":1,\"b\":1,\"c\":1.5,\"d\":\"1\"}\n"),
            "a int64; b decimal(38,0); c double; d text; \n"
            "9007199254740993|123456789012345678901234567890|1.0|12.30\n1|1|1.5|1");
}

TEST_F(Files, WholeNumbersThatADoubleWouldRoundStayExactBesideFractions) {
  EXPECT_EQ(read("rows.ndjson",
                 "{\"a\":9007199254740993,\"b\":-9007199254740993,\"c\":9007199254740992,"
                 "\"d\":123456789012345678901,\"e\":[9007199254740993,0.1]}\n"
                 "{\"a\":0.125,\"b\":1e-3,\"c\":0.5,\"d\":-0.000000000000000001,\"e\":[]}\n"),
            "a decimal(38,3); b text; c double; d text; e list(decimal(38,1)); \n"
            "9007199254740993.000|-9007199254740993|9007199254740992.0|123456789012345678901|[9007199254740993.0,0.1]\n"
            "0.125|1e-3|0.5|-0.000000000000000001|[]");
}

TEST_F(Files, AJsonArrayIsReadElementByElement) {
  EXPECT_EQ(read("rows.json", " [ {\"a\": 1, \"t\": \"}]\\\"\"},\n  {\"a\": 2}\n]\n"),
            "a int64; t text; \n1|}]\"\n2|NULL");
}

TEST_F(Files, WrongJsonIsToldWithItsLine) {
  EXPECT_EQ(message("rows.ndjson", "{\"a\":1}\n{\"a\":\n").substr(0, 14), "rows.ndjson:2:");
  EXPECT_EQ(message("rows.ndjson", "{\"a\":1}\n[1]\n"), "rows.ndjson:2:1: a row should be a JSON object");
  EXPECT_EQ(message("rows.ndjson", "{\"a\":1}\n{\"a\":nul}\n").substr(0, 14), "rows.ndjson:2:");
  EXPECT_EQ(message("rows.ndjson", "{\"a\":1} {\"a\":2}\n").substr(0, 14), "rows.ndjson:1:");
  EXPECT_EQ(message("rows.ndjson", "{\"a\":\"\xFF\"}\n").substr(0, 14), "rows.ndjson:1:");
  EXPECT_EQ(message("rows.ndjson", "\n"), "rows.ndjson holds no rows");
}

TEST_F(Files, AnUnknownEndingIsRefused) {
  EXPECT_EQ(message("rows.xls", "x").substr(0, 14), "can't tell wha");
}

}  // namespace
}  // namespace plumb::ingest
