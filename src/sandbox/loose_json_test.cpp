#include "sandbox/loose_json.h"

#include <gtest/gtest.h>

namespace plumb::sandbox {
namespace {

TEST(LooseJson, An_object_becomes_its_scalars_with_the_outer_names_in_front) {
  auto fields = find_loose_object(R"({"clientRequestId":{"sessionId":"0f3c","requestId":"142305118"},"n":7,"b":true})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(*fields, (LooseObject{{"clientRequestId.sessionId", "0f3c"},
                                  {"clientRequestId.requestId", "142305118"},
                                  {"n", "7"},
                                  {"b", "true"}}));
}

TEST(LooseJson, What_Python_prints_for_a_dictionary_is_taken) {
  auto fields = find_loose_object("{'clientRequestId': {'sessionId': '0f3c', 'requestId': '142305118'}}");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->at("clientRequestId.requestId"), "142305118");
}

TEST(LooseJson, Lists_are_read_over) {
  auto fields = find_loose_object(R"({"id":"1","availableTypes":["P_TAN",{"x":["y"]}],"typ":"P_TAN"})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(*fields, (LooseObject{{"id", "1"}, {"typ", "P_TAN"}}));
}

TEST(LooseJson, Anything_else_is_no_object) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{"), std::string("{\"a\"}"), std::string("{\"a\":1,}"),
        std::string("{\"a\":1} x"), std::string("{'a':'b}"), deep}) {
    EXPECT_FALSE(find_loose_object(text)) << text;
  }
}

}  // namespace
}  // namespace plumb::sandbox
