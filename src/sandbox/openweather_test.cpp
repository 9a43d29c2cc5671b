// The weather sandbox's raw exchanges, as reference/openweather-api.md has them, spoken by hand.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/document.h"
#include "sandbox/raw_http.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {
namespace {

Instant at(const char* text) {
  return *find_instant(text);
}

class OpenWeather : public ::testing::Test {
 protected:
  OpenWeather() : weather_(start_openweather({.seed = 1, .now = at("2026-11-21T07:04:05Z"), .calls_per_minute = 0})) {}

  // Asks with the key; `target` already holds a question mark.
  RawAnswer get(std::string target) { return raw_get(weather_->url(), target + "&appid=sandbox-key"); }
  RawAnswer get_with(std::string target, const std::string& key) {
    return raw_get(weather_->url(), target + "&appid=" + key);
  }
  Document json(const std::string& target) {
    RawAnswer answer = get(target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return parse_json(answer.body, target);
  }

  std::unique_ptr<Sandbox> weather_;
};

std::vector<std::string> keys_of(Node map) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < map.size(); ++i) keys.emplace_back(map.key_at(i));
  return keys;
}

constexpr const char* kWrongKey =
    R"({"cod":401,"message":"Invalid API key. Please see https://openweathermap.org/faq#error401 for more info."})";
constexpr const char* kExhausted =
    R"({"cod":429,"message":"Your account is temporary blocked due to exceeding of requests limitation of your )"
    R"(subscription type. Please choose the proper subscription https://openweathermap.org/price"})";
constexpr const char* kNothing = R"({"cod":"400","message":"Nothing to geocode"})";
constexpr const char* kUnknownCity = R"({"cod":"404","message":"city not found"})";

// --- keys -----------------------------------------------------------------------------------------------------------

TEST_F(OpenWeather, TellsNoDifferenceBetweenNoKeyAWrongOneAndOneThatIsNotActiveYet) {
  for (const char* key : {"", "&appid=", "&appid=wrong", "&appid=new-key"}) {
    RawAnswer answer = raw_get(weather_->url(), std::string("/data/2.5/weather?q=Berlin") + key);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, kWrongKey);
    EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  }
}

TEST_F(OpenWeather, TakesTheKeyInAHeaderToo) {
  EXPECT_EQ(raw_get(weather_->url(), "/data/2.5/weather?q=Berlin", {{"x-api-key", "sandbox-key"}}).status, 200);
  EXPECT_EQ(raw_get(weather_->url(), "/data/2.5/weather?q=Berlin", {{"X-API-Key", "wrong"}}).status, 401);
}

TEST_F(OpenWeather, IgnoresTheHeaderWhenToldTo) {
  auto strict = start_openweather({.now = at("2026-11-21T07:00:00Z"), .takes_key_header = false});
  EXPECT_EQ(raw_get(strict->url(), "/data/2.5/weather?q=Berlin", {{"x-api-key", "sandbox-key"}}).status, 401);
  EXPECT_EQ(raw_get(strict->url(), "/data/2.5/weather?q=Berlin&appid=sandbox-key").status, 200);
}

TEST_F(OpenWeather, BlocksAnAccountThatUsedUpItsQuota) {
  RawAnswer answer = get_with("/data/2.5/weather?q=Berlin", "blocked-key");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, kExhausted);
  EXPECT_EQ(answer.header("Retry-After"), "");
}

