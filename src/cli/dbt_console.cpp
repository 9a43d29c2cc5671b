#include "cli/dbt_console.h"

#include <unistd.h>

#include "base/format.h"

namespace plumb::cli {

using jinja::Value;
using transform::Event;
using transform::LineKind;

namespace {

std::string_view color_of(LineKind kind) {
  switch (kind) {
    case LineKind::Good:
      return "\033[32m";
    case LineKind::Warning:
      return "\033[33m";
    case LineKind::Bad:
      return "\033[31m";
    case LineKind::Info:
      break;
  }
  return {};
}

}  // namespace

DbtConsole::DbtConsole(const Context& context, ConsoleSettings settings)
    : context_(context), settings_(std::move(settings)) {
  bool live = settings_.live && !settings_.quiet && !json();
  if (live) live_ = std::make_unique<LiveStatus>(context_.terminal, context_.clock);
}

std::string DbtConsole::colored(const Event& event) const {
  std::string_view color = settings_.colors ? color_of(event.kind) : std::string_view();
  if (event.status.empty()) {
    return color.empty() || event.text.empty() ? event.text : plumb::format("{}{}\033[0m", color, event.text);
  }
  return color.empty() ? plumb::format("{} [{}]", event.text, event.status)
                       : plumb::format("{} [{}{}\033[0m]", event.text, color, event.status);
}

// As dbt writes it with --log-format json.
std::string DbtConsole::record(const Event& event, std::string_view text, std::string_view now) const {
  Value info = Value::dict({{"category", ""},
                            {"code", event.code},
                            {"extra", Value::dict()},
                            {"invocation_id", settings_.invocation_id},
                            {"level", level_of(event)},
                            {"msg", text},
                            {"name", event.name},
                            {"pid", static_cast<std::int64_t>(::getpid())},
                            {"thread", thread_of(event)},
                            {"ts", now}});
  std::string json;
  project::append_json(json, Value::dict({{"data", event_data(event)}, {"info", info}}));
  return json;
}

void DbtConsole::tell(const Event& event) {
  if (settings_.quiet && level_of(event) != "error") return;
  std::string now = format_instant(context_.clock.now());
  std::string text = colored(event);
  std::lock_guard lock(mutex_);
  if (live_ && live_->takes(event)) return;
  context_.terminal.print((json() ? record(event, text, now) : now.substr(11, 8) + "  " + text) + "\n");
}

void DbtConsole::line(std::string_view text, LineKind kind) {
  tell({.text = std::string(text), .kind = kind});
}

void DbtConsole::warn(const project::Warning& warning) {
  std::string_view code = project::warning_code(warning.name);
  std::string where =
      warning.place.known() ? plumb::format("{}:{}: ", warning.place.file, warning.place.line) : std::string();
  // dbt says so of what is odd in files, and of deprecations which.
  std::string prefix = code.starts_with('D')                            ? plumb::format("[WARNING][{}]: ", warning.name)
                       : code.starts_with('M') || code.starts_with('Q') ? std::string()
                                                                        : "[WARNING]: ";
  tell({.name = warning.name,
        .code = code,
        .text = prefix + where + warning.message,
        .kind = LineKind::Warning,
        .more = Value::dict({{"msg", warning.message}})});
}

void DbtConsole::say(std::string_view text) {
  if (json()) {
    tell({.name = "PrintEvent", .code = "Z052", .text = std::string(text), .kind = LineKind::Bad});
  } else {
    print(std::string(text) + "\n");
  }
}

void DbtConsole::print(std::string_view text) {
  std::lock_guard lock(mutex_);
  context_.terminal.print(text);
}

transform::LineProgress::Sink DbtConsole::sink() {
  return [this](const Event& event) { tell(event); };
}

}  // namespace plumb::cli
