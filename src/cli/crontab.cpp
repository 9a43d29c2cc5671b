#include "cli/crontab.h"

#include <algorithm>
#include <cctype>

#include "base/format.h"

namespace plumb::cli {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr int kLongestDescription = 3;  // lines; a longer comment is a chapter, not a title

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(word.size());
  return word;
}

std::string_view unquote(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// NAME=value, as cron knows it from a job: by the equals sign behind the first word.
bool find_variable(std::string_view line, std::string_view& name, std::string_view& value) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return false;
  name = unquote(trim(line.substr(0, equals)));
  value = unquote(trim(line.substr(equals + 1)));
  auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), fits);
}

// The words of the schedule, one by one; empty when there are too few.
std::string take_schedule(std::string_view& rest) {
  std::string schedule(take_word(rest));
  if (schedule.starts_with('-')) schedule.erase(0, 1);  // cronie: don't log this one
  if (schedule.starts_with('@')) return schedule;
  for (int field = 1; field < 5; ++field) {
    const std::string_view word = take_word(rest);
    if (word.empty()) return {};
    schedule += ' ';
    schedule += word;
  }
  return schedule;
}

bool begins_like_a_job(std::string_view line) {
  return !line.empty() &&
         (std::isdigit(static_cast<unsigned char>(line.front())) != 0 || line.find_first_of("*@-~") == 0);
}

// Command and input: % is a line's end in the latter, and its beginning.
void split_command(std::string_view text, CrontabJob& job) {
  bool in_input = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& into = in_input ? job.input : job.command;
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') {
      into += text[++i];
    } else if (text[i] == '%') {
      if (in_input) into += '\n';
      in_input = true;
    } else {
      into += text[i];
    }
  }
  if (in_input) job.input += '\n';
}

// Collects comments until a job comes.
class CrontabReader {
 public:
  explicit CrontabReader(CrontabKind kind) : kind_(kind) {}

  void read_line(std::string_view line) {
    ++number_;
    line = trim(line);
    std::string_view name, value;
    if (line.starts_with('#')) {
      comment_.push_back(std::string(trim(line.substr(std::min(line.find_first_not_of('#'), line.size())))));
      return;
    }
    if (find_variable(line, name, value)) {
      set(name, value);
    } else if (begins_like_a_job(line)) {
      read_job(line);
    } else if (!line.empty()) {
      crontab_.faults.push_back({number_, format("'{}' is neither a job nor a variable", line.substr(0, 40))});
    }
    comment_.clear();
  }

  Crontab take() { return std::move(crontab_); }

 private:
  void set(std::string_view name, std::string_view value) {
    const auto known =
        std::find_if(variables_.begin(), variables_.end(), [&](const auto& v) { return v.first == name; });
    if (known != variables_.end()) variables_.erase(known);
    variables_.emplace_back(name, value);
  }

  void read_job(std::string_view line) {
    CrontabJob job{
        .line = number_, .schedule = take_schedule(line), .description = description(), .variables = variables_};
    if (kind_ == CrontabKind::System) job.user = take_word(line);
    split_command(trim(line), job);
    job.command = trim(job.command);
    if (job.schedule.empty() || job.command.empty()) {
      crontab_.faults.push_back({number_, "the job has no command"});
      return;
    }
    crontab_.jobs.push_back(std::move(job));
  }

  // The comment above, unless it is a job that was switched off, or the head of the columns.
  std::string description() const {
    std::string text;
    if (comment_.size() > kLongestDescription) return text;
    for (const std::string& line : comment_) {
      const bool head = line.starts_with("m h") || line.find("dow") != std::string::npos;
      if (head || begins_like_a_job(line)) return {};
      if (!text.empty() && !line.empty()) text += ' ';
      text += line;
    }
    return text;
  }

  CrontabKind kind_;
  int number_ = 0;
  std::vector<std::string> comment_;
  std::vector<std::pair<std::string, std::string>> variables_;
  Crontab crontab_;
};

}  // namespace

std::string_view CrontabJob::variable(std::string_view name) const {
  for (const auto& [known, value] : variables) {
    if (known == name) return value;
  }
  return {};
}

Crontab read_crontab(std::string_view text, CrontabKind kind) {
  CrontabReader reader(kind);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    reader.read_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

CrontabKind guess_crontab_kind(std::string_view text, const std::function<bool(const std::string&)>& is_user) {
  const Crontab crontab = read_crontab(text, CrontabKind::System);
  const bool all_users =
      std::all_of(crontab.jobs.begin(), crontab.jobs.end(), [&](const auto& job) { return is_user(job.user); });
  return all_users && crontab.faults.empty() && !crontab.jobs.empty() ? CrontabKind::System : CrontabKind::User;
}

}  // namespace plumb::cli
