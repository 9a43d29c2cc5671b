#include "serve/live.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/format.h"

namespace plumb::serve {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A log is looked at this often even if nobody says that it grew (a file system without inotify), and this long is an
// answer silent at most, so that a client that has gone is noticed by the proxies between us.
constexpr milliseconds kLook{2000};
constexpr milliseconds kSilence{15'000};

std::string event(std::string_view name, std::string_view data) {
  return name.empty() ? format("data: {}\n\n", data) : format("event: {}\ndata: {}\n\n", name, data);
}

// Of one answer that follows a log.
struct LogFollower {
  store::Store& store;
  store::AttemptRow attempt;
  std::filesystem::path file;
  std::uint64_t offset;
  bool ended = false;
  steady_clock::time_point spoken = steady_clock::now();

  // Asked before the log is read, so that what was written up to the end is not missed.
  void look_for_end() {
    if (ended) return;
    for (const store::AttemptRow& row : store.reader()->attempts_of(attempt.run, attempt.task, attempt.map_index)) {
      if (row.try_number == attempt.try_number) ended = run::finished(row.state) || row.ended_at.has_value();
    }
  }

  void operator()(ServerStream& stream) {
    look_for_end();
    constexpr std::size_t kBytes = 64u << 10;
    run::LogPage page = run::read_log(file, offset, {.bytes = kBytes, .lines = 1000, .finished = ended});
    std::string text;
    for (const run::LogLine& line : page.lines) {
      JsonWriter json;
      json.begin_object().field("at", format_instant(line.at)).field("stream", run::to_string(line.stream));
      json.field("text", line.text).end_object();
      text += event("", json.str());
    }
    if (page.next_offset != offset) text += format("id: {}\n\n", page.next_offset);
    offset = page.next_offset;
    auto now = steady_clock::now();
    if (text.empty() && now - spoken >= kSilence) text = ": nothing new\n\n";
    if (!text.empty()) spoken = now;
    bool done = ended && page.lines.empty();
    if (done) text += event("end", "{}");
    if (!text.empty()) stream.push(text);
    if (done) stream.end();
  }
};

struct RunWaiter {
  store::Store& store;
  std::int64_t run;
  milliseconds interval;
  std::vector<std::string> results;
  std::optional<steady_clock::time_point> spoken = {};

  void operator()(ServerStream& stream) {
    std::unique_ptr<store::Reader> reader = store.reader();
    std::optional<store::RunRow> row = reader->find_run(run);
    bool done = !row || run::finished(row->state);
    auto now = steady_clock::now();
    if (!done && spoken && now - *spoken < interval) return;
    spoken = now;
    JsonWriter json;
    json.begin_object().field("state", row ? run::to_string(row->state) : "removed");
    if (done && row && !results.empty()) {
      json.key("results").begin_object();
      for (const std::string& task : results) {
        for (const store::ValueRow& value : reader->values_of(run, task)) {
          if (value.key == "return_value") json.key(task).raw(value.value_json);
        }
      }
      json.end_object();
    }
    json.end_object();
    stream.push(json.str() + "\n");
    if (done) stream.end();
  }
};

void name_run(JsonWriter& json, const workflow::Change& change) {
  if (!change.run) return;
  json.field("workflow", change.run->workflow).field("run_id", change.run->run_id);
}

std::string describe(const workflow::Change& change) {
  using Kind = workflow::Change::Kind;
  JsonWriter json;
  json.begin_object();
  std::string_view name = "definitions";
  name_run(json, change);
  switch (change.kind) {
    case Kind::RunState:
      name = "run";
      if (change.run) json.field("state", run::to_string(change.run->state));
      break;
    case Kind::TaskState:
    case Kind::AttemptEnded:
      name = change.kind == Kind::TaskState ? "task" : "attempt";
      if (change.task) {
        json.field("task", change.task->task).field("map_index", change.task->map_index);
        json.field("state", run::to_string(change.task->state)).field("try_number", change.task->try_number);
      }
      break;
    case Kind::AssetEvent:
      name = "asset";
      if (change.event) json.field("asset", change.event->asset);
      break;
    case Kind::Deadline:
    case Kind::Waiting:
      name = change.kind == Kind::Deadline ? "deadline" : "waiting";
      json.field("text", change.text);
      break;
    case Kind::Definitions:
      break;
  }
  json.end_object();
  return event(name, json.str());
}

}  // namespace

Live::Live(const Parts& parts) : parts_(parts), news_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!news_) throw file_error("can't make", "an eventfd", errno);
}

Live::~Live() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  tell();
  if (thread_.joinable()) thread_.join();
}

void Live::tell() {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(news_.get(), &one, sizeof one);  // full is as good as told
}

