#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "run/attempt_log.h"
#include "run/log_text.h"

namespace plumb::run {
namespace {

constexpr std::size_t kBlock = 64u << 10;
// No line that we write is as long; what is longer in a damaged file is given in pieces.
constexpr std::size_t kLongestRead = 1u << 20;

// A log that is read while somebody may write to it: its size is the one it had when it was opened.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path) : path_(path) {
    file_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_ && errno != ENOENT && errno != ENOTDIR) throw file_error("can't read the log", path, errno);
    struct stat status = {};
    if (file_ && ::fstat(file_.get(), &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
  }
  std::uint64_t size() const { return size_; }

  std::string read(std::uint64_t offset, std::size_t most) const {
    std::string text;
    if (offset >= size_) return text;
    text.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - offset)));
    std::size_t got = 0;
    while (got < text.size()) {
      ssize_t count = ::pread(file_.get(), text.data() + got, text.size() - got, static_cast<off_t>(offset + got));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw file_error("can't read the log", path_, errno);
      if (count == 0) break;  // somebody cut it
      got += static_cast<std::size_t>(count);
    }
    text.resize(got);
    return text;
  }

  // Where the first line begins that does so at `offset` or after it.
  std::uint64_t line_start(std::uint64_t offset) const {
    if (offset == 0 || offset >= size_) return offset;
    for (std::uint64_t at = offset - 1; at < size_;) {
      std::string block = read(at, kBlock);
      std::size_t end = block.find('\n');
      if (end != std::string::npos) return at + end + 1;
      if (block.empty()) break;
      at += block.size();
    }
    return size_;
  }

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

LogLine read_line(std::string_view text, std::uint64_t offset, Instant before) {
  if (auto line = find_line(text)) return {line->at, line->stream, clean_utf8(line->text), offset};
  return {before, LogStream::Plumb, printable(text), offset};
}

// A last line without a line feed counts when the log is finished, or longer than any that is being written.
bool is_whole(std::string_view rest, bool at_end, bool finished) {
  return rest.size() >= kLongestRead || (at_end && finished);
}

}  // namespace

LogPage read_log(const std::filesystem::path& path, std::uint64_t offset, const LogPageLimits& limits) {
  LogFile file(path);
  LogPage page{.lines = {}, .next_offset = file.line_start(offset), .size = file.size()};
  if (page.next_offset > page.size) page.next_offset = page.size;  // another, shorter file
  std::string text = file.read(page.next_offset, std::max<std::size_t>(limits.bytes, 1));
  std::uint64_t start = page.next_offset;
  std::size_t at = 0;
  Instant last{};
  auto add = [&](std::size_t length, std::size_t step) {
    page.lines.push_back(read_line(std::string_view(text).substr(at, length), start + at, last));
    last = page.lines.back().at;
    at += step;
  };
  while (page.lines.size() < limits.lines && at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end != std::string::npos) {
      add(end - at, end - at + 1);
      continue;
    }
    bool at_end = start + text.size() >= file.size();
    if (is_whole(std::string_view(text).substr(at), at_end, limits.finished)) {
      std::size_t length = std::min(text.size() - at, kLongestRead);
      add(length, length);
    } else if (page.lines.empty() && !at_end) {
      text = file.read(start, kLongestRead);  // one long line: at least that
      if (text.find('\n') == std::string::npos && text.size() < kLongestRead && !limits.finished) break;
    } else {
      break;
    }
  }
  page.next_offset = start + at;
  return page;
}

LogPage read_log_tail(const std::filesystem::path& path, std::size_t lines, bool finished) {
  LogFile file(path);
  std::uint64_t start = file.size();
  std::size_t ends = 0;
  // Backwards until one line feed more than lines is found: the one before the first. The last byte is the end of the
  // last line, or stands in an unfinished one, which counts as a line when the log is finished.
  bool open_end = finished && file.size() > 0 && file.read(file.size() - 1, 1) != "\n";
  std::size_t wanted = lines + (open_end ? 0 : 1);
  while (start > 0 && ends < wanted) {
    std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, start));
    std::string block = file.read(start - count, count);
    if (block.size() < count) break;
    start -= count;
    for (std::size_t i = count; i-- > 0;) {
      if (block[i] != '\n' || ++ends < wanted) continue;
      start += i + 1;
      break;
    }
  }
  return read_log(path, start,
                  {.bytes = static_cast<std::size_t>(file.size() - start + 1), .lines = lines, .finished = finished});
}

}  // namespace plumb::run
