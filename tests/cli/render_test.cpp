// `plumb render`: a template and its variables in, text or an error with its place out.
#include "cli/program.h"

namespace plumb::story {
namespace {

TEST(CliRender, ATemplateIsRenderedWithAContextAndPrintedAsItIs) {
  Home home;
  home.write("greeting.txt", "Hello {{ name|title }}!{% for n in range(3) %} {{ n }}{% endfor %}\n");
  home.write("names.json", R"({"name": "ada lovelace"})");
  auto result = home.plumb({"render", "greeting.txt", "--context", "names.json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "Hello Ada Lovelace! 0 1 2");
  EXPECT_EQ(result.errors, "");
}

TEST(CliRender, NumbersOfAContextKeepEveryDigit) {
  Home home;
  home.write("n.txt", "{{ big }} {{ big + 1 }} {{ f }} {{ one }} {{ e }}");
  home.write("n.json", R"({"big": 123456789012345678901234567890, "f": 0.1, "one": 1.0, "e": 1e400})");
  EXPECT_EQ(home.plumb({"render", "n.txt", "--context", "n.json"}).errors.substr(0, 9), "n.json:1:");
  home.write("n.json", R"({"big": 123456789012345678901234567890, "f": 0.1, "one": 1.0, "e": -1e22})");
  EXPECT_EQ(home.plumb({"render", "n.txt", "--context", "n.json"}).output,
            "123456789012345678901234567890 123456789012345678901234567891 0.1 1.0 -1e+22");
}

TEST(CliRender, AContextMayBeYamlAndVarsGoBeforeIt) {
  Home home;
  home.write("a.txt", "{{ town }} {{ list|sum }} {{ hex }}");
  home.write("a.yml", "town: Bremen\nlist: [1, 2]\nhex: 0x1F\n");
  EXPECT_EQ(home.plumb({"render", "a.txt", "--context", "a.yml"}).output, "Bremen 3 31");
  EXPECT_EQ(home.plumb({"render", "a.txt", "--context", "a.yml", "--var", "town=Ulm"}).output, "Ulm 3 31");
}

TEST(CliRender, ADashReadsTheTemplateFromStandardInput) {
  Home home;
  home.write("part.txt", "the part");
  EXPECT_EQ(home.plumb({"render", "-"}, "{{ 6 * 7 }} {% include 'part.txt' %}").output, "42 the part");
  auto wrong = home.plumb({"render", "-"}, "{{ 1 / 0 }}");
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_TRUE(wrong.errors.starts_with("<stdin>:1:")) << wrong.errors;
}

TEST(CliRender, IncludesAreFoundBesideTheTemplateOrInTheSearchPathsInTheirOrder) {
  Home home;
  home.write("pages/page.html", "{% include 'part.html' %}");
  home.write("pages/part.html", "beside");
  home.write("one/part.html", "one");
  home.write("two/part.html", "two");
  home.write("two/more.html", "more");
  EXPECT_EQ(home.plumb({"render", "pages/page.html"}).output, "beside");
  EXPECT_EQ(home.plumb({"render", "--search-path", "one", "--search-path", "two", "pages/page.html"}).output, "one");
  EXPECT_EQ(
      home.plumb({"render", "-", "--search-path", "one", "--search-path", "two"}, "{% include 'more.html' %}").output,
      "more");
}

TEST(CliRender, AnErrorBeginsWithItsPlaceAndEndsWith1) {
  Home home;
  home.write("broken.txt", "line one\n{{ nothing.here }}\n");
  auto result = home.plumb({"render", "broken.txt"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_TRUE(result.errors.starts_with("broken.txt:2:")) << result.errors;
  EXPECT_NE(result.errors.find("'nothing' is undefined"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("   2 | {{ nothing.here }}"), std::string::npos) << result.errors;
}

TEST(CliRender, AnErrorInAnIncludedMacroNamesItsFileAndTheWayThere) {
  Home home;
  home.write("page.txt", "{% import 'lib.txt' as lib %}\n{{ lib.half(1) }}\n");
  home.write("lib.txt", "{% macro half(x) %}\n{{ x / 0 }}\n{% endmacro %}\n");
  auto result = home.plumb({"render", "page.txt"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.starts_with("./lib.txt:2:") || result.errors.starts_with("lib.txt:2:")) << result.errors;
  EXPECT_NE(result.errors.find("half"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("page.txt:2:"), std::string::npos) << result.errors;
}

TEST(CliRender, ASyntaxErrorEndsWith1AndAMissingFileToo) {
  Home home;
  home.write("syntax.txt", "{% if %}");
  auto syntax = home.plumb({"render", "syntax.txt"});
  EXPECT_EQ(syntax.exit_code, 1);
  EXPECT_TRUE(syntax.errors.starts_with("syntax.txt:1:")) << syntax.errors;
  EXPECT_EQ(home.plumb({"render", "gone.txt"}).exit_code, 1);
  EXPECT_EQ(home.plumb({"render"}).exit_code, 2);
}

TEST(CliRender, StrictMakesAnErrorOfWhatIsUndefined) {
  Home home;
  EXPECT_EQ(home.plumb({"render", "-"}, "[{{ nothing }}]").output, "[]");
  auto strict = home.plumb({"render", "--strict", "-"}, "[{{ nothing }}]");
  EXPECT_EQ(strict.exit_code, 1);
  EXPECT_NE(strict.errors.find("'nothing' is undefined"), std::string::npos) << strict.errors;
}

TEST(CliRender, NativeGivesAValueAndJsonWritesIt) {
  Home home;
  EXPECT_EQ(home.plumb({"render", "--native", "-"}, "[1, {{ 1 + 1 }}]").output, "[1, 2]");
  EXPECT_EQ(home.plumb({"render", "--native", "--json", "-"}, "{{ {'a': [1, none]} }}").output, R"({"a": [1, null]})");
  EXPECT_EQ(home.plumb({"render", "--json", "-"}, "a\n{{ '\"' }}").output, "\"a\\n\\\"\"");
}

TEST(CliRender, WhatNeverEndsIsEnded) {
  Home home;
  auto result = home.plumb({"render", "--timeout", "0.2", "-"}, "{% for x in range(10 ** 9) %}{% endfor %}");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.starts_with("<stdin>:1:")) << result.errors;
  auto recursion = home.plumb({"render", "-"}, "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
  EXPECT_EQ(recursion.exit_code, 1);
  auto doubling =
      home.plumb({"render", "-"},
                 "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}");
  EXPECT_EQ(doubling.exit_code, 1);
}

}  // namespace
}  // namespace plumb::story
