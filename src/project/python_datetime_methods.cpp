// datetime.datetime: what one can do.
#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

constexpr std::string_view kNames[] = {"year",   "month",       "day",    "hour", "minute",
                                       "second", "microsecond", "tzinfo", "fold"};

const DateTimeObject& at(const Value& self) {
  return self_of<DateTimeObject>(self);
}

std::int64_t to_utc(const DateTimeObject& time) {
  const auto offset = time.offset();
  return offset ? time.micros - *offset : utc_from_local(time.micros, time.fold);
}

Value astimezone(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kZone[] = {"tz"};
  const auto [tz] = bind_call<1>({.function = "astimezone", .names = kZone}, arguments);
  const Ref<ZoneObject> zone = zone_argument(tz);
  if (zone && zone.get() == at(self).zone.get()) return self;
  const std::int64_t utc = checked_micros(to_utc(at(self)));
  return (zone ? zone : local_zone_at(utc))->from_utc(utc);
}
Value ctime(State&, const Value& self, Arguments) {
  return Value(format_time({.fields = at(self).fields()}, "%a %b %e %H:%M:%S %Y"));
}
Value date(State&, const Value& self, Arguments) {
  return make_date(at(self).ordinal());
}
Value dst(State&, const Value& self, Arguments) {
  return optional_timedelta(at(self).zone ? at(self).zone->summer_time(&at(self)) : std::nullopt);
}
Value isocalendar(State&, const Value& self, Arguments) {
  return make_isocalendar(at(self).ordinal());
}
Value isoformat(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kParts[] = {"sep", "timespec"};
  const auto [sep, timespec] = bind_call<2>({.function = "isoformat", .names = kParts}, arguments);
  if (jinja::given(sep) && (!sep.is_string() || jinja::count_code_points(sep.as_string()) != 1)) {
    jinja::raise_type_error(
        plumb::format("isoformat() argument 1 must be a unicode character, not {}", jinja::type_name(sep)));
  }
  const std::string_view spec =
      jinja::given(timespec) ? jinja::checked_text("isoformat() argument 2", timespec) : std::string_view("auto");
  return Value(datetime_text(at(self), jinja::given(sep) ? sep.as_string() : std::string_view("T"), spec));
}
Value isoweekday(State&, const Value& self, Arguments) {
  return Value(weekday_of(at(self).ordinal()) + 1);
}
Value replace(State&, const Value& self, Arguments arguments) {
  const auto bound = bind_call<9>({.function = "replace", .names = kNames, .positional = 8}, arguments);
  Fields fields = at(self).fields();
  replace_fields(fields, std::span(bound).first(7), 0);
  check_date(fields);
  check_time(fields);
  const std::int64_t fold = int_or(bound[8], at(self).fold);
  if (fold != 0 && fold != 1) jinja::raise_value_error("fold must be either 0 or 1");
  return make_datetime(micros_of(fields), jinja::given(bound[7]) ? zone_argument(bound[7]) : at(self).zone, fold == 1);
}
Value strftime(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kFormat[] = {"format"};
  const auto [spec] = bind_call<1>({.function = "strftime", .names = kFormat, .required = 1}, arguments);
  return Value(format_time(at(self).format_time(), jinja::checked_text("strftime() argument 1", spec)));
}
Value time(State&, const Value& self, Arguments) {
  return make_time(at(self).micros % kDay, {}, at(self).fold);
}
Value timestamp(State&, const Value& self, Arguments) {
  return jinja::int_true_divide(Value(to_utc(at(self)) - kEpoch), Value(kSecond));
}
Value timetuple(State&, const Value& self, Arguments) {
  const auto summer = at(self).zone ? at(self).zone->summer_time(&at(self)) : std::nullopt;
  return make_timetuple(at(self).fields(), summer ? (*summer != 0 ? 1 : 0) : -1);
}
Value timetz(State&, const Value& self, Arguments) {
  return make_time(at(self).micros % kDay, at(self).zone, at(self).fold);
}
Value toordinal(State&, const Value& self, Arguments) {
  return Value(at(self).ordinal());
}
Value tzname(State&, const Value& self, Arguments) {
  const auto name = at(self).zone ? at(self).zone->name_at(&at(self)) : std::nullopt;
  return name ? Value(*name) : Value::none();
}
Value utcoffset(State&, const Value& self, Arguments) {
  return optional_timedelta(at(self).offset());
}
Value utctimetuple(State&, const Value& self, Arguments) {
  return make_timetuple(fields_of(checked_micros(at(self).micros - at(self).offset().value_or(0))), 0);
}
Value weekday(State&, const Value& self, Arguments) {
  return Value(weekday_of(at(self).ordinal()));
}

