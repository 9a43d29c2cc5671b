// The forms in which a schedule may be written, read into a Timetable::Plan.
#include <algorithm>

#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/timetable_plan.h"

namespace plumb::workflow {
namespace {

using Plan = Timetable::Plan;
using Kind = Plan::Kind;

constexpr std::string_view kForms =
    "a cron expression (\"0 7 * * *\"), @daily, {every: 15m}, {assets: [raw.a]}, {once: …} or a list of crons";
// A Monday's midnight: rhythms without an anchor fall on full hours, midnights and Mondays of the zone's clock.
constexpr LocalTime kMonday(std::chrono::local_days(std::chrono::year(1970) / 1 / 5));

Error wrong(const Node& node, std::string message, std::string hint) {
  return Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

void append(std::string& list, std::string_view text, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += text;
}

// Fills a plan, and collects the days of rest until all is read.
class ScheduleReader {
 public:
  explicit ScheduleReader(const TimetableOptions& options) : options_(options) {
    plan_.zone = options.zone;
    plan_.rule = options.interval;
    plan_.jitter = options.jitter;
    plan_.workflow = options.workflow;
  }

  Plan read(const Node& node) {
    switch (node.kind()) {
      case NodeKind::Missing:
      case NodeKind::Null:
        return std::move(plan_);
      case NodeKind::Text:
        read_text(node);
        break;
      case NodeKind::List:
        read_crons(node);
        break;
      case NodeKind::Map:
        read_map(node);
        break;
      default:
        throw wrong(node, format("'{}' is no schedule", node.scalar()), format("write {}", kForms));
    }
    finish(node);
    return std::move(plan_);
  }

 private:
  void read_text(const Node& node) {
    const std::string text = node.as_text();
    if (text == "@once") {
      plan_.kind = Kind::Once;
      plan_.words = "Once";
      plan_.summary = text;
    } else if (text == "@continuous") {
      plan_.kind = Kind::Continuous;
      plan_.words = "Continuously";
      plan_.summary = text;
    } else if (text.starts_with("@every")) {
      const auto step =
          find_duration(std::string_view(text).substr(std::min(text.size(), text.find_first_not_of(" \t", 6))));
      if (!step) throw wrong(node, format("'{}' is no schedule", text), "write it like @every 15m");
      add_rhythm(node, *step, options_.start_date);
      plan_.summary = text;
    } else {
      add_cron(node);
    }
  }

  void read_crons(const Node& node) {
    if (node.size() == 0) throw wrong(node, "the list of schedules is empty", format("write {}", kForms));
    for (std::size_t i = 0; i < node.size(); ++i) add_cron(node.at(i));
  }

  void read_map(const Node& node) {
    node.expect_keys(
        {"cron", "every", "anchor", "once", "assets", "timezone", "interval", "jitter", "calendar", "exclude"});
    const Node cron = node.find("cron"), every = node.find("every"), once = node.find("once"),
               assets = node.find("assets");
    const int times = int(bool(cron)) + int(bool(every)) + int(bool(once));
    if (times > 1)
      throw wrong(node, "a schedule has one of cron, every and once",
                  "several crons are a list: cron: [\"0 7 * * *\", \"0 19 * * *\"]");
    if (times == 0 && !assets)
      throw wrong(node, "a schedule has one of cron, every, once and assets", format("write {}", kForms));
    read_settings(node);
    if (cron) cron.kind() == NodeKind::List ? read_crons(cron) : add_cron(cron);
    if (every) read_every(node, every);
    if (node.find("anchor") && !every) throw wrong(node.find("anchor"), "`anchor` belongs to `every`", "");
    if (once) read_once(once);
    if (assets) {
      plan_.assets = AssetCondition::parse(assets);
      append(plan_.summary, plan_.assets->describe(), ", or ");
    }
  }

  void read_settings(const Node& node) {
    if (const Node zone = node.find("timezone"); !zone.null()) {
      try {
        plan_.zone = Zone::get(zone.as_text());
      } catch (const Error& error) {
        throw error.at(zone.place());
      }
    }
    if (const Node interval = node.find("interval"); !interval.null()) plan_.rule = parse_rule(interval);
    if (const Node jitter = node.find("jitter"); !jitter.null()) plan_.jitter = parse_duration(jitter);
    if (const Node calendar = node.find("calendar"); !calendar.null()) {
      if (calendar.kind() != NodeKind::List) add_calendar(calendar);
      for (std::size_t i = 0; i < calendar.size() && calendar.kind() == NodeKind::List; ++i)
        add_calendar(calendar.at(i));
    }
    if (const Node days = node.find("exclude"); !days.null()) {
      rest_.push_back(Calendar::without(DaySet::parse(days)));
    }
  }

  static IntervalRule parse_rule(const Node& node) {
    const std::string text = node.as_text();
    if (text == "start") return IntervalRule::Start;
    if (text == "end") return IntervalRule::End;
    throw wrong(node, format("`interval` is start or end, not '{}'", text),
                "start: a run is named after the begin of its data interval; end: after the end");
  }

  void add_calendar(const Node& node) {
    const std::string name = node.as_text();
    if (options_.calendars != nullptr) {
      if (const auto found = options_.calendars->find(name); found != options_.calendars->end()) {
        return rest_.push_back(found->second);
      }
    }
    std::vector<std::string_view> known;
    if (options_.calendars != nullptr) {
      for (const auto& [other, calendar] : *options_.calendars) known.push_back(other);
    }
    const std::string_view nearest = find_nearest(name, known);
    throw wrong(
        node, format("unknown calendar '{}'", name),
        nearest.empty() ? "calendars stand in plumb.yml under `calendars:`" : format("did you mean '{}'?", nearest));
  }

  void add_cron(const Node& node) {
    if (node.kind() != NodeKind::Text)
      throw wrong(node, format("expected a cron expression, found {}", plumb::describe(node.kind())),
                  "put it into quotes: \"0 7 * * *\"");
    const std::string text = node.as_text();
    Cron cron = Cron::parse(text, options_.workflow, node.place());
    append(plan_.words, cron.describe(), "; ");
    append(plan_.summary, text, ", ");
    rows_.push_back(cron_ticks(cron, plan_.zone));
    by_clock_ = true;
  }

  void add_rhythm(const Node& node, Duration step, std::optional<Instant> anchor) {
    if (step < std::chrono::seconds(1)) {
      throw wrong(node, "the shortest rhythm is a second", "for one run after the other there is @continuous");
    }
    rows_.push_back(steady_ticks(step, anchor.value_or(plan_.zone.to_instant(kMonday))));
    plan_.words = "Every " + format_duration(step);
  }

  void read_every(const Node& node, const Node& every) {
    const Node anchor = node.find("anchor");
    add_rhythm(every, parse_duration(every), anchor.null() ? options_.start_date : parse_moment(anchor, plan_.zone));
    plan_.summary = format("every {}", every.scalar());
  }

  void read_once(const Node& once) {
    plan_.kind = Kind::Once;
    plan_.once_at = parse_moment(once, plan_.zone);
    plan_.words = "Once, at " + format_instant(*plan_.once_at);
    plan_.summary = format("once {}", once.scalar());
  }

  void finish(const Node& node) {
    if (rows_.empty()) return;
    plan_.kind = Kind::Ticks;
    plan_.ticks = open_ticks(merged_ticks(std::move(rows_)), std::move(rest_), plan_.zone);
    if (by_clock_ && plan_.zone.name() != "UTC") plan_.words += format(" ({})", plan_.zone.name());
    if (!plan_.ticks->next(Instant(std::chrono::sys_days(std::chrono::year(2001) / 1 / 1)))) {
      throw wrong(node, "the schedule never comes true", "the calendars exclude every day it names");
    }
  }

  const TimetableOptions& options_;
  Plan plan_;
  std::vector<TicksPtr> rows_;
  std::vector<Calendar> rest_;
  bool by_clock_ = false;
};

}  // namespace

Timetable Timetable::parse(const Node& schedule, const TimetableOptions& options) {
  return Timetable(std::make_shared<const Plan>(ScheduleReader(options).read(schedule)));
}

}  // namespace plumb::workflow
