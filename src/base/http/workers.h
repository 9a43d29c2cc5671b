// Threads that come when there is work and go when there is none. (Private to base.)
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace plumb {

class Workers {
 public:
  using Work = std::function<void()>;
  // At most so many threads; one that had nothing to do for `idle` ends.
  explicit Workers(int most, std::chrono::milliseconds idle = std::chrono::seconds(10));
  ~Workers() { join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // The work must not throw.
  void post(Work work);
  // Finishes what was posted and ends all threads. Nothing may be posted after it.
  void join();

 private:
  void run();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);

  const std::size_t most_;
  const std::chrono::milliseconds idle_after_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;
  std::unordered_map<std::thread::id, std::thread> threads_;
  std::vector<std::thread> ended_;  // to be joined
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace plumb
