// One Call 3.0 and 4.0 as the weather sandbox answers them, spoken by hand.
#include <gtest/gtest.h>

#include <set>

#include "base/document.h"
#include "sandbox/raw_http.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {
namespace {

constexpr std::int64_t kDay = 86400;

Instant at(const char* text) {
  return *find_instant(text);
}

class OneCall : public ::testing::Test {
 protected:
  OneCall() : weather_(start_openweather({.seed = 1, .now = at("2026-11-21T07:04:05Z"), .calls_per_minute = 0})) {}

  RawAnswer get(const std::string& target) { return raw_get(weather_->url(), target + "&appid=sandbox-key"); }
  Document json(const std::string& target) {
    RawAnswer answer = get(target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return parse_json(answer.body, target);
  }
  std::int64_t now() const { return at("2026-11-21T07:04:05Z").time_since_epoch() / std::chrono::seconds(1); }

  std::unique_ptr<Sandbox> weather_;
};

std::vector<std::string> keys_of(Node map) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < map.size(); ++i) keys.emplace_back(map.key_at(i));
  return keys;
}

bool holds(Node map, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!map.find(key)) return false;
  }
  return true;
}

TEST_F(OneCall, TellsAllBlocksOfATown) {
  Document doc = json("/data/3.0/onecall?lat=53.08&lon=8.81");
  Node root = doc.root();
  EXPECT_EQ(root.get("lat").to_json(), "53.08");
  EXPECT_EQ(root.get("lon").to_json(), "8.81");
  EXPECT_EQ(root.get("timezone").as_text(), "Europe/Berlin");
  EXPECT_EQ(root.get("timezone_offset").as_int(), 3600);
  EXPECT_FALSE(root.find("cod"));
  EXPECT_TRUE(
      holds(root.get("current"), {"dt", "sunrise", "sunset", "temp", "feels_like", "pressure", "humidity", "dew_point",
                                  "uvi", "clouds", "visibility", "wind_speed", "wind_deg", "weather"}));
  EXPECT_EQ(root.get("current").get("dt").as_int(), now());
  EXPECT_EQ(root.get("minutely").size(), 60U);
  EXPECT_TRUE(holds(root.get("minutely").at(0), {"dt", "precipitation"}));
  ASSERT_EQ(root.get("hourly").size(), 48U);
  EXPECT_TRUE(root.get("hourly").at(0).find("pop"));
  EXPECT_FALSE(root.get("hourly").at(0).find("sunrise"));
  ASSERT_EQ(root.get("daily").size(), 8U);
  Node today = root.get("daily").at(0);
  EXPECT_TRUE(holds(today, {"dt", "sunrise", "sunset", "moonrise", "moonset", "moon_phase", "summary", "pressure",
                            "humidity", "dew_point", "wind_speed", "wind_deg", "weather", "clouds", "pop", "uvi"}));
  EXPECT_EQ(today.get("dt").as_int(), at("2026-11-21T11:00:00Z").time_since_epoch() / std::chrono::seconds(1));
  EXPECT_EQ(keys_of(today.get("temp")), (std::vector<std::string>{"day", "min", "max", "night", "eve", "morn"}));
  EXPECT_EQ(keys_of(today.get("feels_like")), (std::vector<std::string>{"day", "night", "eve", "morn"}));
}

TEST_F(OneCall, WritesADaysRainAsANumberAndAnHoursAsAnObject) {
  bool day = false, hour = false;
  for (int week = 0; week < 12 && !(day && hour); ++week) {
    Document doc = json("/data/3.0/onecall?lat=53.08&lon=8.81");
    for (std::size_t i = 0; i < 8; ++i) {
      if (Node rain = doc.root().get("daily").at(i).find("rain")) {
        EXPECT_GT(rain.as_double(), 0);
        day = true;
      }
    }
    for (std::size_t i = 0; i < 48; ++i) {
      if (Node rain = doc.root().get("hourly").at(i).find("rain")) {
        EXPECT_GT(rain.get("1h").as_double(), 0);
        hour = true;
      }
    }
    weather_->advance_clock(std::chrono::hours(24 * 7));
  }
  EXPECT_TRUE(day);
  EXPECT_TRUE(hour);
}

TEST_F(OneCall, LeavesOutTheBlocksThatAreExcluded) {
  EXPECT_EQ(keys_of(json("/data/3.0/onecall?lat=53.08&lon=8.81&exclude=minutely,hourly,daily,alerts").root()),
            (std::vector<std::string>{"lat", "lon", "timezone", "timezone_offset", "current"}));
  Document blanks = json("/data/3.0/onecall?lat=53.08&lon=8.81&exclude=hourly,%20daily");
  EXPECT_TRUE(blanks.root().find("daily")) << "a list with blanks excludes less than was meant";
  EXPECT_FALSE(blanks.root().find("hourly"));
}

