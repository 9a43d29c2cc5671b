// datetime.datetime: how one is made.
#include <cmath>

#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

constexpr std::string_view kNames[] = {"year",   "month",       "day",    "hour", "minute",
                                       "second", "microsecond", "tzinfo", "fold"};

Value make_from_call(State&, const Value&, Arguments arguments) {
  const auto bound = bind_call<9>({.names = kNames, .required = 3, .positional = 8}, arguments);
  Fields fields;
  replace_fields(fields, std::span(bound).first(7), 0);
  check_date(fields);
  check_time(fields);
  const std::int64_t fold = int_or(bound[8], 0);
  if (fold != 0 && fold != 1) jinja::raise_value_error("fold must be either 0 or 1");
  return make_datetime(micros_of(fields), zone_argument(bound[7]), fold == 1);
}

std::int64_t now_utc(const Value& self) {
  return kEpoch + self_of<PythonClass>(self).clock().now().time_since_epoch().count();
}

Value make_local(std::int64_t utc) {
  bool fold = false;
  const std::int64_t local = local_from_utc(utc, &fold);
  return make_datetime(local, {}, fold);
}

Value now(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kZone[] = {"tz"};
  const auto [tz] = bind_call<1>({.function = "now", .names = kZone}, arguments);
  const Ref<ZoneObject> zone = zone_argument(tz);
  return zone ? zone->from_utc(now_utc(self)) : make_local(now_utc(self));
}
Value today(State&, const Value& self, Arguments) {
  return make_local(now_utc(self));
}
Value utcnow(State&, const Value& self, Arguments) {
  return make_datetime(now_utc(self));
}
Value fromtimestamp(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kParts[] = {"timestamp", "tz"};
  const auto [timestamp, tz] = bind_call<2>({.function = "fromtimestamp", .names = kParts, .required = 1}, arguments);
  const Ref<ZoneObject> zone = zone_argument(tz);
  const std::int64_t utc = micros_of_timestamp(timestamp);
  return zone ? zone->from_utc(utc) : make_local(utc);
}
Value utcfromtimestamp(State&, const Value&, Arguments arguments) {
  return make_datetime(micros_of_timestamp(arguments.positional[0]));
}
Value fromordinal(State&, const Value&, Arguments arguments) {
  const std::int64_t ordinal = jinja::int_argument(arguments.positional[0]);
  if (ordinal < 1) jinja::raise_value_error("ordinal must be >= 1");
  if (ordinal > kLastOrdinal) jinja::raise_value_error("year is out of range");
  return make_datetime(Int128{ordinal - 1} * kDay);
}
Value fromisocalendar(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kWeekNames[] = {"year", "week", "day"};
  const auto [year, week, day] =
      bind_call<3>({.function = "fromisocalendar", .names = kWeekNames, .required = 3}, arguments);
  return make_datetime(Int128{ordinal_of(IsoWeek{int_or(year, 0), int_or(week, 0), int_or(day, 0)}) - 1} * kDay);
}
Value fromisoformat(State& state, const Value&, Arguments arguments) {
  const Value& text = arguments.positional[0];
  if (!text.is_string()) jinja::raise_type_error("fromisoformat: argument must be str");
  const auto found = parse_iso_datetime(text.as_string());
  if (!found) jinja::raise_value_error("Invalid isoformat string: " + jinja::repr(state, text));
  check_time(found->fields);
  return make_datetime(micros_of(found->fields), found->offset ? make_fixed_zone(*found->offset) : nullptr);
}
Value strptime(State& state, const Value&, Arguments arguments) {
  if (!arguments.keywords.empty()) jinja::raise_type_error("datetime.strptime() takes no keyword arguments");
  if (arguments.positional.size() != 2) {
    jinja::raise_type_error(
        plumb::format("strptime() takes exactly 2 arguments ({} given)", arguments.positional.size()));
  }
  const std::string_view text = jinja::checked_text("strptime() argument 1", arguments.positional[0]);
  return parse_time(state, text, jinja::checked_text("strptime() argument 2", arguments.positional[1]));
}
Value combine(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kParts[] = {"date", "time", "tzinfo"};
  const auto [date, time, tzinfo] = bind_call<3>({.function = "combine", .names = kParts, .required = 2}, arguments);
  const auto* day = date.find_object<DateObject>();
  const auto* day_of_datetime = date.find_object<DateTimeObject>();
  const auto* clock = time.find_object<TimeObject>();
  if (day == nullptr && day_of_datetime == nullptr) {
    jinja::raise_type_error(
        plumb::format("combine() argument 1 must be datetime.date, not {}", jinja::type_name(date)));
  }
  if (clock == nullptr) {
    jinja::raise_type_error(
        plumb::format("combine() argument 2 must be datetime.time, not {}", jinja::type_name(time)));
  }
  const std::int64_t ordinal = day != nullptr ? day->ordinal : day_of_datetime->ordinal();
  return make_datetime((ordinal - 1) * kDay + clock->micros, jinja::given(tzinfo) ? zone_argument(tzinfo) : clock->zone,
                       clock->fold);
}

