#include "workflow/timetable.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/testing.h"
#include "workflow/duration.h"

namespace plumb::workflow {
namespace {

Instant at(std::string_view text) {
  return find_instant(text).value();
}

Timetable read(const std::string& schedule, TimetableOptions options = {}) {
  options.workflow = "morning";
  return Timetable::parse(parse_yaml("schedule: " + schedule, "w.yml").root().find("schedule"), options);
}

std::string short_text(Instant instant) {
  std::string text = format_instant(instant);
  const bool whole = text.ends_with(":00Z");
  return text.substr(5, whole ? 11 : 14);
}

std::string text(const std::optional<Due>& due) {
  if (!due) return "none";
  std::string text = short_text(due->logical_date);
  text += " [" + short_text(due->interval.start) + ", " + short_text(due->interval.end) + ")";
  return due->run_after == due->interval.end ? text : text + " after " + short_text(due->run_after);
}

// What a scheduler sees that starts a run as soon as it is due, up to and with the first one that is still to come.
std::string runs(const Timetable& timetable, const Restriction& restriction, Instant now) {
  std::string all;
  std::optional<Due> last;
  do {
    last = timetable.next(last, restriction, now);
    all += text(last) + "\n";
  } while (last && last->run_after <= now);
  return all;
}

std::string starts(const Timetable& timetable, std::string_view from, std::size_t limit) {
  std::string all;
  for (const Due& due : timetable.between(at(from), at("2030-01-01T00:00:00Z"), limit)) {
    all += (all.empty() ? "" : ", ") + short_text(due.logical_date);
  }
  return all;
}

const Instant kNoon = at("2026-01-04T12:00:00Z");
const Instant kNewYear = at("2026-01-01T00:00:00Z");

TEST(Timetable, a_run_is_named_after_the_end_of_its_interval) {
  EXPECT_EQ(runs(read("'0 7 * * *'"), {.earliest = kNewYear, .catchup = true}, kNoon),
            "01-01T07:00 [12-31T07:00, 01-01T07:00)\n"
            "01-02T07:00 [01-01T07:00, 01-02T07:00)\n"
            "01-03T07:00 [01-02T07:00, 01-03T07:00)\n"
            "01-04T07:00 [01-03T07:00, 01-04T07:00)\n"
            "01-05T07:00 [01-04T07:00, 01-05T07:00)\n");
}

TEST(Timetable, or_after_its_begin_if_so_wanted) {
  EXPECT_EQ(runs(read("{cron: '0 7 * * *', interval: start}"), {.earliest = kNewYear, .catchup = true}, kNoon),
            "01-01T07:00 [01-01T07:00, 01-02T07:00)\n"
            "01-02T07:00 [01-02T07:00, 01-03T07:00)\n"
            "01-03T07:00 [01-03T07:00, 01-04T07:00)\n"
            "01-04T07:00 [01-04T07:00, 01-05T07:00)\n");
}

TEST(Timetable, without_catchup_only_the_latest_missed_run_is_due) {
  EXPECT_EQ(runs(read("'0 7 * * *'"), {.earliest = kNewYear}, kNoon),
            "01-04T07:00 [01-03T07:00, 01-04T07:00)\n"
            "01-05T07:00 [01-04T07:00, 01-05T07:00)\n");
  EXPECT_EQ(runs(read("{cron: '0 7 * * *', interval: start}"), {.earliest = kNewYear}, kNoon),
            "01-03T07:00 [01-03T07:00, 01-04T07:00)\n"
            "01-04T07:00 [01-04T07:00, 01-05T07:00)\n");
}

TEST(Timetable, one_without_start_date_begins_with_the_next_run_or_the_one_just_missed) {
  const Timetable daily = read("'0 7 * * *'");
  EXPECT_EQ(text(daily.next({}, {}, kNoon)), "01-05T07:00 [01-04T07:00, 01-05T07:00)");
  EXPECT_EQ(text(daily.next({}, {}, at("2026-01-04T07:20:00Z"))), "01-04T07:00 [01-03T07:00, 01-04T07:00)");
}

TEST(Timetable, ends_with_its_end_date) {
  EXPECT_EQ(
      runs(read("'0 7 * * *'"), {.earliest = kNewYear, .latest = at("2026-01-02T07:00:00Z"), .catchup = true}, kNoon),
      "01-01T07:00 [12-31T07:00, 01-01T07:00)\n"
      "01-02T07:00 [01-01T07:00, 01-02T07:00)\n"
      "none\n");
}

TEST(Timetable, a_skipped_hour_runs_later_and_a_doubled_one_once) {
  const TimetableOptions berlin{.zone = Zone::get("Europe/Berlin")};
  EXPECT_EQ(starts(read("'30 2 * * *'", berlin), "2026-03-28T00:00:00Z", 3), "03-28T01:30, 03-29T01:30, 03-30T00:30");
  EXPECT_EQ(starts(read("'30 2 * * *'", berlin), "2026-10-24T00:00:00Z", 3), "10-24T00:30, 10-25T01:30, 10-26T01:30");
  EXPECT_EQ(starts(read("'0,30 * * * *'", berlin), "2026-10-25T00:00:00Z", 4),
            "10-25T00:00, 10-25T00:30, 10-25T01:00, 10-25T01:30");
  EXPECT_EQ(starts(read("'0 * * * *'", berlin), "2026-03-29T00:00:00Z", 3), "03-29T00:00, 03-29T01:00, 03-29T02:00");
  // 02:45 becomes 03:45, behind the 03:00 of that day.
  EXPECT_EQ(starts(read("['45 2 * * *', '0 3 * * *']", berlin), "2026-03-29T00:00:00Z", 2), "03-29T01:00, 03-29T01:45");
}

TEST(Timetable, several_crons_are_one_schedule) {
  EXPECT_EQ(runs(read("['0 7 * * *', '0 19 * * sun', '0 7 4 * *']"),
                 {.earliest = kNoon - std::chrono::days(1), .catchup = true}, at("2026-01-04T20:00:00Z")),
            "01-04T07:00 [01-03T07:00, 01-04T07:00)\n"
            "01-04T19:00 [01-04T07:00, 01-04T19:00)\n"
            "01-05T07:00 [01-04T19:00, 01-05T07:00)\n");
}

TEST(Timetable, a_rhythm_keeps_to_its_anchor) {
  const std::string now = "2026-01-04T12:07:00Z";
  EXPECT_EQ(starts(read("{every: 15m}"), now, 2), "01-04T12:15, 01-04T12:30");
  EXPECT_EQ(starts(read("'@every 1h30m'", {.start_date = at("2026-01-01T00:10:00Z")}), now, 2),
            "01-04T12:10, 01-04T13:40");
  EXPECT_EQ(starts(read("{every: 7d}"), now, 2), "01-05T00:00, 01-12T00:00") << "Mondays";
  EXPECT_EQ(starts(read("{every: 1h, anchor: 2026-01-01 00:30}", {.zone = Zone::get("Asia/Kolkata")}), now, 1),
            "01-04T13:00");
}

TEST(Timetable, rests_on_the_days_of_its_calendars) {
  const Document file = parse_yaml(
      "business: {exclude: [sat, sun, 12-25, {from: 2026-01-01, to: 2026-01-06}], include: [2026-01-03]}", "plumb.yml");
  const Calendars calendars = parse_calendars(file.root());
  EXPECT_EQ(
      starts(read("{cron: '0 7 * * *', calendar: business}", {.calendars = &calendars}), "2025-12-24T00:00:00Z", 7),
      "12-24T07:00, 12-26T07:00, 12-29T07:00, 12-30T07:00, 12-31T07:00, 01-03T07:00, 01-07T07:00");
  // The day is the zone's: 23:30 UTC on Sunday is Monday in Berlin.
  EXPECT_EQ(starts(read("{cron: '30 0 * * *', exclude: [sun], timezone: Europe/Berlin}"), "2026-01-03T00:00:00Z", 2),
            "01-04T23:30, 01-05T23:30");
  EXPECT_EQ(text(read("{cron: '0 7 * * *', exclude: [sat, sun]}").next({}, {}, kNoon)),
            "01-05T07:00 [01-02T07:00, 01-05T07:00)")
      << "Monday's run has Friday's end as its begin";
}

TEST(Timetable, jitter_delays_each_run_by_its_own_measure) {
  const Timetable timetable = read("{cron: '0 7 * * *', jitter: 10m}");
  const Due first = *timetable.next({}, {.earliest = kNewYear}, kNewYear);
  const Due second = *timetable.next(first, {.earliest = kNewYear}, kNewYear);
  EXPECT_EQ(first.logical_date, at("2026-01-01T07:00:00Z"));
  for (const Due& due : {first, second}) {
    EXPECT_GE(due.run_after, due.logical_date);
    EXPECT_LT(due.run_after, due.logical_date + std::chrono::minutes(10));
  }
  EXPECT_NE(first.run_after - first.logical_date, second.run_after - second.logical_date);
  EXPECT_EQ(first, *timetable.next({}, {.earliest = kNewYear}, kNewYear));
}

TEST(Timetable, once_is_once) {
  EXPECT_EQ(runs(read("'@once'"), {.earliest = kNewYear}, kNoon), "01-01T00:00 [01-01T00:00, 01-01T00:00)\nnone\n");
  EXPECT_EQ(runs(read("{once: 2026-01-04 18:00}", {.zone = Zone::get("Europe/Berlin")}), {}, kNoon),
            "01-04T17:00 [01-04T17:00, 01-04T17:00)\n");
}

TEST(Timetable, a_continuous_run_goes_on_where_the_last_one_ended) {
  const Timetable timetable = read("'@continuous'");
  EXPECT_TRUE(timetable.continuous());
  const auto first = timetable.next({}, {.earliest = kNewYear}, kNoon);
  EXPECT_EQ(text(first), "01-04T12:00 [01-01T00:00, 01-04T12:00)");
  EXPECT_EQ(text(timetable.next(first, {}, kNoon + std::chrono::minutes(3))), "01-04T12:03 [01-04T12:00, 01-04T12:03)");
}

TEST(Timetable, a_run_by_hand_has_the_last_complete_interval) {
  EXPECT_EQ(text(read("'0 7 * * *'").manual(kNoon)), "01-04T12:00 [01-03T07:00, 01-04T07:00) after 01-04T12:00");
  EXPECT_EQ(text(read("null").manual(kNoon)), "01-04T12:00 [01-04T12:00, 01-04T12:00)");
}

TEST(Timetable, waits_for_assets_or_time) {
  const Timetable either = read("{assets: {any: [raw.a, {all: [raw.b, raw.c]}]}, cron: '0 7 * * *'}");
  EXPECT_TRUE(either.periodic());
  EXPECT_EQ(either.describe(), "When there is news of raw.a or (raw.b and raw.c); or: At 07:00");
  EXPECT_EQ(either.assets()->names(), (std::vector<std::string>{"raw.a", "raw.b", "raw.c"}));
  auto fulfilled_by = [&](std::string_view assets) {
    return either.assets()->fulfilled(
        [&](const AssetCondition& leaf) { return assets.find(leaf.asset) != std::string::npos; });
  };
  EXPECT_TRUE(fulfilled_by("raw.a"));
  EXPECT_FALSE(fulfilled_by("raw.b"));
  EXPECT_TRUE(fulfilled_by("raw.b raw.c"));
  const Timetable assets = read("{assets: [raw.a, {asset: raw.b, when: '{{ event.rows > 0 }}'}]}");
  EXPECT_FALSE(assets.periodic());
  EXPECT_EQ(assets.next({}, {}, kNoon), std::nullopt);
  EXPECT_EQ(assets.assets()->parts[1].when, "{{ event.rows > 0 }}");
}

TEST(Timetable, tells_what_it_is) {
  EXPECT_EQ(read("null").describe(), "By hand");
  EXPECT_FALSE(read("null").periodic());
  EXPECT_EQ(read("{cron: '0 7 * * mon-fri', timezone: Europe/Berlin}").describe(),
            "At 07:00 on Monday through Friday (Europe/Berlin)");
  EXPECT_EQ(read("['0 7 * * *', '@weekly']").summary(), "0 7 * * *, @weekly");
  EXPECT_EQ(read("{every: 15m}").summary(), "every 15m");
  EXPECT_EQ(read("'@every 90m'").describe(), "Every 1h30m");
}

TEST(Timetable, says_what_is_wrong_with_a_schedule) {
  auto fault = [](const std::string& schedule) { return error_line_of([&] { read(schedule); }); };
  EXPECT_EQ(fault("'0 25 * * *'"), "w.yml:1:14: hour of a cron expression: 25 is not between 0 and 23");
  EXPECT_EQ(fault("60"), "w.yml:1:11: '60' is no schedule");
  EXPECT_EQ(fault("{cron: '@daily', every: 5m}"), "w.yml:1:11: a schedule has one of cron, every and once");
  EXPECT_EQ(fault("{timezone: UTC}"), "w.yml:1:11: a schedule has one of cron, every, once and assets");
  EXPECT_EQ(fault("{cron: '@daily', timezone: Berlin}"), "w.yml:1:38: unknown time zone 'Berlin'");
  EXPECT_EQ(fault("{cron: '@daily', calender: x}"), "w.yml:1:28: unknown key 'calender'");
  EXPECT_EQ(fault("{cron: '@daily', calendar: x}"), "w.yml:1:38: unknown calendar 'x'");
  EXPECT_EQ(fault("{cron: '0 0 * * sun', exclude: [sunday]}"), "w.yml:1:11: the schedule never comes true");
  EXPECT_EQ(fault("{cron: '@daily', exclude: [someday]}"), "w.yml:1:38: 'someday' is no day");
  EXPECT_EQ(fault("{every: 5 mins}"), "w.yml:1:19: '5 mins' is no duration");
  EXPECT_EQ(fault("{every: 10ms}"), "w.yml:1:19: the shortest rhythm is a second");
  EXPECT_EQ(fault("{once: tomorrow}"), "w.yml:1:18: 'tomorrow' is no moment");
  EXPECT_EQ(fault("{assets: []}"), "w.yml:1:20: expected a list of at least one asset");
  EXPECT_EQ(fault("{assets: {any: [a], all: [b]}}"), "w.yml:1:20: expected one of all, any and asset");
}

TEST(Duration, is_read_and_written_as_people_write_it) {
  for (const char* text : {"0s", "90ms", "15m", "1h30m", "2d", "1w", "10d", "1d1s"}) {
    EXPECT_EQ(format_duration(find_duration(text).value()), text);
  }
  EXPECT_EQ(find_duration("90"), std::chrono::seconds(90));
  for (const char* text : {"", "m", "-5m", "5 m", "5x", "1h30", "99999w", "99999999999999999999s"}) {
    EXPECT_EQ(find_duration(text), std::nullopt) << text;
  }
}

// Runs as Airflow 3.1 plans them: tests/workflow/airflow_answers.py --table wrote them down.
TEST(Timetable, agrees_with_airflow_across_zones_clock_changes_and_catchup) {
  std::ifstream table(*find_environment("PLUMB_SOURCE_DIR") + "/tests/workflow/airflow_timetables.txt");
  int cases = 0;
  for (std::string line, expected; std::getline(table, line) && std::getline(table, expected); ++cases) {
    const Document document = parse_json(line, "table");
    const Node question = document.root(), last_run = question.find("last");
    auto moment = [&](std::string_view key) { return find_instant(question.find(key).text_or("")); };
    const Timetable timetable =
        Timetable::parse(question.find("schedule"), {.zone = Zone::get(question.get("zone").as_text())});
    const bool by_start = question.get("schedule").get("interval").as_text() == "start";
    std::optional<Due> last;
    if (last_run) last = Due{{}, {at(last_run.at(0).as_text()), at(last_run.at(1).as_text())}, {}};
    std::string answers;
    for (std::int64_t i = 0; i < question.get("count").as_int(); ++i) {
      last = timetable.next(last, {moment("earliest"), moment("latest"), question.get("catchup").as_bool()},
                            *moment("now"));
      answers += i == 0 ? "  " : " ";
      if (last && by_start) answers += format_instant(last->interval.start) + "..";
      answers += last ? format_instant(last->interval.end) : "none";
      if (!last) break;
    }
    EXPECT_EQ(answers, expected) << line;
  }
  EXPECT_GT(cases, 100);
}

}  // namespace
}  // namespace plumb::workflow