TEST_F(OpenWeather, KeepsOneCallForItsSubscribers) {
  EXPECT_EQ(get_with("/data/2.5/weather?q=Berlin", "free-key").status, 200);
  for (const char* target : {"/data/3.0/onecall?lat=52.5&lon=13.4", "/data/4.0/onecall/current?lat=52.5&lon=13.4"}) {
    RawAnswer answer = get_with(target, "free-key");
    EXPECT_EQ(answer.status, 401);
    EXPECT_TRUE(answer.body.starts_with(R"({"cod":401,"message":"Please note that using One Call )")) << answer.body;
    EXPECT_NE(answer.body.find("requires a separate subscription to the One Call by Call plan."), std::string::npos);
  }
}

TEST_F(OpenWeather, ActivatesAKeyOnCommand) {
  weather_->command("key?key=new-key&state=active");
  EXPECT_EQ(get_with("/data/2.5/weather?q=Berlin", "new-key").status, 200);
  weather_->command("key?key=sandbox-key&plan=free");
  EXPECT_EQ(get("/data/3.0/onecall?lat=52.5&lon=13.4").status, 401);
}

TEST_F(OpenWeather, GivesEachAccountSixtyCallsAMinuteWhateverItsKeys) {
  auto metered = start_openweather({.now = at("2026-11-21T07:00:00Z")});
  auto status = [&](const char* key) {
    return raw_get(metered->url(), std::string("/geo/1.0/direct?q=Berlin&appid=") + key).status;
  };
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(status("sandbox-key"), 200);
    ASSERT_EQ(status("sandbox-key-2"), 200);
  }
  EXPECT_EQ(status("sandbox-key"), 429);
  EXPECT_EQ(status("free-key"), 200);
  metered->advance_clock(std::chrono::seconds(1));
  EXPECT_EQ(status("sandbox-key-2"), 200);
  EXPECT_EQ(status("sandbox-key"), 429);
  metered->advance_clock(std::chrono::minutes(1));
  EXPECT_EQ(status("sandbox-key"), 200);
}

// --- current weather ------------------------------------------------------------------------------------------------

TEST_F(OpenWeather, TellsTheWeatherOfATown) {
  Document doc = json("/data/2.5/weather?q=Bremen,DE");
  Node root = doc.root();
  EXPECT_EQ(root.get("coord").to_json(), R"({"lon":8.8078,"lat":53.0752})");
  EXPECT_EQ(root.get("base").as_text(), "stations");
  EXPECT_EQ(root.get("cod").to_json(), "200");
  EXPECT_EQ(root.get("name").as_text(), "Bremen");
  EXPECT_EQ(root.get("id").as_int(), 2944388);
  EXPECT_EQ(root.get("timezone").as_int(), 3600);
  EXPECT_EQ(root.get("dt").as_int(), at("2026-11-21T07:00:00Z").time_since_epoch() / std::chrono::seconds(1));
  EXPECT_EQ(root.get("sys").get("country").as_text(), "DE");
  Node sky = root.get("weather").at(0);
  EXPECT_EQ(keys_of(sky), (std::vector<std::string>{"id", "main", "description", "icon"}));
  for (const char* key : {"temp", "feels_like", "temp_min", "temp_max", "pressure", "humidity"}) {
    EXPECT_TRUE(root.get("main").find(key)) << key;
  }
  EXPECT_GT(root.get("main").get("temp").as_double(), 250);
  EXPECT_LT(root.get("main").get("temp").as_double(), 300);
}

TEST_F(OpenWeather, RefreshesEveryTenMinutes) {
  std::string first = get("/data/2.5/weather?q=Bremen").body;
  weather_->set_clock(at("2026-11-21T07:09:59Z"));
  EXPECT_EQ(get("/data/2.5/weather?q=Bremen").body, first);
  weather_->set_clock(at("2026-11-21T07:10:00Z"));
  EXPECT_NE(get("/data/2.5/weather?q=Bremen").body, first);
}

TEST_F(OpenWeather, FindsTownsByEveryLocator) {
  auto id_of = [&](const std::string& locator) {
    RawAnswer answer = get("/data/2.5/weather?" + locator);
    if (answer.status != 200) return std::int64_t{-answer.status};
    return parse_json(answer.body, locator).root().get("id").as_int();
  };
  EXPECT_EQ(id_of("q=Austin,TX,US"), 4671654);
  EXPECT_EQ(id_of("q=Austin,US"), 4671654);
  EXPECT_EQ(id_of("q=Austin,mn,us"), 5016884);
  EXPECT_EQ(id_of("q=austin"), 4671654);
  EXPECT_EQ(id_of("q=Paris"), 2988507);
  EXPECT_EQ(id_of("q=Paris,US"), 4717560);
  EXPECT_EQ(id_of("q=Wien"), 2761369);
  EXPECT_EQ(id_of("q=Vienna,AT"), 2761369);
  EXPECT_EQ(id_of("q=M%C3%BCnchen"), 2867714);
  EXPECT_EQ(id_of("q=Muenchen"), 2867714);
  EXPECT_EQ(id_of("q=S%C3%A3o%20Paulo,BR"), 3448439);
  EXPECT_EQ(id_of("q=%E6%9D%B1%E4%BA%AC"), 1850147);
  EXPECT_EQ(id_of("q=Berlin,TX,DE"), 2950159) << "a state is looked at in the USA only";
  EXPECT_EQ(id_of("id=2950159"), 2950159);
  EXPECT_EQ(id_of("zip=28195,DE"), 2944388);
  EXPECT_EQ(id_of("zip=78701"), 4671654) << "without a country it is the USA";
  EXPECT_EQ(id_of("lat=52.52&lon=13.41"), 2950159);
  EXPECT_EQ(id_of("q=Austin,DE"), -404);
  EXPECT_EQ(id_of("id=1"), -404);
  EXPECT_EQ(id_of("zip=28195"), -404);
}