TEST_F(OneCall, HasNoSunInThePolarNightAndNoRadarAtSea) {
  Document arctic = json("/data/3.0/onecall?lat=78.2186&lon=15.6401&exclude=hourly");
  EXPECT_FALSE(arctic.root().get("current").find("sunrise"));
  EXPECT_FALSE(arctic.root().get("daily").at(0).find("sunset"));
  Document sea = json("/data/3.0/onecall?lat=0&lon=0&exclude=hourly");
  EXPECT_FALSE(sea.root().find("minutely"));
  EXPECT_FALSE(sea.root().find("alerts"));
  EXPECT_EQ(sea.root().get("timezone_offset").as_int(), 0);
}

TEST_F(OneCall, WarnsOfDangerousWeather) {
  for (int week = 0; week < 60; ++week) {
    Document doc = json("/data/3.0/onecall?lat=48.1374&lon=11.5755&exclude=hourly,minutely,daily");
    if (Node alerts = doc.root().find("alerts")) {
      EXPECT_EQ(keys_of(alerts.at(0)),
                (std::vector<std::string>{"sender_name", "event", "start", "end", "description", "tags"}));
      EXPECT_EQ(alerts.at(0).get("sender_name").as_text(), "Deutscher Wetterdienst");
      EXPECT_LT(alerts.at(0).get("start").as_int(), alerts.at(0).get("end").as_int());
      return;
    }
    weather_->advance_clock(std::chrono::hours(24 * 7));
  }
  FAIL() << "more than a year without a warning";
}

TEST_F(OneCall, RemembersTheWeatherOfAnyTime) {
  std::string place = "/data/3.0/onecall/timemachine?lat=53.08&lon=8.81&dt=";
  Document doc = json(place + "1000000000");
  ASSERT_EQ(doc.root().get("data").size(), 1U);
  Node then = doc.root().get("data").at(0);
  EXPECT_EQ(then.get("dt").as_int(), 1000000000);
  EXPECT_EQ(doc.root().get("timezone_offset").as_int(), 7200) << "it was summer then";
  EXPECT_FALSE(then.find("uvi")) << "the UV index goes back five days only";
  EXPECT_TRUE(json(place + std::to_string(now() - 4 * kDay)).root().get("data").at(0).find("uvi"));
  EXPECT_EQ(get(place + std::to_string(now() + 4 * kDay)).status, 200);
}

TEST_F(OneCall, NamesTheParameterThatIsMissingOrBad) {
  std::string place = "/data/3.0/onecall/timemachine?lat=53.08&lon=8.81";
  EXPECT_EQ(get(place).body, R"({"cod":400,"message":"Missing required parameter","parameters":["dt"]})");
  EXPECT_EQ(get(place + "&dt=yesterday").body, R"({"cod":400,"message":"Invalid time format","parameters":["dt"]})");
  EXPECT_EQ(get(place + "&dt=1").status, 400);
  EXPECT_EQ(get(place + "&dt=99999999999999999").status, 400);
  EXPECT_EQ(get(place + "&dt=" + std::to_string(now() + 5 * kDay)).status, 400);
  std::string day = "/data/3.0/onecall/day_summary?lat=53.08&lon=8.81&date=";
  EXPECT_EQ(get(day + "2026-02-30").body, R"({"cod":400,"message":"Invalid date format","parameters":["date"]})");
  EXPECT_EQ(get(day + "1979-01-01").status, 400);
  EXPECT_EQ(get(day + "1979-01-02").status, 200);
  EXPECT_EQ(get(day + "2024-03-04&tz=Berlin").body, R"({"cod":400,"message":"Invalid tz format","parameters":["tz"]})");
  EXPECT_EQ(get("/data/3.0/onecall?lat=53.08").body, R"({"cod":"400","message":"Nothing to geocode"})");
  EXPECT_EQ(get("/data/3.0/onecall/day_summary?lat=90&lon=0&date=2024-03-04").status, 404);
}

TEST_F(OneCall, SumsUpADay) {
  Document doc = json("/data/3.0/onecall/day_summary?lat=53.08&lon=8.81&date=2024-03-04&units=metric");
  Node root = doc.root();
  EXPECT_EQ(keys_of(root), (std::vector<std::string>{"lat", "lon", "tz", "date", "units", "cloud_cover", "humidity",
                                                     "precipitation", "pressure", "temperature", "wind"}));
  EXPECT_EQ(root.get("tz").as_text(), "+01:00");
  EXPECT_EQ(root.get("date").as_text(), "2024-03-04");
  EXPECT_EQ(root.get("units").as_text(), "metric");
  EXPECT_EQ(keys_of(root.get("temperature")),
            (std::vector<std::string>{"min", "max", "afternoon", "night", "evening", "morning"}));
  EXPECT_EQ(keys_of(root.get("wind").get("max")), (std::vector<std::string>{"speed", "direction"}));
  EXPECT_LE(root.get("temperature").get("min").as_double(), root.get("temperature").get("morning").as_double());
  Document east = json("/data/3.0/onecall/day_summary?lat=53.08&lon=8.81&date=2024-03-04&tz=%2B09:00");
  EXPECT_EQ(east.root().get("tz").as_text(), "+09:00");
}

