#include "ingest/connectors/chunks.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/document.h"
#include "base/format.h"

namespace plumb::ingest {

namespace {
constexpr std::size_t kChunkBytes = 1u << 20;
}

Chunks::Chunks(const std::filesystem::path& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path_(path) {
  if (!file_) {
    throw Error(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
                format("can't read {}: {}", path.string(), std::strerror(errno)));
  }
  ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

bool Chunks::more() {
  // What is left moves to the front; a row longer than the buffer makes it grow.
  if (begin_ != end_) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < end_ + kChunkBytes + kPadding) buffer_.resize(std::max(end_ + kChunkBytes, end_ * 2) + kPadding);
  const std::size_t room = buffer_.size() - kPadding - end_;
  ssize_t got = 0;
  do {
    got = ::read(file_.get(), buffer_.data() + end_, room);
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw Error(ErrorKind::Io, format("can't read {}: {}", path_.string(), std::strerror(errno)));
  end_ += static_cast<std::size_t>(got);
  std::memset(buffer_.data() + end_, 0, kPadding);
  return got > 0;
}

void Chunks::rewind() {
  begin_ = end_ = 0;
  if (::lseek(file_.get(), 0, SEEK_SET) < 0) {
    throw Error(ErrorKind::Io, format("{} can't be read twice (a pipe?)", path_.string()),
                {.hint = "save it to a file first"});
  }
}

void check_utf8(std::string_view text, std::int64_t first_line, const std::filesystem::path& path) {
  if (simdjson::validate_utf8(text.data(), text.size())) return;
  std::int64_t line = first_line;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    if (!simdjson::validate_utf8(text.data(), end)) break;
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
  }
  throw Error(ErrorKind::Data, "the text is no valid UTF-8",
              {.place = Place{path.string(), static_cast<int>(line), 1, ""},
               .hint = "convert the file first, for example: iconv -f latin1 -t utf8"});
}

}  // namespace plumb::ingest
