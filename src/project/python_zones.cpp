// datetime.tzinfo and datetime.timezone, and the process's local time.
#include <chrono>
#include <ctime>

#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

const DateTimeObject* datetime_argument(std::string_view function, Arguments arguments) {
  const Value& at = arguments.positional[0];
  if (at.is_none()) return nullptr;
  if (const auto* found = at.find_object<DateTimeObject>()) return found;
  jinja::raise_type_error(
      plumb::format("{}(dt) argument must be a datetime instance or None, not {}", function, jinja::type_name(at)));
}

Value utcoffset(State&, const Value& self, Arguments arguments) {
  return optional_timedelta(self_of<ZoneObject>(self).offset(datetime_argument("utcoffset", arguments)));
}
Value dst(State&, const Value& self, Arguments arguments) {
  return optional_timedelta(self_of<ZoneObject>(self).summer_time(datetime_argument("dst", arguments)));
}
Value tzname(State&, const Value& self, Arguments arguments) {
  const auto name = self_of<ZoneObject>(self).name_at(datetime_argument("tzname", arguments));
  return name ? Value(*name) : Value::none();
}
Value fromutc(State&, const Value& self, Arguments arguments) {
  const auto* at = arguments.positional[0].find_object<DateTimeObject>();
  if (at == nullptr) jinja::raise_type_error("fromutc: argument must be a datetime");
  if (!at->zone || at->zone.get() != &self_of<ZoneObject>(self)) {
    jinja::raise_value_error("fromutc: dt.tzinfo is not self");
  }
  return self_of<ZoneObject>(self).from_utc(at->micros);
}

constexpr Method kMethods[] = {
    {"dst", dst, Takes::One},
    {"fromutc", fromutc, Takes::One},
    {"tzname", tzname, Takes::One},
    {"utcoffset", utcoffset, Takes::One},
};

// datetime.timezone
class FixedZone final : public ZoneObject {
 public:
  FixedZone(std::int64_t offset, std::optional<std::string> name) : offset_(offset), name_(std::move(name)) {}

  std::string_view type_name() const override { return "datetime.timezone"; }
  std::optional<std::int64_t> offset(const DateTimeObject*) const override { return offset_; }
  std::optional<std::int64_t> summer_time(const DateTimeObject*) const override { return std::nullopt; }
  std::optional<std::string> name_at(const DateTimeObject*) const override {
    if (name_) return name_;
    return offset_ == 0 ? "UTC" : "UTC" + offset_text(offset_);
  }
  Value from_utc(std::int64_t micros) override {
    return make_datetime(Int128{micros} + offset_, Ref<ZoneObject>(this));
  }
  std::optional<bool> equals(State&, const Value& other) override {
    const auto* zone = other.find_object<FixedZone>();
    if (zone == nullptr) return std::nullopt;
    return zone->offset_ == offset_;
  }
  std::optional<std::size_t> hash() const override { return static_cast<std::size_t>(offset_); }
  std::string repr(State& state) override {
    if (offset_ == 0 && !name_) return "datetime.timezone.utc";
    std::string text = "datetime.timezone(" + jinja::repr(state, make_timedelta(offset_));
    if (name_) text += ", " + jinja::repr_text(*name_);
    return text + ")";
  }
  std::string str(State&) override { return *name_at(nullptr); }

 private:
  const std::int64_t offset_;
  const std::optional<std::string> name_;
};

Value make_timezone(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"offset", "name"};
  const auto [offset, name] = bind_call<2>({.function = "timezone", .names = kNames, .required = 1}, arguments);
  const auto* delta = offset.find_object<TimeDeltaObject>();
  if (delta == nullptr) {
    jinja::raise_type_error(
        plumb::format("timezone() argument 1 must be datetime.timedelta, not {}", jinja::type_name(offset)));
  }
  check_offset(delta->micros);
  std::optional<std::string> called;
  if (jinja::given(name)) called = jinja::text_argument(name, "timezone() argument 2 must be str");
  return make_fixed_zone(static_cast<std::int64_t>(delta->micros), called);
}

std::optional<Value> find_timezone_constant(std::string_view name) {
  if (name == "utc") return Value(make_fixed_zone(0));
  return std::nullopt;
}

std::tm local_tm(std::int64_t utc) {
  const std::int64_t since_epoch = utc - kEpoch;
  const auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds(since_epoch)).count());
  std::tm tm{};
  localtime_r(&seconds, &tm);
  return tm;
}

}  // namespace

std::span<const Method> ZoneObject::methods() const {
  return kMethods;
}

Ref<ZoneObject> make_fixed_zone(std::int64_t offset, std::optional<std::string> name) {
  return jinja::make<FixedZone>(offset, std::move(name));
}

void check_offset(Int128 offset) {
  if (offset > -kDay && offset < kDay) return;
  jinja::raise_value_error(
      "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not " +
      timedelta_repr(offset) + ".");
}

const ClassTable& tzinfo_class() {
  static constexpr ClassTable kTable{
      .name = "datetime.tzinfo",
      .methods = kMethods,
      .is_instance = [](const Value& value) { return value.find_object<ZoneObject>() != nullptr; },
  };
  return kTable;
}

const ClassTable& timezone_class() {
  static constexpr ClassTable kTable{
      .name = "datetime.timezone",
      .make = make_timezone,
      .methods = kMethods,
      .find_constant = find_timezone_constant,
      .is_instance = [](const Value& value) { return value.find_object<FixedZone>() != nullptr; },
  };
  return kTable;
}

Ref<ZoneObject> zone_argument(const Value& value) {
  if (!jinja::given(value) || value.is_none()) return {};
  if (auto* zone = value.find_object<ZoneObject>()) return Ref<ZoneObject>(zone);
  jinja::raise_type_error(
      plumb::format("tzinfo argument must be None or of a tzinfo subclass, not type '{}'", jinja::type_name(value)));
}

Value optional_timedelta(std::optional<std::int64_t> micros) {
  return micros ? make_timedelta(*micros) : Value::none();
}

// ---- Local time, as C knows it

std::int64_t local_from_utc(std::int64_t utc, bool* fold) {
  const std::tm tm = local_tm(utc);
  const std::int64_t offset = tm.tm_gmtoff * kSecond;
  // A clock time that the clock had shown before, at a larger offset.
  if (fold != nullptr) {
    const std::int64_t before = local_tm(utc - kDay).tm_gmtoff * kSecond;
    *fold = before > offset && local_tm(utc - (before - offset)).tm_gmtoff * kSecond == before;
  }
  return utc + offset;
}

std::int64_t utc_from_local(std::int64_t local, bool fold) {
  const std::int64_t early = local_tm(local - kDay).tm_gmtoff * kSecond;
  const std::int64_t late = local_tm(local + kDay).tm_gmtoff * kSecond;
  const std::int64_t first = local - early, second = local - late;
  const bool first_holds = local_from_utc(first) == local, second_holds = local_from_utc(second) == local;
  if (first_holds && second_holds) return fold ? std::max(first, second) : std::min(first, second);
  if (first_holds) return first;
  if (second_holds) return second;
  return fold ? std::min(first, second) : std::max(first, second);
}

Ref<ZoneObject> local_zone_at(std::int64_t utc) {
  const std::tm tm = local_tm(utc);
  return make_fixed_zone(tm.tm_gmtoff * kSecond, std::string(tm.tm_zone));
}

}  // namespace plumb::project::python
