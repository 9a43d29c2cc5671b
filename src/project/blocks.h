// Cuts the blocks that dbt has beside Jinja's own out of a file: macros, tests, materializations, snapshots and docs.
//
//     for (const Block& block : find_blocks(file, {BlockKind::Docs})) docs[block.name] = block.body(file.text);
//
// No template is parsed here: one pass over the text, which knows comments, {% raw %}, quotes within tags, and what
// nests in what. So a broken expression in one macro is not noticed here, but a missing end tag is.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "project/files.h"

namespace plumb::project {

enum class BlockKind : std::uint8_t { Macro, Test, DataTest, Materialization, Snapshot, Docs };
// The tag's word: "macro", "data_test".
std::string_view to_string(BlockKind kind);

struct Block {
  BlockKind kind = BlockKind::Macro;
  std::string_view name;    // "cents" of {% macro cents(x) %}; points into the file's text
  std::string_view header;  // what follows the name in the tag: "(x)", ", adapter='duckdb'"
  // Positions in the text: of the whole with its tags, and of what lies between them.
  // A tag that trims, {%- or -%}, takes the blanks on its side with it.
  std::size_t begin = 0, end = 0, body_begin = 0, body_end = 0;
  std::size_t tag = 0;       // where the opening tag begins
  int line = 1, column = 1;  // of that in the file

  std::string_view whole(std::string_view text) const { return text.substr(begin, end - begin); }
  std::string_view body(std::string_view text) const { return text.substr(body_begin, body_end - body_begin); }
};

// A tag at the top level of the file that is none of the wanted blocks: dbt warns of it
// (UnexpectedJinjaBlockDeprecation).
struct StrayTag {
  std::string_view word;  // "set"
  std::size_t position = 0;
};

// The wanted blocks at the top level of the file, in order; others are passed over. Throws Error(Config) with the
// place, in dbt's words, for an end tag without a start, a start without an end, a block within the same block or
// within {% if
// %} and the like.
std::vector<Block> find_blocks(const SourceFile& file, std::initializer_list<BlockKind> wanted,
                               std::vector<StrayTag>* stray = nullptr);

// Of a materialization's header: , adapter='duckdb', supported_languages=['sql', 'python'].
struct MaterializationHeader {
  std::string adapter = "default";
  std::vector<std::string> languages{"sql"};
};
MaterializationHeader read_materialization_header(const Block& block);

// Whether a text has anything that a template would do: {{, {% or {#.
bool has_template(std::string_view text);

}  // namespace plumb::project
