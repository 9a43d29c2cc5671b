// The OpenWeather connector against the weather sandbox: what a pipeline's source reads, and how it fails.
#include <gtest/gtest.h>

#include <memory>

#include "base/file.h"
#include "base/format.h"
#include "base/http_client.h"
#include "base/testing.h"
#include "ingest/ingest.h"
#include "sandbox/sandbox.h"

namespace plumb {
namespace {

using ingest::WriteMode;

Instant at(const char* text) {
  return *find_instant(text);
}

// Keeps what a source reads, as rows of text.
class Notebook : public ingest::Sink {
 public:
  void write(data::Batch batch) override { batches.push_back(std::move(batch)); }
  void replace_part(const std::vector<std::string>&) override {}
  void set_cursor(std::string) override {}

  std::size_t rows() const {
    std::size_t count = 0;
    for (const data::Batch& batch : batches) count += batch.rows();
    return count;
  }
  // All values of a column, "-" for null.
  std::vector<std::string> column(std::string_view name) const {
    std::vector<std::string> values;
    for (const data::Batch& batch : batches) {
      const data::Column* found = batch.find_column(name);
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        values.emplace_back(found == nullptr ? "no such column" : "-");
        if (found == nullptr || found->null_at(row)) continue;
        values.back().clear();
        data::append_text(*found, row, values.back());
      }
    }
    return values;
  }

  std::vector<data::Batch> batches;
};

// Time that passes for the service too while we sleep.
class SharedClock : public TestClock {
 public:
  using TestClock::TestClock;
  bool sleep_for(Duration duration, std::stop_token stop = {}) override {
    if (service != nullptr) service->advance_clock(duration);
    return TestClock::sleep_for(duration, stop);
  }
  sandbox::Sandbox* service = nullptr;
};

class WeatherLoad : public ::testing::Test {
 protected:
  WeatherLoad() { start({}); }

  void start(sandbox::OpenWeatherOptions options) {
    options.now = at("2026-11-21T07:04:05Z");
    weather_ = sandbox::start_openweather(options);
    url_ = weather_->url();
  }

  // The pipeline's source with these lines of YAML as `source:` (two blanks in front of each).
  std::unique_ptr<ingest::Source> source(const std::string& yaml) {
    write_file(folder_.path() / "plumb.yml",
               "name: home\nconnections:\n  weather:\n    type: openweather\n    base_url: " + url_ + "\n" +
                   (key_.empty() ? "" : "    api_key: " + key_ + "\n") + "  files: {type: sqlite, path: data}\n");
    std::filesystem::create_directories(folder_.path() / "pipelines");
    write_file(folder_.path() / "pipelines/weather.yml",
               "pipeline: weather\nsource:\n  connection: weather\n" + yaml + "destination: files\n");
    project_ = config::load_project(folder_.path(), config::Environment(environment_));
    pipeline_ = ingest::load_pipeline(*project_, "weather", connectors_);
    const auto& connection = project_->get_connection("weather");
    return ingest::find_connector(connectors_, "openweather")
        ->make(*project_, connection, pipeline_->source_options, {.clock = clock_, .zone = {}, .log = Log(log_sink())});
  }

  // What one resource of that source reads.
  Notebook read(const std::string& resource, const std::string& yaml, bool raw = false,
                WriteMode write = WriteMode::Merge, std::optional<std::string> cursor = {}) {
    auto from = source(yaml);
    from->open();
    Notebook notebook;
    from->read({.resource = {.name = resource, .write = write, .raw = raw},
                .cursor = cursor,
                .load_id = "1",
                .started_at = clock_.now()},
               notebook);
    from->close();
    return notebook;
  }

