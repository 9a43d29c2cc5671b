#include "cli/terminal.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "base/secret.h"

namespace plumb::cli {

namespace {

// Kitty's and iTerm2's ways of showing a picture in the text.
std::string inline_picture(const config::Environment& environment, const std::string& png) {
  auto encoded = base64_encode(png);
  if (environment.find("KITTY_WINDOW_ID")) {
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += 4096) {
      const bool more = at + 4096 < encoded.size();
      out += format("\033_G{}m={};{}\033\\", at == 0 ? "f=100,a=T," : "", more ? 1 : 0, encoded.substr(at, 4096));
    }
    return out + "\n";
  }
  auto program = environment.find("TERM_PROGRAM").value_or("");
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
    : streams_(own_streams()),
      environment_(config::Environment::of_process()),
      screen_(streams_->screen()),
      own_(true) {}

Terminal::Terminal(std::unique_ptr<Streams> streams, const config::Environment& environment)
    : streams_(std::move(streams)), environment_(environment), screen_(streams_->screen()), own_(false) {}

int Terminal::width() const {
  return streams_->screen().width;
}

// Nobody to tell is no reason to stop.
void Terminal::write_errors(std::string_view text, const std::stop_token& stop) {
  streams_->write(Stream::Errors, text, stop);
}

void Terminal::print(std::string_view text) {
  if (output_is_terminal()) end_progress();
  if (streams_->write(Stream::Output, text, stop_)) return;
  output_gone_ = errno == EPIPE;
  throw Error(ErrorKind::Io, format("can't write to standard output: {}", std::strerror(errno)));
}

void Terminal::print_errors(std::string_view text) {
  end_progress();
  write_errors(text);
}

void Terminal::say(std::string_view line) {
  end_progress();
  write_errors(format("{}\n", line));
}

void Terminal::say(const Error& error) {
  if (!first_error_) first_error_ = error;
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
  if (!screen_.errors_are_terminal) return;
  std::lock_guard lock(mutex_);
  progress_shown_ = true;
  write_errors(format("\r\033[K{}", text));
}

void Terminal::end_progress() {
  std::lock_guard lock(mutex_);
  if (!progress_shown_) return;
  progress_shown_ = false;
  write_errors("\r\033[K");
}

std::filesystem::path Terminal::show_picture(const ingest::Question& question) {
  if (auto picture = inline_picture(environment_, question.image_png); !picture.empty()) {
    write_errors(picture);
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
  write_errors(format("{} ", question.text));
  auto line = streams_->read(true, stop_);
  // Answered: the picture has done its work. (A stop leaves it to the system's cleaning of its temporary folder.)
  std::error_code gone_already;
  if (!picture.empty()) std::filesystem::remove(picture, gone_already);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  if (line.empty()) return std::nullopt;
  return Secret(std::move(line));
}

std::string Terminal::read_input() {
  return streams_->read(false, stop_);
}

LogSink Terminal::log_sink(LogLevel least) {
  return line_sink(least, [streams = streams_](std::string_view line) { streams->write(Stream::Errors, line, {}); });
}

}  // namespace plumb::cli
