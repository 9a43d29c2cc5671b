#include "workflow/loop/loop.h"

#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/format.h"

namespace plumb::workflow {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kGrace{5000};        // from SIGTERM to SIGKILL
constexpr milliseconds kLastCall{7000};     // for what runs when the loop stops
constexpr milliseconds kSettling{200};      // an editor writes a file in several steps
constexpr milliseconds kLazy{250};          // how late what is only nice to know may be written
constexpr milliseconds kRest{10'000};       // after the last commit
constexpr milliseconds kAfterTrouble{500};  // between two tries to reach the store

std::string program_of(const SchedulerOptions& options) {
  return options.program.empty() ? "/proc/self/exe" : options.program;
}

}  // namespace

Loop::Loop(SchedulerOptions options, const config::Project& project, store::Store& store, Clock& clock, Log log)
    : options_(std::move(options)),
      project_(project),
      store_(store),
      clock_(clock),
      log_(std::move(log)),
      logs_(project.folder / ".plumb" / "logs"),
      self_(store::this_scheduler(options_.kind, clock, options_.lease)),
      marker_(self_.id),
      started_at_(clock.now()),
      renderer_(project),
      definitions_(std::make_shared<Definitions>()) {
  options_.program = program_of(options_);
  if (!options_.passive) {
    spawner_ = run::Spawner::start({.marker = marker_, .again = {options_.program, "spawner"}});
    engine_ = std::make_unique<engine::EngineClient>(engine::EngineOptions{.folder = project.folder,
                                                                           .command = {options_.program, "engine"},
                                                                           .idle_timeout = options_.engine_idle,
                                                                           .log = log_.module("engine")});
  }
  secrets_ = project.secrets();
  wake_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  read_definitions();
  load_pools();
  if (!options_.passive) take_up();
  if (!options_.passive && options_.watches_files) watch_files();
  flush();
}

Loop::~Loop() {
  batch_.reset();  // what was not committed is not wanted
  if (options_.passive) return;
  try {
    store::Batch last = store_.begin();
    last.remove_scheduler(self_.id);
    last.commit();
  } catch (const Error& error) {
    log_.warn(format("the scheduler could not sign off: {}", error.message()));
  }
}

std::shared_ptr<const Definitions> Loop::definitions() const {
  std::lock_guard lock(definitions_mutex_);
  return definitions_;
}

SchedulerHealth Loop::health() const {
  return {.started_at = started_at_,
          .last_round = Instant(std::chrono::microseconds(last_round_)),
          .open_runs = open_runs_,
          .running_tasks = running_tasks_,
          .queued_tasks = queued_tasks_,
          .lag = std::chrono::microseconds(lag_),
          .engine_pid = engine_pid_,
          .engine_bytes = engine_bytes_,
          .rounds = rounds_};
}

// ---- The mail box

void Loop::wake() const {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Loop::perform(const std::function<void()>& work) {
  // Held until it is decided who works: the loop may be about to begin.
  std::unique_lock direct(direct_mutex_);
  std::future<void> answer;
  {
    std::lock_guard lock(mail_mutex_);
    if (loop_thread_ && *loop_thread_ != std::this_thread::get_id()) {
      Letter letter{.work = &work};
      answer = letter.answer.get_future();
      mail_.push_back(std::move(letter));
    }
  }
  if (answer.valid()) {
    direct.unlock();
    wake();
    return answer.get();
  }
  try {
    work();
    flush();
  } catch (...) {
    batch_.reset();
    throw;
  }
}

// ---- A round

void Loop::run(const std::function<bool()>& enough, std::stop_token stop) {
  {
    std::scoped_lock lock(direct_mutex_, mail_mutex_);
    loop_thread_ = std::this_thread::get_id();
  }
  std::stop_callback wake_up(stop, [this] { wake(); });
  round();  // what was taken up
  while (!stop.stop_requested() && !enough()) {
    wait(stop);
    round();
  }
  if (stop.stop_requested()) shut_down();
  std::deque<Letter> unread;
  {
    std::lock_guard lock(mail_mutex_);
    loop_thread_.reset();
    unread.swap(mail_);
  }
  for (Letter& letter : unread) {
    letter.answer.set_exception(std::make_exception_ptr(
        Error(ErrorKind::Cancelled, "the server is stopping", {.hint = "try again when it is up again"})));
  }
}

void Loop::wait(std::stop_token stop) {
  int timeout = -1;
  if (!timers_.empty()) {
    auto left = std::chrono::ceil<milliseconds>(timers_.begin()->first.first - now());
    timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, options_.clock_look.count()));
  }
  if (broken_) timeout = static_cast<int>(kAfterTrouble.count());
  std::array<pollfd, 4> watched = {{{.fd = wake_.get(), .events = POLLIN},
                                    {.fd = spawner_->descriptor(), .events = POLLIN},
                                    {.fd = engine_->descriptor(), .events = POLLIN},
                                    {.fd = files_.get(), .events = POLLIN}}};
  if (stop.stop_requested()) return;
  ::poll(watched.data(), watched.size(), timeout);
  if (watched[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] ssize_t got = ::read(wake_.get(), &count, sizeof count);
  }
  if (watched[3].revents != 0) take_file_changes();
}