TEST_F(OpenWeather, KnowsAtLeastSixtyTowns) {
  std::set<std::string> found;
  for (const char* name :
       {"Berlin", "Hamburg", "Munich", "Bremen", "Austin", "Vienna", "Cologne", "Zurich", "London"}) {
    Document doc = json(std::string("/data/2.5/weather?q=") + name);
    found.insert(doc.root().get("name").as_text());
  }
  EXPECT_EQ(found.size(), 9U);
}

TEST_F(OpenWeather, EchoesThePointAskedFor) {
  Document doc = json("/data/2.5/weather?lat=51.5074&lon=-0.1278&units=metric");
  EXPECT_EQ(doc.root().get("coord").to_json(), R"({"lon":-0.1278,"lat":51.5074})");
  EXPECT_EQ(doc.root().get("name").as_text(), "London");
  EXPECT_EQ(doc.root().get("sys").get("country").as_text(), "GB");
}

TEST_F(OpenWeather, CallsTheOpenSeaGlobeAndThePolesNothing) {
  Document sea = json("/data/2.5/weather?lat=0&lon=0");
  EXPECT_EQ(sea.root().get("name").as_text(), "Globe");
  EXPECT_FALSE(sea.root().get("sys").find("country"));
  for (const char* point : {"lat=90&lon=0", "lat=-90&lon=0", "lat=0&lon=180", "lat=0&lon=-180", "lat=90&lon=180"}) {
    Document doc = json(std::string("/data/2.5/weather?") + point);
    EXPECT_EQ(doc.root().get("name").as_text(), "") << point;
    EXPECT_FALSE(doc.root().get("sys").find("country")) << point;
  }
  Document pole = json("/data/2.5/weather?lat=90&lon=0");
  EXPECT_FALSE(pole.root().get("sys").find("sunrise")) << "in the polar night no sun rises";
}

TEST_F(OpenWeather, RefusesWhatIsNoPlace) {
  auto expect = [&](const std::string& target, int status, const std::string& body) {
    RawAnswer answer = get("/data/2.5/weather?" + target);
    EXPECT_EQ(answer.status, status) << target;
    EXPECT_EQ(answer.body, body) << target;
    EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  };
  expect("x=1", 400, kNothing);
  expect("q=", 400, kNothing);
  expect("lad=51.5&lon=-0.1", 400, kNothing);
  expect("lat=a&lon=-0.1278", 400, R"({"cod":"400","message":"wrong latitude"})");
  expect("lat=1&lon=east", 400, R"({"cod":"400","message":"wrong longitude"})");
  expect("lat=90.01&lon=0", 400, R"({"cod":"400","message":"wrong latitude"})");
  expect("lat=0&lon=-180.01", 400, R"({"cod":"400","message":"wrong longitude"})");
  expect("q=Zzqxwvy", 404, kUnknownCity);
  expect("q=%20%20", 404, kUnknownCity);
  expect("q=%ZZ", 404, kUnknownCity);
  expect("q=" + std::string(1000, 'x'), 404, kUnknownCity);
  expect("q=%3Cscript%3E", 404, kUnknownCity);
}

TEST_F(OpenWeather, ClampsAPointJustOutsideUnlessUnitsAreGiven) {
  EXPECT_EQ(get("/data/2.5/weather?lat=90.0001&lon=0").status, 200);
  EXPECT_EQ(get("/data/2.5/weather?lat=0&lon=180.0001").status, 200);
  RawAnswer answer = get("/data/2.5/weather?lat=90.0001&lon=0&units=metric");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"cod":"400","message":"wrong latitude"})");
}

