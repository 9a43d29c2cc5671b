#include "serve/statsd.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/format.h"

namespace plumb::serve {
namespace {

using std::chrono::microseconds;

// A part of a name: what StatsD or its dots would take for something else becomes "_".
std::string part(std::string_view text) {
  std::string name(text);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return !plain && c != '_' && c != '-' && c != '.';
      },
      '_');
  return name;
}

class Lines {
 public:
  explicit Lines(std::string prefix) : prefix_(std::move(prefix)) {}
  void count(const std::string& name, std::int64_t by = 1) { add(name, format("{}|c", by)); }
  void time(const std::string& name, microseconds took) {
    add(name, format("{:.3f}|ms", static_cast<double>(std::max(took.count(), std::int64_t{0})) / 1000));
  }
  std::string take() { return std::move(text_); }

 private:
  void add(const std::string& name, const std::string& value) {
    text_ += format("{}{}{}{}:{}", text_.empty() ? "" : "\n", prefix_, prefix_.empty() ? "" : ".", name, value);
  }
  std::string prefix_;
  std::string text_;
};

void add_run(Lines& lines, const store::RunRow& run) {
  std::string workflow = part(run.workflow);
  if (!run::finished(run.state) || !run.ended_at) return;
  if (run.started_at) lines.time("dagrun.schedule_delay." + workflow, *run.started_at - run.run_after);
  lines.time(format("dagrun.duration.{}.{}", to_string(run.state), workflow),
             *run.ended_at - run.started_at.value_or(*run.ended_at));
}

void add_attempt(Lines& lines, const workflow::Change& change) {
  const store::AttemptRow& attempt = *change.attempt;
  std::string name = format("{}.{}", part(change.run->workflow), part(attempt.task));
  bool success = attempt.state == run::TaskState::Success;
  std::string_view state = success || attempt.state == run::TaskState::Skipped ? to_string(attempt.state)
                           : change.last_attempt                               ? "failed"
                                                                               : "up_for_retry";
  lines.count(format("ti.finish.{}.{}", name, state));
  if (success) lines.count("ti_successes");
  if (success) lines.count("operator_successes_" + part(change.task->kind));
  if (state == "failed") lines.count("ti_failures");
  if (state == "failed") lines.count("operator_failures_" + part(change.task->kind));
  if (!attempt.started_at) return;
  if (attempt.ended_at) lines.time(format("dag.{}.duration", name), *attempt.ended_at - *attempt.started_at);
  if (attempt.queued_at) lines.time(format("dag.{}.queued_duration", name), *attempt.started_at - *attempt.queued_at);
}

}  // namespace

std::optional<StatsdOptions> find_statsd_options(const config::Project& project) {
  Node node = project.section("server").find("statsd");
  if (node.null()) return std::nullopt;
  node.expect_keys({"host", "port", "prefix"});
  auto values = project.values();
  StatsdOptions options;
  options.host = values.text(node.find("host"), options.host);
  options.prefix = part(values.text(node.find("prefix"), options.prefix));
  if (Node port = node.find("port"); !port.null()) {
    std::int64_t number = port.as_int();
    if (number < 1 || number > 65535) {
      throw Error(ErrorKind::Config, format("{} is no port", number), {.place = port.place()});
    }
    options.port = static_cast<std::uint16_t>(number);
  }
  return options;
}

Statsd::Statsd(const StatsdOptions& options) : prefix_(options.prefix) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  int code = ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &wanted, &found);
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  if (code != 0) {
    throw Error(ErrorKind::Network, format("the StatsD host {} can't be found", options.host),
                {.hint = "`server: statsd:` in plumb.yml names it", .cause = gai_strerror(code)});
  }
  for (const addrinfo* at = found; at != nullptr && !socket_; at = at->ai_next) {
    socket_ = FileDescriptor(::socket(at->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket_ && ::connect(socket_.get(), at->ai_addr, at->ai_addrlen) != 0) socket_.close();
  }
}

void Statsd::changed(const workflow::Change& change) const {
  std::string lines = statsd_lines(prefix_, change);
  if (!lines.empty()) (void)!::send(socket_.get(), lines.data(), lines.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::string statsd_lines(const std::string& prefix, const workflow::Change& change) {
  using Kind = workflow::Change::Kind;
  Lines lines(prefix);
  switch (change.kind) {
    case Kind::RunState:
      if (change.run) add_run(lines, *change.run);
      break;
    case Kind::TaskState:
      if (change.run && change.task && change.task->state == run::TaskState::Running) {
        lines.count(format("ti.start.{}.{}", part(change.run->workflow), part(change.task->task)));
      }
      break;
    case Kind::AttemptEnded:
      if (change.run && change.task && change.attempt) add_attempt(lines, change);
      break;
    case Kind::AssetEvent:
      lines.count("asset.updates");
      break;
    case Kind::Definitions:
    case Kind::Deadline:
    case Kind::Waiting:
      break;
  }
  return lines.take();
}

}  // namespace plumb::serve