// Everything that has happened is applied, then committed together, and only then is anything started. When the commit
// fails nothing of it has happened: memory is read again from the store, and the events are applied to that.
void Loop::round() {
  see_clock();
  last_round_ = clock_seen_.time_since_epoch().count();
  ++rounds_;
  take_events();
  std::deque<Letter> mail;
  {
    std::lock_guard lock(mail_mutex_);
    mail.swap(mail_);
  }
  try {
    if (broken_) resync();
    for (const HappenedEvent& happened : happened_) {
      if (const auto* event = std::get_if<run::SpawnerEvent>(&happened)) apply(*event);
      if (const auto* event = std::get_if<engine::Event>(&happened)) apply(*event);
    }
    for (Letter& letter : mail) {
      try {
        (*letter.work)();
        answered_.push_back(std::move(letter));
      } catch (const std::exception&) {
        letter.answer.set_exception(std::current_exception());
      }
    }
    fire_timers();
    dispatch();
    flush();
    happened_.clear();
    for (Letter& letter : answered_) letter.answer.set_value();
    answered_.clear();
    start_all();
  } catch (const Error& error) {
    if (error.type() == "Fenced") {
      let_go(error);
    } else {
      log_.error(format("the store can't be written: {}", error.message()));
    }
    give_up_round();
  } catch (const std::exception& error) {
    log_.error(format("a fault of plumb's own: {}", error.what()));
    happened_.clear();  // they might be what it fails at
    give_up_round();
  }
  open_runs_ = static_cast<std::int64_t>(runs_.size() + waiting_.size());
  running_tasks_ = at_work_;
  queued_tasks_ = static_cast<std::int64_t>(ready_.size());
  engine_pid_ = engine_->pid().value_or(0);
  ended_.clear();
}

// Nothing of it has happened; who asked for something hears why.
void Loop::give_up_round() {
  batch_.reset();
  others_work_.reset();
  starts_.clear();
  broken_ = true;
  for (Letter& letter : answered_) letter.answer.set_exception(std::current_exception());
  answered_.clear();
}

void Loop::take_events() {
  for (run::SpawnerEvent& event : spawner_->receive()) happened_.emplace_back(std::move(event));
  for (engine::Event& event : engine_->receive()) happened_.emplace_back(std::move(event));
}

store::Batch& Loop::batch() {
  if (!batch_) batch_.emplace(store_.begin());
  urgent_ = true;
  return *batch_;
}

void Loop::touch(ActiveRun& active) {
  active.dirty = true;
  dirty_runs_.insert(active.row.id);
  urgent_ = true;
}

void Loop::touch(ActiveRun& active, run::Instance instance) {
  TaskInstance& task = active.at(instance);
  if (!task.dirty && !task.attempt_dirty) active.dirty_tasks.push_back(instance);
  task.dirty = true;
  dirty_runs_.insert(active.row.id);
  urgent_ = true;
}

void Loop::touch_attempt(ActiveRun& active, run::Instance instance) {
  TaskInstance& task = active.at(instance);
  if (!task.dirty && !task.attempt_dirty) active.dirty_tasks.push_back(instance);
  task.attempt_dirty = true;
  dirty_runs_.insert(active.row.id);
  urgent_ = true;
}