TEST_F(OpenWeather, ConvertsFromOneStoredValue) {
  auto main_of = [&](const char* units) {
    Document doc = json(std::string("/data/2.5/weather?q=Austin,US&units=") + units);
    return std::pair(doc.root().get("main").get("temp").as_double(), doc.root().get("wind").get("speed").as_double());
  };
  auto [kelvin, metres] = main_of("standard");
  auto [celsius, same] = main_of("metric");
  auto [fahrenheit, miles] = main_of("imperial");
  EXPECT_NEAR(celsius, kelvin - 273.15, 0.011);
  EXPECT_NEAR(fahrenheit, (kelvin - 273.15) * 1.8 + 32, 0.02);
  EXPECT_EQ(same, metres);
  EXPECT_NEAR(miles, metres * 2.23694, 0.02);
  EXPECT_EQ(main_of("furlongs"), main_of("standard"));
}

TEST_F(OpenWeather, SpeaksFourLanguagesAndEnglishForTheRest) {
  std::set<std::string> descriptions;
  for (const char* language : {"en", "de", "fr", "es"}) {
    Document doc = json(std::string("/data/2.5/weather?q=Wien&lang=") + language);
    descriptions.insert(doc.root().get("weather").at(0).get("description").as_text());
  }
  EXPECT_EQ(descriptions.size(), 4U);
  auto name_in = [&](const char* language) {
    Document doc = json(std::string("/data/2.5/weather?q=Wien&lang=") + language);
    return doc.root().get("name").as_text();
  };
  EXPECT_EQ(name_in("de"), "Wien");
  EXPECT_EQ(name_in("fr"), "Vienne");
  EXPECT_EQ(name_in("ja"), "Vienna");
  EXPECT_EQ(name_in("klingon"), "Vienna");
}

TEST_F(OpenWeather, AnswersInXml) {
  RawAnswer answer = get("/data/2.5/weather?q=Bremen,DE&mode=xml&units=metric");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/xml; charset=utf-8");
  std::regex shape(
      "<\\?xml version=\"1.0\" encoding=\"UTF-8\"\\?>\n<current><city id=\"2944388\" name=\"Bremen\">"
      "<coord lon=\"8.8078\" lat=\"53.0752\"></coord><country>DE</country><timezone>3600</timezone>"
      "<sun rise=\"2026-11-21T06:[0-9:]+\" set=\"2026-11-21T15:[0-9:]+\"></sun></city>"
      "<temperature value=\"[-0-9.]+\" min=\"[-0-9.]+\" max=\"[-0-9.]+\" unit=\"celsius\"></temperature>"
      "<feels_like value=\"[-0-9.]+\" unit=\"celsius\"></feels_like><humidity value=\"\\d+\" unit=\"%\"></humidity>"
      "<pressure value=\"\\d+\" unit=\"hPa\"></pressure><wind><speed value=\"[0-9.]+\" unit=\"m/s\" name=\"[A-Za-z "
      "]+\">"
      "</speed><gusts( value=\"[0-9.]+\")?></gusts><direction value=\"\\d+\" code=\"[NESW]+\" name=\"[A-Za-z-]+\">"
      "</direction></wind><clouds value=\"\\d+\" name=\"[a-z ]+\"></clouds><visibility( value=\"\\d+\")?></visibility>"
      "<precipitation [^>]+></precipitation><weather number=\"\\d+\" value=\"[a-z ]+\" icon=\"\\d\\d[dn]\"></weather>"
      "<lastupdate value=\"2026-11-21T07:00:00\"></lastupdate></current>");
  EXPECT_TRUE(std::regex_match(answer.body, shape)) << answer.body;
}

TEST_F(OpenWeather, RefusesInXmlWhenAskedInXml) {
  RawAnswer answer = get("/data/2.5/weather?q=Zzqxwvy&mode=xml");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "<Error><cod>404</cod><message>city not found</message></Error>");
  EXPECT_EQ(answer.header("Content-Type"), "application/xml; charset=utf-8");
  EXPECT_EQ(get("/data/2.5/weather?id=%3Cb%3E&mode=xml").body,
            "<Error><cod>400</cod><message>&lt;b&gt; is not a city ID</message></Error>");
}

