// A command on another machine, that ends there when we end here.
#include <array>
#include <optional>

#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/tasks/kinds.h"
#include "workflow/tasks/ssh_session.h"

namespace plumb::workflow {
namespace {

constexpr std::chrono::milliseconds kGrace{4000};
constexpr std::chrono::milliseconds kUsualConnectTimeout{10'000}, kUsualKeepalive{30'000};
constexpr int kSkipped = 99;
constexpr std::size_t kLongestValue = 4096;
// What runs there, in a POSIX shell, $1 being the command. Standard input brings variables, a line each, up to an empty
// one, so that they are in no process list (and need no AcceptEnv). Then it stays open: when it ends, because we were
// stopped or killed or the network broke, so does the command with its whole group, if need be by force after two
// seconds.
constexpr std::string_view kRemote = R"(
while IFS= read -r line && [ -n "$line" ]; do export "$line"; done
exec 3<&0 </dev/null
trap : TERM
(
  IFS= read -r line <&3
  trap "" TERM
  kill -TERM 0
  sleep 2
  kill -KILL 0
) >/dev/null 2>&1 &
guard=$!
"${SHELL:-/bin/sh}" -c "$1" 3<&-
code=$?
kill -KILL $guard 2>/dev/null
exit $code
)";

std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

class Settings {
 public:
  Settings(Node settings, const TaskWorld& world) : settings_(settings) {
    std::string name = settings.find("connection").text_or("");
    if (name.empty()) return;
    config::Project project = world.project();
    connection_ = project.get_connection(name);
    if (connection_->type != "ssh")
      throw Error(ErrorKind::Config, format("the connection '{}' is of type {}, not ssh", name, connection_->type),
                  {.place = connection_->type_place});
    connection_->expect_settings({"host", "port", "user", "password", "key_file", "passphrase", "agent", "known_hosts",
                                  "fingerprint", "connect_timeout", "keepalive"});
  }
  std::string text(std::string_view key) const {
    std::string own(settings_.find(key).scalar());
    return !own.empty() || !connection_ ? own : connection_->text(key);
  }
  std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds fallback) const {
    std::string text = this->text(key);
    if (text.empty()) return fallback;
    auto found = find_duration(text);
    if (!found) throw Error(ErrorKind::Config, format("'{}' is no duration", text));
    return std::chrono::duration_cast<std::chrono::milliseconds>(*found);
  }

 private:
  Node settings_;
  std::optional<config::Connection> connection_;
};

SshSettings read_settings(Node node, const TaskWorld& world) {
  Settings settings(node, world);
  auto path = [&](std::string_view key) {
    std::string text = settings.text(key);
    auto home = world.environment.find("HOME");
    return text.starts_with("~/") && home ? *home + text.substr(1) : text;
  };
  SshSettings ssh{.host = settings.text("host"),
                  .port = settings.text("port"),
                  .user = settings.text("user"),
                  .password = Secret(settings.text("password")),
                  .key_file = path("key_file"),
                  .passphrase = Secret(settings.text("passphrase")),
                  .agent = settings.text("agent") != "false",
                  .known_hosts = path("known_hosts"),
                  .fingerprint = settings.text("fingerprint"),
                  .connect_timeout = settings.duration("connect_timeout", kUsualConnectTimeout),
                  .keepalive = settings.duration("keepalive", kUsualKeepalive)};
  if (ssh.host.empty()) throw Error(ErrorKind::Config, "the task has no 'host'");
  return ssh;
}

std::string variables_of(Node settings, const TaskWorld& world) {
  std::string lines;
  auto add = [&](std::string_view name, std::string_view value) {
    if (value.find('\n') != std::string_view::npos)
      throw Error(ErrorKind::Config, format("'{}' has several lines, and ssh takes variables of one", name));
    lines += format("{}={}\n", name, value);
  };
  for (const char* name : kToldVariables) {
    if (auto value = world.environment.find(name)) add(name, *value);
  }
  Node own = settings.find("env");
  for (std::size_t i = 0; i < own.size(); ++i) add(own.key_at(i), own.at(i).scalar());
  return lines + "\n";
}

// The last line of an output that comes in pieces.
class LastLine {
 public:
  void add(std::string_view bytes) {
    for (char c : bytes) {
      if (c == '\n') {
        if (!line_.empty()) last_ = std::move(line_);
        line_.clear();
      } else if (line_.size() < kLongestValue) {
        line_ += c;
      }
    }
  }
  std::string take() { return std::move(line_.empty() ? last_ : line_); }

 private:
  std::string line_, last_;
};

}  // namespace

TaskResult do_ssh(Node settings, const TaskWorld& world) {
  SshSettings ssh = read_settings(settings, world);
  std::string command = needed_text(settings.find("command"), "command");
  std::string input = variables_of(settings, world);
  SshSession session(ssh, open_libssh());
  LastLine last;
  auto output = [&](std::string_view bytes) {
    last.add(bytes);
    world.output(bytes);
  };
  std::string remote = format("sh -c {} plumb {}", quote(kRemote), quote(command));
  SshEnd end = session.run(remote, input, output, world.errors, world.stop, kGrace);

  TaskResult result;
  result.values["exit_code"] = std::to_string(end.exit_code);
  result.values["answer"] = json_quote(last.take());
  if (end.exit_code == 0) return result;
  result.end = end.exit_code == kSkipped ? TaskEnd::Skipped : TaskEnd::Failed;
  world.errors(end.exit_code < 0 ? std::string("the remote command was ended by a signal\n")
                                 : format("the remote command ended with exit code {}\n", end.exit_code));
  return result;
}

}  // namespace plumb::workflow
