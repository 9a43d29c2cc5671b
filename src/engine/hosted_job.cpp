#include "engine/hosted_job.h"

#include <sched.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/format.h"
#include "engine/messages.h"

namespace plumb::engine {

namespace {

constexpr std::size_t kPiece = 1u << 20;  // of output, in a frame

SystemClock system_clock() {
  return {};
}

// A folder for this thread, and those that it starts, alone: paths on a job's command line are relative to where it
// was typed.
void enter(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (folder.empty() || std::filesystem::equivalent(folder, ".", ignored)) return;
  if (::unshare(CLONE_FS) != 0) {
    throw Error(ErrorKind::Io,
                format("can't work in {} here: the system gives a thread no folder of its own", folder.string()));
  }
  if (::chdir(folder.c_str()) != 0) throw file_error("can't work in", folder, errno);
}

Ended failed(const Error& error) {
  return {.exit_code = 1,
          .failure = Failure{error.kind(), error.message(), error.hint(), error.retry_may_help()},
          .report = {},
          .last_lines = {}};
}

}  // namespace

bool threads_have_folders() {
  bool may = false;
  std::thread([&may] { may = ::unshare(CLONE_FS) == 0; }).join();
  return may;
}

HostedJob::HostedJob(Job job, std::shared_ptr<Wire> wire, const CarryOut& carry_out, std::function<void()> finished)
    : job_(std::move(job)),
      wire_(std::move(wire)),
      carry_out_(carry_out),
      tell_finished_(std::move(finished)),
      input_(job_.input),
      input_ended_(!job_.asks_for_input) {}

HostedJob::~HostedJob() {
  if (!thread_.joinable()) return;
  stop_.request_stop();
  thread_.join();
}

void HostedJob::start() {
  if (job_.timeout) deadline_ = std::chrono::steady_clock::now() + *job_.timeout;
  thread_ = std::thread([this] { work(); });
}

void HostedJob::cancel() {
  cancelled_ = true;
  stop_.request_stop();
}

void HostedJob::time_out() {
  deadline_.reset();
  timed_out_ = true;
  stop_.request_stop();
}

void HostedJob::feed(std::string text, bool last) {
  std::lock_guard lock(input_mutex_);
  input_ += text;
  input_ended_ = input_ended_ || last;
  input_came_.notify_all();
}

// Where a unit of work ends, whatever went wrong: the door of the thread.
Ended HostedJob::carry_out_safely() {
  try {
    enter(job_.folder);
    return carry_out_(job_, *this, stop_.get_token());
  } catch (const Error& error) {
    return failed(error);
  } catch (const std::exception& error) {
    return failed(Error(ErrorKind::Internal, format("a fault of plumb's own: {}", error.what())));
  }
}

void HostedJob::work() {
  auto always = [] { return true; };
  wire_->send(FrameKind::Started, job_.id, started_json({.job = job_.id, .at = system_clock().now()}), always);
  Ended ended = carry_out_safely();
  ended.job = job_.id;
  ended.at = system_clock().now();
  ended.cancelled = cancelled_;
  ended.timed_out = timed_out_;
  std::string json = ended_json(ended);
  if (json.size() + 64 > kLargestFrame) {
    ended.report.clear();
    json = ended_json(ended);
  }
  wire_->send(FrameKind::Ended, job_.id, json, always);
  finished_ = true;
  tell_finished_();
}

bool HostedJob::write(Stream stream, std::string_view text) {
  // Whoever was stopped says only what fits: its reader may be asleep.
  auto patient = [this] { return !stop_.stop_requested(); };
  const auto kind = stream == Stream::Output ? FrameKind::Output : FrameKind::Errors;
  while (!text.empty()) {
    if (!wire_->send(kind, job_.id, text.substr(0, kPiece), patient)) return false;
    text.remove_prefix(std::min(kPiece, text.size()));
  }
  return wire_->alive();
}

// A line, or everything; expects to be called with enough there, or at the end.
std::string HostedJob::take_input(bool line) {
  const std::size_t end = line ? input_.find('\n') : std::string::npos;
  std::string taken = input_.substr(0, end);
  input_.erase(0, end == std::string::npos ? end : end + 1);
  return taken;
}

std::string HostedJob::read(bool line) {
  std::unique_lock lock(input_mutex_);
  auto enough = [this, line] { return input_ended_ || (line && input_.find('\n') != std::string::npos); };
  if (!enough()) {
    lock.unlock();
    auto patient = [this] { return !stop_.stop_requested(); };
    if (!wire_->send(line ? FrameKind::WantLine : FrameKind::WantAll, job_.id, {}, patient)) return {};
    lock.lock();
    if (!input_came_.wait(lock, stop_.get_token(), enough)) return {};
  }
  return take_input(line);
}

}  // namespace plumb::engine
