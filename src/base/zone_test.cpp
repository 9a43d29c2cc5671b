#include "base/zone.h"

#include "base/document.h"
#include "base/file.h"
#include "base/testing.h"
#include "base/zone_rules.h"

namespace plumb {
namespace {

Instant at(std::string_view text) {
  return *find_instant(text);
}

LocalTime local(std::string_view text) {
  return LocalTime(at(text).time_since_epoch());
}

TEST(Zone, agrees_with_pythons_zoneinfo) {
  std::string folder = find_environment("PLUMB_SOURCE_DIR").value_or(".");
  std::string text = read_file(folder + "/tests/fixtures/zones.jsonl");
  std::size_t lines = 0;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1, ++lines) {
    std::string line = text.substr(begin, end - begin);
    Document document = parse_json(line, "zones.jsonl");
    Node row = document.root();
    Zone zone = Zone::get(row.at(1).as_text());
    if (row.at(0).as_text() == "offset") {
      EXPECT_EQ(zone.offset_at(at(row.at(2).as_text())).count(), row.at(3).as_int()) << line;
    } else {
      EXPECT_EQ(format_instant(zone.to_instant(local(row.at(2).as_text()))), row.at(3).as_text()) << line;
    }
  }
  EXPECT_GT(lines, 400u);
}

TEST(Zone, of_the_spring_gap_takes_the_change_and_of_the_doubled_hour_the_first) {
  Zone berlin = Zone::get("Europe/Berlin");
  EXPECT_EQ(berlin.to_instant(local("2026-03-29T02:30:00Z")), at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(berlin.to_instant(local("2026-03-29T01:59:59.999999Z")), at("2026-03-29T00:59:59.999999Z"));
  EXPECT_EQ(berlin.to_instant(local("2026-10-25T02:30:00Z")), at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(berlin.to_instant(local("2026-10-25T03:00:00Z")), at("2026-10-25T02:00:00Z"));
}

TEST(Zone, gives_the_local_date_of_an_instant) {
  Zone berlin = Zone::get("Europe/Berlin");
  EXPECT_EQ(format_date(berlin.date_of(at("2026-11-20T22:59:59.999999Z"))), "2026-11-20");
  EXPECT_EQ(format_date(berlin.date_of(at("2026-11-20T23:00:00Z"))), "2026-11-21");
  EXPECT_EQ(format_date(berlin.date_of(at("1969-12-31T23:30:00Z"))), "1970-01-01");
  EXPECT_EQ(berlin.to_local(at("2050-07-01T12:00:00.5Z")), local("2050-07-01T14:00:00.5Z"));
}

TEST(Zone, is_utc_unless_named) {
  EXPECT_EQ(Zone().name(), "UTC");
  EXPECT_EQ(Zone::get("UTC").offset_at(at("2026-07-01T00:00:00Z")).count(), 0);
  EXPECT_EQ(Zone().to_instant(local("2026-07-01T00:00:00Z")), at("2026-07-01T00:00:00Z"));
  Zone copy = Zone::get("Asia/Tokyo");
  Zone other = copy;
  EXPECT_EQ(other.name(), "Asia/Tokyo");
  EXPECT_EQ(other.offset_at(Instant::max()).count(), 9 * 3600);
  EXPECT_EQ(Zone::get("Europe/Berlin").offset_at(Instant::max()).count(), 3600);
  EXPECT_EQ(Zone::get("Europe/Berlin").to_local(Instant::max()), LocalTime::max());
  EXPECT_EQ(Zone::get("Europe/Berlin").to_instant(LocalTime::min()), Instant::min());
}

TEST(Zone, that_is_unknown_names_the_nearest) {
  EXPECT_EQ(error_of([] { Zone::get("Europe/Berln"); }),
            "unknown time zone 'Europe/Berln'\nhint: did you mean 'Europe/Berlin'?");
  EXPECT_EQ(error_of([] { Zone::get("berlin"); }), "unknown time zone 'berlin'\nhint: did you mean 'Europe/Berlin'?");
  EXPECT_EQ(error_of([] { Zone::get("Middle-earth/The_Shire"); }),
            "unknown time zone 'Middle-earth/The_Shire'\nhint: zones are named like Europe/Berlin");
  for (std::string_view name : {"", "../../etc/passwd", "/etc/localtime", "Europe", "zone.tab"}) {
    expect_error(ErrorKind::Config, "unknown time zone", [&] { Zone::get(name); });
  }
}

TEST(YearlyRule, reads_every_spelling_of_posix) {
  auto offset = [](std::string_view rule, std::string_view instant) {
    auto second = std::chrono::floor<std::chrono::seconds>(at(instant));
    return YearlyRule::find(rule)->period_at(second).offset.count();
  };
  EXPECT_EQ(offset("<+0330>-3:30", "2026-07-01T00:00:00Z"), 12600);
  EXPECT_EQ(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z"), -18000);
  EXPECT_EQ(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z"), -14400);
  EXPECT_EQ(offset("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01T00:00:00Z"), 46800);
  EXPECT_EQ(offset("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-31T23:59:59Z"), 0);
  EXPECT_EQ(offset("XXX3EDT4,0/0,J365/23", "2026-06-01T00:00:00Z"), -14400);
  EXPECT_EQ(offset("AAA0BBB,J60/0,300/0", "2024-02-29T23:59:59Z"), 0);
  EXPECT_EQ(offset("AAA0BBB,J60/0,300/0", "2024-03-01T00:00:00Z"), 3600);
  EXPECT_EQ(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z"), -7200);
  EXPECT_EQ(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z"), -3600);
  for (std::string_view bad : {"", "CET", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "<+03-3", "5",
                               "CET-1CEST,M3.5.0,M10.5.0x", "CET-1000"}) {
    EXPECT_FALSE(YearlyRule::find(bad)) << bad;
  }
}

TEST(ZoneRules, refuse_what_is_no_zone_file) {
  std::string berlin = read_file("/usr/share/zoneinfo/Europe/Berlin");
  EXPECT_TRUE(ZoneRules::find(berlin));
  for (std::size_t length = 0; length < berlin.size() - 100; length += 7) {
    EXPECT_FALSE(ZoneRules::find(std::string_view(berlin).substr(0, length))) << length;
  }
  EXPECT_FALSE(ZoneRules::find("TZif2" + std::string(39, '\xff')));
}

TEST(Date, is_read_strictly) {
  EXPECT_EQ(format_date(*find_date("2024-02-29")), "2024-02-29");
  EXPECT_EQ(format_date(*find_date("0001-01-01")), "0001-01-01");
  for (std::string_view text : {"", "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-01", "2026-1-1", "2026-01-01 ",
                                "20260101", "2026/01/01", "-026-01-01", "2026-0a-01"}) {
    EXPECT_FALSE(find_date(text)) << text;
  }
}

TEST(Zone, rules_tell_what_the_clock_is_called_and_whether_it_is_summer_time) {
  const auto period = [](std::string_view zone, std::string_view instant) {
    const ZonePeriod found = find_zone_rules(zone)->period_at(std::chrono::floor<std::chrono::seconds>(at(instant)));
    return found.abbreviation + (found.summer ? " summer" : "");
  };
  EXPECT_EQ(period("Europe/Berlin", "2026-07-01T00:00:00Z"), "CEST summer");
  EXPECT_EQ(period("Europe/Berlin", "2090-07-01T00:00:00Z"), "CEST summer");  // by the rule behind the list
  EXPECT_EQ(period("Europe/Berlin", "2090-01-01T00:00:00Z"), "CET");
  EXPECT_EQ(period("Europe/Berlin", "1850-01-01T00:00:00Z"), "LMT");
  EXPECT_EQ(period("America/Sao_Paulo", "2090-01-01T00:00:00Z"), "-03");
}

}  // namespace
}  // namespace plumb
