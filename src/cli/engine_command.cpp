// plumb engine: what a server starts to have work on data done. Nobody types it.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "base/format.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/run_request.h"
#include "run/run.h"

namespace plumb::cli {

namespace {

constexpr std::size_t kTail = 8u << 10;  // bytes of the last output, for alerts
constexpr std::size_t kTailLines = 50;

std::vector<Secret> secrets_of(const engine::Job& job) {
  return {job.masks.begin(), job.masks.end()};
}

// What a job prints: into its attempt's log if it has one, else to whoever gave it.
class JobOutput {
 public:
  JobOutput(const engine::Job& job, engine::JobStreams& streams) : streams_(streams) {
    if (!job.log_file.empty()) log_.emplace(job.log_file, run::AttemptLogOptions{.secrets = secrets_of(job)});
  }
  ~JobOutput() {
    if (log_) log_->close(SystemClock().now());
  }
  JobOutput(const JobOutput&) = delete;
  JobOutput& operator=(const JobOutput&) = delete;

  bool write(Stream stream, std::string_view text) {
    std::unique_lock lock(mutex_);
    if (log_) {
      log_->output(stream == Stream::Output ? run::LogStream::Out : run::LogStream::Err, text, SystemClock().now());
      return true;
    }
    tail_ += text.substr(text.size() - std::min(text.size(), kTail));
    if (tail_.size() > 4 * kTail) tail_.erase(0, tail_.size() - kTail);
    lock.unlock();  // the other end may be slow, and the other stream's turn comes meanwhile
    if (streams_.write(stream, text)) return true;
    errno = EPIPE;
    return false;
  }

  std::string last_lines() const {
    std::string text;
    if (log_) {
      for (const auto& line : log_->last_lines(kTailLines)) text += line + "\n";
    } else {
      text = redact(tail_);
    }
    if (text.size() > kTail) text.erase(0, text.size() - kTail);
    return text;
  }

 private:
  engine::JobStreams& streams_;
  std::mutex mutex_;
  std::optional<run::AttemptLog> log_;
  std::string tail_;
};

class HostedStreams final : public Streams {
 public:
  HostedStreams(const engine::Job& job, JobOutput& output, engine::JobStreams& streams)
      : screen_(job.screen), output_(output), streams_(streams) {}
  Screen screen() const override { return screen_; }
  bool write(Stream stream, std::string_view text, const std::stop_token&) override {
    return output_.write(stream, text);
  }
  std::string read(bool line, const std::stop_token& stop) override {
    auto text = streams_.read(line);
    if (stop.stop_requested()) throw Error(ErrorKind::Cancelled, "stopped");
    return text;
  }

 private:
  const Screen screen_;
  JobOutput& output_;
  engine::JobStreams& streams_;
};

config::Environment environment_of(const engine::Job& job, const config::Environment& own) {
  auto variables = job.environment;
  if (!job.whole_environment) variables.insert(own.all().begin(), own.all().end());
  return config::Environment(std::move(variables));
}

engine::Ended carry_out(const engine::Job& job, engine::JobStreams& streams, const std::stop_token& stop,
                        const config::Environment& own) {
  JobOutput output(job, streams);
  JobReport report;
  const auto environment = environment_of(job, own);
  Terminal terminal(std::make_unique<HostedStreams>(job, output, streams), environment);
  terminal.end_waits_on(stop);
  auto stopped = [&stop] { return stop.stop_requested() ? SIGINT : 0; };
  const int code = guard(terminal, job.arguments, stopped, [&] {
    const auto request = parse(job.arguments);
    if (!request.command) {
      terminal.print(request.text);
      return request.code;
    }
    return run_request(request, {.terminal = terminal, .environment = environment, .stop = stop, .report = &report});
  });
  engine::Ended ended{.exit_code = code, .report = report.json(), .last_lines = output.last_lines()};
  if (const auto& error = terminal.first_error()) {
    ended.failure = engine::Failure{error->kind(), error->message(), error->hint(), error->retry_may_help()};
  }
  return ended;
}

}  // namespace

int engine_command(Context& context, const EngineArguments& arguments) {
  auto carry_out_job = [&](const engine::Job& job, engine::JobStreams& streams, std::stop_token stop) {
    return carry_out(job, streams, stop, context.environment);
  };
  engine::HostOptions options{.folder = context.project_dir,
                              .owner = arguments.owner,
                              .idle_timeout = std::chrono::seconds(arguments.idle_seconds),
                              .most_jobs = arguments.most_jobs,
                              .log = context.log().module("engine")};
  // Whoever owned us is gone and will start another; what we still do must not go on beside it.
  options.give_up = [] { std::_Exit(1); };
  engine::host(options, carry_out_job, context.stop);
  return 0;
}

}  // namespace plumb::cli
