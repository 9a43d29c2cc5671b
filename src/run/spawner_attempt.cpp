#include "run/spawner_attempt.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/format.h"
#include "run/spawner_program.h"

namespace plumb::run {
namespace {

constexpr std::chrono::milliseconds kBetweenNews{50};
// Only a program of another user can still hold a pipe when all that we may kill is dead.
constexpr std::chrono::seconds kLongestDrain{1};
constexpr int kReadsAtOnce = 16;

[[noreturn]] void fail(std::string_view doing) {
  throw Error(ErrorKind::Io, format("{}: {}", doing, std::generic_category().message(errno)));
}

// Below 3 nothing is ever free here: the spawner's own standard descriptors stay open.
struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("can't open a pipe");
    read = FileDescriptor(ends[0]);
    write = FileDescriptor(ends[1]);
    ::fcntl(read.get(), F_SETFL, O_NONBLOCK);
  }
  FileDescriptor read, write;
};

FileDescriptor open_null(int mode) {
  FileDescriptor null(::open("/dev/null", mode | O_CLOEXEC));
  if (!null) fail("can't open /dev/null");
  return null;
}

// A file in memory: it needs nobody to feed it, and no care when the program does not read it.
FileDescriptor open_input(std::string_view text) {
  if (text.empty()) return open_null(O_RDONLY);
  FileDescriptor memory(::memfd_create("plumb-input", MFD_CLOEXEC));
  while (memory && !text.empty()) {
    ssize_t written = ::write(memory.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (!memory || !text.empty()) fail("can't keep a program's input");
  ::lseek(memory.get(), 0, SEEK_SET);
  return memory;
}

std::chrono::microseconds duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

std::string name_of_signal(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? format("signal {}", signal) : format("SIG{}", name);
}

std::string time_text(std::chrono::milliseconds time) {
  if (time.count() % 1000 == 0) return format("{} s", time.count() / 1000);
  return format("{} ms", time.count());
}

void add(std::optional<Moment>& earliest, const std::optional<Moment>& other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace

Attempt::Attempt(const Launch& launch, std::string_view marker, std::uint64_t mark, Instant now)
    : id_(launch.id), last_lines_(launch.last_lines), grace_(launch.grace), timeout_(launch.timeout) {
  result_.id = launch.id;
  open_log(launch);
  ProgramStart start;
  try {
    FileDescriptor input = open_input(launch.input);
    if (log_) {
      Pipe output, errors;
      start = start_program(launch, marker, mark, {input.get(), output.write.get(), errors.write.get()});
      output_ = std::move(output.read);
      errors_ = std::move(errors.read);
    } else {
      FileDescriptor nowhere = open_null(O_WRONLY);
      start = start_program(launch, marker, mark, {input.get(), nowhere.get(), nowhere.get()});
    }
  } catch (const Error& error) {  // no descriptors left, or no memory
    start = {.exit_code = 126, .problem = error.message()};
  }
  if (!start.problem.empty()) {
    if (start.pid > 0) ::waitpid(start.pid, nullptr, 0);
    result_.exit_code = start.exit_code;
    result_.problem = start.problem;
    output_.close();
    errors_.close();
    leftovers_ = false;
    note(start.problem, now);
    return;
  }
  pid_ = start.pid;
  if (timeout_) time_limit_ = std::chrono::steady_clock::now() + *timeout_;
}

void Attempt::open_log(const Launch& launch) {
  if (launch.log_file.empty()) return;
  try {
    log_.emplace(launch.log_file, AttemptLogOptions{.secrets = launch.secrets, .largest = launch.largest_log});
  } catch (const Error& error) {
    result_.log_problem = error.message();  // the work matters more than its log
  }
}

void Attempt::note(std::string_view text, Instant now) {
  if (log_) log_->note(text, now);
}

void Attempt::read(LogStream stream, std::span<char> buffer, Instant now) {
  FileDescriptor& from = pipe(stream);
  for (int i = 0; from && i < kReadsAtOnce; ++i) {
    ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got > 0) log_->output(stream, {buffer.data(), static_cast<std::size_t>(got)}, now);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    if (got < 0 && errno == EAGAIN) return;
    from.close();
  }
}

// While the program is not reaped its number is its own.
void Attempt::signal_group(int signal) const {
  if (!program_ended()) ::kill(-pid_, signal);
}

void Attempt::end(std::chrono::milliseconds grace, Moment now) {
  if (!kill_at_) {
    signal_group(SIGTERM);
    signal_group(SIGCONT);  // a stopped program hears nothing else
  }
  kill_at_ = std::min(kill_at_.value_or(Moment::max()), now + grace);
}

void Attempt::kill_by_request(std::chrono::milliseconds grace, Moment now) {
  if (program_ended()) return;
  result_.killed = true;
  end(grace, now);
}

void Attempt::kill_group() const {
  signal_group(SIGKILL);
}

void Attempt::reaped(int status, const rusage& usage, Instant now) {
  status_ = status;
  time_limit_.reset();
  kill_at_.reset();
  if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
  result_.at = now;
  result_.cpu_time = duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
  result_.largest_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void Attempt::set_leftovers(bool some, Moment now) {
  leftovers_ = some;
  if (!some && !drain_until_) drain_until_ = now + kLongestDrain;
}

bool Attempt::finished() const {
  return program_ended() && !leftovers_ && !output_ && !errors_;
}

void Attempt::note_end(Instant now) {
  if (result_.signal != 0) note(format("ended by {}", name_of_signal(result_.signal)), now);
  if (result_.signal == 0 && result_.exit_code > 0 && result_.problem.empty())
    note(format("exit code {}", result_.exit_code), now);
}

Ended Attempt::take_result(Instant now) {
  if (result_.at == Instant{}) result_.at = now;
  if (log_) {
    note_end(now);
    log_->close(now);
    result_.dropped_bytes = log_->dropped_bytes();
    if (!log_->problem().empty()) result_.log_problem = log_->problem();
    try {
      if (last_lines_ > 0) result_.last_lines = log_->last_lines(last_lines_);
    } catch (const Error& error) {
      result_.log_problem = error.message();
    }
  }
  return std::move(result_);
}

std::optional<Moment> Attempt::next_moment() const {
  std::optional<Moment> next;
  add(next, time_limit_);
  add(next, kill_at_);
  if (output_ || errors_) add(next, drain_until_);
  if (watched_ && log_ && log_->size() > told_size_) add(next, told_at_ + kBetweenNews);
  return next;
}

void Attempt::fire(Moment now, Instant instant) {
  if (time_limit_ && *time_limit_ <= now) {
    time_limit_.reset();
    result_.timed_out = true;
    note(format("ended after its time limit of {}", time_text(*timeout_)), instant);
    end(grace_, now);
  }
  if (kill_at_ && *kill_at_ <= now) {
    kill_group();
    kill_at_ = Moment::max();  // nothing more to do, and SIGTERM is not sent again
  }
  if (drain_until_ && *drain_until_ <= now) {
    output_.close();
    errors_.close();
  }
}

void Attempt::watch(bool on) {
  watched_ = on;
  told_size_ = 0;
}

std::optional<std::uint64_t> Attempt::take_growth(Moment now) {
  if (!watched_ || !log_ || log_->size() <= told_size_ || now < told_at_ + kBetweenNews) return std::nullopt;
  told_size_ = log_->size();
  told_at_ = now;
  return told_size_;
}

}  // namespace plumb::run
