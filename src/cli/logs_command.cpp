#include <algorithm>

#include "base/format.h"
#include "cli/platform.h"
#include "cli/workflow_commands.h"
#include "run/run.h"

namespace plumb::cli {

namespace {

using std::chrono::milliseconds;

std::string line_of(const run::LogLine& line, bool times) {
  if (!times) return line.text + "\n";
  return format("{} {:<5} {}\n", format_instant(line.at), run::to_string(line.stream), line.text);
}

// A task's last attempt, or the one that was asked for.
std::vector<store::AttemptRow> wanted_attempts(Platform& platform, const store::RunRow& run,
                                               const LogsArguments& arguments) {
  std::map<std::pair<std::string, int>, store::AttemptRow> last;
  for (store::AttemptRow& attempt : platform.reader()->attempts_of(run.id)) {
    if (!arguments.task.empty() && attempt.task != arguments.task) continue;
    if (arguments.map_index >= 0 && attempt.map_index != arguments.map_index) continue;
    if (arguments.try_number && attempt.try_number != *arguments.try_number) continue;
    auto& kept = last[{attempt.task, attempt.map_index}];
    if (attempt.try_number >= kept.try_number) kept = std::move(attempt);
  }
  std::vector<store::AttemptRow> attempts;
  attempts.reserve(last.size());
  for (auto& [key, attempt] : last) attempts.push_back(std::move(attempt));
  std::sort(attempts.begin(), attempts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.started_at, a.task, a.map_index) < std::tie(b.started_at, b.task, b.map_index);
  });
  return attempts;
}

class LogPrinter {
 public:
  LogPrinter(Context& context, Platform& platform, const LogsArguments& arguments)
      : context_(context), platform_(platform), arguments_(arguments) {}

  // What has come since, of all attempts.
  void print(const std::vector<store::AttemptRow>& attempts) {
    for (const store::AttemptRow& attempt : attempts) {
      const bool ended = attempt.ended_at.has_value();
      const auto file = platform_.log_file(attempt);
      std::uint64_t& offset = offsets_[attempt.log];
      if (offset == 0 && arguments_.tail) {
        auto page =
            run::read_log_tail(file, static_cast<std::size_t>(std::max<std::int64_t>(*arguments_.tail, 0)), ended);
        tell(attempt, page);
        offset = page.next_offset;
        continue;
      }
      while (true) {
        auto page = run::read_log(file, offset, {.finished = ended});
        tell(attempt, page);
        offset = page.next_offset;
        if (page.lines.empty() || page.at_end()) break;
      }
    }
  }

 private:
  void tell(const store::AttemptRow& attempt, const run::LogPage& page) {
    if (page.lines.empty()) return;
    if (arguments_.task.empty() && attempt.log != last_) {
      std::string name = attempt.map_index < 0 ? attempt.task : format("{}[{}]", attempt.task, attempt.map_index);
      context_.terminal.print(format("== {} (attempt {})\n", name, attempt.try_number));
      last_ = attempt.log;
    }
    std::string text;
    for (const auto& line : page.lines) text += line_of(line, arguments_.times);
    context_.terminal.print(text);
  }

  Context& context_;
  Platform& platform_;
  const LogsArguments& arguments_;
  std::map<std::string, std::uint64_t> offsets_;
  std::string last_;
};

}  // namespace

int logs_command(Context& context, const LogsArguments& arguments) {
  constexpr milliseconds kLookEvery{150};
  Platform platform(context);
  store::RunRow run = platform.get_run(arguments.workflow, arguments.run_id);
  LogPrinter printer(context, platform, arguments);
  auto attempts = wanted_attempts(platform, run, arguments);
  if (attempts.empty() && !arguments.follow) {
    throw Error(ErrorKind::NotFound, format("the run '{}' has no such attempt{}", run.run_id,
                                            arguments.task.empty() ? "" : format(" of '{}'", arguments.task)));
  }
  printer.print(attempts);
  while (arguments.follow && !context.stop.stop_requested()) {
    const bool over = run::finished(run.state);
    printer.print(wanted_attempts(platform, run, arguments));
    if (over) break;
    context.clock.sleep_for(kLookEvery, context.stop);
    run = platform.get_run(run.workflow, run.run_id);
  }
  return 0;
}

}  // namespace plumb::cli
