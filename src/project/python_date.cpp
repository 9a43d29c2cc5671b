// datetime.date, and what it shares with datetime.
#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

constexpr std::string_view kNames[] = {"year", "month", "day"};

const DateObject& date(const Value& self) {
  return self_of<DateObject>(self);
}

Value make_from_call(State&, const Value&, Arguments arguments) {
  auto bound = bind_call<3>({.names = kNames, .required = 3}, arguments);
  Fields fields;
  replace_fields(fields, bound, 0);
  check_date(fields);
  return make_date(ordinal_of(fields));
}

// ---- Of the class
Value today(State&, const Value& self, Arguments) {
  const std::int64_t now = kEpoch + self_of<PythonClass>(self).clock().now().time_since_epoch().count();
  return make_date(local_from_utc(now) / kDay + 1);
}
Value fromtimestamp(State&, const Value&, Arguments arguments) {
  return make_date(local_from_utc(micros_of_timestamp(arguments.positional[0])) / kDay + 1);
}
Value fromordinal(State&, const Value&, Arguments arguments) {
  const std::int64_t ordinal = jinja::int_argument(arguments.positional[0]);
  if (ordinal < 1) jinja::raise_value_error("ordinal must be >= 1");
  if (ordinal > kLastOrdinal) jinja::raise_value_error(plumb::format("year is out of range"));
  return make_date(ordinal);
}
Value fromisoformat(State& state, const Value&, Arguments arguments) {
  const Value& text = arguments.positional[0];
  if (!text.is_string()) jinja::raise_type_error("fromisoformat: argument must be str");
  const auto ordinal = text.as_string().size() <= 10 ? parse_iso_date(text.as_string()) : std::nullopt;
  if (!ordinal) jinja::raise_value_error("Invalid isoformat string: " + jinja::repr(state, text));
  return make_date(*ordinal);
}
Value fromisocalendar(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kWeekNames[] = {"year", "week", "day"};
  const auto [year, week, day] =
      bind_call<3>({.function = "fromisocalendar", .names = kWeekNames, .required = 3}, arguments);
  return make_date(ordinal_of(IsoWeek{int_or(year, 0), int_or(week, 0), int_or(day, 0)}));
}

// ---- Of a date
Value ctime(State&, const Value& self, Arguments) {
  return Value(format_time({.fields = date(self).fields()}, "%a %b %e %H:%M:%S %Y"));
}
Value isocalendar(State&, const Value& self, Arguments) {
  return make_isocalendar(date(self).ordinal);
}
Value isoformat(State&, const Value& self, Arguments) {
  return Value(date_text(date(self).fields()));
}
Value isoweekday(State&, const Value& self, Arguments) {
  return Value(weekday_of(date(self).ordinal) + 1);
}
Value replace(State&, const Value& self, Arguments arguments) {
  auto bound = bind_call<3>({.function = "replace", .names = kNames}, arguments);
  Fields fields = date(self).fields();
  replace_fields(fields, bound, 0);
  check_date(fields);
  return make_date(ordinal_of(fields));
}
Value strftime(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kFormat[] = {"format"};
  const auto [spec] = bind_call<1>({.function = "strftime", .names = kFormat, .required = 1}, arguments);
  return Value(format_time({.fields = date(self).fields()}, jinja::checked_text("strftime() argument 1", spec)));
}
Value timetuple(State&, const Value& self, Arguments) {
  return make_timetuple(date(self).fields(), -1);
}
Value toordinal(State&, const Value& self, Arguments) {
  return Value(date(self).ordinal);
}
Value weekday(State&, const Value& self, Arguments) {
  return Value(weekday_of(date(self).ordinal));
}

constexpr Method kClassMethods[] = {
    {"fromisocalendar", fromisocalendar, Takes::Everything},
    {"fromisoformat", fromisoformat, Takes::One},
    {"fromordinal", fromordinal, Takes::One},
    {"fromtimestamp", fromtimestamp, Takes::One},
    {"today", today},
};
constexpr Method kMethods[] = {
    {"ctime", ctime},
    {"isocalendar", isocalendar},
    {"isoformat", isoformat},
    {"isoweekday", isoweekday},
    {"replace", replace, Takes::Everything},
    {"strftime", strftime, Takes::Everything},
    {"timetuple", timetuple},
    {"toordinal", toordinal},
    {"weekday", weekday},
};

std::optional<Value> find_constant(std::string_view name) {
  if (name == "min") return make_date(1);
  if (name == "max") return make_date(kLastOrdinal);
  if (name == "resolution") return make_timedelta(kDay);
  return std::nullopt;
}

}  // namespace

