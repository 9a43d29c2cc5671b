#include "base/document.h"
#include "base/testing.h"

namespace plumb {
namespace {

std::string json_error(std::string json) {
  return error_of([&] { parse_json(std::move(json), "answer"); });
}

std::string json_error_line(std::string json) {
  return error_line_of([&] { parse_json(std::move(json), "answer"); });
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Json, reads_every_kind) {
  Document document = parse_json(R"( {"a":[1,-2.5e3,true,false,null,"x"],"b":{}} )", "answer");
  Node list = document.root().get("a");
  ASSERT_EQ(list.size(), 6u);
  EXPECT_EQ(list.at(0).as_int(), 1);
  EXPECT_EQ(list.at(1).as_double(), -2500.0);
  EXPECT_TRUE(list.at(2).as_bool());
  EXPECT_FALSE(list.at(3).as_bool());
  EXPECT_TRUE(list.at(4).null());
  EXPECT_EQ(list.at(5).as_text(), "x");
  EXPECT_EQ(document.root().get("b").size(), 0u);
  EXPECT_EQ(parse_json("\"x\"", "answer").root().as_text(), "x");
}

TEST(Json, keeps_the_bytes_and_the_digits) {
  Document document = parse_json(R"({"amount": {"value":"1", "n": 123456789012345678.90, "x": [ 1.50 ]}})", "answer");
  Node amount = document.root().get("amount");
  EXPECT_EQ(amount.to_json(), R"({"value":"1", "n": 123456789012345678.90, "x": [ 1.50 ]})");
  EXPECT_EQ(amount.get("n").scalar(), "123456789012345678.90");
  EXPECT_EQ(amount.get("x").at(0).to_json(), "1.50");
  EXPECT_EQ(amount.get("value").to_json(), "\"1\"");
}

TEST(Json, decodes_escapes) {
  Document document = parse_json(
      R"(["a\"\\\/\b\f\n\r\t", "\u00e4\u20AC\ud83d\ude00", "\u0000", "x\ud83dy", "\ude00", "\ud83d\u0041"])", "a");
  EXPECT_EQ(document.root().at(0).as_text(), "a\"\\/\b\f\n\r\t");
  EXPECT_EQ(document.root().at(1).as_text(), "ä€😀");
  EXPECT_EQ(document.root().at(2).as_text(), std::string(1, '\0'));
  EXPECT_EQ(document.root().at(3).as_text(), "x\uFFFDy");
  EXPECT_EQ(document.root().at(4).as_text(), "\uFFFD");
  EXPECT_EQ(document.root().at(5).as_text(), "\uFFFDA");
}

TEST(Json, takes_the_last_of_duplicate_keys) {
  Document document = parse_json(R"({"a":1,"b":2,"\u0061":3})", "answer");
  EXPECT_EQ(document.root().size(), 2u);
  EXPECT_EQ(document.root().get("a").as_int(), 3);
  std::string big = "{";
  for (int i = 0; i < 1000; ++i) big += "\"k" + std::to_string(i % 500) + "\":" + std::to_string(i) + ",";
  Document large = parse_json(big + "\"z\":1}", "answer");
  EXPECT_EQ(large.root().size(), 501u);
  EXPECT_EQ(large.root().get("k499").as_int(), 999);
  EXPECT_EQ(large.root().key_at(3), "k3");
  EXPECT_TRUE(large.root().find("k500").missing());
}

TEST(Json, numbers_of_any_size_are_read_and_may_not_fit) {
  Document document = parse_json("[-9223372036854775808,9223372036854775808,1e999,1e-999,-0]", "answer");
  EXPECT_EQ(document.root().at(0).as_int(), INT64_MIN);
  EXPECT_EQ(document.root().at(1).as_double(), 9223372036854775808.0);
  EXPECT_EQ(document.root().at(3).as_double(), 0.0);
  EXPECT_EQ(document.root().at(4).as_int(), 0);
  expect_error(ErrorKind::Data, "answer:1:23: this number does not fit into 64 bits",
               [&] { document.root().at(1).as_int(); });
  expect_error(ErrorKind::Data, "answer:1:43: this number is too large for a double",
               [&] { document.root().at(2).as_double(); });
}

TEST(Json, that_was_cut_off_says_what_is_open) {
  EXPECT_EQ(json_error("{\"values\":[\n  {\"id\":\"x\",\"amou"),
            "answer:2:18: the JSON ends too early: the '{' of line 2, column 3 is not closed\n"
            "   2 |   {\"id\":\"x\",\"amou\n"
            "     |                  ^\n"
            "hint: it may have been cut off");
  EXPECT_EQ(json_error("  "), "answer:1:3: expected JSON, found nothing\n   1 |   \n     |   ^");
  EXPECT_EQ(json_error(""), "answer:1:1: expected JSON, found nothing");
  for (std::string text : {"[", "[1", "[1,", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "[\"", "[\"\\",
                           "[\"\\u1", "[-", "[1.", "[1e", "[1e+", "[tru", "[\"\\ud83d\\", "[\"\\ud83d\\u"}) {
    std::string error = json_error(text);
    bool tells = error.find("ends too early") != std::string::npos || error.find("found 'tru'") != std::string::npos;
    EXPECT_TRUE(tells) << text << "\n" << error;
  }
}

TEST(Json, says_where_it_breaks_and_why) {
  EXPECT_EQ(json_error("{\"ä\": 1,}"),
            "answer:1:9: expected a key in double quotes, found '}'\n   1 | {\"ä\": 1,}\n     |         ^\n"
            "hint: JSON allows no comma before it");
  EXPECT_EQ(json_error("[1 2]"), "answer:1:4: expected ',' or ']', found '2'\n   1 | [1 2]\n     |    ^");
  EXPECT_EQ(json_error("{\"a\" 1}"),
            "answer:1:6: expected ':' after the key, found '1'\n   1 | {\"a\" 1}\n     |      ^");
  EXPECT_EQ(json_error("{'a': 1}"),
            "answer:1:2: expected a key in double quotes, found '''\n   1 | {'a': 1}\n     |  ^\n"
            "hint: JSON wants double quotes");
  EXPECT_EQ(json_error("<html>"),
            "answer:1:1: expected a value, found '<'\n   1 | <html>\n     | ^\n"
            "hint: this looks like a web page, not like JSON");
  EXPECT_EQ(json_error("[NaN]"), "answer:1:2: expected a value, found 'NaN'\n   1 | [NaN]\n     |  ^");
  EXPECT_EQ(json_error("{} x"), "answer:1:4: expected the end of the document, found 'x'\n   1 | {} x\n     |    ^");
  EXPECT_EQ(json_error("[01]"),
            "answer:1:3: a number can't begin with 0\n   1 | [01]\n     |   ^\nhint: a code belongs in quotes");
  EXPECT_EQ(json_error("[+1]"), "answer:1:2: expected a value, found '+'\n   1 | [+1]\n     |  ^");
  EXPECT_EQ(json_error("[.5]"), "answer:1:2: expected a value, found '.'\n   1 | [.5]\n     |  ^");
  EXPECT_EQ(
      json_error("[\"\\x\"]"),
      "answer:1:3: JSON has no such escape\n   1 | [\"\\x\"]\n     |   ^\nhint: a backslash itself is written \\\\");
  EXPECT_EQ(json_error("[\"\\u12g4\"]"),
            "answer:1:7: \\u wants four hexadecimal digits\n   1 | [\"\\u12g4\"]\n     |       ^");
  EXPECT_EQ(json_error("[\"a\tb\"]"),
            "answer:1:4: a control character can't stand in a JSON text\n   1 | [\"a\tb\"]\n     |    ^\n"
            "hint: write it as an escape, as \\n");
  EXPECT_EQ(json_error_line(std::string("[\"a\0b\"]", 7)),
            "answer:1:4: a control character can't stand in a JSON text");
  EXPECT_EQ(json_error("[\"a\xc3\"]"),
            "answer:1:4: this byte is no UTF-8\n   1 | [\"a\uFFFD\"]\n     |    ^\nhint: save the file as UTF-8");
}

TEST(Json, refuses_depth_beyond_200) {
  EXPECT_EQ(json_error(repeated("[", 200) + repeated("]", 200)), "no error");
  EXPECT_EQ(json_error_line(repeated("{\"a\":", 100'000)), "answer:1:1001: lists and maps are nested deeper than 200");
}

TEST(Json, shows_a_part_of_a_long_line_and_no_token_of_it) {
  std::string values = repeated("{\"id\":\"ä\",\"n\":1},", 1000);
  EXPECT_EQ(json_error("[" + values + "x]"),
            "answer:1:17002: expected a value, found 'x'\n"
            "   1 | …n\":1},{\"id\":\"ä\",\"n\":1},{\"id\":\"ä\",\"n\":1},{\"id\":\"ä\",\"n\":1},x]\n"
            "     |                                                           ^");
  std::string token = repeated("t0ken", 100);
  std::string hidden = json_error("[" + values + "{\"access_token\":\"" + token + "\n\"}]");
  EXPECT_EQ(hidden.find("t0ken"), std::string::npos) << hidden;
  hidden = json_error("[" + values + "{\"access_token\":\"" + repeated("t0ken", 2000) + "\n\"}]");
  EXPECT_EQ(hidden.find("t0ken"), std::string::npos) << hidden;
  hidden = json_error("[" + values + "{\"access_token\":\"" + token + "\", x}]");
  EXPECT_EQ(hidden.find("t0ken"), std::string::npos) << hidden;
  EXPECT_NE(hidden.find("\"access_token\":\"***\", x}]"), std::string::npos) << hidden;
}

TEST(JsonWriter, writes_what_was_called) {
  JsonWriter json;
  json.begin_object().field("a", "x").field("n", 1).field("d", 0.1).field("t", true).key("l").begin_array();
  json.null().text("ä\"\n\x01").raw("1.50").begin_array().end_array().begin_object().end_object().end_array();
  json.key("big").number(std::int64_t{INT64_MIN}).key("inf").number(1e300 * 1e300).end_object();
  EXPECT_EQ(json.str(),
            "{\"a\":\"x\",\"n\":1,\"d\":0.1,\"t\":true,\"l\":[null,\"ä\\\"\\n\\u0001\",1.50,[],{}],"
            "\"big\":-9223372036854775808,\"inf\":null}");
  EXPECT_EQ(parse_json(json.take(), "x").root().get("l").size(), 5u);
}

TEST(JsonWriter, replaces_bytes_that_are_no_text) {
  EXPECT_EQ(json_quote("a\xff"), "\"a\uFFFD\"");
  EXPECT_EQ(json_quote(std::string_view("\0\x7f", 2)), "\"\\u0000\x7f\"");
}

}  // namespace
}  // namespace plumb