TEST_F(OpenWeather, AnswersInHtml) {
  RawAnswer answer = get("/data/2.5/weather?q=Bremen&mode=html");
  EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(answer.body.starts_with("<!DOCTYPE html>")) << answer.body;
}

TEST_F(OpenWeather, WrapsJsonInACallback) {
  std::string plain = get("/data/2.5/weather?q=Bremen").body;
  EXPECT_EQ(get("/data/2.5/weather?q=Bremen&callback=show").body, "show(" + plain + ")");
  EXPECT_EQ(get("/data/2.5/weather?q=Bremen&callback=alert(1)//").body, plain);
}

TEST_F(OpenWeather, TakesAPostAndRefusesOtherMethods) {
  auto status = [&](const std::string& method) {
    return raw_exchange(weather_->url(), method +
                                             " /data/2.5/weather?q=Berlin&appid=sandbox-key HTTP/1.1\r\nHost: x\r\n"
                                             "Content-Length: 0\r\nConnection: close\r\n\r\n");
  };
  EXPECT_EQ(status("POST").status, 200);
  for (const char* method : {"PUT", "DELETE", "PATCH"}) {
    RawAnswer answer = status(method);
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.body, R"({"cod":"405","message":"Internal error"})");
    EXPECT_EQ(answer.header("Allow"), "");
  }
}

TEST_F(OpenWeather, LeavesOutWhatDidNotHappenAndSometimesMore) {
  int gusts = 0, visibility = 0, levels = 0, stations = 0, rain = 0, snow = 0, whole_numbers = 0;
  constexpr int kDays = 60;
  for (int day = 0; day < kDays; ++day) {
    Document doc = json("/data/2.5/weather?q=Bremen");
    Node root = doc.root();
    gusts += root.get("wind").find("gust") ? 1 : 0;
    visibility += root.find("visibility") ? 1 : 0;
    levels += root.get("main").find("sea_level") ? 1 : 0;
    stations += root.get("sys").find("type") ? 1 : 0;
    for (auto [name, count] : {std::pair("rain", &rain), std::pair("snow", &snow)}) {
      if (!root.find(name)) continue;
      ++*count;
      EXPECT_GT(root.get(name).get("1h").as_double(), 0) << "never zero";
    }
    whole_numbers += root.get("wind").get("speed").kind() == NodeKind::Int ? 1 : 0;
    whole_numbers += root.get("main").get("temp").kind() == NodeKind::Int ? 1 : 0;
    EXPECT_EQ(doc.root().to_json().find("null"), std::string::npos);
    weather_->advance_clock(std::chrono::hours(29));
  }
  for (int count : {gusts, visibility, levels, stations, rain + snow}) {
    EXPECT_GT(count, 0);
    EXPECT_LT(count, kDays);
  }
  EXPECT_GT(whole_numbers, 0) << "an integer may stand where a fraction could";
}

// --- forecast -------------------------------------------------------------------------------------------------------

TEST_F(OpenWeather, ForecastsFiveDaysInStepsOfThreeHours) {
  Document doc = json("/data/2.5/forecast?q=Bremen,DE&units=metric");
  Node root = doc.root();
  EXPECT_EQ(keys_of(root), (std::vector<std::string>{"cod", "message", "cnt", "list", "city"}));
  EXPECT_EQ(root.get("cod").to_json(), R"("200")");
  EXPECT_EQ(root.get("cnt").as_int(), 40);
  ASSERT_EQ(root.get("list").size(), 40U);
  std::int64_t expected = at("2026-11-21T09:00:00Z").time_since_epoch() / std::chrono::seconds(1);
  for (std::size_t i = 0; i < 40; ++i) {
    Node step = root.get("list").at(i);
    EXPECT_EQ(step.get("dt").as_int(), expected);
    expected += 10800;
    EXPECT_GE(step.get("pop").as_double(), 0);
    EXPECT_LE(step.get("pop").as_double(), 1);
    EXPECT_TRUE(step.get("sys").get("pod").as_text() == "d" || step.get("sys").get("pod").as_text() == "n");
    EXPECT_TRUE(step.get("main").find("temp_kf"));
  }
  EXPECT_EQ(root.get("list").at(0).get("dt_txt").as_text(), "2026-11-21 09:00:00");
  Node city = root.get("city");
  EXPECT_EQ(keys_of(city), (std::vector<std::string>{"id", "name", "coord", "country", "population", "timezone",
                                                     "sunrise", "sunset"}));
  EXPECT_EQ(city.get("population").as_int(), 546501);
}

