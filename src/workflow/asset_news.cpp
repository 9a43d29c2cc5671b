#include "workflow/asset_news.h"

#include <algorithm>

#include "base/document.h"

namespace plumb::workflow {

std::vector<AssetNews> news_of_report(const std::string& report) {
  std::vector<AssetNews> news;
  if (report.empty()) return news;
  const Document document = parse_json(report, "report");
  const Node loads = document.root().find("loads");
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const Node resources = loads.at(i).find("resources");
    std::vector<std::string> seen;
    for (std::size_t k = 0; k < resources.size(); ++k) {
      const Node resource = resources.at(k);
      std::string table = resource.find("table").text_or("");
      if (table.empty() || std::find(seen.begin(), seen.end(), table) != seen.end()) continue;
      seen.push_back(table);
      JsonWriter extra;
      extra.begin_object().field("pipeline", loads.at(i).find("pipeline").text_or(""));
      extra.field("resource", resource.find("resource").text_or(""));
      if (resource.find("rows_written")) extra.field("rows", resource.find("rows_written").as_int());
      if (resource.find("rows_read")) extra.field("rows_read", resource.find("rows_read").as_int());
      news.push_back({table, extra.end_object().take()});
    }
  }
  const Node nodes = document.root().find("nodes");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node node = nodes.at(i);
    const std::string status = node.find("status").text_or("");
    const std::string asset = node.find("asset").text_or(node.find("relation").text_or(""));
    const std::string type = node.find("resource_type").text_or("");
    const bool made = status == "success" && (type == "model" || type == "seed" || type == "snapshot");
    if (!made || asset.empty()) continue;
    JsonWriter extra;
    extra.begin_object().field("node", node.find("unique_id").text_or(""));
    if (node.find("rows_affected").kind() == NodeKind::Int) extra.field("rows", node.find("rows_affected").as_int());
    news.push_back({asset_name(asset), extra.end_object().take()});
  }
  return news;
}

std::string asset_name(const std::string& relation) {
  std::vector<std::string> parts = {""};
  bool quoted = false;
  for (char c : relation) {
    if (c == '"' || c == '`') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() < 2) return parts.back();
  return parts[parts.size() - 2] + "." + parts.back();
}

}  // namespace plumb::workflow
