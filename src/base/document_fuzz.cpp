// Feeds arbitrary bytes to the YAML and the JSON reader. The first byte chooses; the rest is the text.
// Beyond not crashing: what was read can be walked, its JSON can be read again, and an error names a place.
//
//     clang++-14 -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc src/base/document_fuzz.cpp \
//       src/base/{document,document_json,document_yaml,yaml_scalar,json_writer,error,redact,secret,text}.cpp \
//       -lfmt -lyaml -o document_fuzz && ./document_fuzz -max_len=4096
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/document.h"

namespace {

using plumb::Document;
using plumb::Error;
using plumb::Node;
using plumb::NodeKind;

// Aliases may multiply nodes up to a million: a part of them is enough.
void walk(const Node& node, int& budget) {
  if (--budget < 0) return;
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (node.kind() == NodeKind::Map && node.find(node.key_at(i)).missing()) std::abort();
    walk(node.at(i), budget);
  }
  if (!node.place().known()) std::abort();
  try {
    if (node.kind() == NodeKind::Float) node.as_double();
    if (node.kind() == NodeKind::Int) node.as_int();
  } catch (const Error&) {  // a number that does not fit
  }
}

void read(std::string text, bool yaml) {
  try {
    Document document = yaml ? plumb::parse_yaml(text, "fuzz") : plumb::parse_json(text, "fuzz");
    if (document.root().missing()) return;  // an empty YAML file
    int budget = 1000;
    walk(document.root(), budget);
    if (budget < 0) return;
    std::string json = document.root().to_json();
    if (plumb::parse_json(json, "again").root().kind() == NodeKind::Missing) std::abort();
  } catch (const Error& error) {
    bool again = std::string_view(error.what()).starts_with("again");
    if (again || !error.find_place() || !plumb::valid_utf8(error.render())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  read(std::string(reinterpret_cast<const char*>(data) + 1, size - 1), data[0] % 2 == 0);
  return 0;
}
