#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "base/secret.h"

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

// False when the other end has gone. A pipe takes pieces of PIPE_BUF bytes without blocking once it can be written to,
// so a reader who sleeps does not keep us from ending.
bool write_all(int descriptor, std::string_view text, const std::stop_token& stop = {}) {
  while (!text.empty()) {
    wait_for(descriptor, POLLOUT, stop);
    auto written = ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
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

std::string error_json(const Error& error) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.field("kind", to_string(error.kind())).field("message", error.message());
  if (const auto* place = error.find_place()) {
    json.field("file", place->file).field("line", place->line).field("column", place->column);
  }
  if (!error.hint().empty()) json.field("hint", error.hint());
  if (!error.cause().empty()) json.field("cause", redact(error.cause()));
  json.field("retry_may_help", error.retry_may_help()).end_object().end_object();
  return json.take();
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
  if (output_is_terminal_) end_progress();
  if (write_all(STDOUT_FILENO, text, stop_)) return;
  output_gone_ = errno == EPIPE;
  throw Error(ErrorKind::Io, format("can't write to standard output: {}", std::strerror(errno)));
}

void Terminal::say(std::string_view line) {
  end_progress();
  write_all(STDERR_FILENO, format("{}\n", line));
}

void Terminal::say(const Error& error) {
  if (errors_as_json_) return say(error_json(error));
  auto text = error.render();
  say(error.find_place() != nullptr ? text : "plumb: " + text);
}

void Terminal::progress(const ingest::Progress& progress) {
  std::unique_lock lock(mutex_);
  auto now = std::chrono::steady_clock::now();
  if (now - last_progress_ < std::chrono::milliseconds(100)) return;
  last_progress_ = now;
  lock.unlock();
  show_status(
      format("{}: {} rows, {:.1f} MB", progress.resource, progress.rows, static_cast<double>(progress.bytes) / 1e6));
}

void Terminal::show_status(std::string_view text) {
  if (!errors_are_terminal_) return;
  std::lock_guard lock(mutex_);
  progress_shown_ = true;
  write_all(STDERR_FILENO, format("\r\033[K{}", text));
}

void Terminal::end_progress() {
  std::lock_guard lock(mutex_);
  if (!progress_shown_) return;
  progress_shown_ = false;
  write_all(STDERR_FILENO, "\r\033[K");
}

std::filesystem::path Terminal::show_picture(const ingest::Question& question) {
  if (auto picture = inline_picture(question.image_png); !picture.empty()) {
    write_all(STDERR_FILENO, picture);
    return {};
  }
  auto file =
      std::filesystem::temp_directory_path() / format("plumb-tan-{}-{}.png", question.connection, random_hex(4));
  write_file(file, question.image_png, 0600);
  say(format("The picture is in {}", file.string()));
  return file;
}

std::optional<Secret> Terminal::ask(const ingest::Question& question) {
  std::filesystem::path picture;
  if (!question.image_png.empty()) picture = show_picture(question);
  if (!question.wants_answer) {
    say(question.text);
    return std::nullopt;
  }
  end_progress();
  write_all(STDERR_FILENO, format("{} ", question.text));
  auto line = read_line();
  // Answered: the picture has done its work. (A stop leaves it to the system's cleaning of its temporary folder.)
  std::error_code gone_already;
  if (!picture.empty()) std::filesystem::remove(picture, gone_already);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  if (line.empty()) return std::nullopt;
  return Secret(std::move(line));
}

std::string Terminal::read_line() {
  std::string line;
  char c = 0;
  while (true) {
    wait_for(STDIN_FILENO, POLLIN, stop_);
    if (::read(STDIN_FILENO, &c, 1) != 1 || c == '\n') return line;
    line += c;
  }
}

std::string Terminal::read_input() {
  std::string text;
  std::array<char, 1 << 16> piece;
  while (true) {
    wait_for(STDIN_FILENO, POLLIN, stop_);
    auto got = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ErrorKind::Io, format("can't read standard input: {}", std::strerror(errno)));
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace plumb::cli
