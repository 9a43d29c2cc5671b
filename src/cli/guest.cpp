#include "cli/guest.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;

// The commands that open databases.
constexpr std::array<std::string_view, 17> kShared{
    "load",  "copy",          "query",           "diff",     "run",     "build", "test",
    "seed",  "clone",         "retry",           "snapshot", "compile", "show",  "run-operation",
    "debug", "docs generate", "source freshness"};

std::optional<fs::path> project_folder(const Request& request) {
  if (!request.project_dir.empty()) return request.project_dir;
  return config::find_project_folder(".");
}

// The streams over there are ours.
class GuestTerminal {
 public:
  explicit GuestTerminal(const World& world) : world_(world), streams_(own_streams()) {}

  Screen screen() const { return streams_->screen(); }
  engine::GuestStreams streams() {
    return {.write = [this](Stream stream, std::string_view text) { write(stream, text); },
            .read = [this](bool line) { return read(line); }};
  }
  std::stop_token token() const { return stop_.get_token(); }
  bool output_gone() const { return output_gone_; }

 private:
  void write(Stream stream, std::string_view text) {
    if (output_gone_ || streams_->write(stream, text, world_.stop) || stream == Stream::Errors) return;
    // Nobody reads any more: the work over there is in vain.
    output_gone_ = errno == EPIPE;
    stop_.request_stop();
  }
  // Input ends with a stop; over there the command is told to end.
  std::string read(bool line) {
    try {
      return streams_->read(line, world_.stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Cancelled) throw;
      return {};
    }
  }

  const World& world_;
  std::unique_ptr<Streams> streams_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> pass_on_{world_.stop, [this] { stop_.request_stop(); }};
  bool output_gone_ = false;
};

}  // namespace

std::optional<int> run_as_guest(const std::vector<std::string>& arguments, const Request& request, const World& world) {
  if (std::ranges::find(kShared, request.word) == kShared.end()) return std::nullopt;
  auto folder = project_folder(request);
  if (!folder) return std::nullopt;
  auto guest = engine::Guest::find(*folder, ".");
  if (!guest) return std::nullopt;
  GuestTerminal terminal(world);
  auto ended = guest->carry_out({.arguments = arguments,
                                 .folder = fs::current_path(),
                                 .environment = world.environment.all(),
                                 .whole_environment = true,
                                 .screen = terminal.screen(),
                                 .asks_for_input = true},
                                terminal.streams(), terminal.token());
  if (!ended) return std::nullopt;
  if (world.report != nullptr) world.report->take(ended->report);
  if (terminal.output_gone()) return 128 + SIGPIPE;
  return ended->exit_code;
}

}  // namespace plumb::cli
