#include "engine/guest.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <chrono>

#include "engine/messages.h"
#include "engine/wire.h"

namespace plumb::engine {

namespace {

// The engine's loop answers at once, however busy its jobs are.
constexpr auto kGreetingTime = std::chrono::seconds(2);

bool wait_to_read(int descriptor, std::chrono::milliseconds limit) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(limit.count())) > 0;
}

std::optional<Greeting> hear_greeting(Wire& wire) {
  const auto until = std::chrono::steady_clock::now() + kGreetingTime;
  while (wire.receive()) {
    if (auto frame = wire.next()) {
      if (frame->kind != FrameKind::Hello) return std::nullopt;
      return read_greeting(frame->body);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !wait_to_read(wire.descriptor(), left)) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

struct Guest::State {
  Wire wire;
  explicit State(FileDescriptor socket) : wire(std::move(socket)) {}
};

Guest::Guest(std::unique_ptr<State> state) : state_(std::move(state)) {}
Guest::Guest(Guest&&) noexcept = default;
Guest& Guest::operator=(Guest&&) noexcept = default;
Guest::~Guest() = default;

std::optional<Guest> Guest::find(const std::filesystem::path& project_folder, const std::filesystem::path& folder) {
  auto socket = find_engine(project_folder);
  if (!socket) return std::nullopt;
  auto state = std::make_unique<State>(*std::move(socket));
  // Whatever answers there in another way is no engine of ours.
  try {
    auto greeting = hear_greeting(state->wire);
    if (!greeting || greeting->protocol != kProtocol) return std::nullopt;
    std::error_code ignored;
    if (!greeting->folders && !std::filesystem::equivalent(project_folder, folder, ignored)) return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
  return Guest(std::move(state));
}

namespace {

// The conversation about one job.
class Talk {
 public:
  Talk(Wire& wire, const GuestStreams& streams, const std::stop_token& stop)
      : wire_(wire), streams_(streams), stop_(stop), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  std::optional<Ended> run(const Job& job) {
    id_ = job.id;
    send(FrameKind::Hello, greeting_json({.protocol = kProtocol, .pid = 0, .folders = true}));
    send(FrameKind::Job, job_json(job));
    std::stop_callback ring(stop_, [this] { ::eventfd_write(bell_.get(), 1); });
    bool there = true;
    while (there) {
      wait();
      there = wire_.receive();
      while (auto frame = wire_.next()) take(*frame);
      if (ended_) return std::move(ended_);
    }
    if (!started_) return std::nullopt;
    throw Error(ErrorKind::Io, "the server's engine died while it carried this out",
                {.hint = "what was committed is kept; run the command again", .retry_may_help = true});
  }

 private:
  void send(FrameKind kind, std::string_view body) {
    wire_.send(kind, id_, body, [] { return true; });
  }

  void wait() {
    if (stop_.stop_requested() && !cancelled_) {
      cancelled_ = true;
      send(FrameKind::Cancel, {});
      eventfd_t count = 0;
      ::eventfd_read(bell_.get(), &count);
    }
    std::array<pollfd, 2> waiting{pollfd{wire_.descriptor(), POLLIN, 0}, pollfd{bell_.get(), POLLIN, 0}};
    ::poll(waiting.data(), cancelled_ ? 1 : 2, -1);
  }

  void take(const Frame& frame) {
    switch (frame.kind) {
      case FrameKind::Started:
        started_ = true;
        break;
      case FrameKind::Output:
        write(Stream::Output, frame.body);
        break;
      case FrameKind::Errors:
        write(Stream::Errors, frame.body);
        break;
      case FrameKind::WantLine:
        send(FrameKind::Input, streams_.read(true) + "\n");
        break;
      case FrameKind::WantAll:
        send_all(streams_.read(false));
        break;
      case FrameKind::Ended:
        ended_ = read_ended(id_, frame.body);
        break;
      default:
        break;
    }
  }

  void write(Stream stream, const std::string& text) {
    if (!cancelled_ || stream == Stream::Errors) streams_.write(stream, text);
  }

  void send_all(std::string_view text) {
    constexpr std::size_t kPiece = 1u << 20;
    while (text.size() > kPiece) {
      send(FrameKind::Input, text.substr(0, kPiece));
      text.remove_prefix(kPiece);
    }
    send(FrameKind::LastInput, text);
  }

  Wire& wire_;
  const GuestStreams& streams_;
  const std::stop_token& stop_;
  FileDescriptor bell_;
  std::uint64_t id_ = 0;
  bool started_ = false;
  bool cancelled_ = false;
  std::optional<Ended> ended_;
};

}  // namespace

std::optional<Ended> Guest::carry_out(Job job, const GuestStreams& streams, std::stop_token stop) {
  job.id = 1;
  return Talk(state_->wire, streams, stop).run(job);
}

}  // namespace plumb::engine
