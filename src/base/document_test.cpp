#include "base/document.h"

#include "base/testing.h"

namespace plumb {
namespace {

class DocumentTest : public testing::Test {
 protected:
  Document document_ = parse_yaml(
      "name: home\n"
      "port: 5432\n"
      "ratio: 1.50\n"
      "active: yes\n"
      "code: 0042\n"
      "empty:\n"
      "list: [a, 1]\n"
      "städte: {größe: ä, zeit: 12}\n",
      "plumb.yml");
  Node root_ = document_.root();
};

TEST_F(DocumentTest, gives_values_of_their_kind) {
  EXPECT_EQ(root_.get("name").as_text(), "home");
  EXPECT_EQ(root_.get("port").as_int(), 5432);
  EXPECT_EQ(root_.get("port").as_double(), 5432.0);
  EXPECT_EQ(root_.get("ratio").as_double(), 1.5);
  EXPECT_TRUE(root_.get("active").as_bool());
  EXPECT_EQ(root_.get("list").at(1).as_int(), 1);
  EXPECT_EQ(root_.get("städte").get("größe").as_text(), "ä");
}

TEST_F(DocumentTest, keeps_scalars_as_they_were_written) {
  EXPECT_EQ(root_.get("ratio").scalar(), "1.50");
  EXPECT_EQ(root_.get("active").scalar(), "yes");
  EXPECT_EQ(root_.get("code").scalar(), "0042");
  EXPECT_EQ(root_.get("empty").scalar(), "");
  EXPECT_EQ(root_.get("list").scalar(), "");
  EXPECT_EQ(root_.get("code").text_or("x"), "0042");
  EXPECT_EQ(root_.get("empty").text_or("x"), "x");
  EXPECT_EQ(root_.find("none").text_or("x"), "x");
}

TEST_F(DocumentTest, answers_for_what_is_not_there) {
  Node none = root_.find("none").find("deeper").at(3);
  EXPECT_TRUE(none.missing());
  EXPECT_TRUE(none.null());
  EXPECT_FALSE(none);
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(none.to_json(), "null");
  EXPECT_FALSE(none.place().known());
  EXPECT_TRUE(root_.get("empty").null());
  EXPECT_FALSE(root_.get("empty").missing());
  EXPECT_TRUE(root_.get("name").find("x").missing());
  EXPECT_EQ(root_.key_at(99), "");
}

TEST_F(DocumentTest, walks_maps_in_the_order_of_the_file) {
  std::string keys;
  for (std::size_t i = 0; i < root_.size(); ++i) keys += std::string(root_.key_at(i)) + " ";
  EXPECT_EQ(keys, "name port ratio active code empty list städte ");
  EXPECT_EQ(root_.at(1).as_int(), 5432);
  Place place = root_.get("städte").key_place_at(1);
  EXPECT_EQ(place.line, 8);
  EXPECT_EQ(place.column, 20);
  EXPECT_EQ(place.source_line, "städte: {größe: ä, zeit: 12}");
}

TEST_F(DocumentTest, stays_valid_when_it_moves) {
  Node name = root_.get("name");
  Document elsewhere = std::move(document_);
  EXPECT_EQ(name.as_text(), "home");
  EXPECT_EQ(elsewhere.root().get("port").as_int(), 5432);
}

TEST_F(DocumentTest, says_what_it_expected_where) {
  EXPECT_EQ(error_of([&] { root_.get("städte").get("zeit").as_text(); }),
            "plumb.yml:8:26: expected text, found a whole number\n"
            "   8 | städte: {größe: ä, zeit: 12}\n"
            "     |                          ^\n"
            "hint: write it in quotes");
  EXPECT_EQ(error_of([&] { root_.get("active").as_text(); }),
            "plumb.yml:4:9: expected text, found true or false\n"
            "   4 | active: yes\n"
            "     |         ^\n"
            "hint: yes, no, on, off, true and false are truth values in YAML: write it in quotes");
  EXPECT_EQ(error_of([&] { root_.get("list").as_text(); }),
            "plumb.yml:7:7: expected text, found a list\n   7 | list: [a, 1]\n     |       ^");
  EXPECT_EQ(error_of([&] { root_.get("name").as_int(); }),
            "plumb.yml:1:7: expected a whole number, found text\n   1 | name: home\n     |       ^");
  EXPECT_EQ(error_of([&] { root_.get("ratio").as_int(); }),
            "plumb.yml:3:8: expected a whole number, found a number\n   3 | ratio: 1.50\n     |        ^");
  EXPECT_EQ(error_of([&] { root_.get("empty").as_bool(); }),
            "plumb.yml:6:7: expected true or false, found null\n   6 | empty:\n     |       ^");
  EXPECT_EQ(error_line_of([&] { root_.get("name").as_double(); }), "plumb.yml:1:7: expected a number, found text");
  EXPECT_EQ(error_line_of([&] { root_.get("list").text_or("x"); }), "plumb.yml:7:7: expected text, found a list");
  EXPECT_EQ(error_of([&] { root_.find("none").as_text(); }), "expected text, found nothing");
}

TEST_F(DocumentTest, says_which_key_is_missing) {
  EXPECT_EQ(error_of([&] { root_.get("städte").get("name"); }),
            "plumb.yml:8:9: missing key 'name'\n   8 | städte: {größe: ä, zeit: 12}\n     |         ^");
  EXPECT_EQ(error_of([&] { root_.get("name").get("x"); }),
            "plumb.yml:1:7: expected a map, found text\n   1 | name: home\n     |       ^");
}

TEST_F(DocumentTest, says_which_key_is_unknown_and_which_was_meant) {
  Document document = parse_yaml("shedule: \"0 7 * * *\"\ncolour: red\n", "workflows/morning.yml");
  EXPECT_EQ(error_of([&] {
              document.root().expect_keys({"workflow", "schedule", "tasks"});
            }),
            "workflows/morning.yml:1:1: unknown key 'shedule'\n"
            "   1 | shedule: \"0 7 * * *\"\n"
            "     | ^\n"
            "hint: did you mean 'schedule'?");
  EXPECT_EQ(error_of([&] {
              document.root().expect_keys({"shedule", "workflow", "tasks"});
            }),
            "workflows/morning.yml:2:1: unknown key 'colour'\n"
            "   2 | colour: red\n"
            "     | ^\n"
            "hint: known keys: shedule, workflow, tasks");
  EXPECT_EQ(error_of([&] { document.root().expect_keys({"shedule", "colour"}); }), "no error");
  EXPECT_EQ(error_of([&] { document.root().find("x").expect_keys({"a"}); }), "no error");
  EXPECT_EQ(error_line_of([&] { document.root().get("colour").expect_keys({"a"}); }),
            "workflows/morning.yml:2:9: expected a map, found text");
}

TEST_F(DocumentTest, never_shows_a_secret_beside_a_misspelt_key) {
  Document document = parse_yaml("pasword: hunter2\n", "plumb.yml");
  EXPECT_EQ(error_of([&] { document.root().expect_keys({"password"}); }),
            "plumb.yml:1:1: unknown key 'pasword'\n   1 | pasword: ***\n     | ^\nhint: did you mean 'password'?");
}

TEST(DocumentPlace, counts_lines_whatever_ends_them) {
  for (std::string_view end : {"\n", "\r\n", "\r"}) {
    std::string text = "a: 1" + std::string(end) + "# ä" + std::string(end) + "b: 2" + std::string(end);
    Document document = parse_yaml(text, "x.yml");
    EXPECT_EQ(error_of([&] { document.root().get("b").as_text(); }),
              "x.yml:3:4: expected text, found a whole number\n   3 | b: 2\n     |    ^\nhint: write it in quotes");
  }
}

TEST(DocumentPlace, is_of_kind_data_in_json) {
  Document document = parse_json("{\"a\": 1}", "answer");
  expect_error(ErrorKind::Data, "answer:1:1: missing key 'b'", [&] { document.root().get("b"); });
  EXPECT_EQ(error_of([&] { document.root().get("a").as_text(); }),
            "answer:1:7: expected text, found a whole number\n   1 | {\"a\": 1}\n     |       ^");
}

TEST(DocumentMap, finds_every_key_of_a_large_map) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "key" + std::to_string(i * 7919 % 1000) + ": " + std::to_string(i) + "\n";
  Document document = parse_yaml(text, "x.yml");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(document.root().get("key" + std::to_string(i * 7919 % 1000)).as_int(), i);
  }
  EXPECT_TRUE(document.root().find("key").missing());
  EXPECT_TRUE(document.root().find("zzz").missing());
}

}  // namespace
}  // namespace plumb