void Live::watch(Watched watched) {
  watched.next = steady_clock::now() + watched.every;
  {
    std::lock_guard lock(mutex_);
    watched_.push_back(std::move(watched));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  tell();
}

Live::Stream Live::wait_for_run(std::int64_t run, std::chrono::seconds interval, std::vector<std::string> results) {
  auto stream = std::make_shared<ServerStream>(RunWaiter{parts_.store, run, interval, std::move(results)});
  watch({.stream = stream, .run = run, .every = interval});
  return stream;
}

Live::Stream Live::follow_log(const store::AttemptRow& attempt, const std::filesystem::path& file,
                              std::uint64_t offset) {
  auto stream = std::make_shared<ServerStream>(LogFollower{parts_.store, attempt, file, offset});
  watch({.stream = stream, .run = attempt.run, .log = file, .every = kLook});
  return stream;
}

Live::Stream Live::follow_changes(ChangeFilter filter) {
  auto stream = std::make_shared<ServerStream>();
  stream->push(": listening\n\n");
  watch({.stream = stream, .every = kSilence, .listens_to_changes = true, .filter = std::move(filter)});
  return stream;
}

void Live::changed(const workflow::Change& change) {
  {
    std::lock_guard lock(mutex_);
    if (watched_.empty()) return;
    if (change.run) changed_runs_.insert(change.run->id);
    tell_changes(change);
  }
  if (change.run) tell();
}

void Live::tell_changes(const workflow::Change& change) {
  std::string text;
  for (Watched& watched : watched_) {
    if (!watched.listens_to_changes) continue;
    const ChangeFilter& filter = watched.filter;
    bool of_other = change.run && ((!filter.workflow.empty() && filter.workflow != change.run->workflow) ||
                                   (!filter.run_id.empty() && filter.run_id != change.run->run_id));
    Stream stream = watched.stream.lock();
    if (of_other || !stream) continue;
    if (text.empty()) text = describe(change);
    stream->push(text);
  }
}

void Live::run() {
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    poll_once();
  }
}

// Waits for whatever comes first, and wakes those whom it concerns.
void Live::poll_once() {
  std::vector<pollfd> descriptors = {{.fd = news_.get(), .events = POLLIN, .revents = 0}};
  std::vector<std::filesystem::path> files;
  auto now = steady_clock::now();
  Time next = wake_due(now);
  for (auto& [file, log] : logs_) {
    descriptors.push_back({.fd = log.descriptor(), .events = POLLIN, .revents = 0});
    files.push_back(file);
  }
  auto patience = std::chrono::ceil<milliseconds>(next - now);
  constexpr milliseconds kLongest{60'000};
  ::poll(descriptors.data(), descriptors.size(),
         static_cast<int>(std::clamp(patience, milliseconds(0), kLongest).count()));
  if (descriptors[0].revents) {
    std::uint64_t count = 0;
    [[maybe_unused]] ssize_t got = ::read(news_.get(), &count, sizeof count);
    wake_of_run();
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!descriptors[i + 1].revents) continue;
    logs_.at(files[i]).clear();
    std::lock_guard lock(mutex_);
    for (Watched& watched : watched_) {
      if (watched.log != files[i]) continue;
      if (Stream stream = watched.stream.lock()) stream->wake();
    }
  }
}

// Wakes those whose time has come, forgets those whose client has gone, and watches just the logs that are followed.
Live::Time Live::wake_due(Time now) {
  std::lock_guard lock(mutex_);
  std::erase_if(watched_, [](const Watched& watched) {
    Stream stream = watched.stream.lock();
    return !stream || !stream->listened();
  });
  Time next = now + std::chrono::hours(1);
  std::set<std::filesystem::path> wanted;
  for (Watched& watched : watched_) {
    if (!watched.log.empty()) wanted.insert(watched.log);
    if (watched.next <= now) {
      watched.next = now + watched.every;
      Stream stream = watched.stream.lock();
      if (stream && watched.listens_to_changes) stream->push(": nothing new\n\n");
      if (stream) stream->wake();
    }
    next = std::min(next, watched.next);
  }
  std::erase_if(logs_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  for (const std::filesystem::path& file : wanted) {
    if (!logs_.contains(file)) logs_.emplace(file, run::LogWatch(file));
  }
  return next;
}

void Live::wake_of_run() {
  std::lock_guard lock(mutex_);
  for (Watched& watched : watched_) {
    if (watched.run == 0 || !changed_runs_.contains(watched.run)) continue;
    if (Stream stream = watched.stream.lock()) stream->wake();
  }
  changed_runs_.clear();
}

}  // namespace plumb::serve