constexpr Method kMethods[] = {
    {"astimezone", astimezone, Takes::Everything},
    {"ctime", ctime},
    {"date", date},
    {"dst", dst},
    {"isocalendar", isocalendar},
    {"isoformat", isoformat, Takes::Everything},
    {"isoweekday", isoweekday},
    {"replace", replace, Takes::Everything},
    {"strftime", strftime, Takes::Everything},
    {"time", time},
    {"timestamp", timestamp},
    {"timetuple", timetuple},
    {"timetz", timetz},
    {"toordinal", toordinal},
    {"tzname", tzname},
    {"utcoffset", utcoffset},
    {"utctimetuple", utctimetuple},
    {"weekday", weekday},
};

// How two clock times can be held against each other: as they stand when both are of one zone or of none.
struct Pair {
  std::int64_t ours, theirs;
  bool comparable = true;
};
Pair pair_of(const DateTimeObject& a, const DateTimeObject& b) {
  if (a.zone.get() == b.zone.get()) return {a.micros, b.micros};
  const auto ours = a.offset(), theirs = b.offset();
  return {a.micros - ours.value_or(0), b.micros - theirs.value_or(0), ours.has_value() == theirs.has_value()};
}

}  // namespace

std::span<const Method> datetime_methods() {
  return kMethods;
}

std::string datetime_text(const DateTimeObject& at, std::string_view separator, std::string_view timespec) {
  const Fields fields = at.fields();
  const auto offset = at.offset();
  return date_text(fields) + std::string(separator) + clock_text(fields, timespec) +
         (offset ? offset_text(*offset) : "");
}

FormatTime DateTimeObject::format_time() const {
  FormatTime shown{.fields = fields(), .offset = offset()};
  if (zone) shown.zone_name = zone->name_at(this).value_or("");
  return shown;
}

std::span<const Method> DateTimeObject::methods() const {
  return kMethods;
}

std::optional<Value> DateTimeObject::find_member(State&, std::string_view name) {
  if (auto field = find_date_field(fields(), name)) return field;
  if (auto field = find_time_field(fields(), name)) return field;
  if (name == "tzinfo") return zone ? Value(zone) : Value::none();
  if (name == "fold") return Value(fold ? 1 : 0);
  return datetime_class().find_constant(name);
}

std::optional<bool> DateTimeObject::equals(State&, const Value& other) {
  const auto* theirs = other.find_object<DateTimeObject>();
  if (theirs == nullptr) return std::nullopt;
  const Pair pair = pair_of(*this, *theirs);
  return pair.comparable && pair.ours == pair.theirs;
}

std::optional<std::partial_ordering> DateTimeObject::compare(State&, const Value& other) {
  if (other.find_object<DateObject>() != nullptr) {
    jinja::raise_type_error("can't compare datetime.datetime to datetime.date");
  }
  const auto* theirs = other.find_object<DateTimeObject>();
  if (theirs == nullptr) return std::nullopt;
  const Pair pair = pair_of(*this, *theirs);
  if (!pair.comparable) jinja::raise_type_error("can't compare offset-naive and offset-aware datetimes");
  return pair.ours <=> pair.theirs;
}

std::optional<std::size_t> DateTimeObject::hash() const {
  const auto ours = offset();
  return static_cast<std::size_t>(micros - ours.value_or(0)) * 2 + (ours ? 1 : 0);
}

std::optional<Value> DateTimeObject::operate(State&, BinaryOperator op, const Value& other, bool reflected) {
  if (const auto* delta = other.find_object<TimeDeltaObject>()) {
    if (op == BinaryOperator::Add) return make_datetime(micros + delta->micros, zone);
    if (op == BinaryOperator::Subtract && !reflected) return make_datetime(micros - delta->micros, zone);
  }
  const auto* theirs = other.find_object<DateTimeObject>();
  if (theirs == nullptr || op != BinaryOperator::Subtract) return std::nullopt;
  const Pair pair = pair_of(*this, *theirs);
  if (!pair.comparable) jinja::raise_type_error("can't subtract offset-naive and offset-aware datetimes");
  return make_timedelta(reflected ? pair.theirs - pair.ours : pair.ours - pair.theirs);
}

std::string DateTimeObject::repr(State& state) {
  const Fields f = fields();
  std::string text = plumb::format("datetime.datetime({}, {}, {}, {}, {}", f.year, f.month, f.day, f.hour, f.minute);
  if (f.second != 0 || f.microsecond != 0) text += plumb::format(", {}", f.second);
  if (f.microsecond != 0) text += plumb::format(", {}", f.microsecond);
  if (fold) text += ", fold=1";
  if (zone) text += ", tzinfo=" + zone->repr(state);
  return text + ")";
}

std::string DateTimeObject::str(State&) {
  return datetime_text(*this, " ");
}

std::string DateTimeObject::format(State& state, std::string_view spec) {
  return spec.empty() ? str(state) : python::format_time(format_time(), spec);
}

}  // namespace plumb::project::python
