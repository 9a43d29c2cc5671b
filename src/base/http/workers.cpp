#include "base/http/workers.h"

#include <algorithm>

namespace plumb {

Workers::Workers(int most, std::chrono::milliseconds idle)
    : most_(static_cast<std::size_t>(std::max(most, 1))), idle_after_(idle) {}

void Workers::post(Work work) {
  std::vector<std::thread> ended;
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    ended.swap(ended_);
    if (queue_.size() > idle_ && threads_.size() < most_) {
      std::thread thread([this] { run(); });  // it waits for the lock that we hold
      std::thread::id id = thread.get_id();
      threads_.emplace(id, std::move(thread));
    }
  }
  changed_.notify_one();
  for (std::thread& thread : ended) thread.join();
}

void Workers::run() {
  std::unique_lock lock(mutex_);
  while (wait_for_work(lock)) {
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = {};
    lock.lock();
  }
  auto self = threads_.find(std::this_thread::get_id());
  ended_.push_back(std::move(self->second));
  threads_.erase(self);
  changed_.notify_all();
}

bool Workers::wait_for_work(std::unique_lock<std::mutex>& lock) {
  ++idle_;
  changed_.wait_for(lock, idle_after_, [this] { return stopping_ || !queue_.empty(); });
  --idle_;
  return !queue_.empty();
}

void Workers::join() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return threads_.empty(); });
  for (std::thread& thread : ended_) thread.join();  // each has left the lock for the last time, or is about to
  ended_.clear();
}

}  // namespace plumb
