// The three standard streams of a command: this process's own, or those of a job that the engine carries out for
// somebody else.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace plumb::cli {

using engine::Screen;
using engine::Stream;

// write() may be called from any thread; read() from one.
class Streams {
 public:
  virtual ~Streams() = default;
  virtual Screen screen() const = 0;
  // False when the other end has gone or the disk is full: errno says which. Throws Error(Cancelled) when the stop
  // comes while the other end is slow.
  virtual bool write(Stream stream, std::string_view text, const std::stop_token& stop) = 0;
  // A line without its end, or all there is. Throws Error(Cancelled) on a stop, Error(Io).
  virtual std::string read(bool line, const std::stop_token& stop) = 0;
};

std::unique_ptr<Streams> own_streams();

}  // namespace plumb::cli
