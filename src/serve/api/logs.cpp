// Logs of attempts: as pages, whole, and live. Which file it is the store says, never the request.
#include <charconv>

#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"
#include "serve/live.h"

namespace plumb::serve {

namespace {

constexpr std::size_t kPageBytes = 1u << 20;

store::AttemptRow get_attempt(Call& call) {
  store::TaskOfRun task = get_task(call);
  std::int64_t number = call.path_number("try_number");
  for (const store::AttemptRow& row : call.reader().attempts_of(task.task.run, task.task.task, task.task.map_index)) {
    if (row.try_number == number) return row;
  }
  throw not_found("TaskInstance not found");
}

std::filesystem::path file_of(Call& call, const store::AttemptRow& attempt) {
  return call.parts().log_file ? call.parts().log_file(attempt) : std::filesystem::path();
}

bool ended(const store::AttemptRow& attempt) {
  return run::finished(attempt.state) || attempt.ended_at.has_value();
}

void write_line(JsonWriter& json, const run::LogLine& line) {
  std::string_view stream = run::to_string(line.stream);
  json.begin_object().field("timestamp", format_instant(line.at)).field("event", line.text);
  json.field("level", line.stream == run::LogStream::Err ? "error" : "info").field("logger", stream).end_object();
}

// The whole log, a piece at a time, however large: read as the client takes it.
struct WholeLog {
  std::filesystem::path file;
  bool finished;
  bool lines_of_json;
  std::uint64_t offset = 0;

  void operator()(ServerStream& stream) {
    constexpr std::size_t kBytes = 256u << 10;
    run::LogPage page = run::read_log(file, offset, {.bytes = kBytes, .finished = finished});
    offset = page.next_offset;
    std::string text;
    for (const run::LogLine& line : page.lines) {
      if (!lines_of_json) {
        text += format("[{}] {} {}\n", format_instant(line.at), run::to_string(line.stream), line.text);
        continue;
      }
      JsonWriter json;
      write_line(json, line);
      text += json.str() + "\n";
    }
    text.empty() ? stream.end() : void(stream.push(text));
  }
};

// "o1024": where the next page begins.
std::uint64_t offset_of(Call& call) {
  std::string token = call.query("token");
  if (token.empty()) return 0;
  std::uint64_t offset = 0;
  auto [end, error] = std::from_chars(token.data() + 1, token.data() + token.size(), offset);
  bool whole = token.starts_with('o') && error == std::errc() && end == token.data() + token.size();
  if (!whole) throw Error(ErrorKind::Usage, "Bad Signature. Please use only the tokens provided by the API.");
  return offset;
}

ServerResponse show_log(Call& call) {
  store::AttemptRow attempt = get_attempt(call);
  std::filesystem::path file = file_of(call, attempt);
  const std::string* accept = call.request().headers.find("Accept");
  bool text = accept && accept->starts_with("text/plain"),
       lines = accept && accept->starts_with("application/x-ndjson");
  if (text || lines) {
    return {.headers = {{"Content-Type", text ? "text/plain; charset=utf-8" : "application/x-ndjson"},
                        {"Cache-Control", "no-store"}},
            .stream = std::make_shared<ServerStream>(WholeLog{file, ended(attempt), lines})};
  }
  std::uint64_t offset = offset_of(call);
  bool full = call.query_bool("full_content").value_or(false);
  constexpr std::size_t kFullBytes = 2u << 20;  // beyond that it goes on behind the token, or as text/plain
  run::LogPage page = run::read_log(
      file, offset,
      {.bytes = full ? kFullBytes : kPageBytes, .lines = full ? 50'000u : 10'000u, .finished = ended(attempt)});
  return one_answer([&](JsonWriter& json) {
    json.begin_object().key("content").begin_array();
    for (const run::LogLine& line : page.lines) write_line(json, line);
    json.end_array().key("continuation_token");
    bool more = !page.at_end() && !page.lines.empty();
    more || !ended(attempt) ? json.text(format("o{}", page.next_offset)) : json.null();
    json.end_object();
  });
}

ServerResponse follow_log(Call& call) {
  store::AttemptRow attempt = get_attempt(call);
  std::uint64_t offset = 0;
  if (const std::string* last = call.request().headers.find("Last-Event-ID")) {
    std::from_chars(last->data(), last->data() + last->size(), offset);
  }
  return {
      .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
      .stream = call.house().live.follow_log(attempt, file_of(call, attempt), offset)};
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}", Role::Viewer,
     show_log, "The log of an attempt, a page at a time; whole as text/plain or application/x-ndjson",
     "TaskInstancesLogResponse", "", 200, "map_index:integer full_content:boolean token"},
    {"GET", "/api/plumb/v1/workflows/{dag_id}/runs/{dag_run_id}/tasks/{task_id}/logs/{try_number}/live", Role::Viewer,
     follow_log, "The log of an attempt as server-sent events, until the attempt has ended", "*", "", 200,
     "map_index:integer"},
};

}  // namespace

Routes log_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
