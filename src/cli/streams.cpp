#include "cli/streams.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/error.h"
#include "base/format.h"

namespace plumb::cli {

namespace {

constexpr int kPollMilliseconds = 50;

// Waits until the descriptor can be read or written. Throws Error(Cancelled) when the stop comes first.
void wait_for(int descriptor, short event, const std::stop_token& stop) {
  pollfd waiting{descriptor, event, 0};
  while (::poll(&waiting, 1, kPollMilliseconds) <= 0) {
    if (stop.stop_requested()) throw Error(ErrorKind::Cancelled, "stopped");
  }
}

class OwnStreams final : public Streams {
 public:
  Screen screen() const override {
    Screen screen{.input_is_terminal = ::isatty(STDIN_FILENO) != 0,
                  .output_is_terminal = ::isatty(STDOUT_FILENO) != 0,
                  .errors_are_terminal = ::isatty(STDERR_FILENO) != 0};
    winsize size{};
    if (screen.output_is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
      screen.width = size.ws_col;
    return screen;
  }

  // A pipe takes pieces of PIPE_BUF bytes without blocking once it can be written to, so a reader who sleeps does not
  // keep us from ending.
  bool write(Stream stream, std::string_view text, const std::stop_token& stop) override {
    const int descriptor = stream == Stream::Output ? STDOUT_FILENO : STDERR_FILENO;
    while (!text.empty()) {
      wait_for(descriptor, POLLOUT, stop);
      auto written = ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  std::string read(bool line, const std::stop_token& stop) override { return line ? read_line(stop) : read_all(stop); }

 private:
  static std::string read_line(const std::stop_token& stop) {
    std::string line;
    char c = 0;
    while (true) {
      wait_for(STDIN_FILENO, POLLIN, stop);
      if (::read(STDIN_FILENO, &c, 1) != 1 || c == '\n') return line;
      line += c;
    }
  }

  static std::string read_all(const std::stop_token& stop) {
    std::string text;
    std::array<char, 1 << 16> piece;
    while (true) {
      wait_for(STDIN_FILENO, POLLIN, stop);
      auto got = ::read(STDIN_FILENO, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Error(ErrorKind::Io, format("can't read standard input: {}", std::strerror(errno)));
      if (got == 0) return text;
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
};

}  // namespace

std::unique_ptr<Streams> own_streams() {
  return std::make_unique<OwnStreams>();
}

}  // namespace plumb::cli
