#include "cli/crontab_import.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/document.h"
#include "base/format.h"
#include "base/secret.h"
#include "workflow/workflow.h"

namespace plumb::cli {
namespace {

// Variables that speak to cron itself, or that every process has.
constexpr std::array<std::string_view, 8> kCronsOwn = {"MAILTO", "MAILFROM", "CRON_TZ", "RANDOM_DELAY",
                                                       "SHELL",  "LOGNAME",  "USER",    "CONTENT_TYPE"};

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos ||
         text.find("{#") != std::string_view::npos;
}

// Text that a template shall leave alone.
std::string literal(std::string_view text) {
  if (!is_template(text)) return std::string(text);
  return format("{{% raw %}}{}{{% endraw %}}", text);
}

// A command with its input as bash takes it.
std::string script(const CrontabJob& job) {
  if (job.input.empty()) return job.command;
  std::string mark = "INPUT";
  while (job.input.find(mark) != std::string::npos) mark += "_";
  return format("{{ {}\n}} <<'{}'\n{}{}", job.command, mark, job.input, mark);
}

// As a block, which needs no quoting, where YAML allows it.
std::string yaml_block(std::string_view text, std::string_view indent) {
  auto fits = [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'; };
  if (!valid_utf8(text) || !std::all_of(text.begin(), text.end(), fits)) return json_quote(text) + "\n";
  std::string lines = "|\n";
  for (char c : text) {
    if (lines.back() == '\n') lines += indent;
    lines += c;
  }
  return lines + "\n";
}

// "backup"; quoted where YAML would read something else than text: "true", "7".
std::string yaml_word(const std::string& word) {
  return parse_yaml(word, "name").root().kind() == NodeKind::Text ? word : json_quote(word);
}

// "5~20" of cronie is a random value of the range that stays; H is that.
std::string hashed(std::string_view field) {
  const auto tilde = field.find('~');
  if (tilde == std::string_view::npos) return std::string(field);
  if (field == "~") return "H";
  return format("H({}-{})", field.substr(0, tilde), field.substr(tilde + 1));
}

class Importer {
 public:
  explicit Importer(std::string_view zone) : zone_(zone) {}

  void add(const CrontabJob& job) {
    const std::string schedule = schedule_of(job);
    if (const std::string fault = fault_of(schedule); !fault.empty()) {
      result_.faults.push_back(format("line {}: {}", job.line, fault));
      return;
    }
    const std::string name = unused_name(workflow_name(job.command));
    tell(job, schedule);
    result_.workflows.push_back({name, text_of(job, name, schedule)});
  }

  CrontabImport take() { return std::move(result_); }

 private:
  void note(const CrontabJob& job, std::string_view text) {
    result_.notes.push_back(format("line {}: {}", job.line, text));
  }

  std::string schedule_of(const CrontabJob& job) const {
    if (job.schedule == "@every_minute") return "* * * * *";
    std::string schedule, field;
    for (char c : job.schedule + " ") {
      if (c != ' ') {
        field += c;
        continue;
      }
      if (!schedule.empty()) schedule += ' ';
      schedule += hashed(field);
      field.clear();
    }
    return schedule;
  }

  std::string fault_of(const std::string& schedule) const {
    if (schedule == "@reboot") return {};
    const Document document = parse_json(json_quote(schedule), "crontab");
    try {
      workflow::Timetable::parse(document.root(), {});
      return {};
    } catch (const Error& error) {  // a line that cron would not take either; the others go on
      return error.message();
    }
  }

  std::string unused_name(const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2; !names_.insert(name).second; ++n) name = format("{}-{}", wanted, n);
    return name;
  }

  // What the workflow does otherwise than cron did.
  void tell(const CrontabJob& job, std::string_view schedule) {
    if (schedule == "@reboot")
      note(job, "@reboot has no like here: the workflow runs by hand, or from a systemd unit of yours");
    if (!job.user.empty()) note(job, format("ran as {}; a task runs as the user of `plumb serve`", job.user));
    const std::string_view shell = base(job.variable("SHELL"));
    if (!shell.empty() && shell != "sh" && shell != "bash" && shell != "dash")
      note(job, format("ran in {}; a task runs in bash", shell));
    if (redact(job.command) != job.command)
      note(job, "the command seems to hold a credential: put it into .env and write {{ env_var('NAME') }}");
    if (stars_differ(schedule)) {
      note(job,
           "cron wants both day and weekday to fit where one begins with a star; here either will do: look at the "
           "schedule");
    }
  }

  static std::string_view base(std::string_view path) {
    const auto slash = path.find_last_of('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
  }

  // "*/2" as day beside a weekday, or the other way round.
  static bool stars_differ(std::string_view schedule) {
    std::vector<std::string> fields(1);
    for (char c : schedule) c == ' ' ? fields.emplace_back() : (fields.back() += c, fields.back());
    if (fields.size() < 5 || fields[2] == "*" || fields[4] == "*") return false;
    return fields[2].starts_with('*') || fields[4].starts_with('*');
  }

  std::string text_of(const CrontabJob& job, const std::string& name, const std::string& schedule) const {
    std::string text = format("# From line {} of a crontab.\nworkflow: {}\n", job.line, yaml_word(name));
    if (!job.description.empty()) text += format("description: {}\n", json_quote(job.description));
    text += schedule_text(job, schedule);
    text += environment_text(job);
    const std::string_view home = job.variable("HOME");
    const std::string folder = home.empty() ? "{{ env_var('HOME') }}" : literal(home);
    text += format("tasks:\n  - id: {}\n    shell:\n      folder: {}\n      command: {}", yaml_word(name),
                   json_quote(folder), yaml_block(literal(script(job)), "        "));
    return text;
  }

  std::string schedule_text(const CrontabJob& job, const std::string& schedule) const {
    std::string text;
    const auto delay = workflow::find_duration(std::string(job.variable("RANDOM_DELAY")) + "m");
    if (schedule == "@reboot") return text;
    if (delay && *delay > Duration(0)) {
      text = format("schedule: {{cron: {}, jitter: {}}}\n", json_quote(schedule), workflow::format_duration(*delay));
    } else {
      text = format("schedule: {}\n", json_quote(schedule));
    }
    const std::string_view named = job.variable("CRON_TZ");
    const std::string_view zone = named.empty() ? std::string_view(zone_) : named;
    return zone.empty() ? text : text + format("timezone: {}\n", zone);
  }

  static std::string environment_text(const CrontabJob& job) {
    std::string text;
    for (const auto& [name, value] : job.variables) {
      const bool crons = std::find(kCronsOwn.begin(), kCronsOwn.end(), name) != kCronsOwn.end();
      if (!crons) text += format("  {}: {}\n", name, json_quote(literal(value)));
    }
    return text.empty() ? text : "env:\n" + text;
  }

  std::string zone_;
  std::set<std::string> names_;
  CrontabImport result_;
};

}  // namespace

CrontabImport import_crontab(const Crontab& crontab, std::string_view zone) {
  Importer importer(zone);
  for (const CrontabJob& job : crontab.jobs) importer.add(job);
  CrontabImport result = importer.take();
  for (const CrontabFault& fault : crontab.faults)
    result.faults.push_back(format("line {}: {}", fault.line, fault.message));
  return result;
}

}  // namespace plumb::cli