  LogSink log_sink() {
    return [this](const LogRecord& record) { log_ += std::string(record.message) + "\n"; };
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::string key_ = "sandbox-key";
  std::string url_;
  std::unique_ptr<sandbox::Sandbox> weather_;
  SharedClock clock_{at("2026-11-21T07:04:05Z")};
  std::vector<ingest::Connector> connectors_ = ingest::connectors();
  std::optional<config::Project> project_;
  std::optional<ingest::Pipeline> pipeline_;
  std::string log_;
};

constexpr const char* kTwoCities = "  cities: ['Berlin,DE', 'Austin,US']\n  units: metric\n";

// --- what is read ---------------------------------------------------------------------------------------------------

TEST_F(WeatherLoad, ReadsTheMomentAsOneRowACity) {
  Notebook rows = read("current", kTwoCities);
  EXPECT_EQ(rows.column("city"), (std::vector<std::string>{"Berlin,DE", "Austin,US"}));
  EXPECT_EQ(rows.column("city_id"), (std::vector<std::string>{"2950159", "4671654"}));
  EXPECT_EQ(rows.column("observed_at"),
            (std::vector<std::string>{"2026-11-21 07:00:00+00:00", "2026-11-21 07:00:00+00:00"}));
  EXPECT_EQ(rows.column("units"), (std::vector<std::string>{"metric", "metric"}));
}

TEST_F(WeatherLoad, KeepsADocumentAsItCame) {
  Notebook rows = read("current", kTwoCities, true);
  ASSERT_EQ(rows.rows(), 2U);
  EXPECT_EQ(rows.column("city"), (std::vector<std::string>{"Berlin,DE", "Austin,US"}));
  HttpClient http({}, clock_);
  std::string target = url_ + "/data/2.5/weather?q=Berlin,DE&units=metric&appid=sandbox-key";
  EXPECT_EQ(rows.column("data")[0], http.send({.url = target}).body);
}

TEST_F(WeatherLoad, ReadsAForecastAsFortyRowsACity) {
  Notebook rows = read("forecast", kTwoCities);
  ASSERT_EQ(rows.rows(), 80U);
  EXPECT_EQ(rows.column("forecast_at")[0], "2026-11-21 09:00:00+00:00");
  EXPECT_EQ(rows.column("city")[40], "Austin,US");
}

TEST_F(WeatherLoad, RefreshesAllStepsWhenMergedAndGoesOnFromTheCursorWhenAppended) {
  std::string cursor = "2026-11-25 06:00:00+00:00";
  EXPECT_EQ(read("forecast", kTwoCities, false, WriteMode::Merge, cursor).rows(), 80U);
  Notebook rows = read("forecast", kTwoCities, false, WriteMode::Append, cursor);
  EXPECT_EQ(rows.rows(), 16U);
  EXPECT_EQ(rows.column("forecast_at")[0], "2026-11-25 09:00:00+00:00");
}

TEST_F(WeatherLoad, ReadsOneCallOnceForAllItsResources) {
  auto from = source(kTwoCities);
  std::vector<std::size_t> rows;
  for (const char* resource : {"hourly", "daily", "alerts", "one_call"}) {
    Notebook notebook;
    bool raw = std::string_view(resource) == "one_call";
    from->read({.resource = {.name = resource, .raw = raw}, .load_id = "1", .started_at = clock_.now()}, notebook);
    rows.push_back(notebook.rows());
  }
  EXPECT_EQ(rows[0], 96U);
  EXPECT_EQ(rows[1], 16U);
  EXPECT_EQ(rows[3], 2U);
  EXPECT_EQ(weather_->calls().size(), 4U) << "a place and a document for each city";
}

TEST_F(WeatherLoad, ReadsPlacesByEveryLocator) {
  Notebook rows = read("places",
                       "  cities: ['Wien', {name: Home, lat: 53.08, lon: 8.81}, {name: Downtown, zip: '78701,US'},\n"
                       "           {name: North, id: 3133895}]\n");
  EXPECT_EQ(rows.column("city"), (std::vector<std::string>{"Wien", "Home", "Downtown", "North"}));
  EXPECT_EQ(rows.column("name"), (std::vector<std::string>{"Vienna", "Bremen", "Austin", "Tromsø"}));
  EXPECT_EQ(rows.column("country"), (std::vector<std::string>{"AT", "DE", "US", "NO"}));
  EXPECT_EQ(rows.column("zip"), (std::vector<std::string>{"-", "-", "78701", "-"}));
}

TEST_F(WeatherLoad, SpeaksTheLanguageAskedFor) {
  EXPECT_EQ(read("current", "  cities: [Vienna]\n  lang: de\n").column("city_name"), std::vector<std::string>{"Wien"});
}

// --- into a database -------------------------------------------------------------------------------------------------

class WeatherPipeline : public WeatherLoad {
 protected:
  // Loads the pipeline of two cities with these `resources:` into SQLite.
  ingest::LoadReport load(const std::string& resources) {
    source(kTwoCities);
    write_file(folder_.path() / "pipelines/weather.yml",
               std::string("pipeline: weather\nsource:\n  connection: weather\n") + kTwoCities +
                   "destination: files\ndataset: raw\nresources:\n" + resources);
    pipeline_ = ingest::load_pipeline(*project_, "weather", connectors_);
    return ingest::load(*pipeline_, connectors_, {.project = *project_, .services = {.clock = clock_, .zone = {}}});
  }

  std::string ask(const std::string& sql) {
    auto connection = db::open(db::DatabaseConfig{.path = folder_.path() / "data/raw.db"})->connect();
    return db::find_value(*connection, sql).value_or("null");
  }

