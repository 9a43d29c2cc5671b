// What went wrong, told to a person: plumb::Error.
//
// One exception type for the whole house. An exception ends one unit of work (a task, a request, a command); whatever a
// caller is meant to decide on is a value instead. An Error says what happened, where in the *user's* file, and what to
// do about it:
//
//     throw Error(ErrorKind::Config, "unknown key 'shedule'",
//                 {.place = node.place(), .hint = "did you mean 'schedule'?"});
//
// and prints as
//
//     workflows/morning.yml:2:1: unknown key 'shedule'
//        2 | shedule: "0 7 * * *"
//          | ^
//     hint: did you mean 'schedule'?
//
// It is caught in three places only: the worker of a run, the request handler of a server, and main. It is translated
// where foreign libraries enter and given its place where files are read. Messages never hold a secret: whatever
// looks like a credential is masked, in the message and the hint as well as in the source line and the cause, which
// others wrote.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plumb {

// The kinds that callers, exit codes and retries tell apart. Few on purpose.
enum class ErrorKind {
  Usage,      // the command line is wrong
  Config,     // a file of the user's is wrong
  Auth,       // a credential was refused or is missing
  Approval,   // a person has to act (a TAN) and did not, or refused
  Network,    // the other side could not be reached, or broke off
  Service,    // the other side answered with an error, or with nonsense
  Data,       // a value does not fit where it has to go
  Database,   // a database refused a statement
  Busy,       // somebody else holds the file or the lock
  NotFound,   // a named thing does not exist
  Io,         // a file or the disk
  Cancelled,  // a person or a deadline ended the work
  Internal,   // a bug of ours
};

// The kind's name in lower case, as logs and --json print it: "config".
std::string_view to_string(ErrorKind kind);

// A place in a file of the user's. Lines and columns count from 1, columns in characters; 0 is "unknown".
struct Place {
  std::string file = {};
  int line = 0;
  int column = 0;
  std::string source_line = {};  // the text of that line, for the caret; may be empty
  int source_column = 1;         // the column at which source_line starts: of a very long line only a part is kept

  bool known() const { return !file.empty(); }
};

// A step on the way to an error in a language of the house: "macro 'cents'", and where it was called.
struct CallPlace {
  std::string what;
  Place place;
};

class Error : public std::exception {
 public:
  struct Details {
    std::optional<Place> place = {};
    std::string hint = {};              // one sentence that says what to do
    bool retry_may_help = false;        // true for what passes by itself: a reset connection, a 503
    std::string cause = {};             // the foreign library's own words, when they add something
    std::string type = {};              // what a language calls it, for those who search: "ZeroDivisionError"
    std::vector<CallPlace> calls = {};  // the chain of calls that led there, the innermost first
  };

  Error(ErrorKind kind, std::string message) : Error(kind, std::move(message), Details{}) {}
  Error(ErrorKind kind, std::string message, Details details);

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const Place* find_place() const { return details_.place ? &*details_.place : nullptr; }
  const std::string& hint() const { return details_.hint; }
  const std::string& cause() const { return details_.cause; }
  bool retry_may_help() const { return details_.retry_may_help; }
  const std::string& type() const { return details_.type; }
  const std::vector<CallPlace>& calls() const { return details_.calls; }

  // A copy that carries this place, unless it already has one.
  Error at(Place place) const;
  // A copy whose chain of calls goes on with this one.
  Error called_from(CallPlace call) const;

  // The message with place, caret, calls, cause and hint, several lines, no trailing newline.
  std::string render() const;

  // The message with its place in front, one line.
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  ErrorKind kind_;
  std::string message_;
  Details details_;
  std::string what_;
};

// The known name nearest to a misspelt one (by edit distance), for "did you mean"; empty when none is near.
template <class Names>
std::string_view find_nearest(std::string_view name, const Names& known);
std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Names>
std::string_view find_nearest(std::string_view name, const Names& known) {
  std::string_view best;
  std::size_t best_distance = name.size() / 3 + 2;
  for (const auto& candidate : known) {
    std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace plumb
