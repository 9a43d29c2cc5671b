// A command line's side of an engine that somebody else owns: it is carried out there, with the same output.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/job.h"

namespace plumb::engine {

// What a job's streams are connected with. The functions are called on the thread that calls carry_out().
struct GuestStreams {
  std::function<void(Stream, std::string_view)> write;
  // A line, or all of the input; empty at its end.
  std::function<std::string(bool line)> read;
};

// A connection to the engine of a project.
class Guest {
 public:
  // Empty when no engine is at work there, the usual case: found out in microseconds. An engine of another version is
  // none either, nor one that can't work in `folder`, where the command was typed.
  static std::optional<Guest> find(const std::filesystem::path& project_folder, const std::filesystem::path& folder);

  // Carries the job out over there. A stop cancels it, and the end is waited for. Empty when the engine went away
  // before it began, so that nothing has happened. Throws Error(Io) when it dies later.
  std::optional<Ended> carry_out(Job job, const GuestStreams& streams, std::stop_token stop);

  Guest(Guest&&) noexcept;
  Guest& operator=(Guest&&) noexcept;
  ~Guest();

 private:
  struct State;
  explicit Guest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plumb::engine
