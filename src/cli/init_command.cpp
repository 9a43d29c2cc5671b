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

// A folder that runs against the two sandboxes as it is, and against the services once .env holds real credentials.
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
    {".gitignore", ".env\n.plumb/\ndata/\n"},
};

std::string fill(std::string text, const std::string& name) {
  constexpr std::string_view kMark = "{name}";
  if (auto at = text.find(kMark); at != std::string::npos) text.replace(at, kMark.size(), name);
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
      write_file(path, fill(file.text, json_quote(folder.filename().string())),
                 path.filename() == ".env" ? 0600 : 0644);
    }
    context.terminal.print(
        format("{} {}\n", context.dry_run ? "would make" : "made  ", path.lexically_relative(folder).string()));
  }
  context.terminal.say(
      "\nTry it with the sandboxes:\n"
      "  plumb sandbox comdirect --port 8801 &\n"
      "  plumb sandbox openweather --port 8802 &\n"
      "  plumb load\n"
      "  plumb query \"SELECT * FROM files.raw_bank.balances\"");
  return 0;
}

}  // namespace plumb::cli
