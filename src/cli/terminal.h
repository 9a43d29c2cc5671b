// The person at the other end, or a pipe: printing, progress, questions.
//
// Results go to standard output, everything else to standard error. On a terminal progress is one line that is
// rewritten; in a pipe it is a plain line at the end of each step. Progress may be told from any thread; the rest from
// one.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/streams.h"
#include "ingest/ingest.h"

namespace plumb::cli {

class Terminal {
 public:
  // On this process's own streams.
  Terminal();
  // On others; variables of `environment` tell what the terminal can do.
  Terminal(std::unique_ptr<Streams> streams, const config::Environment& environment);

  bool interactive() const { return screen_.input_is_terminal && screen_.errors_are_terminal; }
  bool output_is_terminal() const { return screen_.output_is_terminal; }
  // True where a pager can be started: the person sits at this very process.
  bool own() const { return own_; }
  // From now on a wait for a reader or for an answer ends with Error(Cancelled) when the stop comes.
  void end_waits_on(std::stop_token stop) { stop_ = std::move(stop); }
  // Errors are told as a line of JSON each.
  void tell_errors_as_json() { errors_as_json_ = true; }
  int width() const;  // columns; 80 when unknown

  // All of standard input, up to its end.
  std::string read_input();
  // Throws Error(Io) when the other end has gone (a closed pipe) or the disk is full.
  void print(std::string_view text);
  // True once a print() found that nobody reads any more (`plumb query … | head`).
  bool output_gone() const { return output_gone_; }
  // On standard error, as it is.
  void print_errors(std::string_view text);
  // A line on standard error.
  void say(std::string_view line);
  void say(const Error& error);
  // The first Error that was said, for whoever decides on it.
  const std::optional<Error>& first_error() const { return first_error_; }
  // A sink for records, as lines on standard error.
  LogSink log_sink(LogLevel least);
  void progress(const ingest::Progress& progress);
  // One line that stays below all others; nothing where standard error is no terminal.
  void show_status(std::string_view text);
  // Wipes that line.
  void end_progress();

  // Shows the question (a picture is shown where the terminal can, and saved otherwise) and reads a line.
  std::optional<Secret> ask(const ingest::Question& question);

 private:
  // The file that the picture is in; empty when the terminal shows it.
  std::filesystem::path show_picture(const ingest::Question& question);
  void write_errors(std::string_view text, const std::stop_token& stop = {});

  std::shared_ptr<Streams> streams_;
  config::Environment environment_;
  Screen screen_;
  bool own_;
  std::optional<Error> first_error_;
  bool output_gone_ = false;
  bool errors_as_json_ = false;
  std::stop_token stop_;
  std::mutex mutex_;
  bool progress_shown_ = false;
  std::chrono::steady_clock::time_point last_progress_{};
};

}  // namespace plumb::cli
