#include "run/spawner_wire.h"

#include <cstring>
#include <type_traits>

#include "base/error.h"

namespace plumb::run {
namespace {

enum class Tag : std::uint8_t { Hello, Launch, End, Watch, Started, Ended, LogGrew };

// Both directions are one list of fields: `io(value)` writes it or reads it.
class Writer {
 public:
  explicit Writer(Tag tag) : out_(sizeof(std::uint32_t), '\0') { number(static_cast<std::uint8_t>(tag)); }

  template <class Number>
  void number(Number value) {
    static_assert(std::is_integral_v<Number>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint64_t>(value.size()));
    out_ += value;
  }
  std::string frame() {
    auto length = static_cast<std::uint32_t>(out_.size() - sizeof(std::uint32_t));
    std::memcpy(out_.data(), &length, sizeof length);
    return std::move(out_);
  }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  template <class Number>
  Number number() {
    Number value{};
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<std::uint64_t>())); }
  bool boolean() { return number<std::uint8_t>() != 0; }
  std::chrono::milliseconds milliseconds() { return std::chrono::milliseconds(number<std::int64_t>()); }
  Instant instant() { return Instant(Duration(number<std::int64_t>())); }

 private:
  std::string_view take(std::uint64_t count) {
    if (count > text_.size()) throw Error(ErrorKind::Internal, "a message of the spawner ends too early");
    std::string_view taken = text_.substr(0, count);
    text_.remove_prefix(count);
    return taken;
  }
  std::string_view text_;
};

Launch read_launch(Reader& in) {
  Launch launch;
  launch.id = in.number<std::uint64_t>();
  for (auto count = in.number<std::uint64_t>(); count > 0; --count) launch.arguments.push_back(in.text());
  for (auto count = in.number<std::uint64_t>(); count > 0; --count) {
    std::string name = in.text();
    launch.environment.emplace_back(std::move(name), in.text());
  }
  launch.folder = in.text();
  launch.input = in.text();
  launch.log_file = in.text();
  for (auto count = in.number<std::uint64_t>(); count > 0; --count) launch.secrets.emplace_back(in.text());
  launch.largest_log = in.number<std::uint64_t>();
  launch.last_lines = in.number<std::uint64_t>();
  if (in.boolean()) launch.timeout = in.milliseconds();
  launch.grace = in.milliseconds();
  return launch;
}

std::string write_ended(const Ended& ended) {
  Writer out(Tag::Ended);
  out.number(ended.id);
  out.number(ended.exit_code);
  out.number(ended.signal);
  out.number(static_cast<std::uint8_t>(ended.timed_out));
  out.number(static_cast<std::uint8_t>(ended.killed));
  out.text(ended.problem);
  out.text(ended.log_problem);
  out.number(ended.at.time_since_epoch().count());
  out.number(ended.cpu_time.count());
  out.number(ended.largest_memory);
  out.number(ended.dropped_bytes);
  out.number(static_cast<std::uint64_t>(ended.last_lines.size()));
  for (const std::string& line : ended.last_lines) out.text(line);
  return out.frame();
}

Ended read_ended(Reader& in) {
  Ended ended;
  ended.id = in.number<std::uint64_t>();
  ended.exit_code = in.number<int>();
  ended.signal = in.number<int>();
  ended.timed_out = in.boolean();
  ended.killed = in.boolean();
  ended.problem = in.text();
  ended.log_problem = in.text();
  ended.at = in.instant();
  ended.cpu_time = std::chrono::microseconds(in.number<std::int64_t>());
  ended.largest_memory = in.number<std::uint64_t>();
  ended.dropped_bytes = in.number<std::uint64_t>();
  for (auto count = in.number<std::uint64_t>(); count > 0; --count) ended.last_lines.push_back(in.text());
  return ended;
}

}  // namespace

std::string encode(const Hello& hello) {
  Writer out(Tag::Hello);
  out.text(hello.marker);
  return out.frame();
}

std::string encode(const Launch& launch) {
  Writer out(Tag::Launch);
  out.number(launch.id);
  out.number(static_cast<std::uint64_t>(launch.arguments.size()));
  for (const std::string& argument : launch.arguments) out.text(argument);
  out.number(static_cast<std::uint64_t>(launch.environment.size()));
  for (const auto& [name, value] : launch.environment) {
    out.text(name);
    out.text(value);
  }
  out.text(launch.folder.native());
  out.text(launch.input);
  out.text(launch.log_file.native());
  out.number(static_cast<std::uint64_t>(launch.secrets.size()));
  for (const Secret& secret : launch.secrets) out.text(secret.reveal());
  out.number(launch.largest_log);
  out.number(static_cast<std::uint64_t>(launch.last_lines));
  out.number(static_cast<std::uint8_t>(launch.timeout.has_value()));
  if (launch.timeout) out.number(static_cast<std::int64_t>(launch.timeout->count()));
  out.number(static_cast<std::int64_t>(launch.grace.count()));
  return out.frame();
}

std::string encode(const EndRequest& request) {
  Writer out(Tag::End);
  out.number(request.id);
  out.number(static_cast<std::int64_t>(request.grace.count()));
  return out.frame();
}

std::string encode(const WatchRequest& request) {
  Writer out(Tag::Watch);
  out.number(request.id);
  out.number(static_cast<std::uint8_t>(request.on));
  return out.frame();
}

std::string encode(const SpawnerEvent& event) {
  if (const auto* started = std::get_if<Started>(&event)) {
    Writer out(Tag::Started);
    out.number(started->id);
    out.number(started->pid);
    out.number(started->at.time_since_epoch().count());
    return out.frame();
  }
  if (const auto* grew = std::get_if<LogGrew>(&event)) {
    Writer out(Tag::LogGrew);
    out.number(grew->id);
    out.number(grew->size);
    return out.frame();
  }
  return write_ended(std::get<Ended>(event));
}

SpawnerRequest decode_request(std::string_view message) {
  Reader in(message);
  switch (static_cast<Tag>(in.number<std::uint8_t>())) {
    case Tag::Hello:
      return Hello{in.text()};
    case Tag::Launch:
      return read_launch(in);
    case Tag::End: {
      auto id = in.number<std::uint64_t>();
      return EndRequest{id, in.milliseconds()};
    }
    case Tag::Watch: {
      auto id = in.number<std::uint64_t>();
      return WatchRequest{id, in.boolean()};
    }
    default:
      throw Error(ErrorKind::Internal, "the spawner got a message that is none");
  }
}

SpawnerEvent decode_event(std::string_view message) {
  Reader in(message);
  switch (static_cast<Tag>(in.number<std::uint8_t>())) {
    case Tag::Started: {
      auto id = in.number<std::uint64_t>();
      int pid = in.number<int>();
      return Started{id, pid, in.instant()};
    }
    case Tag::Ended:
      return read_ended(in);
    case Tag::LogGrew: {
      auto id = in.number<std::uint64_t>();
      return LogGrew{id, in.number<std::uint64_t>()};
    }
    default:
      throw Error(ErrorKind::Internal, "the spawner sent a message that is none");
  }
}

std::optional<std::string> FrameBuffer::next() {
  std::uint32_t length = 0;
  if (bytes_.size() - at_ < sizeof length) return std::nullopt;
  std::memcpy(&length, bytes_.data() + at_, sizeof length);
  if (bytes_.size() - at_ - sizeof length < length) return std::nullopt;
  std::string message = bytes_.substr(at_ + sizeof length, length);
  at_ += sizeof length + length;
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  }
  return message;
}

}  // namespace plumb::run