  void tomorrow() {
    clock_.advance(std::chrono::hours(24));
    weather_->advance_clock(std::chrono::hours(24));
  }
};

constexpr const char* kAsInTheHandbook =
    "  current: {table: weather_observations, write: append, raw: true}\n"
    "  forecast: {write: merge, primary_key: [city, forecast_at], cursor: {field: forecast_at, lag: 3h}}\n";

TEST_F(WeatherPipeline, AppendsDocumentsAndDoublesNoForecast) {
  load(kAsInTheHandbook);
  load(kAsInTheHandbook);
  EXPECT_EQ(ask("SELECT count(*) FROM weather_observations"), "4");
  EXPECT_EQ(ask("SELECT count(*) FROM forecast"), "80");
  tomorrow();
  load(kAsInTheHandbook);
  EXPECT_EQ(ask("SELECT count(*) FROM weather_observations"), "6");
  EXPECT_EQ(ask("SELECT count(*) FROM forecast"), "96") << "eight new steps for each city";
  EXPECT_EQ(ask("SELECT count(DISTINCT city || forecast_at) FROM forecast"), "96");
}

TEST_F(WeatherPipeline, KeepsDocumentsThatJsonFunctionsRead) {
  load("  current: {raw: true}\n");
  EXPECT_EQ(ask("SELECT group_concat(name, ' ') FROM pragma_table_info('current')"), "id city ingested_at data");
  EXPECT_EQ(ask("SELECT data ->> '$.name' FROM current WHERE city = 'Austin,US'"), "Austin");
  EXPECT_EQ(ask("SELECT json_type(data, '$.cod') FROM current LIMIT 1"), "integer");
  EXPECT_EQ(ask("SELECT count(*) FROM current WHERE json_type(data, '$.snow') = 'null'"), "0");
}

TEST_F(WeatherPipeline, MergesObservationsThatItHasSeen) {
  load("  current:\n");
  load("  current:\n");
  EXPECT_EQ(ask("SELECT count(*) FROM current"), "2") << "the service looks out of the window every ten minutes only";
  tomorrow();
  load("  current:\n");
  EXPECT_EQ(ask("SELECT count(*) FROM current"), "4");
}

TEST_F(WeatherPipeline, LoadsEveryResourceTwiceWithoutDoubles) {
  for (int i = 0; i < 2; ++i) load("  hourly:\n  daily:\n  alerts:\n  places:\n");
  EXPECT_EQ(ask("SELECT count(*) FROM hourly"), "96");
  EXPECT_EQ(ask("SELECT count(*) FROM daily"), "16");
  EXPECT_EQ(ask("SELECT count(*) FROM places"), "2");
}

TEST_F(WeatherPipeline, LeavesNothingOfAResourceThatBrokeOff) {
  load(kAsInTheHandbook);
  // The second city's forecast breaks: the first one's rows go with it, the observations before are kept.
  weather_->add_fault({.kind = sandbox::FaultKind::Truncated, .path = "/data/2.5/forecast", .carries = "q=Austin,US"});
  tomorrow();
  expect_error(ErrorKind::Service, "sent a broken answer for Austin,US", [&] { load(kAsInTheHandbook); });
  EXPECT_EQ(ask("SELECT count(*) FROM weather_observations"), "4");
  EXPECT_EQ(ask("SELECT count(*) FROM forecast"), "80");
  load(kAsInTheHandbook);
  EXPECT_EQ(ask("SELECT count(*) FROM forecast"), "96");
}

// --- the key --------------------------------------------------------------------------------------------------------

TEST_F(WeatherLoad, SendsTheKeyInAHeader) {
  read("current", kTwoCities);
  for (const sandbox::Call& call : weather_->calls()) EXPECT_EQ(call.target.find("appid"), std::string::npos);
}

TEST_F(WeatherLoad, FallsBackToTheUrlOnceAndRemembersIt) {
  start({.takes_key_header = false});
  EXPECT_EQ(read("current", kTwoCities).rows(), 2U);
  std::vector<int> statuses;
  for (const sandbox::Call& call : weather_->calls()) statuses.push_back(call.status);
  EXPECT_EQ(statuses, (std::vector<int>{401, 200, 200, 200}));
  EXPECT_EQ(log_.find("sandbox-key"), std::string::npos) << log_;
}

TEST_F(WeatherLoad, TakesTheKeyFromTheEnvironment) {
  key_ = "";
  environment_["OPENWEATHER_API_KEY"] = "sandbox-key";
  EXPECT_EQ(read("current", kTwoCities).rows(), 2U);
}

TEST_F(WeatherLoad, NamesAMissingKeyAndSendsNothing) {
  key_ = "";
  expect_error(ErrorKind::Auth, "connection 'weather' has no API key", [&] { source(kTwoCities); });
  expect_error(ErrorKind::Auth, "OPENWEATHER_API_KEY", [&] { source(kTwoCities); });
  EXPECT_TRUE(weather_->calls().empty());
}

TEST_F(WeatherLoad, SaysThatAKeyIsWrongOrNotActiveYet) {
  for (const char* key : {"wr0ng-s3cret", "new-key"}) {
    key_ = key;
    auto from = source(kTwoCities);
    std::string error = error_of([&] { from->open(); });
    EXPECT_NE(error.find("plumb.yml:6:14: OpenWeather refused the API key"), std::string::npos) << error;
    EXPECT_NE(error.find("A new key works only some hours after it was made"), std::string::npos) << error;
    EXPECT_EQ(error.find(key), std::string::npos) << "a key is a secret: " << error;
    expect_error(ErrorKind::Auth, "Invalid API key", [&] { from->open(); });
  }
}

TEST_F(WeatherLoad, SaysWhichSubscriptionOneCallNeeds) {
  key_ = "free-key";
  EXPECT_EQ(read("current", kTwoCities).rows(), 2U);
  expect_error(ErrorKind::Auth, "no subscription to One Call", [&] { read("hourly", kTwoCities); });
}

// --- faults ---------------------------------------------------------------------------------------------------------

TEST_F(WeatherLoad, NamesAnUnknownCityAndWhereItStands) {
  std::string error = error_of([&] { read("current", "  cities:\n    - Berlin,DE\n    - Berlni,DE\n"); });
  EXPECT_NE(error.find("pipelines/weather.yml:6:7: OpenWeather knows no city 'Berlni,DE'\n"
                       "   6 |     - Berlni,DE\n"),
            std::string::npos)
      << error;
  EXPECT_NE(error.find("give lat and lon"), std::string::npos) << error;
  expect_error(ErrorKind::NotFound, "Berlni,DE", [&] { read("hourly", "  cities: ['Berlni,DE']\n"); });
}

TEST_F(WeatherLoad, WantsCities) {
  expect_error(ErrorKind::Config, "a weather pipeline without cities", [&] { source("  units: metric\n"); });
}

TEST_F(WeatherLoad, WaitsOutAFewRefusals) {
  weather_->add_fault({.kind = sandbox::FaultKind::TooManyRequests, .path = "/data", .times = 2, .retry_after = 7});
  weather_->add_fault({.kind = sandbox::FaultKind::ResetMidBody, .path = "/data", .after = 1});
  EXPECT_EQ(read("current", kTwoCities).rows(), 2U);
  EXPECT_GE(clock_.slept(), std::chrono::seconds(14));
}

TEST_F(WeatherLoad, ReadsMoreCitiesThanTheQuotaAllowsInAMinute) {
  clock_.service = weather_.get();
  std::string cities = "  cities:\n";
  for (int i = 0; i < 90; ++i) cities += format("    - {{name: Place {}, lat: {}, lon: 10}}\n", i, 40 + i / 10.0);
  EXPECT_EQ(read("current", cities).rows(), 90U);
  int refused = 0;
  for (const auto& call : weather_->calls()) refused += call.status == 429 ? 1 : 0;
  EXPECT_GT(refused, 0);
  EXPECT_GE(clock_.slept(), std::chrono::seconds(29));  // a call a second, after the first sixty
}

TEST_F(WeatherLoad, GivesUpOnAnAccountThatIsBlocked) {
  key_ = "blocked-key";
  auto from = source(kTwoCities);
  std::string error = error_of([&] { from->open(); });
  EXPECT_NE(error.find("takes no more calls from this account for now"), std::string::npos) << error;
  EXPECT_NE(error.find("60 calls a minute"), std::string::npos) << error;
  EXPECT_NE(error.find("temporary blocked"), std::string::npos) << "the service's own words: " << error;
}

TEST_F(WeatherLoad, GivesUpOnAServiceThatIsOutOfOrder) {
  weather_->add_fault({.kind = sandbox::FaultKind::ServerError, .status = 502, .path = "/data", .times = -1});
  expect_error(ErrorKind::Service, "out of order (status 502) for Berlin,DE", [&] { read("current", kTwoCities); });
}

TEST_F(WeatherLoad, LoadsNothingOfABrokenAnswer) {
  for (auto kind : {sandbox::FaultKind::Truncated, sandbox::FaultKind::MalformedJson}) {
    weather_->add_fault({.kind = kind, .path = "/data"});
    expect_error(ErrorKind::Service, "sent a broken answer for Berlin,DE", [&] { read("current", kTwoCities, true); });
  }
}

TEST_F(WeatherLoad, SaysWhenNobodyIsThere) {
  auto from = source(kTwoCities);
  weather_->stop();
  std::string error = error_of([&] { from->open(); });
  EXPECT_EQ(error.find("sandbox-key"), std::string::npos) << error;
  expect_error(ErrorKind::Network, "127.0.0.1", [&] { from->open(); });
}

}  // namespace
}  // namespace plumb
