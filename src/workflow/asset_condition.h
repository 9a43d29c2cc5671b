// What a schedule waits for besides time: assets with news, joined by "all" and "any".
//
//     assets: [raw.weather_observations, raw.bank]                          # all of them
//     assets: {any: [raw.a, {all: [raw.b, raw.c]}]}
//     assets: [{asset: raw.bank, when: "{{ event.rows > 0 }}"}]             # only news that fulfil the template count
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"

namespace plumb::workflow {

struct AssetCondition {
  enum class Kind { Asset, All, Any };
  Kind kind = Kind::All;
  std::string asset = {};                  // of Asset: its name
  std::string when = {};                   // of Asset: a Jinja template over the event, or empty
  Place place = {};                        // where it is written, for errors in the template
  std::vector<AssetCondition> parts = {};  // of All and Any: at least one

  // Throws Error(Config) for an empty list, an unknown key, a name that is no text.
  static AssetCondition parse(const Node& node);

  // True when enough assets have news; `has_news` is asked about leaves, and not about more than needed.
  bool fulfilled(const std::function<bool(const AssetCondition& leaf)>& has_news) const;
  // Every asset that is named, once each, in the order of the text.
  std::vector<std::string> names() const;
  // "raw.a or (raw.b and raw.c)".
  std::string describe() const;
};

}  // namespace plumb::workflow