Value make_date(std::int64_t ordinal) {
  if (ordinal < 1 || ordinal > kLastOrdinal) jinja::raise("OverflowError", "date value out of range");
  return jinja::make<DateObject>(ordinal);
}

const ClassTable& date_class() {
  static constexpr ClassTable kTable{
      .name = "datetime.date",
      .make = make_from_call,
      .class_methods = kClassMethods,
      .methods = kMethods,
      .find_constant = find_constant,
      .is_instance = [](const Value& value) { return value.find_object<DateObject>() != nullptr; },
  };
  return kTable;
}

void replace_fields(Fields& fields, std::span<const Value> bound, std::size_t first) {
  std::int64_t* const all[] = {&fields.year,   &fields.month,  &fields.day,        &fields.hour,
                               &fields.minute, &fields.second, &fields.microsecond};
  for (std::size_t i = 0; i < bound.size(); ++i) *all[first + i] = int_or(bound[i], *all[first + i]);
}

std::optional<Value> find_date_field(const Fields& fields, std::string_view name) {
  if (name == "year") return Value(fields.year);
  if (name == "month") return Value(fields.month);
  if (name == "day") return Value(fields.day);
  return std::nullopt;
}

std::optional<Value> find_time_field(const Fields& fields, std::string_view name) {
  if (name == "hour") return Value(fields.hour);
  if (name == "minute") return Value(fields.minute);
  if (name == "second") return Value(fields.second);
  if (name == "microsecond") return Value(fields.microsecond);
  return std::nullopt;
}

Value make_timetuple(const Fields& fields, int is_summer) {
  static constexpr std::string_view kParts[] = {"tm_year", "tm_mon",  "tm_mday", "tm_hour", "tm_min",
                                                "tm_sec",  "tm_wday", "tm_yday", "tm_isdst"};
  const std::int64_t ordinal = ordinal_of(fields), day_of_year = ordinal - ordinal_of(Fields{.year = fields.year}) + 1;
  std::vector<Value> items = {fields.year,   fields.month,        fields.day,  fields.hour, fields.minute,
                              fields.second, weekday_of(ordinal), day_of_year, is_summer};
  return jinja::make<NamedTuple>("time.struct_time", kParts, std::move(items));
}

Value make_isocalendar(std::int64_t ordinal) {
  static constexpr std::string_view kParts[] = {"year", "week", "weekday"};
  const IsoWeek week = iso_week_of(ordinal);
  return jinja::make<NamedTuple>("datetime.IsoCalendarDate", kParts,
                                 std::vector<Value>{week.year, week.week, week.weekday});
}

std::span<const Method> DateObject::methods() const {
  return kMethods;
}

std::optional<Value> DateObject::find_member(State&, std::string_view name) {
  if (auto field = find_date_field(fields(), name)) return field;
  return find_constant(name);
}

std::optional<bool> DateObject::equals(State&, const Value& other) {
  const auto* theirs = other.find_object<DateObject>();
  if (theirs == nullptr) return std::nullopt;
  return ordinal == theirs->ordinal;
}

std::optional<std::partial_ordering> DateObject::compare(State&, const Value& other) {
  if (const auto* theirs = other.find_object<DateObject>()) return ordinal <=> theirs->ordinal;
  return std::nullopt;
}

std::optional<Value> DateObject::operate(State&, BinaryOperator op, const Value& other, bool reflected) {
  if (const auto* delta = other.find_object<TimeDeltaObject>()) {
    // Of a duration the days alone count, rounded down.
    Int128 days = delta->micros / kDay;
    if (delta->micros % kDay < 0) --days;
    if (op == BinaryOperator::Add) return make_date(ordinal + static_cast<std::int64_t>(days));
    if (op == BinaryOperator::Subtract && !reflected) return make_date(ordinal - static_cast<std::int64_t>(days));
  }
  const auto* theirs = other.find_object<DateObject>();
  if (theirs == nullptr || op != BinaryOperator::Subtract) return std::nullopt;
  const std::int64_t days = reflected ? theirs->ordinal - ordinal : ordinal - theirs->ordinal;
  return make_timedelta(Int128{days} * kDay);
}

std::string DateObject::repr(State&) {
  const Fields at = fields();
  return plumb::format("datetime.date({}, {}, {})", at.year, at.month, at.day);
}

std::string DateObject::format(State& state, std::string_view spec) {
  return spec.empty() ? str(state) : format_time({.fields = fields()}, spec);
}

}  // namespace plumb::project::python
