#include "run/attempt_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "run/log_text.h"

namespace plumb::run {
namespace {

constexpr std::size_t kTail = 64u << 10;  // bytes kept of the end of a too large output
constexpr unsigned kMode = 0640;

// The end of an output: pieces as they were read, of which the oldest go.
class Tail {
 public:
  struct Piece {
    LogStream stream;
    Instant at;
    std::string bytes;
  };

  void add(LogStream stream, std::string_view bytes, Instant now) {
    if (bytes.size() > kTail) {
      drop(stream, bytes.size() - kTail);
      bytes.remove_prefix(bytes.size() - kTail);
    }
    std::size_t surplus = size_ + bytes.size() - std::min(size_ + bytes.size(), kTail);
    while (surplus > 0) {
      Piece& oldest = pieces_.front();
      std::size_t count = std::min(surplus, oldest.bytes.size());
      drop(oldest.stream, count);
      oldest.bytes.erase(0, count);
      if (oldest.bytes.empty()) pieces_.pop_front();
      size_ -= count;
      surplus -= count;
    }
    pieces_.push_back({stream, now, std::string(bytes)});
    size_ += bytes.size();
  }

  const std::deque<Piece>& pieces() const { return pieces_; }
  std::uint64_t dropped() const { return dropped_; }
  // The stream's first kept bytes are not the begin of a line: something before them is missing.
  bool broken(LogStream stream) const { return broken_[stream == LogStream::Err]; }

 private:
  void drop(LogStream stream, std::size_t count) {
    dropped_ += count;
    broken_[stream == LogStream::Err] = true;
  }

  std::deque<Piece> pieces_;
  std::size_t size_ = 0;
  std::uint64_t dropped_ = 0;
  std::array<bool, 2> broken_{};
};

std::string size_text(std::uint64_t bytes) {
  if (bytes >= 10u << 20) return format("{} MB", bytes >> 20);
  if (bytes >= 10u << 10) return format("{} kB", bytes >> 10);
  return format("{} bytes", bytes);
}

}  // namespace

std::string_view to_string(LogStream stream) {
  switch (stream) {
    case LogStream::Out:
      return "OUT";
    case LogStream::Err:
      return "ERR";
    case LogStream::Plumb:
      return "PLUMB";
  }
  return "PLUMB";
}

struct AttemptLog::State {
  State(std::filesystem::path path, const AttemptLogOptions& options)
      : path_(std::move(path)), cleaner_(options.secrets), largest_(options.largest) {
    std::error_code code;
    if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), code);
    if (code) throw file_error("can't write the log", path_, code.value());
    if (open(0) || errno == ENOENT) return;
    throw file_error("can't write the log", path_, errno);
  }

  bool open(int flags) {
    file_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | flags, kMode));
    if (!file_) return false;
    struct stat status = {};
    if (::fstat(file_.get(), &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
    // A line that a crash cut off ends here.
    char last = '\n';
    if (size_ > 0 && ::pread(file_.get(), &last, 1, static_cast<off_t>(size_ - 1)) == 1) broken_line_ = last != '\n';
    return true;
  }

  void output(LogStream stream, std::string_view bytes, Instant now) {
    if (!full_) bytes.remove_prefix(write_lines(stream, bytes, now));
    if (full_ && !bytes.empty()) tail_.add(stream, bytes, now);
    flush();
  }

  // Until the file is full, unless it is the end that is written.
  std::size_t write_lines(LogStream stream, std::string_view bytes, Instant now) {
    return splitter(stream).feed(bytes, [&](std::string_view line, std::size_t beyond) {
      add_output(stream, line, beyond, now);
      if (closing_ || size_ + buffer_.size() < largest_) return true;
      full_ = true;
      add(LogStream::Plumb,
          format("there is more output than {}: from here on only its end will be kept", size_text(largest_)), now);
      return false;
    });
  }

  void add_output(LogStream stream, std::string_view line, std::size_t beyond, Instant now) {
    if (line.size() > kLongestLine) dropped_ += line.size() - kLongestLine;
    dropped_ += beyond;
    add(stream, cleaner_.clean(line, beyond), now);
  }

  void add(LogStream stream, std::string_view text, Instant now) {
    buffer_ += stamp_.of(now);
    buffer_ += ' ';
    buffer_ += to_string(stream);
    buffer_ += ' ';
    buffer_ += text;
    buffer_ += '\n';
    if (buffer_.size() > (256u << 10)) flush();
  }

  void note(std::string_view text, Instant now) {
    while (!text.empty()) {
      std::size_t end = std::min(text.find('\n'), text.size());
      add(LogStream::Plumb, cleaner_.clean(text.substr(0, end), 0), now);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    flush();
  }

  void close(Instant now) {
    if (closing_) return;
    closing_ = true;
    if (full_) append_tail(now);
    for (LogStream stream : {LogStream::Out, LogStream::Err}) {
      splitter(stream).finish([&](std::string_view line, std::size_t beyond) {
        add_output(stream, line, beyond, now);
        return true;
      });
    }
    flush();
    file_.close();
  }

  // Of a stream that lost something, what is left of the first line goes too: it could be the end of a secret.
  void append_tail(Instant now) {
    std::array<bool, 2> skipping{};
    std::uint64_t dropped = tail_.dropped();
    for (LogStream stream : {LogStream::Out, LogStream::Err}) {
      if (!tail_.broken(stream)) continue;
      skipping[stream == LogStream::Err] = true;
      dropped += splitter(stream).forget();
    }
    std::vector<std::string_view> kept;
    for (const Tail::Piece& piece : tail_.pieces()) {
      std::string_view bytes = piece.bytes;
      bool& skip = skipping[piece.stream == LogStream::Err];
      if (skip) {
        std::size_t end = bytes.find('\n');
        std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
        dropped += count;
        bytes.remove_prefix(count);
        skip = end == std::string_view::npos;
      }
      kept.push_back(bytes);
    }
    dropped_ += dropped;
    if (dropped > 0) add(LogStream::Plumb, format("{} of output are missing here", size_text(dropped)), now);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const Tail::Piece& piece = tail_.pieces()[i];
      write_lines(piece.stream, kept[i], piece.at);
    }
  }

  void flush() {
    if (buffer_.empty()) return;
    if (!file_ && !open(O_CREAT)) return lose(buffer_.size());
    if (broken_line_) buffer_.insert(0, "\n");
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      ssize_t written = ::write(file_.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        if (written == 0) errno = ENOSPC;
        return lose(rest.size());
      }
      size_ += static_cast<std::uint64_t>(written);
      broken_line_ = rest[static_cast<std::size_t>(written) - 1] != '\n';
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
  }

  // As errno says.
  void lose(std::size_t bytes) {
    problem_ = std::generic_category().message(errno);
    dropped_ += bytes;
    buffer_.clear();
  }

  LineSplitter& splitter(LogStream stream) { return stream == LogStream::Err ? errors_ : output_; }

  std::filesystem::path path_;
  FileDescriptor file_;
  LineCleaner cleaner_;
  LineSplitter output_{cleaner_.longest_input()}, errors_{cleaner_.longest_input()};
  TimeStamp stamp_;
  std::uint64_t largest_;
  std::uint64_t size_ = 0;  // of the file
  std::uint64_t dropped_ = 0;
  std::string buffer_;  // lines that are not in the file yet
  std::string problem_;
  Tail tail_;
  bool full_ = false;         // the output goes to the tail
  bool closing_ = false;      // what comes now is the end, and is written however large the file is
  bool broken_line_ = false;  // the file does not end with a line feed
};

