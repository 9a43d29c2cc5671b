#include "ingest/connectors/openweather_rows.h"

#include <gtest/gtest.h>

namespace plumb::ingest::openweather {
namespace {

const std::string kUnits = "metric";

// The documents of the service's own pages.
constexpr const char* kBremen = R"({"coord":{"lon":8.81,"lat":53.08},
 "weather":[{"id":500,"main":"Rain","description":"light rain","icon":"10d"}],"base":"stations",
 "main":{"temp":288.2,"feels_like":287.9,"temp_min":287.1,"temp_max":289.4,"pressure":1012,"humidity":81,
 "sea_level":1012,"grnd_level":1011},"visibility":10000,"wind":{"speed":4.6,"deg":240,"gust":7.2},"rain":{"1h":0.35},
 "clouds":{"all":75},"dt":1700000000,"sys":{"type":2,"id":2012345,"country":"DE","sunrise":1699944000,
 "sunset":1699977000},"timezone":3600,"id":2944388,"name":"Bremen","cod":200})";
constexpr const char* kForecast = R"({"cod":"200","message":0,"cnt":2,"list":[
 {"dt":1700006400,"main":{"temp":287.4,"feels_like":287.0,"temp_min":287.4,"temp_max":287.9,"pressure":1013,
 "sea_level":1013,"grnd_level":1012,"humidity":83,"temp_kf":-0.5},
 "weather":[{"id":500,"main":"Rain","description":"light rain","icon":"10n"}],"clouds":{"all":90},
 "wind":{"speed":5.1,"deg":250,"gust":9.8},"visibility":10000,"pop":0.42,"rain":{"3h":0.61},"sys":{"pod":"n"},
 "dt_txt":"2023-11-15 00:00:00"},{"dt":1700017200,"main":{"temp":287}}],
 "city":{"id":2944388,"name":"Bremen","coord":{"lat":53.08,"lon":8.81},"country":"DE","population":546501,
 "timezone":3600,"sunrise":1699944000,"sunset":1699977000}})";

// The value as text; "-" for null.
std::string cell(const data::Batch& batch, std::string_view column, std::size_t row = 0) {
  const data::Column* found = batch.find_column(column);
  if (found == nullptr) return "no such column";
  if (found->null_at(row)) return "-";
  std::string text;
  data::append_text(*found, row, text);
  return text;
}

data::Type type_of(const data::Batch& batch, std::string_view column) {
  return batch.find_column(column)->type();
}

class WeatherRows : public ::testing::Test {
 protected:
  Document read(const char* text) { return parse_json(text, "answer"); }

  City city_{.name = "Bremen,DE"};
  Provenance from_{city_, kUnits, *find_instant("2023-11-14T22:14:00Z")};
};

TEST_F(WeatherRows, TellTheMomentInOneRow) {
  Document doc = read(kBremen);
  data::Batch batch = current_rows(doc.root(), from_);
  ASSERT_EQ(batch.rows(), 1U);
  EXPECT_EQ(cell(batch, "city"), "Bremen,DE");
  EXPECT_EQ(cell(batch, "observed_at"), "2023-11-14 22:13:20+00:00");
  EXPECT_EQ(cell(batch, "city_id"), "2944388");
  EXPECT_EQ(cell(batch, "city_name"), "Bremen");
  EXPECT_EQ(cell(batch, "country"), "DE");
  EXPECT_EQ(cell(batch, "temp"), "288.2");
  EXPECT_EQ(cell(batch, "pressure"), "1012");
  EXPECT_EQ(cell(batch, "wind_gust"), "7.2");
  EXPECT_EQ(cell(batch, "rain_1h"), "0.35");
  EXPECT_EQ(cell(batch, "snow_1h"), "-");
  EXPECT_EQ(cell(batch, "condition_id"), "500");
  EXPECT_EQ(cell(batch, "description"), "light rain");
  EXPECT_EQ(cell(batch, "sunrise"), "2023-11-14 06:40:00+00:00");
  EXPECT_EQ(cell(batch, "units"), "metric");
  EXPECT_EQ(cell(batch, "ingested_at"), "2023-11-14 22:14:00+00:00");
}

TEST_F(WeatherRows, HaveHolesWhereTheServiceIsSilent) {
  Document doc = read(R"({"dt":1700000000,"weather":[],"main":{"temp":301},"name":"Globe","sys":{}})");
  data::Batch batch = current_rows(doc.root(), from_);
  EXPECT_EQ(cell(batch, "temp"), "301.0") << "an integer may stand where a fraction could";
  for (const char* column :
       {"country", "visibility", "wind_gust", "rain_1h", "condition_id", "icon", "sunset", "lat"}) {
    EXPECT_EQ(cell(batch, column), "-") << column;
  }
}

