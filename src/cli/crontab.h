// A crontab read: its jobs, each with what held for it.
//
// The format is that of Vixie's cron and cronie, the crons of Linux: five fields or @daily, in a system's crontab a
// user, then the command; NAME=value for the lines below; a % that is not \% begins the command's input, and further
// ones are its line ends.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumb::cli {

struct CrontabJob {
  int line = 0;
  std::string schedule = {};                                        // as written: "30 2 * * *", "@reboot"
  std::string user = {};                                            // of a system's crontab
  std::string command = {};                                         // what the shell gets
  std::string input = {};                                           // its standard input
  std::string description = {};                                     // the comment above
  std::vector<std::pair<std::string, std::string>> variables = {};  // those set above it, cron's own among them

  std::string_view variable(std::string_view name) const;
};

// A line that is neither job, variable nor comment.
struct CrontabFault {
  int line = 0;
  std::string message;
};

struct Crontab {
  std::vector<CrontabJob> jobs;
  std::vector<CrontabFault> faults;
};

// Whether a sixth word is the user: so it is in /etc/crontab and /etc/cron.d.
enum class CrontabKind { User, System };

Crontab read_crontab(std::string_view text, CrontabKind kind);
// System when the sixth word of every job is the name of a user and more follows.
CrontabKind guess_crontab_kind(std::string_view text, const std::function<bool(const std::string&)>& is_user);

}  // namespace plumb::cli
