#include "project/blocks.h"

#include <gtest/gtest.h>

#include "base/format.h"

namespace plumb::project {
namespace {

SourceFile file_of(std::string text) {
  return {.kind = FileKind::Macro, .package = "home", .path = "macros/a.sql", .text = std::move(text)};
}

// Each block as "kind name|header|body@line:column".
std::vector<std::string> cut(const SourceFile& file) {
  std::vector<std::string> out;
  for (const Block& block : find_blocks(file, {BlockKind::Macro, BlockKind::Test, BlockKind::Materialization})) {
    out.push_back(format("{} {}|{}|{}@{}:{}", to_string(block.kind), block.name, block.header, block.body(file.text),
                         block.line, block.column));
  }
  return out;
}

std::string complaint(std::string text) {
  try {
    find_blocks(file_of(std::move(text)), {BlockKind::Macro, BlockKind::Test});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

using Lines = std::vector<std::string>;

TEST(Blocks, AreCutOutWithTheirNamesHeadersAndPlaces) {
  SourceFile file =
      file_of("{% macro cents(x) %}{{ x }}{% endmacro %}\n\n  {% test even(model) -%} select {% endtest %}");
  EXPECT_EQ(cut(file), (Lines{"macro cents|(x)|{{ x }}@1:1", "test even|(model)|select @3:3"}));
}

TEST(Blocks, CommentsRawTextAndQuotesHideTags) {
  SourceFile file = file_of(
      "{# {% macro no() %} #}{% raw %}{% macro no() %}{% endraw %}\n"
      "{% macro a(x='{% endmacro %}') %}{# {% endmacro %} #}{% raw %}{% endmacro %}{% endraw %}{{ '%}' }}{% endmacro "
      "%}");
  EXPECT_EQ(cut(file),
            (Lines{"macro a|(x='{% endmacro %}')|{# {% endmacro %} #}{% raw %}{% endmacro %}{% endraw %}{{ '%}' "
                   "}}@2:1"}));
}

TEST(Blocks, TagsThatTrimTakeTheBlanksWithThem) {
  SourceFile file = file_of("x \n{%- macro a() -%}\n b {%- endmacro -%} \n y");
  Block block = find_blocks(file, {BlockKind::Macro}).at(0);
  EXPECT_EQ(block.whole(file.text), " \n{%- macro a() -%}\n b {%- endmacro -%} \n ");
  EXPECT_EQ(block.body(file.text), "b");
  EXPECT_EQ(block.line, 2);
}

TEST(Blocks, AMaterializationSaysItsAdapterAndLanguages) {
  SourceFile file = file_of(
      "{% materialization a, default %}{% endmaterialization %}"
      "{% materialization b, adapter=\"duckdb\", supported_languages=['sql', 'python'] %}{% endmaterialization %}");
  auto blocks = find_blocks(file, {BlockKind::Materialization});
  EXPECT_EQ(read_materialization_header(blocks.at(0)).adapter, "default");
  EXPECT_EQ(read_materialization_header(blocks.at(1)).adapter, "duckdb");
  EXPECT_EQ(read_materialization_header(blocks.at(1)).languages, (Lines{"sql", "python"}));
}

TEST(Blocks, OtherTagsAtTheTopLevelAreTold) {
  SourceFile file = file_of("{% set x = 1 %}{% macro a() %}{% set y = 2 %}{% endmacro %}");
  std::vector<StrayTag> stray;
  find_blocks(file, {BlockKind::Macro}, &stray);
  ASSERT_EQ(stray.size(), 1u);
  EXPECT_EQ(stray[0].word, "set");
}

TEST(Blocks, FaultsAreToldInDbtsWords) {
  EXPECT_EQ(complaint("\n{% macro a() %}"),
            "macros/a.sql:2:1: Reached EOF without finding a close tag for macro (searched from line 2)");
  EXPECT_EQ(
      complaint("x\n{% endif %}"),
      "macros/a.sql:2:1: Got an unexpected control flow end tag, got endif but never saw a preceeding if (@ 2:1)");
  EXPECT_EQ(complaint("{% if 1 %}{% for x in y %}{% endif %}"),
            "macros/a.sql:1:27: Got an unexpected control flow end tag, got endif but expected endfor next (@ 1:27)");
  EXPECT_EQ(
      complaint("{% macro a() %}{% macro b() %}"),
      "macros/a.sql:1:16: Got nested tags: macro (started at line 1) did not have a matching {% endmacro %} before "
      "a subsequent macro was found");
  EXPECT_EQ(
      complaint("{% if true %}{% macro a() %}{% endmacro %}{% endif %}"),
      "macros/a.sql:1:14: Got a block definition inside control flow at 1:14. All dbt block definitions must be at "
      "the top level");
  EXPECT_EQ(complaint("{% macro %}"), "macros/a.sql:1:1: expected token 'name', got 'end of statement block'");
  EXPECT_EQ(complaint("{# x"), "macros/a.sql:1:1: unexpected EOF, expected #}, got \" x\"");
}

}  // namespace
}  // namespace plumb::project