TEST_F(OpenWeather, TakesAnyCountAndRefusesWhatIsNone) {
  auto count = [&](const char* text) {
    Document doc = json(std::string("/data/2.5/forecast?q=Tokyo,JP&cnt=") + text);
    EXPECT_EQ(doc.root().get("cnt").as_int(), static_cast<std::int64_t>(doc.root().get("list").size()));
    return doc.root().get("cnt").as_int();
  };
  EXPECT_EQ(count("1"), 1);
  EXPECT_EQ(count("5"), 5);
  EXPECT_EQ(count("40"), 40);
  EXPECT_EQ(count("0"), 40);
  EXPECT_EQ(count("-1"), 40);
  EXPECT_EQ(count("41"), 40);
  EXPECT_EQ(get("/data/2.5/forecast?q=Tokyo&cnt=abc").body, R"({"cod":"400","message":"abc is not a number"})");
  EXPECT_EQ(get("/data/2.5/forecast?q=Tokyo&cnt=2.5").status, 400);
}

TEST_F(OpenWeather, ForecastsInXml) {
  RawAnswer answer = get("/data/2.5/forecast?q=Bremen&cnt=2&mode=xml");
  EXPECT_EQ(answer.header("Content-Type"), "application/xml; charset=utf-8");
  EXPECT_NE(answer.body.find("\n<weatherdata><location><name>Bremen</name>"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("<time from=\"2026-11-21T09:00:00\" to=\"2026-11-21T12:00:00\">"), std::string::npos);
}

TEST_F(OpenWeather, ForecastsWhatThenComesTrue) {
  Document forecast = json("/data/2.5/forecast?q=Bremen");
  std::string expected(forecast.root().get("list").at(8).get("main").get("temp").scalar());
  weather_->set_clock(at("2026-11-22T09:00:00Z"));
  Document doc = json("/data/2.5/weather?q=Bremen");
  EXPECT_EQ(doc.root().get("main").get("temp").scalar(), expected);
}

// --- geocoding ------------------------------------------------------------------------------------------------------

TEST_F(OpenWeather, FindsThePlacesOfAName) {
  EXPECT_EQ(get("/geo/1.0/direct?q=Austin,TX,US").body,
            R"([{"name":"Austin","lat":30.2672,"lon":-97.7431,"country":"US","state":"Texas"}])");
  EXPECT_EQ(get("/geo/1.0/direct?q=Austin,Texas").body, get("/geo/1.0/direct?q=Austin,TX,US").body);
  EXPECT_EQ(get("/geo/1.0/direct?q=Zzqxwvy").body, "[]");
  EXPECT_EQ(get("/geo/1.0/direct?q=").body, kNothing);
  Document doc = json("/geo/1.0/direct?q=Wien");
  EXPECT_EQ(doc.root().at(0).get("name").as_text(), "Vienna");
  EXPECT_EQ(doc.root().at(0).get("local_names").get("de").as_text(), "Wien");
}

TEST_F(OpenWeather, HasItsOwnMindAboutLimits) {
  auto places = [&](const char* limit) {
    return json(std::string("/geo/1.0/direct?q=Springfield") + limit).root().size();
  };
  EXPECT_EQ(places(""), 1U);
  EXPECT_EQ(places("&limit=3"), 3U);
  EXPECT_EQ(places("&limit=5"), 5U);
  EXPECT_EQ(places("&limit=6"), 5U);
  EXPECT_EQ(places("&limit=0"), 10U);
  RawAnswer answer = get("/geo/1.0/direct?q=Springfield&limit=-1");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, R"({"cod":"404","message":"not found"})");
  EXPECT_EQ(get("/geo/1.0/direct?q=Springfield&limit=abc").status, 400);
}

