#include <cstdlib>

#include "base/document.h"
#include "base/file.h"
#include "base/testing.h"

namespace plumb {
namespace {

std::string json_of(std::string yaml) {
  return parse_yaml(std::move(yaml), "x.yml").root().to_json();
}
std::string yaml_error(std::string yaml) {
  return error_of([&] { parse_yaml(std::move(yaml), "x.yml"); });
}

std::string yaml_error_line(std::string yaml) {
  return error_line_of([&] { parse_yaml(std::move(yaml), "x.yml"); });
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::vector<std::string> fixture(const std::string& name) {
  const char* source = std::getenv("PLUMB_SOURCE_DIR");
  std::string text = read_file(std::filesystem::path(source ? source : ".") / "tests/fixtures/yaml" / name);
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

std::string int_text(Node value) {
  std::string error = error_line_of([&] { value.as_int(); });
  return error == "no error" ? "int " + std::to_string(value.as_int()) : "int beyond 64 bits";
}

// What Plumb makes of "v: TEXT", in the words of the fixture.
std::string describe_value(const std::string& text) {
  try {
    Document document = parse_yaml("v: " + text, "x.yml");
    Node value = document.root().find("v");
    switch (value.kind()) {
      case NodeKind::Null:
        return "null ";
      case NodeKind::Bool:
        return value.as_bool() ? "bool true" : "bool false";
      case NodeKind::Int:
        return int_text(value);
      case NodeKind::Text:
        return "text " + value.as_text();
      case NodeKind::Float:
        return "float";
      default:
        return "other ";
    }
  } catch (const Error&) {
    return "error ";
  }
}

TEST(Yaml, reads_every_scalar_as_pyyaml_does) {
  std::vector<std::string> lines = fixture("scalars.jsonl");
  ASSERT_GT(lines.size(), 300u);
  for (const std::string& line : lines) {
    Document row = parse_json(line, "scalars.jsonl");
    std::string text = row.root().at(0).as_text();
    std::string kind = row.root().at(1).as_text();
    std::string value = row.root().at(2).as_text();
    if (kind == "float") {
      ASSERT_EQ(describe_value(text), "float") << text;
      Document document = parse_yaml("v: " + text, "x.yml");
      double number = document.root().find("v").as_double();
      if (value == "nan") {
        EXPECT_TRUE(number != number) << text;
      } else {
        EXPECT_EQ(number, std::strtod(value.c_str(), nullptr)) << text;
      }
    } else if (kind == "int") {
      Document expected = parse_json(value, "scalars.jsonl");
      EXPECT_EQ(describe_value(text), int_text(expected.root())) << text;
    } else {
      EXPECT_EQ(describe_value(text), kind + " " + value) << text;
    }
  }
}

TEST(Yaml, reads_every_document_as_pyyaml_does) {
  for (const std::string& line : fixture("documents.jsonl")) {
    Document row = parse_json(line, "documents.jsonl");
    EXPECT_EQ(json_of(row.root().at(0).as_text()), row.root().at(1).as_text()) << row.root().at(0).as_text();
  }
}

TEST(Yaml, of_an_empty_file_is_a_missing_root) {
  for (std::string text : {"", "# only words\n", "\n\n", "\xEF\xBB\xBF"}) {
    Document document = parse_yaml(text, "x.yml");
    EXPECT_TRUE(document.root().missing());
  }
  EXPECT_EQ(parse_yaml("---\n", "x.yml").root().kind(), NodeKind::Null);
}

TEST(Yaml, keeps_dates_and_times_as_text) {
  EXPECT_EQ(json_of("[2026-11-21, 2026-11-21T07:00:00Z, 07:00]"), R"(["2026-11-21","2026-11-21T07:00:00Z","07:00"])");
}

TEST(Yaml, differs_from_pyyaml_where_its_door_says_so) {
  EXPECT_EQ(json_of("on: x\nno: y\n"), R"({"on":"x","no":"y"})");
  EXPECT_EQ(json_of("a: =\nb: [<<]"), R"({"a":"=","b":["<<"]})");
}

TEST(Yaml, integers_of_any_size_are_integers_that_may_not_fit) {
  Document document = parse_yaml("[9223372036854775807, -9223372036854775808, 9223372036854775808]", "x.yml");
  EXPECT_EQ(document.root().at(0).as_int(), INT64_MAX);
  EXPECT_EQ(document.root().at(1).as_int(), INT64_MIN);
  EXPECT_EQ(document.root().at(2).kind(), NodeKind::Int);
  EXPECT_EQ(document.root().at(2).as_double(), 9223372036854775808.0);
  EXPECT_EQ(error_of([&] { document.root().at(2).as_int(); }),
            "x.yml:1:45: this number does not fit into 64 bits\n"
            "   1 | [9223372036854775807, -9223372036854775808, 9223372036854775808]\n"
            "     |                                             ^");
}

TEST(Yaml, refuses_a_duplicate_key_with_both_places) {
  EXPECT_EQ(yaml_error("größe: 1\nb: 2\n\"größe\": 3\n"),
            "x.yml:3:1: duplicate key 'größe', first given on line 1, column 1\n"
            "   3 | \"größe\": 3\n"
            "     | ^\n"
            "hint: keep one of them");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(yaml_error_line(many + "k50: 2\n"), "x.yml:101:1: duplicate key 'k50', first given on line 51, column 1");
  EXPECT_EQ(yaml_error("{a: {x: 1}, b: {x: 1}}"), "no error");
}

TEST(Yaml, refuses_aliases_that_lead_nowhere_or_into_themselves) {
  EXPECT_EQ(yaml_error("a: *b"), "x.yml:1:4: the alias *b names no anchor above it\n   1 | a: *b\n     |    ^");
  EXPECT_EQ(yaml_error("&a [1, *a]"),
            "x.yml:1:8: the alias *a stands inside of what it names\n   1 | &a [1, *a]\n     |        ^");
  EXPECT_EQ(yaml_error("- &a 1\n- &a 2\n"),
            "x.yml:2:3: the anchor &a was already given on line 1\n   2 | - &a 2\n     |   ^\n"
            "hint: give each anchor a name of its own");
}

TEST(Yaml, refuses_a_bomb_of_aliases) {
  std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    std::string before = "*l" + std::to_string(i - 1);
    bomb += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [" + repeated(before + ", ", 9) + before + "]\n";
  }
  EXPECT_EQ(yaml_error_line(bomb), "x.yml:6:50: with its aliases written out this has more than 1000000 nodes");
  std::string deep = "- &l0 [x]\n";
  for (int i = 1; i < 300; ++i) deep += "- &l" + std::to_string(i) + " [*l" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(yaml_error_line(deep), "x.yml:200:10: with its aliases this is nested deeper than 200");
  std::string merges = "m0: &m0 {k: 1}\n";
  for (int i = 1; i < 3000; ++i) {
    std::string n = std::to_string(i);
    merges += "m" + n + ": &m" + n + " {<<: *m" + std::to_string(i - 1) + ", k" + n + ": 1}\n";
  }
  EXPECT_EQ(yaml_error_line(merges), "x.yml:632:32: with its aliases written out this has more than 1000000 nodes");
}

TEST(Yaml, refuses_depth_beyond_200) {
  EXPECT_EQ(yaml_error(repeated("[", 200) + repeated("]", 200)), "no error");
  EXPECT_EQ(yaml_error_line(repeated("[", 100'000)), "x.yml:1:201: lists and maps are nested deeper than 200");
}

TEST(Yaml, refuses_what_is_no_text) {
  EXPECT_EQ(yaml_error("a: 1\nbä: \xff\n"),
            "x.yml:2:5: this byte is no UTF-8\n   2 | bä: \uFFFD\n     |     ^\nhint: save the file as UTF-8");
  EXPECT_EQ(yaml_error(std::string("ä: x\0y\n", 8)),
            "x.yml:1:5: a control character can't stand in YAML\n   1 | ä: x\uFFFDy\n     |     ^\n"
            "hint: in double quotes it can be written as \\x00");
}

TEST(Yaml, explains_the_usual_slips) {
  EXPECT_EQ(yaml_error("a:\n\tb: 1\n"),
            "x.yml:2:1: this is no YAML: found character that cannot start any token\n"
            "   2 | \tb: 1\n"
            "     | ^\n"
            "cause: while scanning for the next token that begins on line 2, column 1\n"
            "hint: indent with blanks: YAML allows no tabs there");
  EXPECT_EQ(yaml_error("title: größe: 1\n"),
            "x.yml:1:13: this is no YAML: mapping values are not allowed in this context\n"
            "   1 | title: größe: 1\n"
            "     |             ^\n"
            "hint: quote a text that holds ': ', and check the indentation");
  EXPECT_EQ(yaml_error("a: [1, 2\nb: 3\n"),
            "x.yml:2:2: this is no YAML: did not find expected ',' or ']'\n"
            "   2 | b: 3\n"
            "     |  ^\n"
            "cause: while parsing a flow sequence that begins on line 1, column 4\n"
            "hint: a bracket may not be closed");
  EXPECT_EQ(yaml_error("a: 'x\nb: y\n"),
            "x.yml:3:1: this is no YAML: found unexpected end of stream\n"
            "cause: while scanning a quoted scalar that begins on line 1, column 4\n"
            "hint: a quote may not be closed");
  EXPECT_EQ(yaml_error("ä: 1\nschedule @daily\nb: 2\n"),
            "x.yml:3:1: this is no YAML: could not find expected ':'\n"
            "   3 | b: 2\n"
            "     | ^\n"
            "cause: while scanning a simple key that begins on line 2, column 1\n"
            "hint: a key needs a ':' behind it");
  EXPECT_EQ(yaml_error("at: @daily\n"),
            "x.yml:1:5: this is no YAML: found character that cannot start any token\n"
            "   1 | at: @daily\n"
            "     |     ^\n"
            "cause: while scanning for the next token that begins on line 1, column 5\n"
            "hint: quote a text that begins with '@'");
  EXPECT_EQ(yaml_error_line("a: 1\n b: 2\n"),
            "x.yml:2:3: this is no YAML: mapping values are not allowed in this context");
}

TEST(Yaml, takes_one_document_only) {
  EXPECT_EQ(yaml_error("a: 1\n---\nb: 2\n"),
            "x.yml:2:1: expected one document, found a second one\n   2 | ---\n     | ^\n"
            "hint: keep each document in a file of its own");
}

TEST(Yaml, refuses_keys_merges_and_tags_without_a_meaning) {
  EXPECT_EQ(yaml_error("{[a]: 1}"), "x.yml:1:2: a key must be a scalar, found a list\n   1 | {[a]: 1}\n     |  ^");
  EXPECT_EQ(yaml_error("{<<: x}"),
            "x.yml:1:6: '<<' wants a map or a list of maps, found text\n   1 | {<<: x}\n     |      ^");
  EXPECT_EQ(yaml_error("a: !!binary eA=="),
            "x.yml:1:4: the tag !!binary has no meaning here\n   1 | a: !!binary eA==\n     |    ^\n"
            "hint: leave it out, or quote the text");
  EXPECT_EQ(yaml_error_line("a: !py/object x"), "x.yml:1:4: the tag !py/object has no meaning here");
  EXPECT_EQ(yaml_error("a: 0x_"),
            "x.yml:1:4: this number has no digits\n   1 | a: 0x_\n     |    ^\nhint: quote the text");
}

}  // namespace
}  // namespace plumb
