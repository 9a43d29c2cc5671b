// datetime.time: a clock time without a date.
#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

constexpr std::string_view kNames[] = {"hour", "minute", "second", "microsecond", "tzinfo", "fold"};

const TimeObject& time(const Value& self) {
  return self_of<TimeObject>(self);
}

Value make_bound(Fields fields, std::span<const Value> bound, Ref<ZoneObject> zone, bool fold) {
  replace_fields(fields, bound.first(4), 3);
  check_time(fields);
  const std::int64_t folds = int_or(bound[5], fold);
  if (folds != 0 && folds != 1) jinja::raise_value_error("fold must be either 0 or 1");
  if (jinja::given(bound[4])) zone = zone_argument(bound[4]);
  return make_time(time_of(fields), std::move(zone), folds == 1);
}

Value make_from_call(State&, const Value&, Arguments arguments) {
  const auto bound = bind_call<6>({.names = kNames, .positional = 5}, arguments);
  return make_bound({}, bound, {}, false);
}

Value fromisoformat(State& state, const Value&, Arguments arguments) {
  const Value& text = arguments.positional[0];
  if (!text.is_string()) jinja::raise_type_error("fromisoformat: argument must be str");
  std::string_view digits = text.as_string();
  if (digits.starts_with('T')) digits.remove_prefix(1);
  const auto found = parse_iso_time(digits);
  if (!found) jinja::raise_value_error("Invalid isoformat string: " + jinja::repr(state, text));
  check_time(found->fields);
  return make_time(time_of(found->fields), found->offset ? make_fixed_zone(*found->offset) : nullptr);
}

Value dst(State&, const Value& self, Arguments) {
  const auto& zone = time(self).zone;
  return optional_timedelta(zone ? zone->summer_time(nullptr) : std::nullopt);
}
Value isoformat(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kTimespec[] = {"timespec"};
  const auto [timespec] = bind_call<1>({.function = "isoformat", .names = kTimespec}, arguments);
  const std::string_view spec =
      jinja::given(timespec) ? jinja::checked_text("isoformat() argument 1", timespec) : std::string_view("auto");
  const auto offset = time(self).offset();
  return Value(clock_text(time(self).fields(), spec) + (offset ? offset_text(*offset) : ""));
}
Value replace(State&, const Value& self, Arguments arguments) {
  const auto bound = bind_call<6>({.function = "replace", .names = kNames, .positional = 5}, arguments);
  return make_bound(time(self).fields(), bound, time(self).zone, time(self).fold);
}

FormatTime to_format(const TimeObject& at) {
  FormatTime shown{.fields = at.fields(), .offset = at.offset()};
  shown.fields.year = 1900;
  if (at.zone) shown.zone_name = at.zone->name_at(nullptr).value_or("");
  return shown;
}

Value strftime(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kFormat[] = {"format"};
  const auto [spec] = bind_call<1>({.function = "strftime", .names = kFormat, .required = 1}, arguments);
  return Value(format_time(to_format(time(self)), jinja::checked_text("strftime() argument 1", spec)));
}
Value tzname(State&, const Value& self, Arguments) {
  const auto& zone = time(self).zone;
  const auto name = zone ? zone->name_at(nullptr) : std::nullopt;
  return name ? Value(*name) : Value::none();
}
Value utcoffset(State&, const Value& self, Arguments) {
  return optional_timedelta(time(self).offset());
}

constexpr Method kClassMethods[] = {{"fromisoformat", fromisoformat, Takes::One}};
constexpr Method kMethods[] = {
    {"dst", dst},
    {"isoformat", isoformat, Takes::Everything},
    {"replace", replace, Takes::Everything},
    {"strftime", strftime, Takes::Everything},
    {"tzname", tzname},
    {"utcoffset", utcoffset},
};

std::optional<Value> find_constant(std::string_view name) {
  if (name == "min") return make_time(0);
  if (name == "max") return make_time(kDay - 1);
  if (name == "resolution") return make_timedelta(1);
  return std::nullopt;
}

}  // namespace

Value make_time(std::int64_t micros, Ref<ZoneObject> zone, bool fold) {
  return jinja::make<TimeObject>(micros, std::move(zone), fold);
}

const ClassTable& time_class() {
  static constexpr ClassTable kTable{
      .name = "datetime.time",
      .make = make_from_call,
      .class_methods = kClassMethods,
      .methods = kMethods,
      .find_constant = find_constant,
      .is_instance = [](const Value& value) { return value.find_object<TimeObject>() != nullptr; },
  };
  return kTable;
}

std::span<const Method> TimeObject::methods() const {
  return kMethods;
}

std::optional<Value> TimeObject::find_member(State&, std::string_view name) {
  if (auto field = find_time_field(fields(), name)) return field;
  if (name == "tzinfo") return zone ? Value(zone) : Value::none();
  if (name == "fold") return Value(fold ? 1 : 0);
  return find_constant(name);
}

std::optional<bool> TimeObject::equals(State&, const Value& other) {
  const auto* theirs = other.find_object<TimeObject>();
  if (theirs == nullptr) return std::nullopt;
  const auto ours = offset(), other_offset = theirs->offset();
  if (ours.has_value() != other_offset.has_value()) return false;
  return micros - ours.value_or(0) == theirs->micros - other_offset.value_or(0);
}

std::optional<std::partial_ordering> TimeObject::compare(State&, const Value& other) {
  const auto* theirs = other.find_object<TimeObject>();
  if (theirs == nullptr) return std::nullopt;
  const auto ours = offset(), other_offset = theirs->offset();
  if (ours.has_value() != other_offset.has_value()) {
    jinja::raise_type_error("can't compare offset-naive and offset-aware times");
  }
  return micros - ours.value_or(0) <=> theirs->micros - other_offset.value_or(0);
}

std::optional<std::size_t> TimeObject::hash() const {
  const auto ours = offset();
  return static_cast<std::size_t>(micros - ours.value_or(0)) * 2 + (ours ? 1 : 0);
}

std::string TimeObject::repr(State& state) {
  const Fields at = fields();
  std::string text = plumb::format("datetime.time({}, {}", at.hour, at.minute);
  if (at.second != 0 || at.microsecond != 0) text += plumb::format(", {}", at.second);
  if (at.microsecond != 0) text += plumb::format(", {}", at.microsecond);
  if (zone) text += ", tzinfo=" + zone->repr(state);
  if (fold) text += ", fold=1";
  return text + ")";
}

std::string TimeObject::str(State&) {
  const auto ours = offset();
  return clock_text(fields()) + (ours ? offset_text(*ours) : "");
}

std::string TimeObject::format(State& state, std::string_view spec) {
  return spec.empty() ? str(state) : format_time(to_format(*this), spec);
}

}  // namespace plumb::project::python
