#include <gtest/gtest.h>

#include "base/error.h"
#include "data/type.h"

namespace plumb::data {
namespace {

std::string widest_of(std::string_view a, std::string_view b) {
  return widest(Type::parse(a), Type::parse(b)).to_string();
}

TEST(Type, IsWrittenAndReadInOneForm) {
  for (auto text : {"bool", "int64", "decimal(18,2)", "double", "text", "binary", "date", "time", "timestamp",
                    "timestamptz", "uuid", "json", "list(decimal(4,2))", "struct()",
                    "struct(id text not null, \"a \"\"b\"\"\" list(struct(n int64)))"}) {
    EXPECT_EQ(Type::parse(text).to_string(), text);
    EXPECT_EQ(Type::parse(text), Type::parse(Type::parse(text).to_string()));
  }
  EXPECT_EQ(Type::parse("  decimal ( 18 , 2 ) ").to_string(), "decimal(18,2)");
}

TEST(Type, ATextThatIsNoTypeIsRefused) {
  for (auto text : {"", "integer", "decimal", "decimal(18)", "decimal(39,0)", "decimal(2,3)", "decimal(0,0)", "list",
                    "list(text", "struct(id)", "struct(id text", "struct(a text, a text)", "text text",
                    "struct(a text not)", "struct(\"a text)", "decimal(-1,0)", "decimal(999999999999,0)"}) {
    EXPECT_THROW(Type::parse(text), Error) << text;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list(";
  EXPECT_THROW(Type::parse(deep), Error);
}

TEST(Type, WidensToTheNarrowestThatHoldsBoth) {
  EXPECT_EQ(widest_of("int64", "int64"), "int64");
  EXPECT_EQ(widest_of("int64", "decimal(4,2)"), "decimal(21,2)");
  EXPECT_EQ(widest_of("decimal(10,2)", "decimal(8,4)"), "decimal(12,4)");
  EXPECT_EQ(widest_of("int64", "double"), "double");
  EXPECT_EQ(widest_of("date", "timestamp"), "timestamp");
  EXPECT_EQ(widest_of("list(int64)", "list(decimal(4,2))"), "list(decimal(21,2))");
  EXPECT_EQ(widest_of("list(int64)", "struct(a int64)"), "json");
  EXPECT_EQ(widest_of("struct(a int64)", "json"), "json");
}

TEST(Type, WidensToTextWhereNothingElseHoldsBoth) {
  EXPECT_EQ(widest_of("date", "text"), "text");
  EXPECT_EQ(widest_of("bool", "int64"), "text");
  EXPECT_EQ(widest_of("decimal(18,2)", "double"), "text");
  EXPECT_EQ(widest_of("decimal(38,0)", "decimal(10,2)"), "text");
  EXPECT_EQ(widest_of("timestamp", "timestamptz"), "text");
  EXPECT_EQ(widest_of("json", "text"), "text");
  EXPECT_EQ(widest_of("json", "int64"), "text");
}

TEST(Type, StructsWidenFieldByField) {
  EXPECT_EQ(widest_of("struct(id text not null, n int64 not null)", "struct(n double not null, extra date not null)"),
            "struct(id text, n double not null, extra date)");
}

// Two loads that see values in another order must end with the same column.
TEST(Type, WideningDoesNotDependOnTheOrder) {
  std::vector<Type> types;
  for (auto text : {"bool",
                    "int64",
                    "decimal(4,2)",
                    "decimal(38,0)",
                    "decimal(38,38)",
                    "decimal(15,2)",
                    "double",
                    "text",
                    "binary",
                    "date",
                    "time",
                    "timestamp",
                    "timestamptz",
                    "uuid",
                    "json",
                    "list(int64)",
                    "list(text)",
                    "list(decimal(38,38))",
                    "struct(a int64)",
                    "struct(a date)"}) {
    types.push_back(Type::parse(text));
  }
  for (const Type& a : types) {
    for (const Type& b : types) {
      EXPECT_EQ(widest(a, b), widest(b, a)) << a.to_string() << " " << b.to_string();
      EXPECT_EQ(widest(a, widest(a, b)), widest(a, b)) << a.to_string() << " " << b.to_string();
      for (const Type& c : types) {
        EXPECT_EQ(widest(widest(a, b), c), widest(a, widest(b, c)))
            << a.to_string() << " " << b.to_string() << " " << c.to_string();
      }
    }
  }
}

TEST(Schema, FindsColumnsAndRefusesTwins) {
  Schema schema({{"id", Type::int64(), false}, {"name", Type::text()}});
  EXPECT_EQ(schema.find("name"), 1u);
  EXPECT_FALSE(schema.find("Name"));
  EXPECT_EQ(schema, Schema({{"id", Type::int64(), false}, {"name", Type::text()}}));
  EXPECT_NE(schema, Schema({{"id", Type::int64()}, {"name", Type::text()}}));
  EXPECT_THROW(Schema({{"id", Type::int64()}, {"id", Type::text()}}), Error);
}

}  // namespace
}  // namespace plumb::data
