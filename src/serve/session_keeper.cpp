#include "serve/session_keeper.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/document.h"
#include "base/format.h"
#include "base/process.h"

namespace plumb::serve {

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kFirstRetry{5};
constexpr std::chrono::seconds kLongestRetry{60};
constexpr std::chrono::seconds kLongestRefresh{120};
constexpr std::chrono::duration<double> kShortestWait{0.5};
constexpr int kNeedsPerson = 3;  // exit codes: src/cli/cli.h
constexpr int kBusy = 4;

// The first line of what a child said went wrong.
std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  return line.starts_with("plumb: ") ? line.substr(7) : line;
}

}  // namespace

struct SessionKeeper::State {
  struct Session {
    steady_clock::time_point due;
    std::chrono::seconds retry = kFirstRetry;
    bool works = false;
  };

  explicit State(SessionKeeperOptions given) : options(std::move(given)) {
    thread = std::jthread([this](const std::stop_token& stop) { keep(stop); });
  }

  void keep(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      find_sessions();
      auto next = steady_clock::now() + options.look;
      for (auto at = sessions.begin(); at != sessions.end() && !stop.stop_requested();) {
        auto current = at++;
        if (current->second.due <= steady_clock::now() && !refresh(current->first, current->second)) {
          sessions.erase(current);
        } else {
          next = std::min(next, current->second.due);
        }
      }
      changed.wait_until(lock, stop, next, [] { return false; });
    }
  }

  void find_sessions() {
    std::error_code none;
    std::map<std::string, Session> found;
    for (const auto& entry : fs::directory_iterator(options.folder / ".plumb" / "sessions", none)) {
      const std::string name = entry.path().stem();
      if (entry.path().extension() != ".session" || name.ends_with(".challenge")) continue;
      auto known = sessions.find(name);
      found[name] = known != sessions.end() ? known->second : Session{.due = steady_clock::now()};
    }
    // One that somebody else found dead, or signed out.
    for (const auto& [name, session] : sessions) {
      if (!found.contains(name)) options.log.info(format("{}: there is no session any more", name));
    }
    sessions = std::move(found);
  }

  // False when it is lost.
  bool refresh(const std::string& name, Session& session) {
    Command command{.arguments = options.program};
    for (const char* word : {"--json", "--project-dir"}) command.arguments.emplace_back(word);
    command.arguments.push_back(options.folder.string());
    for (const char* word : {"connections", "refresh"}) command.arguments.emplace_back(word);
    command.arguments.push_back(name);
    command.timeout = kLongestRefresh;
    // A child that can't be started is tried again like one that failed.
    try {
      return note(name, session, run_command(command));
    } catch (const Error& error) {
      return note(name, session, {.exit_code = 1, .output = {}, .errors = error.message()});
    }
  }

  bool note(const std::string& name, Session& session, const CommandResult& result) {
    const auto now = steady_clock::now();
    if (result.ok()) {
      session.due = now + time_until_next(result.output);
      session.retry = kFirstRetry;
      options.log.info(format("{}: the session was refreshed", name));
      if (!session.works) session.works = tell_signed_in(name);
      return true;
    }
    const std::string why = message_of(result);
    if (result.exit_code == kNeedsPerson) {
      options.log.warn(format("{}: the session is lost: {}", name, why));
      if (options.lost) options.lost(name, why);
      return false;
    }
    session.due = now + (result.exit_code == kBusy ? kFirstRetry : session.retry);
    session.retry = std::min(session.retry * 2, kLongestRetry);
    options.log.warn(format("{}: the session could not be refreshed: {}", name, why));
    return true;
  }

  // False when it has to be told again: whoever is told may be at odds with his disk.
  bool tell_signed_in(const std::string& name) {
    try {
      if (options.signed_in) options.signed_in(name);
      return true;
    } catch (const Error& error) {
      options.log.warn(format("{}: its return could not be told: {}", name, error.message()));
      return false;
    }
  }

  static std::string message_of(const CommandResult& result) {
    try {
      return parse_json(result.errors, "an error").root().get("error").get("message").as_text();
    } catch (const Error&) {
      return first_line(result.errors);  // the child did not get as far as JSON
    }
  }

  static steady_clock::duration time_until_next(const std::string& output) {
    try {
      const Document document = parse_json(output, "an answer");
      const std::chrono::duration<double> left(document.root().get("next_refresh_seconds").as_double());
      return std::chrono::duration_cast<steady_clock::duration>(std::max(left, kShortestWait));
    } catch (const Error&) {
      // An answer that can't be read is as good as none.
    }
    return kLongestRetry;
  }

  SessionKeeperOptions options;
  std::map<std::string, Session> sessions;  // by connection
  std::jthread thread;
};

SessionKeeper::SessionKeeper(SessionKeeperOptions options) : state_(std::make_unique<State>(std::move(options))) {}
SessionKeeper::~SessionKeeper() = default;

}  // namespace plumb::serve
