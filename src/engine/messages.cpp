#include "engine/messages.h"

#include <array>

#include "base/document.h"

namespace plumb::engine {

namespace {

constexpr std::array kKinds = {ErrorKind::Usage,   ErrorKind::Config,   ErrorKind::Auth, ErrorKind::Approval,
                               ErrorKind::Network, ErrorKind::Service,  ErrorKind::Data, ErrorKind::Database,
                               ErrorKind::Busy,    ErrorKind::NotFound, ErrorKind::Io,   ErrorKind::Cancelled,
                               ErrorKind::Internal};

ErrorKind kind_named(std::string_view name) {
  for (ErrorKind kind : kKinds) {
    if (to_string(kind) == name) return kind;
  }
  return ErrorKind::Internal;
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const auto& text : texts) json.text(text);
  json.end_array();
}

std::vector<std::string> read_texts(const Node& list) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < list.size(); ++i) texts.push_back(list.at(i).as_text());
  return texts;
}

bool flag(const Node& map, std::string_view key) {
  auto value = map.find(key);
  return value && value.as_bool();
}

Instant read_instant(const Node& map) {
  return find_instant(map.get("at").as_text()).value_or(Instant());
}

void write_failure(JsonWriter& json, const Failure& failure) {
  json.key("failure").begin_object().field("kind", to_string(failure.kind)).field("message", failure.message);
  json.field("hint", failure.hint).field("retry_may_help", failure.retry_may_help).end_object();
}

}  // namespace

std::string greeting_json(const Greeting& greeting) {
  JsonWriter json;
  json.begin_object().field("protocol", greeting.protocol).field("pid", greeting.pid);
  return json.field("folders", greeting.folders).end_object().take();
}

Greeting read_greeting(const std::string& json) {
  const Document document = parse_json(json, "greeting");
  const Node root = document.root();
  return {.protocol = static_cast<int>(root.get("protocol").as_int()),
          .pid = static_cast<int>(root.get("pid").as_int()),
          .folders = flag(root, "folders")};
}

std::string job_json(const Job& job) {
  JsonWriter json;
  json.begin_object();
  write_texts(json, "arguments", job.arguments);
  json.field("folder", job.folder.string()).key("environment").begin_object();
  for (const auto& [name, value] : job.environment) json.field(name, value);
  json.end_object().field("whole_environment", job.whole_environment);
  json.key("screen").begin_object().field("input", job.screen.input_is_terminal);
  json.field("output", job.screen.output_is_terminal).field("errors", job.screen.errors_are_terminal);
  json.field("width", job.screen.width).end_object();
  json.field("input", job.input).field("asks_for_input", job.asks_for_input);
  json.field("log_file", job.log_file.string());
  write_texts(json, "masks", job.masks);
  if (job.timeout) json.field("timeout_ms", static_cast<std::int64_t>(job.timeout->count()));
  return json.end_object().take();
}

Job read_job(std::uint64_t id, const std::string& text) {
  const Document document = parse_json(text, "job");
  const Node root = document.root();
  Job job{.id = id, .arguments = read_texts(root.get("arguments"))};
  job.folder = root.get("folder").as_text();
  const Node environment = root.get("environment");
  for (std::size_t i = 0; i < environment.size(); ++i) {
    job.environment.emplace(environment.key_at(i), environment.at(i).as_text());
  }
  job.whole_environment = flag(root, "whole_environment");
  const Node screen = root.get("screen");
  job.screen = {.input_is_terminal = flag(screen, "input"),
                .output_is_terminal = flag(screen, "output"),
                .errors_are_terminal = flag(screen, "errors"),
                .width = static_cast<int>(screen.get("width").as_int())};
  job.input = root.get("input").as_text();
  job.asks_for_input = flag(root, "asks_for_input");
  job.log_file = root.get("log_file").as_text();
  job.masks = read_texts(root.get("masks"));
  if (auto timeout = root.find("timeout_ms")) job.timeout = std::chrono::milliseconds(timeout.as_int());
  return job;
}

std::string started_json(const Started& started) {
  return JsonWriter().begin_object().field("at", format_instant(started.at)).end_object().take();
}

Started read_started(std::uint64_t job, const std::string& json) {
  const Document document = parse_json(json, "started");
  return {.job = job, .at = read_instant(document.root())};
}

std::string ended_json(const Ended& ended) {
  JsonWriter json;
  json.begin_object().field("at", format_instant(ended.at)).field("exit_code", ended.exit_code);
  json.field("cancelled", ended.cancelled).field("timed_out", ended.timed_out);
  if (ended.failure) write_failure(json, *ended.failure);
  json.field("report", ended.report).field("last_lines", ended.last_lines);
  return json.end_object().take();
}

Ended read_ended(std::uint64_t job, const std::string& text) {
  const Document document = parse_json(text, "ended");
  const Node root = document.root();
  Ended ended{.job = job,
              .at = read_instant(root),
              .exit_code = static_cast<int>(root.get("exit_code").as_int()),
              .cancelled = flag(root, "cancelled"),
              .timed_out = flag(root, "timed_out")};
  if (auto failure = root.find("failure")) {
    ended.failure = Failure{kind_named(failure.get("kind").as_text()), failure.get("message").as_text(),
                            failure.get("hint").as_text(), flag(failure, "retry_may_help")};
  }
  ended.report = root.get("report").as_text();
  ended.last_lines = root.get("last_lines").as_text();
  return ended;
}

}  // namespace plumb::engine