AttemptLog::AttemptLog(const std::filesystem::path& file, AttemptLogOptions options)
    : state_(std::make_unique<State>(file, options)) {}

AttemptLog::~AttemptLog() = default;
AttemptLog::AttemptLog(AttemptLog&&) noexcept = default;
AttemptLog& AttemptLog::operator=(AttemptLog&&) noexcept = default;

void AttemptLog::output(LogStream stream, std::string_view bytes, Instant now) {
  state_->output(stream, bytes, now);
}

void AttemptLog::note(std::string_view text, Instant now) {
  state_->note(text, now);
}

void AttemptLog::close(Instant now) {
  state_->close(now);
}

std::uint64_t AttemptLog::size() const {
  return state_->size_;
}

std::uint64_t AttemptLog::dropped_bytes() const {
  return state_->dropped_;
}

const std::string& AttemptLog::problem() const {
  return state_->problem_;
}

std::vector<std::string> AttemptLog::last_lines(std::size_t count) const {
  constexpr std::size_t kNotes = 8;  // lines of our own that may stand between
  std::vector<std::string> lines;
  for (LogLine& line : read_log_tail(state_->path_, count + kNotes).lines) {
    if (line.stream != LogStream::Plumb) lines.push_back(std::move(line.text));
  }
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

void append_note(const std::filesystem::path& file, std::string_view text, Instant now) {
  try {
    AttemptLog log(file, {});
    log.note(text, now);
    log.close(now);
  } catch (const Error&) {
    // The log is a help, and the attempt's end is recorded elsewhere.
  }
}

}  // namespace plumb::run
