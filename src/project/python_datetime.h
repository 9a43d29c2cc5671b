// Python's datetime as host objects: date, time, datetime, timedelta and what a tzinfo is.
//
// A datetime holds its clock time as microseconds since 0001-01-01, and perhaps a zone; whatever has to do with offsets
// asks the zone. As in Python, "local time" is the process's (TZ, /etc/localtime), while the time that now() tells is
// that of the clock its class was made with.
//
// Inside the room; its door is modules.h.
#pragma once

#include <optional>
#include <string>

#include "project/python_object.h"

namespace plumb::project::python {

inline constexpr std::int64_t kSecond = 1'000'000;  // in microseconds, as all here
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kLastOrdinal = 3'652'059;                   // of 9999-12-31; 0001-01-01 is 1
inline constexpr std::int64_t kEpoch = std::int64_t{719'163 - 1} * kDay;  // 1970-01-01

// ---- The calendar (python_calendar.cpp)
struct Fields {
  std::int64_t year = 1900, month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0;
};
// ValueError: "month must be in 1..12"
void check_date(const Fields& fields);
void check_time(const Fields& fields);
std::int64_t ordinal_of(const Fields& date);
std::int64_t micros_of(const Fields& fields);
std::int64_t time_of(const Fields& fields);  // of the day
Fields fields_of(std::int64_t micros);
inline std::int64_t weekday_of(std::int64_t ordinal) {  // Monday is 0
  return (ordinal + 6) % 7;
}
struct IsoWeek {
  std::int64_t year, week, weekday;
};
IsoWeek iso_week_of(std::int64_t ordinal);
// The day of a week; ValueError "Invalid week: 60".
std::int64_t ordinal_of(const IsoWeek& week);
// OverflowError "date value out of range"
std::int64_t checked_micros(Int128 micros);

class ZoneObject;
class DateTimeObject;

// What strftime needs to know of an object.
struct FormatTime {
  Fields fields;
  std::optional<std::int64_t> offset = {};
  std::string zone_name = {};
};
// C's strftime, with Python's %f, %z and %Z.
std::string format_time(const FormatTime& time, std::string_view spec);
// "+01:00", with seconds and microseconds where there are some.
std::string offset_text(std::int64_t offset, std::string_view separator = ":");
// "12:30:00.000500"; timespec is "auto", "hours", … "microseconds". ValueError "Unknown timespec value"
std::string clock_text(const Fields& time, std::string_view timespec = "auto");
std::string date_text(const Fields& date);

// What a text in ISO 8601 says; nothing when it is none. (python_iso.cpp)
struct IsoTime {
  Fields fields;
  std::optional<std::int64_t> offset = {};
};
std::optional<std::int64_t> parse_iso_date(std::string_view text);  // an ordinal
std::optional<IsoTime> parse_iso_time(std::string_view text);
std::optional<IsoTime> parse_iso_datetime(std::string_view text);
// datetime.strptime (python_strptime.cpp)
Value parse_time(State& state, std::string_view text, std::string_view spec);

// ---- timedelta (python_timedelta.cpp)
class TimeDeltaObject final : public PythonObject {
 public:
  explicit TimeDeltaObject(Int128 duration) : micros(duration) {}
  const Int128 micros;

  std::string_view type_name() const override { return "datetime.timedelta"; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override;
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override;
  std::optional<Value> operate_unary(State& state, jinja::UnaryOperator op) override;
  bool truth(State&) override { return micros != 0; }
  std::string repr(State&) override;
  std::string str(State&) override;

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};
// OverflowError "days=1000000000; must have magnitude <= 999999999"
Value make_timedelta(Int128 micros);
std::string timedelta_repr(Int128 micros);
const ClassTable& timedelta_class();

// ---- Zones (python_zones.cpp)
// What Python's tzinfo does. `at` is null when a time without a date asks; nothing is None.
class ZoneObject : public PythonObject {
 public:
  virtual std::optional<std::int64_t> offset(const DateTimeObject* at) const = 0;
  virtual std::optional<std::int64_t> summer_time(const DateTimeObject* at) const = 0;
  virtual std::optional<std::string> name_at(const DateTimeObject* at) const = 0;
  // The datetime in this zone when it is `micros` in UTC.
  virtual Value from_utc(std::int64_t micros) = 0;

 protected:
  std::span<const Method> methods() const override;
};
// datetime.timezone; without a name it is called "UTC+01:00".
Ref<ZoneObject> make_fixed_zone(std::int64_t offset, std::optional<std::string> name = {});
// ValueError for one of a day or more.
void check_offset(Int128 offset);
const ClassTable& tzinfo_class();
const ClassTable& timezone_class();
// A tzinfo argument: null for None; TypeError otherwise.
Ref<ZoneObject> zone_argument(const Value& value);
Value optional_timedelta(std::optional<std::int64_t> micros);
// The process's local time.
std::int64_t local_from_utc(std::int64_t utc, bool* fold = nullptr);
std::int64_t utc_from_local(std::int64_t local, bool fold);
Ref<ZoneObject> local_zone_at(std::int64_t utc);

// ---- date (python_date.cpp)
class DateObject final : public PythonObject {
 public:
  explicit DateObject(std::int64_t day) : ordinal(day) {}
  const std::int64_t ordinal;
  Fields fields() const { return fields_of((ordinal - 1) * kDay); }

  std::string_view type_name() const override { return "datetime.date"; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override { return static_cast<std::size_t>(ordinal); }
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override;
  std::string repr(State&) override;
  std::string str(State&) override { return date_text(fields()); }
  std::string format(State& state, std::string_view spec) override;

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};
Value make_date(std::int64_t ordinal);  // OverflowError "date value out of range"
const ClassTable& date_class();
// What date and datetime have in common: timetuple, isocalendar.
Value make_timetuple(const Fields& fields, int is_summer);
Value make_isocalendar(std::int64_t ordinal);
// The year, month and day among the attributes and bound arguments of both.
std::optional<Value> find_date_field(const Fields& fields, std::string_view name);
std::optional<Value> find_time_field(const Fields& fields, std::string_view name);
// Puts seven (or fewer) bound arguments into the fields that they stand for; `first` is the index of the first: 0 year,
// 3 hour.
void replace_fields(Fields& fields, std::span<const Value> bound, std::size_t first);

// ---- time (python_time.cpp)
class TimeObject final : public PythonObject {
 public:
  TimeObject(std::int64_t clock, Ref<ZoneObject> in_zone, bool is_second)
      : micros(clock), zone(std::move(in_zone)), fold(is_second) {}
  const std::int64_t micros;  // of the day
  const Ref<ZoneObject> zone;
  const bool fold;
  Fields fields() const { return fields_of(micros); }
  std::optional<std::int64_t> offset() const { return zone ? zone->offset(nullptr) : std::nullopt; }

  std::string_view type_name() const override { return "datetime.time"; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override;
  std::string repr(State&) override;
  std::string str(State&) override;
  std::string format(State& state, std::string_view spec) override;

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};
Value make_time(std::int64_t micros, Ref<ZoneObject> zone = {}, bool fold = false);
const ClassTable& time_class();

// ---- datetime (python_datetime.cpp, python_datetime_methods.cpp)
class DateTimeObject final : public PythonObject {
 public:
  DateTimeObject(std::int64_t clock, Ref<ZoneObject> in_zone, bool is_second)
      : micros(clock), zone(std::move(in_zone)), fold(is_second) {}
  const std::int64_t micros;  // of the clock on the wall
  const Ref<ZoneObject> zone;
  const bool fold;
  Fields fields() const { return fields_of(micros); }
  std::int64_t ordinal() const { return micros / kDay + 1; }
  std::optional<std::int64_t> offset() const { return zone ? zone->offset(this) : std::nullopt; }
  FormatTime format_time() const;

  std::string_view type_name() const override { return "datetime.datetime"; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override;
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override;
  std::string repr(State& state) override;
  std::string str(State& state) override;
  std::string format(State& state, std::string_view spec) override;

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};
Value make_datetime(Int128 micros, Ref<ZoneObject> zone = {}, bool fold = false);
const ClassTable& datetime_class();
std::span<const Method> datetime_methods();
std::string datetime_text(const DateTimeObject& at, std::string_view separator, std::string_view timespec = "auto");
// Seconds since 1970 as microseconds: of an int or a float, rounded half to even.
std::int64_t micros_of_timestamp(const Value& timestamp);

}  // namespace plumb::project::python