constexpr Method kClassMethods[] = {
    {"combine", combine, Takes::Everything},
    {"fromisocalendar", fromisocalendar, Takes::Everything},
    {"fromisoformat", fromisoformat, Takes::One},
    {"fromordinal", fromordinal, Takes::One},
    {"fromtimestamp", fromtimestamp, Takes::Everything},
    {"now", now, Takes::Everything},
    {"strptime", strptime, Takes::Everything},
    {"today", today},
    {"utcfromtimestamp", utcfromtimestamp, Takes::One},
    {"utcnow", utcnow},
};

std::optional<Value> find_constant(std::string_view name) {
  if (name == "min") return make_datetime(0);
  if (name == "max") return make_datetime(kLastOrdinal * kDay - 1);
  if (name == "resolution") return make_timedelta(1);
  return std::nullopt;
}

}  // namespace

Value make_datetime(Int128 micros, Ref<ZoneObject> zone, bool fold) {
  return jinja::make<DateTimeObject>(checked_micros(micros), std::move(zone), fold);
}

const ClassTable& datetime_class() {
  static const ClassTable kTable{
      .name = "datetime.datetime",
      .make = make_from_call,
      .class_methods = kClassMethods,
      .methods = datetime_methods(),
      .find_constant = find_constant,
      .is_instance = [](const Value& value) { return value.find_object<DateTimeObject>() != nullptr; },
  };
  return kTable;
}

std::int64_t micros_of_timestamp(const Value& timestamp) {
  Int128 micros = 0;
  if (timestamp.kind() == Kind::Float) {
    const double seconds = timestamp.as_float();
    if (std::isnan(seconds)) jinja::raise_value_error("Invalid value NaN (not a number)");
    if (std::fabs(seconds) >= 9.2e18) jinja::raise("OverflowError", "timestamp out of range for platform time_t");
    double whole = 0;
    const double fraction = std::modf(seconds, &whole);
    micros = static_cast<Int128>(whole) * kSecond + static_cast<Int128>(std::nearbyint(fraction * 1e6));
  } else {
    if (timestamp.kind() == Kind::BigInt) {
      jinja::raise("OverflowError", "timestamp out of range for platform time_t");
    }
    micros = Int128{jinja::index_argument(timestamp)} * kSecond;
  }
  micros += kEpoch;
  if (micros < 0 || micros >= Int128{kLastOrdinal} * kDay) {
    // The year that C's calendar would have, near enough for a message.
    const Int128 year = 1970 + (micros - kEpoch) / (Int128{31'556'952} * kSecond);
    jinja::raise_value_error(plumb::format("year {} is out of range", int128_text(year)));
  }
  return static_cast<std::int64_t>(micros);
}

}  // namespace plumb::project::python
