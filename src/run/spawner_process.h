// Below spawner.h: the life of the spawner's process. One loop over one epoll: the socket to its owner, the deaths of
// its children, the output of its attempts, and the next of their moments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "run/spawner_attempt.h"
#include "run/spawner_wire.h"

namespace plumb::run {

class SpawnerProcess {
 public:
  explicit SpawnerProcess(FileDescriptor control);
  // Returns when the owner is gone and nothing of any attempt is left.
  void run();

 private:
  void wait();
  void read_requests();
  void handle(SpawnerRequest request);
  void launch(const Launch& launch);
  void reap();
  // Kills children that are left of ended attempts, and finds out who has some.
  void sweep();
  // Of a child that is no program of ours: the launch it came from, 0 for one that is over.
  std::optional<std::uint32_t> find_launch_of(pid_t child) const;
  void fire();
  void finish();
  // The owner is gone: ends everything.
  void close();
  void send(const SpawnerEvent& event);
  void flush();
  void watch(int descriptor, std::uint32_t events, std::uint64_t what);
  Attempt* find(std::uint64_t id);
  bool idle() const;

  FileDescriptor control_, epoll_, deaths_;
  std::string marker_;
  std::uint32_t instance_ = 0;
  std::uint32_t launches_ = 0;
  std::map<std::uint32_t, Attempt> attempts_;  // by the number of their launch
  std::unordered_map<std::uint64_t, std::uint32_t> launch_of_id_;
  std::unordered_map<pid_t, std::uint32_t> launch_of_pid_;  // of programs that have not ended
  std::vector<char> buffer_;
  FrameBuffer requests_;
  std::string unsent_;
  bool waits_to_send_ = false;
  bool reaped_some_ = false;  // since the last sweep
  bool closing_ = false;
  bool children_left_ = false;
  SystemClock clock_;
};

}  // namespace plumb::run