// One transaction, one sync. What is only nice to know (a process's number) waits for the next one, or a moment.
void Loop::flush() {
  if (!urgent_) {
    if (!dirty_runs_.empty() && lazy_timer_ == 0) {
      lazy_timer_ = after(kLazy, [this] {
        lazy_timer_ = 0;
        urgent_ = true;
      });
    }
    return;
  }
  drop_timer(lazy_timer_);
  store::Batch& out = batch();
  for (auto& [name, scheduled] : scheduled_) {
    if (!scheduled.dirty) continue;
    see_pause(scheduled);
    out.save(scheduled.row);
    scheduled.dirty = scheduled.pause_changed = false;
  }
  for (std::int64_t id : dirty_runs_) {
    if (ActiveRun* active = find_active(id)) save_now(*active);
  }
  commit_now();
  dirty_runs_.clear();
  urgent_ = false;
  if (rest_timer_ == 0) rest_timer_ = after(kRest, [this] { rest(); });
}

// When nothing is at work the store may tidy up, which a commit would otherwise have to wait for, and so may we.
void Loop::rest() {
  rest_timer_ = 0;
  if (at_work_ > 0) {
    rest_timer_ = after(kRest, [this] { rest(); });
    return;
  }
  commit_now();
  store_.rest();
  ::malloc_trim(0);  // what a busy hour has taken does not stay
}

// Before rows are read again that this round has changed. Nothing is written for a server whose runs others have taken.
void Loop::commit_now() {
  if (!batch_) return;
  if (store_.shared() && !options_.passive) batch_->expect_lease(self_);
  batch_->commit();
  batch_.reset();
  others_work_.reset();
}

void Loop::start_all() {
  std::vector<Start> starts;
  starts.swap(starts_);
  for (const Start& start : starts) {
    if (const auto* launch = std::get_if<run::Launch>(&start.what)) spawner_->launch(*launch);
    if (start.callback) callbacks_.insert(start.flight);
    if (const auto* job = std::get_if<engine::Job>(&start.what)) engine_->start_job(*job);
  }
}

void Loop::tell(const Change& change) const {
  for (const Listener& listener : listeners) listener(change);
}

// ---- Files

void Loop::watch_files() {
  files_ = FileDescriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;
  for (const auto& folder : {project_.folder / "workflows", project_.folder / "pipelines"}) {
    ::inotify_add_watch(files_.get(), folder.c_str(), kChanges);
  }
  // Of the project's folder only plumb.yml matters, and that workflows/ comes into being.
  ::inotify_add_watch(files_.get(), project_.folder.c_str(), kChanges);
}

void Loop::take_file_changes() {
  alignas(inotify_event) std::array<char, 8192> buffer{};
  bool relevant = false;
  while (true) {
    ssize_t size = ::read(files_.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      std::string_view name = event->len > 0 ? event->name : "";
      relevant = relevant || name.ends_with(".yml") || name.ends_with(".yaml") || name == "workflows" ||
                 (event->mask & IN_Q_OVERFLOW) != 0;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  if (!relevant) return;
  drop_timer(reload_timer_);
  reload_timer_ = after(kSettling, [this] {
    reload_timer_ = 0;
    reload();
  });
}

// ---- Beginning and end

// Asks it to end; that it has is an event of its own.
void Loop::end_flight(std::uint64_t id, const Flight& flight) {
  if (flight.engine) {
    engine_->cancel(id);
  } else {
    spawner_->end(id, kGrace);
  }
}

// What runs is ended, and recorded as lost: the next start tries it again.
void Loop::shut_down() {
  for (const auto& [id, flight] : flights_) end_flight(id, flight);
  stopping_ = true;
  const auto until = std::chrono::steady_clock::now() + kLastCall;
  while (!(flights_.empty() && callbacks_.empty()) && std::chrono::steady_clock::now() < until) {
    std::array<pollfd, 2> watched = {
        {{.fd = spawner_->descriptor(), .events = POLLIN}, {.fd = engine_->descriptor(), .events = POLLIN}}};
    ::poll(watched.data(), watched.size(), 100);
    round();
  }
  engine_->stop(milliseconds(500));
  round();
}

}  // namespace plumb::workflow
