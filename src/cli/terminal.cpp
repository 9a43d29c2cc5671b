#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"

namespace plumb::cli {

namespace {

// False when the other end has gone.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Kitty's and iTerm2's ways of showing a picture in the text.
std::string inline_picture(const std::string& png) {
  auto encoded = base64_encode(png);
  if (find_environment("KITTY_WINDOW_ID")) {
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += 4096) {
      const bool more = at + 4096 < encoded.size();
      out += format("\033_G{}m={};{}\033\\", at == 0 ? "f=100,a=T," : "", more ? 1 : 0, encoded.substr(at, 4096));
    }
    return out + "\n";
  }
  auto program = find_environment("TERM_PROGRAM").value_or("");
  if (program == "iTerm.app" || program == "WezTerm")
    return format("\033]1337;File=inline=1;size={}:{}\a\n", png.size(), encoded);
  return {};
}

}  // namespace

Terminal::Terminal()
    : input_is_terminal_(::isatty(STDIN_FILENO) != 0),
      output_is_terminal_(::isatty(STDOUT_FILENO) != 0),
      errors_are_terminal_(::isatty(STDERR_FILENO) != 0) {}

int Terminal::width() const {
  winsize size{};
  if (output_is_terminal_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void Terminal::print(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return;
  output_gone_ = errno == EPIPE;
  throw Error(ErrorKind::Io, format("can't write to standard output: {}", std::strerror(errno)));
}

void Terminal::say(std::string_view line) {
  end_progress();
  write_all(STDERR_FILENO, format("{}\n", line));
}

void Terminal::say(const Error& error) {
  auto text = error.render();
  say(error.find_place() != nullptr ? text : "plumb: " + text);
}

void Terminal::progress(const ingest::Progress& progress) {
  if (!errors_are_terminal_) return;
  std::lock_guard lock(mutex_);
  auto now = std::chrono::steady_clock::now();
  if (now - last_progress_ < std::chrono::milliseconds(100)) return;
  last_progress_ = now;
  progress_shown_ = true;
  write_all(STDERR_FILENO, format("\r\033[K{}: {} rows, {:.1f} MB", progress.resource, progress.rows,
                                  static_cast<double>(progress.bytes) / 1e6));
}

void Terminal::end_progress() {
  std::lock_guard lock(mutex_);
  if (!progress_shown_) return;
  progress_shown_ = false;
  write_all(STDERR_FILENO, "\r\033[K");
}

void Terminal::show_picture(const ingest::Question& question) {
  if (auto picture = inline_picture(question.image_png); !picture.empty()) {
    write_all(STDERR_FILENO, picture);
    return;
  }
  auto file =
      std::filesystem::temp_directory_path() / format("plumb-tan-{}-{}.png", question.connection, random_hex(4));
  write_file(file, question.image_png, 0600);
  say(format("The picture is in {}", file.string()));
}

std::optional<Secret> Terminal::ask(const ingest::Question& question) {
  if (!question.image_png.empty()) show_picture(question);
  if (!question.wants_answer) {
    say(question.text);
    return std::nullopt;
  }
  end_progress();
  write_all(STDERR_FILENO, format("{} ", question.text));
  std::string line;
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') line += c;
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  if (line.empty()) return std::nullopt;
  return Secret(std::move(line));
}

}  // namespace plumb::cli
