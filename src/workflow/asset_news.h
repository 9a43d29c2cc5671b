// What a command's report says of tables that have news: those that a load wrote, and the relations that a build made.
#pragma once

#include <string>
#include <vector>

namespace plumb::workflow {

struct AssetNews {
  std::string asset;       // "raw_weather.forecast", "marts.spending"
  std::string extra_json;  // {"rows": 3, …}
};

// `report` is JSON: {"loads": [{"pipeline", "resources": [{"resource", "table", "rows_read", "rows_written"}…]}…],
// "nodes": [{"unique_id", "resource_type", "relation", "status", "rows_affected"}…]}. Throws Error(Data).
std::vector<AssetNews> news_of_report(const std::string& report);
// "\"home\".\"marts\".\"spending\"" → "marts.spending": the database is the connection's business.
std::string asset_name(const std::string& relation);

}  // namespace plumb::workflow
