// Below spawner.h: how the processes of an attempt are told from all others, whoever their parents are by now.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace plumb::run {

// A spawner's number, from its marker; never 0. In RLIMIT_LOCKS it stands above the number of the launch, 0 being the
// spawner itself.
std::uint32_t instance_of(std::string_view marker);
std::uint64_t mark_of(std::uint32_t instance, std::uint32_t launch);
// Gives this process, and all that come from it, a mark. Async-signal-safe.
void set_mark(std::uint64_t mark);

// The launch that a process belongs to; empty when it is none of this instance, or can't be asked.
std::optional<std::uint32_t> find_launch(pid_t pid, std::uint32_t instance);
// The same from the environment that it was started with, where PLUMB_ATTEMPT is "MARKER:ID": the ID.
std::optional<std::uint64_t> find_attempt(pid_t pid, std::string_view marker);
// A spawner, of whichever instance.
bool is_spawner(pid_t pid);

// The living and the dead children of this process.
std::vector<pid_t> children();

// Kills all processes that carry the marker (but ours), and reaps those that are our children. Returns when none is
// left that can be killed; how many there were. With `patience` a spawner among them may first do it itself.
std::size_t kill_marked(std::string_view marker, bool patience);

}  // namespace plumb::run