TEST_F(WeatherRows, WidenAWholeNumberThatComesAsAFraction) {
  Document whole = read(R"({"dt":1,"main":{"pressure":1012.0}})");
  EXPECT_EQ(type_of(current_rows(whole.root(), from_), "pressure"), data::Type::int64());
  EXPECT_EQ(cell(current_rows(whole.root(), from_), "pressure"), "1012");
  Document fraction = read(R"({"dt":1,"main":{"pressure":1012.4}})");
  EXPECT_EQ(type_of(current_rows(fraction.root(), from_), "pressure"), data::Type::float64());
  EXPECT_EQ(cell(current_rows(fraction.root(), from_), "pressure"), "1012.4");
}

TEST_F(WeatherRows, KeepNoValueOfAnUnexpectedKind) {
  Document doc = read(R"({"dt":"soon","name":7,"main":{"temp":"warm","humidity":null},"weather":{"id":1},"coord":[]})");
  data::Batch batch = current_rows(doc.root(), from_);
  for (const char* column : {"observed_at", "city_name", "temp", "humidity", "condition_id", "lat"}) {
    EXPECT_EQ(cell(batch, column), "-") << column;
  }
}

TEST_F(WeatherRows, KeepNoTimeThatNoCalendarHas) {
  Document doc = read(R"({"dt":99999999999999,"id":1e300})");
  data::Batch batch = current_rows(doc.root(), from_);
  EXPECT_EQ(cell(batch, "observed_at"), "-");
  EXPECT_EQ(type_of(batch, "city_id"), data::Type::float64());
}

TEST_F(WeatherRows, TellAForecastStepByStep) {
  Document doc = read(kForecast);
  data::Batch batch = forecast_rows(doc.root(), from_, {});
  ASSERT_EQ(batch.rows(), 2U);
  EXPECT_EQ(cell(batch, "forecast_at", 0), "2023-11-15 00:00:00+00:00");
  EXPECT_EQ(cell(batch, "city_name", 1), "Bremen");
  EXPECT_EQ(cell(batch, "lat", 1), "53.08");
  EXPECT_EQ(cell(batch, "rain_3h", 0), "0.61");
  EXPECT_EQ(cell(batch, "rain_3h", 1), "-");
  EXPECT_EQ(cell(batch, "pop", 0), "0.42");
  EXPECT_EQ(cell(batch, "part_of_day", 0), "n");
  EXPECT_EQ(cell(batch, "temp", 1), "287.0");
}

TEST_F(WeatherRows, LeaveOutTheStepsUpToAMoment) {
  Document doc = read(kForecast);
  data::Batch batch = forecast_rows(doc.root(), from_, find_instant("2023-11-15T00:00:00Z"));
  ASSERT_EQ(batch.rows(), 1U);
  EXPECT_EQ(cell(batch, "forecast_at"), "2023-11-15 03:00:00+00:00");
}

TEST_F(WeatherRows, TellADaysRainAndAnHoursRainAlike) {
  Document doc = read(R"({"lat":53.08,"lon":8.81,"timezone":"Europe/Berlin","hourly":[{"dt":3600,"rain":{"1h":0.2}}],
    "daily":[{"dt":43200,"temp":{"day":1.5,"min":-1},"rain":2.5,"moon_phase":0.25}],
    "alerts":[{"sender_name":"DWD","event":"Frost","start":0,"end":7200,"description":"cold","tags":["Ice"]}]})");
  EXPECT_EQ(cell(hourly_rows(doc.root(), from_), "rain_1h"), "0.2");
  EXPECT_EQ(cell(hourly_rows(doc.root(), from_), "timezone"), "Europe/Berlin");
  data::Batch daily = daily_rows(doc.root(), from_);
  EXPECT_EQ(cell(daily, "rain"), "2.5");
  EXPECT_EQ(cell(daily, "temp_min"), "-1.0");
  EXPECT_EQ(cell(daily, "temp_night"), "-");
  data::Batch alerts = alert_rows(doc.root(), from_);
  EXPECT_EQ(cell(alerts, "end_at"), "1970-01-01 02:00:00+00:00");
  EXPECT_EQ(cell(alerts, "tags"), R"(["Ice"])");
}

TEST_F(WeatherRows, KeepADocumentByteForByte) {
  data::Batch batch = raw_row(kBremen, from_);
  ASSERT_EQ(batch.columns(), 4U);
  EXPECT_EQ(batch.schema()[0].name, "id");
  EXPECT_EQ(batch.schema()[1].name, "city");
  EXPECT_EQ(batch.schema()[2].name, "ingested_at");
  EXPECT_EQ(batch.schema()[3].name, "data");
  EXPECT_EQ(type_of(batch, "id"), data::Type::uuid());
  EXPECT_EQ(type_of(batch, "data"), data::Type::json());
  EXPECT_EQ(cell(batch, "data"), kBremen);
  EXPECT_EQ(cell(batch, "city"), "Bremen,DE");
  EXPECT_EQ(cell(batch, "id")[14], '7') << "a version-7 UUID: sorted by time";
  EXPECT_NE(cell(batch, "id"), cell(raw_row(kBremen, from_), "id"));
}

}  // namespace
}  // namespace plumb::ingest::openweather
