// What a Timetable is made of, once its schedule is read. Of this room only.
#pragma once

#include <optional>
#include <string>

#include "workflow/ticks.h"
#include "workflow/timetable.h"

namespace plumb::workflow {

struct Timetable::Plan {
  enum class Kind { ByHand, Ticks, Once, Continuous };
  Kind kind = Kind::ByHand;
  TicksPtr ticks = {};                  // of Ticks
  std::optional<Instant> once_at = {};  // of Once: empty for "as soon as it may"
  std::optional<AssetCondition> assets = {};
  IntervalRule rule = IntervalRule::End;
  Duration jitter{0};
  std::string workflow = {};
  Zone zone = {};
  std::string summary = {};
  std::string words = {};
};

}  // namespace plumb::workflow
