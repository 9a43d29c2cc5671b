#include "store/records.h"

#include <array>
#include <utility>

namespace plumb::store {
namespace {

constexpr std::array<std::pair<RunType, std::string_view>, 4> kTypes = {{{RunType::Manual, "manual"},
                                                                         {RunType::Scheduled, "scheduled"},
                                                                         {RunType::Backfill, "backfill"},
                                                                         {RunType::AssetTriggered, "asset_triggered"}}};

}  // namespace

std::string_view to_string(RunType type) {
  for (const auto& [known, text] : kTypes) {
    if (known == type) return text;
  }
  return {};
}

std::optional<RunType> find_run_type(std::string_view text) {
  for (const auto& [type, known] : kTypes) {
    if (known == text) return type;
  }
  return std::nullopt;
}

}  // namespace plumb::store
