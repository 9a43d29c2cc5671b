#include "ingest/connectors/openweather_settings.h"

#include <gtest/gtest.h>

#include "base/http_client.h"
#include "base/testing.h"

namespace plumb::ingest::openweather {
namespace {

class WeatherSettings : public ::testing::Test {
 protected:
  Settings read(const std::string& yaml) {
    document_.emplace(parse_yaml(yaml, "pipelines/weather.yml"));
    return read_settings(config::Values(environment_, {}), document_->root());
  }
  std::string error(const std::string& yaml) {
    return error_of([&] { read(yaml); });
  }

  config::Environment environment_{{{"HOME_CITY", "Bremen,DE"}}};
  std::optional<Document> document_;
};

std::string locators(const Settings& settings) {
  std::string text;
  for (const City& city : settings.cities) text += city.name + ": " + form_encode(city.locator()) + "\n";
  return text;
}

TEST_F(WeatherSettings, TakeCitiesByEveryLocator) {
  EXPECT_EQ(locators(read("cities:\n"
                          "  - Berlin,DE\n"
                          "  - \"{{ env_var('HOME_CITY') }}\"\n"
                          "  - {name: Home, lat: 53.08, lon: -8.81}\n"
                          "  - {lat: 0, lon: 180}\n"
                          "  - {name: Downtown, zip: '78701,US'}\n"
                          "  - {name: Wien, id: 2761369}\n"
                          "  - {name: Austin, q: 'Austin,TX,US'}\n")),
            "Berlin,DE: q=Berlin%2CDE\n"
            "Bremen,DE: q=Bremen%2CDE\n"
            "Home: lat=53.08&lon=-8.81\n"
            "0,180: lat=0&lon=180\n"
            "Downtown: zip=78701%2CUS\n"
            "Wien: id=2761369\n"
            "Austin: q=Austin%2CTX%2CUS\n");
  EXPECT_EQ(read("cities: Berlin").cities.size(), 1U) << "one city needs no list";
}

TEST_F(WeatherSettings, TakeTheServicesUnitsUnlessToldOtherwise) {
  EXPECT_EQ(read("cities: Berlin").units, "standard");
  EXPECT_EQ(read("{cities: Berlin, units: imperial, lang: de}").units, "imperial");
  EXPECT_EQ(read("{cities: Berlin, units: imperial, lang: de}").language, "de");
}

TEST_F(WeatherSettings, NameTheNearestWordForAMisspeltOne) {
  EXPECT_EQ(error("units: metrik"),
            "pipelines/weather.yml:1:8: unknown units 'metrik'\n"
            "   1 | units: metrik\n"
            "     |        ^\n"
            "hint: did you mean 'metric'?");
  EXPECT_NE(error("lang: xx").find("unknown language 'xx'"), std::string::npos);
  EXPECT_NE(error("cities: [{nmae: Home, lat: 1, lon: 2}]").find("'nmae'"), std::string::npos);
}

TEST_F(WeatherSettings, RefuseWhatIsNoPlace) {
  EXPECT_NE(error("cities: [{name: Home}]").find("1:10: a city needs a place"), std::string::npos);
  EXPECT_NE(error("cities: [{q: Berlin, id: 1}]").find("a city has one place only"), std::string::npos);
  EXPECT_NE(error("cities: [{lat: 91, lon: 0}]").find("1:16: '91' is no latitude"), std::string::npos);
  EXPECT_NE(error("cities: [{lat: 1, lon: east}]").find("'east' is no longitude"), std::string::npos);
  EXPECT_NE(error("cities: [{lat: 1}]").find("missing key 'lon'"), std::string::npos);
  EXPECT_NE(error("cities: ['']").find("a city without a name"), std::string::npos);
  EXPECT_NE(error("cities: [Berlin, Berlin]").find("1:18: city 'Berlin' stands here twice"), std::string::npos);
}

}  // namespace
}  // namespace plumb::ingest::openweather
