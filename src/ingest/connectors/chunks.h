// A file read from front to back in pieces that end where a row ends. Private to the file readers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace plumb::ingest {

class Chunks {
 public:
  // Throws Error(NotFound) or Error(Io).
  explicit Chunks(const std::filesystem::path& path);

  // Everything that is read and not yet consumed, followed by kPadding bytes that may be read (a parser's vector
  // loads).
  std::string_view text() const { return {buffer_.data() + begin_, end_ - begin_}; }
  // The first `bytes` of text() are done.
  void consume(std::size_t bytes) { begin_ += bytes; }
  // Reads on; text() grows, and moves. False at the end of the file.
  bool more();
  void rewind();

  static constexpr std::size_t kPadding = 64;

 private:
  FileDescriptor file_;
  std::filesystem::path path_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Throws Error(Data) with the line when the text is no UTF-8. `first_line` is that of its first byte.
void check_utf8(std::string_view text, std::int64_t first_line, const std::filesystem::path& path);

}  // namespace plumb::ingest