TEST_F(OneCall, TellsADayInWords) {
  Document doc = json("/data/3.0/onecall/overview?lat=53.08&lon=8.81&units=metric");
  EXPECT_EQ(keys_of(doc.root()), (std::vector<std::string>{"lat", "lon", "tz", "date", "units", "weather_overview"}));
  EXPECT_EQ(doc.root().get("date").as_text(), "2026-11-21");
  EXPECT_EQ(get("/data/3.0/onecall/overview?lat=53.08&lon=8.81&date=2026-11-22").status, 200);
  EXPECT_EQ(get("/data/3.0/onecall/overview?lat=53.08&lon=8.81&date=2026-11-23").status, 400);
}

TEST_F(OneCall, StopsAtTwoThousandCallsADay) {
  std::string target = "/data/3.0/onecall?lat=0&lon=0&exclude=current,minutely,hourly,daily,alerts";
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(get(target).status, 200) << i;
  EXPECT_EQ(get(target).status, 429);
  EXPECT_EQ(get("/data/2.5/weather?q=Berlin").status, 200) << "the other calls go on";
  weather_->set_clock(at("2026-11-22T00:00:00Z"));
  EXPECT_EQ(get(target).status, 200);
}

// --- 4.0 ------------------------------------------------------------------------------------------------------------

TEST_F(OneCall, TellsTheMomentInOneRecord) {
  Document doc = json("/data/4.0/onecall/current?lat=53.08&lon=8.81");
  ASSERT_EQ(doc.root().get("data").size(), 1U);
  EXPECT_TRUE(holds(doc.root().get("data").at(0), {"dt", "sunrise", "temp", "uvi", "weather"}));
}

TEST_F(OneCall, PagesThroughATimeline) {
  Document first = json("/data/4.0/onecall/timeline/15min?lat=53.08&lon=8.81&units=metric&lang=en");
  ASSERT_EQ(first.root().get("data").size(), 50U);
  EXPECT_FALSE(first.root().find("prev"));
  std::int64_t start = at("2026-11-21T07:00:00Z").time_since_epoch() / std::chrono::seconds(1);
  EXPECT_EQ(first.root().get("data").at(0).get("dt").as_int(), start);
  std::string next = first.root().get("next").as_text();
  EXPECT_EQ(next, weather_->url() + "/data/4.0/onecall/timeline/15min?cnt=50&lat=53.0800&lon=8.8100&start=" +
                      std::to_string(start + 50 * 900) + "&units=metric&lang=en");
  std::size_t records = 50;
  std::string prev;
  while (!next.empty()) {
    Document page = json(next.substr(weather_->url().size()));
    records += page.root().get("data").size();
    prev = page.root().get("prev").as_text();
    next = page.root().find("next").text_or("");
  }
  EXPECT_EQ(records, 48U * 4 + 1) << "48 hours, both ends included";
  EXPECT_NE(prev.find("start="), std::string::npos);
}

TEST_F(OneCall, HasFourTimelines) {
  auto records = [&](const std::string& step) {
    return json("/data/4.0/onecall/timeline/" + step + "?lat=53.08&lon=8.81").root().get("data").size();
  };
  EXPECT_EQ(records("1min"), 60U);
  EXPECT_EQ(records("15min"), 50U);
  EXPECT_EQ(records("1h"), 20U);
  EXPECT_EQ(records("1day"), 10U);
  Document days = json("/data/4.0/onecall/timeline/1day?lat=53.08&lon=8.81");
  EXPECT_TRUE(holds(days.root(), {"prev", "next"}));
  EXPECT_EQ(days.root().get("data").at(0).get("dt").as_int(),
            at("2026-11-21T11:00:00Z").time_since_epoch() / std::chrono::seconds(1));
  EXPECT_EQ(get("/data/4.0/onecall/timeline/2h?lat=53.08&lon=8.81").status, 404);
  EXPECT_EQ(get("/data/4.0/onecall/timeline/1h?lat=53.08&lon=8.81&start=1").status, 400);
}

TEST_F(OneCall, LooksUpAnAlertByItsId) {
  for (int week = 0; week < 60; ++week) {
    Document doc = json("/data/4.0/onecall/timeline/1h?lat=48.1374&lon=11.5755");
    for (std::size_t i = 0; i < 20; ++i) {
      Node ids = doc.root().get("data").at(i).find("alerts");
      if (!ids) continue;
      std::string id = ids.at(0).as_text();
      Document alert = json("/data/4.0/onecall/alert/" + id + "?x=1");
      EXPECT_EQ(keys_of(alert.root()),
                (std::vector<std::string>{"id", "sender_name", "event", "start", "end", "description"}));
      EXPECT_EQ(alert.root().get("id").as_text(), id);
      return;
    }
    weather_->advance_clock(std::chrono::hours(24 * 7));
  }
  FAIL() << "more than a year without a warning";
}

TEST_F(OneCall, KnowsNoOtherAlert) {
  EXPECT_EQ(get("/data/4.0/onecall/alert/8B46C632-DCA7-44D7-8BDF-02445621BAFF?x=1").status, 404);
  EXPECT_EQ(get("/data/4.0/onecall/alert/x?x=1").status, 404);
}

}  // namespace
}  // namespace plumb::sandbox
