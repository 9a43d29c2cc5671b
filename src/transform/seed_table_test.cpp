// Seeds. What is expected is what dbt 1.11's reader says of the same files.

#include "transform/seed_table.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "project/project.h"
#include "transform/testing.h"

namespace plumb::transform {
namespace {

struct SeedStory : testing::Test {
  TableDataPtr read(std::string_view text, std::string_view delimiter = ",", const std::set<std::string>& texts = {}) {
    write_file(file, text);
    return read_seed(file, delimiter, texts);
  }
  // "a:Number b:Text | (1, 'x') (2, None)"
  std::string table(std::string_view text, std::string_view delimiter = ",", const std::set<std::string>& texts = {}) {
    auto data = read(text, delimiter, texts);
    std::string shown;
    for (std::size_t i = 0; i < data->names.size(); ++i) {
      shown += data->names[i] + ':' + std::string(to_string(data->kinds[i])) + ' ';
    }
    jinja::Context context;
    context.set("rows", jinja::Value::list(data->rows));
    return shown + "| " + environment.parse("{{ rows | join(' ') }}")->render(context);
  }
  // Of one column: "Number: 1 2.5 None".
  std::string column(std::initializer_list<std::string> cells) {
    std::string text = "v\n";
    for (const auto& cell : cells) text += '"' + cell + "\"\n";
    auto data = read(text);
    jinja::Context context;
    context.set("rows", jinja::Value::list(data->rows));
    return std::string(to_string(data->kinds[0])) +
           environment.parse("{% for row in rows %} {{ row[0] }}{% endfor %}")->render(context);
  }
  std::string fault(std::string_view text, std::string_view delimiter = ",") {
    try {
      return table(text, delimiter);
    } catch (const Error& error) {
      return std::to_string(error.find_place()->line) + ": " + error.message();
    }
  }

  TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "cities.csv";
  jinja::Environment environment;
};

TEST_F(SeedStory, ColumnsHaveTheTypesThatTheirTextsShow) {
  EXPECT_EQ(table("id,name,on,since\n1,Bern,true,2020-01-31\n2,null,,\n"),
            "id:Number name:Text on:Boolean since:Date | (1, 'Bern', True, datetime.date(2020, 1, 31)) "
            "(2, None, None, None)");
  EXPECT_EQ(column({"1", "2.5", "null"}), "Number 1 2.5 None");
  EXPECT_EQ(column({"1", "a"}), "Text 1 a");
  EXPECT_EQ(column({"true", "FALSE", "NULL"}), "Boolean True False None");
  EXPECT_EQ(column({"true", "1"}), "Text true 1");
  EXPECT_EQ(column({"null", " "}), "Number None None");
  EXPECT_EQ(column({" a ", "yes"}), "Text  a  yes");
}

TEST_F(SeedStory, NumbersMayBeWrittenInManyWays) {
  EXPECT_EQ(column({"007", "+1", "-1", "--5", " 1 ", ".5", "5.", "1.50", "-0"}), "Number 7 1 -1 5 1 0.5 5 1.50 -0");
  EXPECT_EQ(column({"1e5", "1E-7", "1e400", "1,234.5", "1_000"}), "Number 1E+5 1E-7 1E+400 1234.5 1000");
  EXPECT_EQ(column({"$5", "5 %", "12€", "-£3", "$-1.5%", "inf", "NaN"}), "Number 5 5 12 -3 -1.5 Infinity NaN");
  EXPECT_EQ(column({"123456789012345678901234567890"}), "Number 1.234567890123456789012345679E+29");
  for (const char* text : {"(5)", "0x1f", "1-", "1 2", "1.2.3", "e5", "1e", "+-1", "5 kr", "-", ".", "1$2", "-%$1"}) {
    EXPECT_EQ(column({text}), "Text " + std::string(text));
  }
}

TEST_F(SeedStory, DatesAndTimesAreThoseOfTheNorm) {
  EXPECT_EQ(column({"2020-01-31", " 2020-1-1 "}), "Date 2020-01-31 2020-01-01");
  EXPECT_EQ(column({"2020-01-31 01:02:03", "2020-1-1  1:2:3"}), "DateTime 2020-01-31 01:02:03 2020-01-01 01:02:03");
  EXPECT_EQ(column({"2020-01-31T10", "20200131T101112", "2020-01-31T10:11:12.1234567", "2020-01-31T10.5"}),
            "DateTime 2020-01-31 10:00:00 2020-01-31 10:11:12 2020-01-31 10:11:12.123456 2020-01-31 10:30:00");
  EXPECT_EQ(column({"2020-01-31T10:11Z", "2020-01-31T10:11-02:30", "2020-01-31T10:11+0200"}),
            "DateTime 2020-01-31 10:11:00+00:00 2020-01-31 10:11:00-02:30 2020-01-31 10:11:00+02:00");
  EXPECT_EQ(column({"2020-W01-1T10:00", "2020W011T10", "2020-031T10", "2020-02T10", "2020T10", "20T10"}),
            "DateTime 2019-12-30 10:00:00 2019-12-30 10:00:00 2020-01-31 10:00:00 2020-02-01 10:00:00 "
            "2020-01-01 10:00:00 2001-01-01 10:00:00");
  for (const char* text :
       {"2020-02-30", "2020/01/01", "01/02/2020", "20-01-01", "2020-01", "0000-01-01", "2020-01-01 10:11",
        "2020-01-01 10:11:12.5", "2020-01-01 24:00:00", "2020-01-01 10:11:12Z", "10:11:12", "2020-01-01T24:00",
        "2020-01-01T10:11:60", "2020-01-01t10:11", "2020-01-01T10:11 Z", "2020-01-01T", "2020-1-1T10", "T10"}) {
    EXPECT_EQ(column({text}), "Text " + std::string(text));
  }
  EXPECT_EQ(column({"2020-01-01", "2020-01-01 00:00:00"}), "Text 2020-01-01 2020-01-01 00:00:00");
}

TEST_F(SeedStory, ColumnsWithATypeOfTheirOwnStayText) {
  EXPECT_EQ(table("plz,n\n001,1\n null,2\n , 3\n", ",", {"plz"}), "plz:Text n:Number | ('001', 1) (None, 2) (None, 3)");
}

TEST_F(SeedStory, FieldsAreReadAsPythonReadsThem) {
  EXPECT_EQ(table("\xef\xbb\xbf"
                  "a,b\r\n\"x\r\ny\",\"say \"\"hi\"\"\"\r\n"),
            "a:Text b:Text | ('x\\ny', 'say \"hi\"')");
  EXPECT_EQ(table("a,b\nx\"y, \"z\"\n"), "a:Text b:Text | ('x\"y', ' \"z\"')");
  EXPECT_EQ(table("a,b\n\"1\"2,\"\"\n"), "a:Number b:Number | (12, None)");
  EXPECT_EQ(table("a\n\"open\n"), "a:Text | ('open\\n',)");
  EXPECT_EQ(table("a;b\n1;2,5\n", ";"), "a:Number b:Number | (1, Decimal('25'))");
  EXPECT_EQ(table("aéb\n1é2\nè", "é"), "a:Text b:Number | ('1', 2) ('è', None)");
}

TEST_F(SeedStory, NamesAndRowsMayBeMissing) {
  EXPECT_EQ(table("a,a,,a_2\n"), "a:Integer a_2:Integer c:Integer a_2_2:Integer | ");
  EXPECT_EQ(table("a,b\n\n1\n"), "a:Number b:Integer | (None, None) (1, None)");
}

TEST_F(SeedStory, FaultsNameTheLine) {
  EXPECT_EQ(fault("a,b\n\"1\n2\",2\n1,2,3\n"), "4: Row 1 has 3 values, but Table only has 2 columns.");
  EXPECT_EQ(fault(""), "1: the seed is empty");
  EXPECT_EQ(fault("a\nx\n\xff\n"), "3: the seed is not UTF-8");
  EXPECT_EQ(fault("a||b\n", "||"), "0: the delimiter '||' of a seed is not one character");
}

}  // namespace
}  // namespace plumb::transform
