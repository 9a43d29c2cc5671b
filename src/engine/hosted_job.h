// A job inside the engine: its thread, its streams, its stop.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/host.h"
#include "engine/wire.h"

namespace plumb::engine {

class HostedJob : private JobStreams {
 public:
  // `finished` is called at the very end, on the job's thread.
  HostedJob(Job job, std::shared_ptr<Wire> wire, const CarryOut& carry_out, std::function<void()> finished);
  ~HostedJob() override;
  HostedJob(const HostedJob&) = delete;
  HostedJob& operator=(const HostedJob&) = delete;

  std::uint64_t id() const { return job_.id; }
  const Wire& wire() const { return *wire_; }

  void start();
  bool started() const { return thread_.joinable(); }
  bool finished() const { return finished_; }
  void cancel();
  void feed(std::string text, bool last);
  // When its time is over; none before it has started.
  std::optional<std::chrono::steady_clock::time_point> deadline() const { return deadline_; }
  void time_out();

 private:
  bool write(Stream stream, std::string_view text) override;
  std::string read(bool line) override;
  std::string take_input(bool line);
  void work();
  Ended carry_out_safely();

  Job job_;
  std::shared_ptr<Wire> wire_;
  const CarryOut& carry_out_;
  std::function<void()> tell_finished_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::stop_source stop_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> timed_out_ = false;
  std::atomic<bool> finished_ = false;
  std::mutex input_mutex_;  // guards what follows
  std::condition_variable_any input_came_;
  std::string input_;
  bool input_ended_;
  std::thread thread_;
};

// True where a thread may have a working folder of its own: everywhere but in some containers.
bool threads_have_folders();

}  // namespace plumb::engine
