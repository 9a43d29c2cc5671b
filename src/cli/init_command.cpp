#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"

namespace plumb::cli {

namespace {

struct Template {
  const char* path;
  const char* text;
};

// A folder that loads and models, and runs against the two sandboxes as it is, and against the services once .env holds
// real credentials.
constexpr Template kTemplates[] = {
    {"plumb.yml", R"(name: {name}
timezone: Europe/Berlin

connections:
  bank:
    type: comdirect                 # client_id, client_secret, username, password: COMDIRECT_* in .env
    base_url: "{{ env_var('COMDIRECT_BASE_URL', 'https://api.comdirect.de') }}"
  weather:
    type: openweather
    api_key: "{{ env_var('OPENWEATHER_API_KEY') }}"
    base_url: "{{ env_var('OPENWEATHER_BASE_URL', 'https://api.openweathermap.org') }}"
  files: {type: sqlite, path: data} # a folder: each dataset is a SQLite file in it
)"},
    {"pipelines/bank.yml", R"(pipeline: bank
source: {connection: bank}
destination: files
dataset: raw_bank
resources: [accounts, balances, transactions, pending]
)"},
    {"pipelines/weather.yml", R"(pipeline: weather
source: {connection: weather, cities: ["Berlin,DE", "Hamburg,DE", "Austin,US"], units: metric}
destination: files
dataset: raw_weather
resources:
  current: {table: weather_observations, write: append, raw: true}  # one document a row: id, city, ingested_at, data
  forecast: {write: merge, primary_key: [city, forecast_at]}
)"},
    {"dbt_project.yml", R"(# Models of what was loaded: `plumb build` makes them, and dbt would too.
name: {project}
version: "1.0.0"
profile: {project}
)"},
    {"profiles.yml", R"({project}:
  target: home
  outputs:
    home:
      type: duckdb
      path: data/marts.duckdb
      threads: 2
      attach:
        - {path: data/raw_bank.db, type: sqlite, alias: raw_bank, read_only: true}
        - {path: data/raw_weather.db, type: sqlite, alias: raw_weather, read_only: true}
)"},
    {"models/sources.yml", R"(sources:
  - name: bank
    database: raw_bank
    schema: main
    tables: [{name: accounts}, {name: balances}, {name: transactions}]
  - name: weather
    database: raw_weather
    schema: main
    tables:
      - name: weather_observations
        loaded_at_field: ingested_at::timestamptz
        freshness: {warn_after: {count: 2, period: hour}}
)"},
    {"models/marts.yml", R"(models:
  - name: wealth_by_day
    description: What all accounts hold together, by day.
    columns:
      - {name: day, data_tests: [not_null, unique]}
  - name: weather_by_day
    description: The weather of each city and day.
    columns:
      - {name: city, data_tests: [not_null]}
)"},
    {"models/wealth_by_day.sql", R"({{ config(materialized='table') }}

select cast(day as date) as day, sum(cast(balance_eur as decimal(15, 2))) as eur, count(*) as accounts
from {{ source('bank', 'balances') }}
group by all
)"},
    {"models/weather_by_day.sql", R"({{ config(materialized='table') }}

select
    city,
    cast(ingested_at as date) as day,
    round(avg(cast(cast(data as json) ->> '$.main.temp' as double)), 1) as celsius,
    count(*) as observations
from {{ source('weather', 'weather_observations') }}
group by all
)"},
    {"workflows/morning.yml",
     R"(# The bank, each morning. `plumb start morning` carries it out here and now, `plumb serve` as it falls due.
workflow: morning
description: What the bank booked since yesterday
schedule: "0 7 * * *"
tasks:
  - {id: bank, load: bank, retries: 3, retry_delay: 5m}
  - {id: tell, shell: "echo the bank of {{ local_ds }} is there", after: bank}
)"},
    {"workflows/weather.yml", R"(workflow: weather
description: The weather of each hour
schedule: "@hourly"
tasks:
  - {id: weather, load: weather, retries: 2, retry_delay: 1m}
)"},
    {"workflows/models.yml", R"(# Not by the clock: once both loads have brought something new.
workflow: models
description: The tables that pages and people read
schedule: {assets: [raw_bank.balances, raw_weather.weather_observations]}
tasks:
  - {id: models, build: }
)"},
    {".env", R"(# Secrets stay here; .gitignore keeps this file out of commits.
# These are the sandboxes' (plumb sandbox comdirect --port 8801, plumb sandbox openweather --port 8802).
# For the real services: remove the two BASE_URLs and put your own credentials in.
COMDIRECT_BASE_URL=http://127.0.0.1:8801
COMDIRECT_CLIENT_ID=sandbox-client
COMDIRECT_CLIENT_SECRET=sandbox-secret
COMDIRECT_USERNAME=12345678
COMDIRECT_PASSWORD=123456
OPENWEATHER_BASE_URL=http://127.0.0.1:8802
OPENWEATHER_API_KEY=sandbox-key
)"},
    {".gitignore", ".env\n.plumb/\ndata/\ntarget/\nlogs/\ndbt_packages/\n"},
};

void replace_all(std::string& text, std::string_view mark, const std::string& with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

// dbt's projects are named like identifiers.
std::string project_name(const std::string& folder) {
  std::string name;
  for (unsigned char c : folder) name += std::isalnum(c) != 0 && c < 128 ? static_cast<char>(std::tolower(c)) : '_';
  return name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0 ? "home_" + name : name;
}

std::string fill(std::string text, const std::string& folder) {
  replace_all(text, "{name}", json_quote(folder));
  replace_all(text, "{project}", project_name(folder));
  return text;
}

}  // namespace

int init_command(Context& context, const InitArguments& arguments) {
  auto folder = std::filesystem::absolute(arguments.folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  for (const auto& file : kTemplates) {
    auto path = folder / file.path;
    std::error_code none;
    if (std::filesystem::exists(path, none)) {
      context.terminal.print(format("kept   {}\n", path.lexically_relative(folder).string()));
      continue;
    }
    if (!context.dry_run) {
      std::error_code failed;
      std::filesystem::create_directories(path.parent_path(), failed);
      if (failed)
        throw Error(ErrorKind::Io, format("can't make {}: {}", path.parent_path().string(), failed.message()));
      write_file(path, fill(file.text, folder.filename().string()), path.filename() == ".env" ? 0600 : 0644);
    }
    context.terminal.print(
        format("{} {}\n", context.dry_run ? "would make" : "made  ", path.lexically_relative(folder).string()));
  }
  context.terminal.say(
      "\nTry it with the sandboxes:\n"
      "  plumb sandbox comdirect --port 8801 &\n"
      "  plumb sandbox openweather --port 8802 &\n"
      "  plumb load\n"
      "  plumb build\n"
      "  plumb workflows check\n"
      "  plumb serve            # workflows/*.yml, as they fall due; `plumb start morning` carries one out at once\n"
      "  plumb show --select wealth_by_day\n"
      "  plumb query \"SELECT * FROM files.raw_bank.balances\"");
  return 0;
}

}  // namespace plumb::cli
