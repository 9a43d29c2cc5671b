#include "base/log.h"

#include <unistd.h>

#include <mutex>

#include "base/clock.h"
#include "base/format.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb {
namespace {

// One record as it is printed. A message of several lines keeps them, indented, so that no text can pass for a record
// of its own.
std::string format_record(const LogRecord& record, Instant now) {
  std::string stamp = format_instant(std::chrono::floor<std::chrono::seconds>(now));
  stamp.pop_back();
  auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::string line = format("{}.{:03}Z {} {}: ", stamp, millis, to_string(record.level), record.module);
  std::string_view rest = record.message;
  while (true) {
    std::size_t end = rest.find('\n');
    line += printable(rest.substr(0, end));
    line += '\n';
    if (end == std::string_view::npos) return line;
    line += "  ";
    rest.remove_prefix(end + 1);
  }
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) return;  // standard error is gone: there is nobody to tell
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "DEBUG";
    case LogLevel::Info:
      return "INFO";
    case LogLevel::Warn:
      return "WARN";
    case LogLevel::Error:
      return "ERROR";
  }
  return "ERROR";
}

Log::Log(LogSink sink, std::string module) : module_(std::move(module)) {
  if (sink) sink_ = std::make_shared<const LogSink>(std::move(sink));
}

Log Log::module(std::string name) const {
  Log other = *this;
  other.module_ = std::move(name);
  return other;
}

void Log::write(LogLevel level, std::string_view message) const {
  if (!sink_) return;
  std::string safe = redact(message);
  (*sink_)(LogRecord{level, module_, safe});
}

LogSink stderr_sink(LogLevel least) {
  return line_sink(least, [](std::string_view line) { write_all(STDERR_FILENO, line); });
}

LogSink line_sink(LogLevel least, std::function<void(std::string_view)> write) {
  return [least, write = std::move(write), mutex = std::make_shared<std::mutex>()](const LogRecord& record) {
    if (record.level < least) return;
    std::string line = format_record(record, SystemClock().now());
    std::lock_guard lock(*mutex);
    write(line);
  };
}

}  // namespace plumb
