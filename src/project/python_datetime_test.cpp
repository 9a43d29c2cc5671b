#include "project/python_testing.h"

namespace plumb::project {
namespace {

// Expectations are what CPython 3.11 prints.
class PythonDatetime : public PythonModules {};

TEST_F(PythonDatetime, tells_the_time_of_the_clock_it_was_given) {
  EXPECT_EQ(of("datetime.datetime.utcnow()"), "2026-11-21 08:09:10.000123");
  EXPECT_EQ(of("datetime.datetime.now(pytz.utc).isoformat()"), "2026-11-21T08:09:10.000123+00:00");
  EXPECT_EQ(of("datetime.datetime.now(pytz.timezone('Asia/Tokyo')).strftime('%Y%m%d %H:%M %Z')"), "20261121 17:09 JST");
}

TEST_F(PythonDatetime, computes_with_dates_and_durations) {
  EXPECT_EQ(of("datetime.date(2024, 1, 31) + datetime.timedelta(days=30)"), "2024-03-01");
  EXPECT_EQ(of("(datetime.date(2024, 3, 1) - datetime.date(2024, 2, 1)).days"), "29");
  EXPECT_EQ(of("datetime.datetime(2024, 2, 29, 13) - datetime.timedelta(hours=36.5)"), "2024-02-28 00:30:00");
  EXPECT_EQ(of("datetime.timedelta(days=-1, microseconds=7)"), "-1 day, 0:00:00.000007");
  EXPECT_EQ(of("datetime.timedelta(seconds=10) / 4, 0.5 * datetime.timedelta(microseconds=3)"),
            "(datetime.timedelta(seconds=2, microseconds=500000), datetime.timedelta(microseconds=2))");
  EXPECT_EQ(of("[datetime.date(2024, 2, 1), datetime.date(2023, 5, 1)]|min"), "2023-05-01");
}

TEST_F(PythonDatetime, reads_and_writes_text) {
  EXPECT_EQ(of("datetime.datetime.strptime('29.02.2024 1:05 pm', '%d.%m.%Y %I:%M %p')"), "2024-02-29 13:05:00");
  EXPECT_EQ(of("datetime.datetime.strptime('20240229', '%Y%m%d').strftime('%-d %b, %j, week %V')"),
            "29 Feb, 060, week 09");
  EXPECT_EQ(of("datetime.datetime.fromisoformat('2024-02-29T12:30:05.25+02:00')"), "2024-02-29 12:30:05.250000+02:00");
  EXPECT_EQ(of("datetime.date.fromisoformat('2024-W09-4').isocalendar()"),
            "datetime.IsoCalendarDate(year=2024, week=9, weekday=4)");
  EXPECT_EQ(of("[datetime.datetime(2024, 1, 2)]"), "[datetime.datetime(2024, 1, 2, 0, 0)]");
}

TEST_F(PythonDatetime, says_what_does_not_fit_in_pythons_words) {
  EXPECT_EQ(of("datetime.date(2023, 2, 29)"), "ValueError: day is out of range for month");
  EXPECT_EQ(of("datetime.date(2023)"), "TypeError: function missing required argument 'month' (pos 2)");
  EXPECT_EQ(of("datetime.datetime.strptime('x', '%Y')"), "ValueError: time data 'x' does not match format '%Y'");
  EXPECT_EQ(of("datetime.datetime(2024, 1, 1) < datetime.datetime.now(pytz.utc)"),
            "TypeError: can't compare offset-naive and offset-aware datetimes");
  EXPECT_EQ(of("datetime.date(2024, 1, 1) + 5"),
            "TypeError: unsupported operand type(s) for +: 'datetime.date' and 'int'");
  EXPECT_EQ(of("datetime.date(9999, 12, 31) + datetime.timedelta(1)"), "OverflowError: date value out of range");
}

TEST_F(PythonDatetime, values_come_from_c_as_well) {
  context_.set("d", python_date(Date(std::chrono::year(2024), std::chrono::month(2), std::chrono::day(29))));
  context_.set("t", python_datetime(LocalTime(std::chrono::seconds(1'700'000'000)), std::chrono::hours(2)));
  context_.set("u", python_utc_datetime(*find_instant("2024-01-01T00:00:00Z")));
  EXPECT_EQ(render("{{ d.replace(day=1) }} {{ t }} {{ u.tzinfo }}"), "2024-02-01 2023-11-14 22:13:20+02:00 UTC");
}

class PythonPytz : public PythonModules {};

TEST_F(PythonPytz, gives_a_time_its_zone) {
  EXPECT_EQ(of("pytz.timezone('Europe/Berlin').localize(datetime.datetime(2024, 7, 1))"), "2024-07-01 00:00:00+02:00");
  EXPECT_EQ(
      of("datetime.datetime(2024, 1, 1, tzinfo=pytz.utc).astimezone(pytz.timezone('US/Eastern')).strftime('%c %Z')"),
      "Sun Dec 31 19:00:00 2023 EST");
  EXPECT_EQ(of("[pytz.timezone('Europe/Berlin'), pytz.utc, pytz.FixedOffset(90)]"),
            "[<DstTzInfo 'Europe/Berlin' LMT+0:53:00 STD>, <UTC>, pytz.FixedOffset(90)]");
  EXPECT_EQ(
      render("{% set berlin = pytz.timezone('europe/berlin') %}"
             "{{ berlin.normalize(berlin.localize(datetime.datetime(2024, 3, 1)) + datetime.timedelta(days=60)) }}"),
      "2024-04-30 01:00:00+02:00");
}

TEST_F(PythonPytz, knows_of_hours_that_are_not_there_and_of_those_that_come_twice) {
  constexpr std::string_view kGap = "pytz.timezone('Europe/Berlin').localize(datetime.datetime(2024, 3, 31, 2, 30)";
  EXPECT_EQ(of(std::string(kGap) + ")"), "2024-03-31 02:30:00+01:00");
  EXPECT_EQ(of(std::string(kGap) + ", is_dst=none)"), "NonExistentTimeError: 2024-03-31 02:30:00");
  constexpr std::string_view kTwice = "pytz.timezone('Europe/Berlin').localize(datetime.datetime(2024, 10, 27, 2, 30)";
  EXPECT_EQ(of(std::string(kTwice) + ", is_dst=true)"), "2024-10-27 02:30:00+02:00");
  EXPECT_EQ(of(std::string(kTwice) + ", is_dst=none)"), "AmbiguousTimeError: 2024-10-27 02:30:00");
  EXPECT_EQ(of("pytz.timezone('Berlin')"), "UnknownTimeZoneError: 'Berlin'");
}

TEST_F(PythonPytz, has_lists_of_zones) {
  EXPECT_EQ(of("pytz.country_timezones('ch')"), "['Europe/Zurich']");
  EXPECT_EQ(of("pytz.country_names['de']"), "Germany");
  EXPECT_EQ(of("'Europe/Berlin' in pytz.all_timezones, pytz.common_timezones[0]"), "(True, 'Africa/Abidjan')");
}

}  // namespace
}  // namespace plumb::project
