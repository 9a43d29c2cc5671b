// Below spawner.h: what goes over the socket between a Spawner and its process. Frames: four bytes of length, then the
// message, of numbers in this machine's order and of texts with their length. Both ends are one program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "run/spawner.h"

namespace plumb::run {

struct Hello {
  std::string marker;
};
struct EndRequest {
  std::uint64_t id = 0;
  std::chrono::milliseconds grace{0};
};
struct WatchRequest {
  std::uint64_t id = 0;
  bool on = false;
};
using SpawnerRequest = std::variant<Hello, Launch, EndRequest, WatchRequest>;

// A whole frame.
std::string encode(const Hello& hello);
std::string encode(const Launch& launch);
std::string encode(const EndRequest& request);
std::string encode(const WatchRequest& request);
std::string encode(const SpawnerEvent& event);

// Of a frame without its length. Throw Error(Internal) for anything else.
SpawnerRequest decode_request(std::string_view message);
SpawnerEvent decode_event(std::string_view message);

// Puts frames together again.
class FrameBuffer {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }
  // The next message, if all of it is there.
  std::optional<std::string> next();

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace plumb::run
