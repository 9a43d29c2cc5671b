// Cuts the blocks that dbt has beside Jinja's own out of a file: macros, tests, materializations, snapshots and docs.
//
//     for (const Block& block : find_blocks(file, {BlockKind::Docs})) docs[block.name] = block.body(file.text);
//
// No template is parsed here: one pass over the text, which knows comments, {% raw %}, quotes within tags, and what
// nests in what. So a broken expression in one macro is not noticed here, but a missing end tag is.
#pragma once

#include <initializer_list>
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
  std::size_t begin = 0, end = 0, body_begin = 0, body_end = 0;
  int line = 1, column = 1;  // of the opening tag in the file

  std::string_view whole(std::string_view text) const { return text.substr(begin, end - begin); }
  std::string_view body(std::string_view text) const { return text.substr(body_begin, body_end - body_begin); }
};

// The wanted blocks at the top level of the file, in order; others are passed over. Throws Error(Config) with the place
// in dbt's words for an end tag without a start, a start without an end and a block without a name.
std::vector<Block> find_blocks(const SourceFile& file, std::initializer_list<BlockKind> wanted);

// Of a materialization's header: , adapter='duckdb', supported_languages=['sql', 'python'].
struct MaterializationHeader {
  std::string adapter = "default";
  std::vector<std::string> languages{"sql"};
};
MaterializationHeader read_materialization_header(const SourceFile& file, const Block& block);

// Whether a text has anything that a template would do: {{, {% or {#.
bool has_template(std::string_view text);

}  // namespace plumb::project