TEST_F(OpenWeather, NamesAPoint) {
  Document doc = json("/geo/1.0/reverse?lat=51.5098&lon=-0.1180&limit=5");
  EXPECT_EQ(doc.root().at(0).get("name").as_text(), "London");
  EXPECT_EQ(get("/geo/1.0/reverse?lat=0&lon=0").body, "[]");
  EXPECT_EQ(get("/geo/1.0/reverse?lat=100&lon=0").body, R"({"cod":"400","message":"wrong latitude"})");
}

TEST_F(OpenWeather, FindsAPostalCode) {
  EXPECT_EQ(get("/geo/1.0/zip?zip=28195,DE").body,
            R"({"zip":"28195","name":"Bremen","lat":53.0752,"lon":8.8078,"country":"DE"})");
  RawAnswer answer = get("/geo/1.0/zip?zip=99999,DE");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, R"({"cod":"404","message":"not found"})");
  EXPECT_EQ(get("/geo/1.0/zip?zip=").body, kNothing);
}

// --- the sandbox itself ---------------------------------------------------------------------------------------------

TEST_F(OpenWeather, RepeatsItselfForASeedAndNotForAnother) {
  auto twin = start_openweather({.seed = 1, .now = at("2026-11-21T07:04:05Z")});
  auto other = start_openweather({.seed = 2, .now = at("2026-11-21T07:04:05Z")});
  std::string target = "/data/2.5/forecast?q=Berlin&appid=sandbox-key";
  std::string first = raw_get(weather_->url(), target).body;
  EXPECT_EQ(raw_get(twin->url(), target).body, first);
  EXPECT_NE(raw_get(other->url(), target).body, first);
}

TEST_F(OpenWeather, KeepsTheKeyOutOfItsLogOfCalls) {
  get("/data/2.5/weather?q=Berlin");
  ASSERT_EQ(weather_->calls().size(), 1U);
  EXPECT_EQ(weather_->calls()[0].target.find("sandbox-key"), std::string::npos) << weather_->calls()[0].target;
  EXPECT_EQ(weather_->calls()[0].status, 200);
}

TEST_F(OpenWeather, PlaysFaultsInTheServicesOwnWords) {
  std::string target = "/data/2.5/weather?q=Berlin";
  weather_->add_fault({.kind = FaultKind::TooManyRequests, .retry_after = 3});
  RawAnswer blocked = get(target);
  EXPECT_EQ(blocked.status, 429);
  EXPECT_EQ(blocked.body, kExhausted);
  EXPECT_EQ(blocked.header("Retry-After"), "3");
  weather_->add_fault({.kind = FaultKind::ServerError, .status = 500});
  EXPECT_EQ(get(target).body, R"({"cod":"500","message":"Internal error"})");
  weather_->add_fault({.kind = FaultKind::ServerError, .status = 502});
  EXPECT_EQ(get(target).header("Content-Type"), "text/html");
  std::string whole = get(target).body;
  weather_->add_fault({.kind = FaultKind::Truncated, .bytes = 100});
  EXPECT_EQ(get(target).body, whole.substr(0, 100));
  weather_->add_fault({.kind = FaultKind::ResetMidBody, .bytes = 50});
  EXPECT_TRUE(get(target).broken);
  EXPECT_EQ(get(target).body, whole);
}

TEST_F(OpenWeather, PlaysAFaultForOnePlaceOrOneKey) {
  weather_->add_fault({.kind = FaultKind::ServerError, .status = 503, .carries = "q=Bremen", .times = -1});
  weather_->add_fault({.kind = FaultKind::TooManyRequests, .carries = "appid=free-key", .times = -1});
  EXPECT_EQ(get("/data/2.5/weather?q=Berlin").status, 200);
  EXPECT_EQ(get("/data/2.5/weather?q=Bremen").status, 503);
  EXPECT_EQ(get_with("/data/2.5/weather?q=Berlin", "free-key").status, 429);
}

TEST_F(OpenWeather, CountsWhatAnAccountUsed) {
  get("/data/2.5/weather?q=Berlin");
  get("/data/3.0/onecall?lat=52.5&lon=13.4");
  Document state = parse_json(raw_get(weather_->url(), "/_sandbox/state").body, "state");
  Node account = state.root().get("accounts").at(0);
  EXPECT_EQ(account.to_json(), R"({"account":"home","calls_this_month":1,"one_calls_today":1})");
}

}  // namespace
}  // namespace plumb::sandbox
