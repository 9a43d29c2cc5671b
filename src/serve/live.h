// Answers that go on: a log as it grows, a run until it ends, changes as they happen.
//
// One thread for all of them, which sleeps until a log grows, a run changes, or it is time to look again; it starts
// with the first such answer. It only wakes streams: what a stream says next is read when its client has taken what
// came before, so five hundred slow clients cost their sockets and no more.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/http_server.h"
#include "serve/serve.h"

namespace plumb::serve {

// Which changes somebody wants to hear of; empty texts: all.
struct ChangeFilter {
  std::string workflow = {};
  std::string run_id = {};
};

class Live {
 public:
  explicit Live(const Parts& parts);
  ~Live();

  using Stream = std::shared_ptr<ServerStream>;
  // Lines of JSON {"state": …}; the last has the values that these tasks left, if any were asked for.
  Stream wait_for_run(std::int64_t run, std::chrono::seconds interval, std::vector<std::string> results);
  // Server-sent events, a line of the log each, from this offset on; "end" when the attempt has ended.
  Stream follow_log(const store::AttemptRow& attempt, const std::filesystem::path& file, std::uint64_t offset);
  // Server-sent events, a change each.
  Stream follow_changes(ChangeFilter filter);

  // On the scheduler's thread.
  void changed(const workflow::Change& change);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Watched {
    std::weak_ptr<ServerStream> stream;
    std::int64_t run = 0;
    std::filesystem::path log = {};
    std::chrono::milliseconds every{0};
    Time next = {};
    bool listens_to_changes = false;
    ChangeFilter filter = {};
  };
  void watch(Watched watched);
  void run();
  void poll_once();
  void tell();
  Time wake_due(Time now);
  void wake_of_run();
  void tell_changes(const workflow::Change& change);

  const Parts& parts_;
  std::mutex mutex_;
  FileDescriptor news_;  // an eventfd: something below has changed
  std::vector<Watched> watched_;
  std::set<std::int64_t> changed_runs_;
  bool stopping_ = false;
  std::map<std::filesystem::path, run::LogWatch> logs_;  // of the thread alone
  std::thread thread_;
};

}  // namespace plumb::serve
