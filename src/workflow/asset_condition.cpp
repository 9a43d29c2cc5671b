#include "workflow/asset_condition.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::workflow {
namespace {

using Kind = AssetCondition::Kind;

Error wrong(const Node& node, std::string message) {
  return Error(ErrorKind::Config, std::move(message),
               {.place = node.place(), .hint = "assets: [raw.a, raw.b] waits for both, {any: [raw.a, raw.b]} for one"});
}

AssetCondition parse_list(const Node& node, Kind kind) {
  if (node.kind() != NodeKind::List || node.size() == 0) throw wrong(node, "expected a list of at least one asset");
  AssetCondition condition{.kind = kind, .place = node.place()};
  for (std::size_t i = 0; i < node.size(); ++i) condition.parts.push_back(AssetCondition::parse(node.at(i)));
  return condition;
}

AssetCondition parse_leaf(const Node& name, std::string when) {
  if (name.kind() != NodeKind::Text || name.scalar().empty()) throw wrong(name, "an asset is named by text");
  return {.kind = Kind::Asset, .asset = name.as_text(), .when = std::move(when), .place = name.place()};
}

void collect(const AssetCondition& condition, std::vector<std::string>& names) {
  const bool known = std::find(names.begin(), names.end(), condition.asset) != names.end();
  if (condition.kind == Kind::Asset && !known) names.push_back(condition.asset);
  for (const AssetCondition& part : condition.parts) collect(part, names);
}

}  // namespace

AssetCondition AssetCondition::parse(const Node& node) {
  if (node.kind() == NodeKind::List) return parse_list(node, Kind::All);
  if (node.kind() != NodeKind::Map) return parse_leaf(node, "");
  node.expect_keys({"all", "any", "asset", "when"});
  const Node all = node.find("all"), any = node.find("any"), asset = node.find("asset"), when = node.find("when");
  if (int(bool(all)) + int(bool(any)) + int(bool(asset)) != 1) throw wrong(node, "expected one of all, any and asset");
  if (when && !asset) throw wrong(when, "`when` belongs to a single asset");
  if (asset) return parse_leaf(asset, std::string(when.text_or("")));
  return all ? parse_list(all, Kind::All) : parse_list(any, Kind::Any);
}

bool AssetCondition::fulfilled(const std::function<bool(const AssetCondition& leaf)>& has_news) const {
  auto part_fulfilled = [&](const AssetCondition& part) { return part.fulfilled(has_news); };
  if (kind == Kind::Asset) return has_news(*this);
  if (kind == Kind::Any) return std::any_of(parts.begin(), parts.end(), part_fulfilled);
  return std::all_of(parts.begin(), parts.end(), part_fulfilled);
}

std::vector<std::string> AssetCondition::names() const {
  std::vector<std::string> names;
  collect(*this, names);
  return names;
}

std::string AssetCondition::describe() const {
  if (kind == Kind::Asset) return asset;
  std::string text;
  for (const AssetCondition& part : parts) {
    if (!text.empty()) text += kind == Kind::All ? " and " : " or ";
    const bool nested = part.kind != Kind::Asset && part.parts.size() > 1 && parts.size() > 1;
    text += nested ? format("({})", part.describe()) : part.describe();
  }
  return text;
}

}  // namespace plumb::workflow
