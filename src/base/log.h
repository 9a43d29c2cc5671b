// Records of what happens, for whoever listens.
//
// A Log is a small value that parts take in their constructor: where records go, and the module's name that they carry.
// A default Log is silent: a library says nothing unless its user attaches a sink. Sinks may be called from any thread
// that the log was handed to; the sinks made here lock for themselves.
//
//     Log log(stderr_sink(LogLevel::Info));
//     HttpClient http({.log = log.module("http")});
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace plumb {

enum class LogLevel { Debug, Info, Warn, Error };
std::string_view to_string(LogLevel level);

struct LogRecord {
  LogLevel level;
  std::string_view module;   // "http", "comdirect", "db"
  std::string_view message;  // already free of secrets
};

using LogSink = std::function<void(const LogRecord&)>;

class Log {
 public:
  Log() = default;
  explicit Log(LogSink sink, std::string module = "plumb");

  // The same sink under another module's name.
  Log module(std::string name) const;
  // False for a silent log: skip building an expensive message.
  bool listened() const { return sink_ != nullptr; }

  void debug(std::string_view message) const { write(LogLevel::Debug, message); }
  void info(std::string_view message) const { write(LogLevel::Info, message); }
  void warn(std::string_view message) const { write(LogLevel::Warn, message); }
  void error(std::string_view message) const { write(LogLevel::Error, message); }

 private:
  void write(LogLevel level, std::string_view message) const;
  std::shared_ptr<const LogSink> sink_;
  std::string module_ = "plumb";
};

// Lines "2026-11-21T07:00:00.123Z INFO comdirect: …" on standard error, at `least` and above.
LogSink stderr_sink(LogLevel least);
// The same lines, one after the other, to whatever `write` does with them.
LogSink line_sink(LogLevel least, std::function<void(std::string_view)> write);

}  // namespace plumb
