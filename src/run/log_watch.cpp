#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <system_error>

#include "base/file.h"
#include "run/attempt_log.h"

namespace plumb::run {
namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
  struct stat status = {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

struct LogWatch::State {
  explicit State(const std::filesystem::path& path) : file(std::filesystem::absolute(path)) {
    notifier = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!notifier) throw file_error("can't watch the log", file, errno);
    watch_nearest();
  }

  // The file, or as long as it is not there the folder in which it, or the way to it, will appear.
  void watch_nearest() {
    while (watching != file) {
      std::filesystem::path nearest = file, missing;
      while (::inotify_add_watch(notifier.get(), nearest.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
        bool absent = errno == ENOENT || errno == ENOTDIR;
        if (!absent || !nearest.has_relative_path()) throw file_error("can't watch the log", nearest, errno);
        missing = nearest;
        nearest = nearest.parent_path();
      }
      watching = nearest;
      // It may have come before the watch was there.
      std::error_code ignored;
      if (missing.empty() || !std::filesystem::exists(missing, ignored)) return;
    }
  }

  void clear() {
    std::array<char, 4096> events;
    while (::read(notifier.get(), events.data(), events.size()) > 0) {
    }
    watch_nearest();
  }

  std::filesystem::path file;
  std::filesystem::path watching;
  FileDescriptor notifier;
};

LogWatch::LogWatch(const std::filesystem::path& file) : state_(std::make_unique<State>(file)) {}
LogWatch::~LogWatch() = default;
LogWatch::LogWatch(LogWatch&&) noexcept = default;
LogWatch& LogWatch::operator=(LogWatch&&) noexcept = default;

bool LogWatch::wait(std::uint64_t size, std::chrono::milliseconds limit, std::stop_token stop) {
  using std::chrono::steady_clock;
  FileDescriptor stopped(::eventfd(0, EFD_CLOEXEC));
  std::stop_callback<std::function<void()>> on_stop(stop, [&] { ::eventfd_write(stopped.get(), 1); });
  auto until = steady_clock::now() + limit;
  while (!stop.stop_requested()) {
    state_->clear();
    if (size_of(state_->file) > size) return true;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> waited{pollfd{state_->notifier.get(), POLLIN, 0}, pollfd{stopped.get(), POLLIN, 0}};
    ::poll(waited.data(), waited.size(), static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
  }
  return false;
}

int LogWatch::descriptor() const {
  return state_->notifier.get();
}

void LogWatch::clear() {
  state_->clear();
}

}  // namespace plumb::run
