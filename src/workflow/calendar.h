// Days on which schedules rest: `calendars:` of plumb.yml, and `exclude:` of a schedule.
//
//     calendars:
//       business: {exclude: [sat, sun, 12-25, 2026-12-24, {from: 2026-12-28, to: 2027-01-03}], include: [2026-12-30]}
//       month_ends: {include: [01-31, 03-31]}       # only `include`: those days and no others
//
// A day is given as a date, as a month and a day (every year), as a weekday, or as a range of dates with both ends.
// `include` takes days back from `exclude`. A run that falls on a day of rest is left out, not moved; which day it is,
// the schedule's time zone says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/document.h"
#include "base/zone.h"

namespace plumb::workflow {

// Some days. A value.
class DaySet {
 public:
  // A list of days as above, or a single one. Throws Error(Config) at the place of the one that is none.
  static DaySet parse(const Node& list);
  bool contains(Date date) const;
  bool empty() const;

 private:
  void add_day(const Node& day);

  unsigned weekdays_ = 0;  // bit 0 is Sunday
  std::vector<std::chrono::month_day> yearly_;
  std::vector<std::pair<Date, Date>> ranges_;  // both ends belong to it
};

class Calendar {
 public:
  // {exclude: […], include: […]}, or a list of days, which means `exclude`.
  static Calendar parse(const Node& node);
  // Open but for these days.
  static Calendar without(DaySet days);
  // True when work may run on that day.
  bool open(Date date) const;

 private:
  DaySet exclude_;
  DaySet include_;
};

using Calendars = std::map<std::string, Calendar, std::less<>>;
// The map under `calendars:`; none when it is missing.
Calendars parse_calendars(const Node& node);

}  // namespace plumb::workflow
