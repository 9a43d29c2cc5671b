#include "cli/dbt_console.h"

#include <unistd.h>

#include "base/document.h"
#include "base/format.h"

namespace plumb::cli {

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

std::string_view level_of(LineKind kind) {
  return kind == LineKind::Bad ? "error" : kind == LineKind::Warning ? "warn" : "info";
}

}  // namespace

void DbtConsole::line(std::string_view text, std::string_view status, LineKind kind) {
  if (quiet_ && kind != LineKind::Bad) return;
  std::string now = format_instant(context_.clock.now());
  std::string whole(text);
  std::string_view color = colors_ ? color_of(kind) : std::string_view();
  if (!status.empty()) {
    whole += color.empty() ? plumb::format(" [{}]", status) : plumb::format(" [{}{}\033[0m]", color, status);
  } else if (!color.empty() && !whole.empty()) {
    whole = plumb::format("{}{}\033[0m", color, whole);
  }
  std::lock_guard lock(mutex_);
  if (!json_) {
    context_.terminal.print(now.substr(11, 8) + "  " + whole + "\n");
    return;
  }
  JsonWriter json;
  json.begin_object().key("data").begin_object().field("msg", whole).end_object();
  json.key("info").begin_object();
  json.field("category", "").field("code", "").key("extra").begin_object().end_object();
  json.field("level", level_of(kind))
      .field("msg", whole)
      .field("name", "")
      .field("pid", static_cast<std::int64_t>(::getpid()));
  json.field("thread", "MainThread").field("ts", now).end_object().end_object();
  context_.terminal.print(json.take() + "\n");
}

void DbtConsole::print(std::string_view text) {
  std::lock_guard lock(mutex_);
  context_.terminal.print(text);
}

transform::LineProgress::Sink DbtConsole::sink() {
  return [this](std::string_view text, std::string_view status, LineKind kind) { line(text, status, kind); };
}

}  // namespace plumb::cli
