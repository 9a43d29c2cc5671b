#include "project/python_pytz.h"

#include <algorithm>
#include <functional>

#include "base/format.h"
#include "base/zone_rules.h"
#include "project/python_pytz_lists.h"

namespace plumb::project::python {
namespace {

// One of a zone's clocks.
struct Clockwork {
  std::int64_t offset = 0;
  std::int64_t summer = 0;  // how much of it is summer time
  std::string name = {};
  friend bool operator==(const Clockwork&, const Clockwork&) = default;
};

// A zone of the tz database within the years that pytz's tables have: a file of 32 bits, up to 2037.
class Family final : public jinja::Shared {
 public:
  Family(std::string zone, ZoneRules rules) : zone_(std::move(zone)), rules_(std::move(rules)) {}
  const std::string& zone() const { return zone_; }
  bool never_changes() const {
    const ZonePeriod first = rules_.period_at(ZoneSecond::min());
    return first.end > kLast;
  }
  Clockwork first() const { return clock_of(rules_.period_at(ZoneSecond::min())); }
  Clockwork at(std::int64_t utc) const {
    const ZoneSecond second(std::chrono::seconds((utc - kEpoch) / kSecond - ((utc - kEpoch) % kSecond < 0 ? 1 : 0)));
    if (second < kFirst) return first();
    return clock_of(rules_.period_at(std::min(second, kLast)));
  }

 private:
  static constexpr ZoneSecond kFirst{std::chrono::seconds(INT32_MIN)};
  static constexpr ZoneSecond kLast{std::chrono::seconds(2'145'916'799)};  // of 2037

  static std::int64_t to_minutes(std::chrono::seconds offset) {
    std::int64_t minutes = (offset.count() + 30) / 60;
    if ((offset.count() + 30) % 60 < 0) --minutes;
    return minutes * kMinute;
  }
  // Summer time is what an offset has more than that of the standard time before it, or else after it.
  std::int64_t summer_of(const ZonePeriod& period) const {
    constexpr std::int64_t kMost = 3 * std::int64_t{3600};
    std::int64_t summer = 0;
    ZonePeriod before = period;
    while (before.summer && before.begin > kFirst) before = rules_.period_at(before.begin - std::chrono::seconds(1));
    if (!before.summer) summer = (period.offset - before.offset).count();
    ZonePeriod after = period;
    if (summer <= 0 || summer > kMost) {
      while (after.summer && after.end < kLast) after = rules_.period_at(after.end);
      if (!after.summer) summer = (period.offset - after.offset).count();
    }
    return to_minutes(std::chrono::seconds(summer));
  }
  Clockwork clock_of(const ZonePeriod& period) const {
    return {to_minutes(period.offset), period.summer ? summer_of(period) : 0, period.abbreviation};
  }

  const std::string zone_;
  const ZoneRules rules_;
};

const DateTimeObject& checked_datetime(const Value& value) {
  if (const auto* at = value.find_object<DateTimeObject>()) return *at;
  jinja::raise("AttributeError", plumb::format("'{}' object has no attribute 'tzinfo'", jinja::type_name(value)));
}
const DateTimeObject& checked_naive(const Value& value) {
  const DateTimeObject& at = checked_datetime(value);
  if (at.zone) jinja::raise_value_error("Not naive datetime (tzinfo is already set)");
  return at;
}

// What every zone of pytz can do, each in its own way.
class PytzZone : public ZoneObject {
 public:
  std::string_view module_name() const override { return "pytz"; }
  virtual Value localize(State& state, Arguments arguments) = 0;
  virtual Value normalize(State& state, Arguments arguments) = 0;

 protected:
  // localize and normalize of those that have one offset for ever.
  Value localize_simply(const jinja::Signature& signature, Arguments arguments) {
    const auto [at, is_dst] = jinja::bind<2>(signature, arguments);
    return make_datetime(checked_naive(at).micros, Ref<ZoneObject>(this));
  }
  Value normalize_simply(const jinja::Signature& signature, Arguments arguments) {
    const auto [value, is_dst] = jinja::bind<2>(signature, arguments);
    const DateTimeObject& at = checked_datetime(value);
    if (at.zone.get() == this) return value;
    if (!at.zone) jinja::raise_value_error("Naive time - no tzinfo set");
    return from_utc(at.micros - at.offset().value_or(0));
  }
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override {
    if (name == "zone") return zone_member();
    return std::nullopt;
  }
  virtual Value zone_member() const = 0;
};

Value call_localize(State& state, const Value& self, Arguments arguments) {
  return self_of<PytzZone>(self).localize(state, arguments);
}
Value call_normalize(State& state, const Value& self, Arguments arguments) {
  return self_of<PytzZone>(self).normalize(state, arguments);
}
// A datetime, or None, and `is_dst`, which says what to do about doubled hours.
const DateTimeObject* bind_at(Arguments arguments) {
  static const jinja::Signature kSignature{"utcoffset", {"dt", "is_dst"}, 1};
  const auto [at, is_dst] = jinja::bind<2>(kSignature, arguments);
  return at.is_none() ? nullptr : &checked_datetime(at);
}
Value call_utcoffset(State&, const Value& self, Arguments arguments) {
  return optional_timedelta(self_of<ZoneObject>(self).offset(bind_at(arguments)));
}
Value call_dst(State&, const Value& self, Arguments arguments) {
  return optional_timedelta(self_of<ZoneObject>(self).summer_time(bind_at(arguments)));
}
Value call_tzname(State&, const Value& self, Arguments arguments) {
  const auto name = self_of<ZoneObject>(self).name_at(bind_at(arguments));
  return name ? Value(*name) : Value::none();
}
Value call_fromutc(State&, const Value& self, Arguments arguments) {
  static const jinja::Signature kSignature{"fromutc", {"dt"}, 1};
  const auto [at] = jinja::bind<1>(kSignature, arguments);
  return self_of<ZoneObject>(self).from_utc(checked_datetime(at).micros);
}

constexpr Method kMethods[] = {
    {"dst", call_dst, Takes::Everything},           {"fromutc", call_fromutc, Takes::Everything},
    {"localize", call_localize, Takes::Everything}, {"normalize", call_normalize, Takes::Everything},
    {"tzname", call_tzname, Takes::Everything},     {"utcoffset", call_utcoffset, Takes::Everything},
};

std::span<const Method> PytzZone::methods() const {
  return kMethods;
}

// ---- pytz.utc
class Utc final : public PytzZone {
 public:
  std::string_view type_name() const override { return "UTC"; }
  std::optional<std::int64_t> offset(const DateTimeObject*) const override { return 0; }
  std::optional<std::int64_t> summer_time(const DateTimeObject*) const override { return 0; }
  std::optional<std::string> name_at(const DateTimeObject*) const override { return "UTC"; }
  Value from_utc(std::int64_t micros) override { return make_datetime(micros, Ref<ZoneObject>(this)); }
  Value localize(State&, Arguments arguments) override {
    static const jinja::Signature kSignature{
        .name = "UTC.localize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    return localize_simply(kSignature, arguments);
  }
  Value normalize(State&, Arguments arguments) override {
    static const jinja::Signature kSignature{
        .name = "UTC.normalize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    return normalize_simply(kSignature, arguments);
  }
  std::optional<bool> equals(State&, const Value& other) override { return other.find_object<Utc>() != nullptr; }
  std::optional<std::size_t> hash() const override { return 0x07C; }
  std::string repr(State&) override { return "<UTC>"; }
  std::string str(State&) override { return "UTC"; }

 protected:
  Value zone_member() const override { return "UTC"; }
};

// ---- pytz.FixedOffset
class FixedOffset final : public PytzZone {
 public:
  explicit FixedOffset(std::int64_t minutes) : minutes_(minutes) {}
  std::string_view type_name() const override { return "_FixedOffset"; }
  std::optional<std::int64_t> offset(const DateTimeObject*) const override { return minutes_ * kMinute; }
  std::optional<std::int64_t> summer_time(const DateTimeObject*) const override { return 0; }
  std::optional<std::string> name_at(const DateTimeObject*) const override { return std::nullopt; }
  Value from_utc(std::int64_t micros) override {
    return make_datetime(Int128{micros} + Int128{minutes_} * kMinute, Ref<ZoneObject>(this));
  }
  Value localize(State&, Arguments arguments) override {
    static const jinja::Signature kSignature{
        .name = "_FixedOffset.localize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    return localize_simply(kSignature, arguments);
  }
  Value normalize(State&, Arguments arguments) override {
    static const jinja::Signature kSignature{
        .name = "_FixedOffset.normalize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    return normalize_simply(kSignature, arguments);
  }
  std::optional<bool> equals(State&, const Value& other) override {
    const auto* zone = other.find_object<FixedOffset>();
    return zone != nullptr && zone->minutes_ == minutes_;
  }
  std::optional<std::size_t> hash() const override { return static_cast<std::size_t>(minutes_); }
  std::string repr(State&) override { return plumb::format("pytz.FixedOffset({})", minutes_); }

 protected:
  Value zone_member() const override { return Value::none(); }

 private:
  const std::int64_t minutes_;
};

// ---- Zones of the database
class NamedZone final : public PytzZone {
 public:
  NamedZone(Ref<Family> family, Clockwork clock)
      : family_(std::move(family)), clock_(std::move(clock)), fixed_(family_->never_changes()) {}

  std::string_view type_name() const override { return family_->zone(); }
  std::string_view module_name() const override { return "pytz.tzfile"; }
  std::optional<std::int64_t> offset(const DateTimeObject* at) const override {
    if (at == nullptr && !fixed_) return std::nullopt;
    return clock_at(at).offset;
  }
  std::optional<std::int64_t> summer_time(const DateTimeObject* at) const override {
    if (at == nullptr && !fixed_) return std::nullopt;
    return clock_at(at).summer;
  }
  std::optional<std::string> name_at(const DateTimeObject* at) const override {
    if (at == nullptr && !fixed_) return family_->zone();
    return clock_at(at).name;
  }
  Value from_utc(std::int64_t micros) override {
    if (fixed_) return make_datetime(Int128{micros} + clock_.offset, Ref<ZoneObject>(this));
    const Clockwork clock = family_->at(micros);
    return make_datetime(Int128{micros} + clock.offset, member(clock));
  }
  Value localize(State& state, Arguments arguments) override {
    static const jinja::Signature kStatic{
        .name = "StaticTzInfo.localize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    static const jinja::Signature kSignature{
        .name = "DstTzInfo.localize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    if (fixed_) return localize_simply(kStatic, arguments);
    const auto [at, is_dst] = jinja::bind<2>(kSignature, arguments);
    std::optional<bool> summer = false;
    if (jinja::given(is_dst)) summer = is_dst.is_none() ? std::nullopt : std::optional(jinja::truth(state, is_dst));
    const std::int64_t micros = checked_naive(at).micros;
    return make_datetime(micros, member(clock_of_local(micros, summer)));
  }
  Value normalize(State&, Arguments arguments) override {
    static const jinja::Signature kStatic{
        .name = "StaticTzInfo.normalize", .parameters = {"dt", "is_dst"}, .required = 1, .hidden = 1};
    static const jinja::Signature kSignature{
        .name = "DstTzInfo.normalize", .parameters = {"dt"}, .required = 1, .hidden = 1};
    if (fixed_) return normalize_simply(kStatic, arguments);
    const auto [value] = jinja::bind<1>(kSignature, arguments);
    const DateTimeObject& at = checked_datetime(value);
    if (!at.zone) jinja::raise_value_error("Naive time - no tzinfo set");
    return from_utc(checked_micros(Int128{at.micros} - at.offset().value_or(0)));
  }
  std::optional<bool> equals(State&, const Value& other) override {
    const auto* zone = other.find_object<NamedZone>();
    return zone != nullptr && zone->family_->zone() == family_->zone() && zone->clock_ == clock_;
  }
  std::optional<std::size_t> hash() const override {
    return std::hash<std::string>()(family_->zone() + clock_.name) ^
           static_cast<std::size_t>(clock_.offset + clock_.summer);
  }
  std::string repr(State& state) override {
    if (fixed_) return plumb::format("<StaticTzInfo '{}'>", family_->zone());
    const Value offset = make_timedelta(clock_.offset);
    return plumb::format("<DstTzInfo '{}' {}{}{} {}>", family_->zone(), clock_.name, clock_.offset >= 0 ? "+" : "",
                         jinja::to_str(state, offset), clock_.summer != 0 ? "DST" : "STD");
  }
  std::string str(State&) override { return family_->zone(); }

 protected:
  Value zone_member() const override { return Value(family_->zone()); }

 private:
  Ref<ZoneObject> member(const Clockwork& clock) const {
    if (clock == clock_) return Ref<ZoneObject>(const_cast<NamedZone*>(this));
    return jinja::make<NamedZone>(family_, clock);
  }
  Clockwork clock_at(const DateTimeObject* at) const {
    if (fixed_ || at == nullptr || at->zone.get() == this) return clock_;
    if (at->zone) jinja::raise_value_error("Not naive datetime (tzinfo is already set)");
    return clock_of_local(at->micros, std::nullopt);
  }

  // The clock that shows this time. In a gap none does, in a doubled hour two do; then summer time is taken or not,
  // and an unknown wish is an error.
  Clockwork clock_of_local(std::int64_t local, std::optional<bool> summer) const {
    std::vector<Clockwork> possible;
    for (const std::int64_t apart : {-kDay, kDay}) {
      const std::int64_t utc = local - family_->at(local + apart).offset;
      Clockwork clock = family_->at(utc);
      const bool known = std::find(possible.begin(), possible.end(), clock) != possible.end();
      if (utc + clock.offset == local && !known) possible.push_back(std::move(clock));
    }
    if (possible.size() == 1) return possible[0];
    if (!summer) {
      const Fields shown = fields_of(local);
      jinja::raise(possible.empty() ? "NonExistentTimeError" : "AmbiguousTimeError",
                   date_text(shown) + " " + clock_text(shown));
    }
    constexpr std::int64_t kAway = 6 * kHour;
    if (possible.empty()) return clock_of_local(*summer ? local + kAway : local - kAway, summer);
    std::vector<Clockwork> wished;
    for (const Clockwork& each : possible) {
      if ((each.summer != 0) == *summer) wished.push_back(each);
    }
    if (wished.empty()) wished = possible;
    // Of two alike the earlier instant is the one with the larger offset.
    const auto less = [](const Clockwork& a, const Clockwork& b) { return a.offset < b.offset; };
    return *summer ? *std::max_element(wished.begin(), wished.end(), less)
                   : *std::min_element(wished.begin(), wished.end(), less);
  }

  const Ref<Family> family_;
  const Clockwork clock_;
  const bool fixed_;
};

// ---- The module
[[noreturn]] void raise_unknown(State& state, const Value& name) {
  jinja::raise("UnknownTimeZoneError", jinja::repr(state, name));
}

Value call_timezone(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"timezone", {"zone"}, 1};
  const auto [name] = jinja::bind<1>(kSignature, arguments);
  if (!name.is_string()) raise_unknown(state, name);
  std::string zone(name.as_string());
  if (jinja::to_upper(zone) == "UTC") return pytz_utc();
  std::optional<ZoneRules> rules = find_zone_rules(zone);
  if (!rules) {
    const std::string wanted = jinja::to_lower(zone);
    for (const std::string& known : zone_names()) {
      if (jinja::to_lower(known) == wanted) zone = known;
    }
    rules = find_zone_rules(zone);
  }
  if (!rules) raise_unknown(state, name);
  const Ref<Family> family = jinja::make<Family>(std::move(zone), std::move(*rules));
  return jinja::make<NamedZone>(family, family->first());
}

Value call_fixed_offset(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"FixedOffset", {"offset"}, 1};
  const auto [offset] = jinja::bind<1>(kSignature, arguments);
  const std::int64_t minutes = jinja::index_argument(offset);
  if (minutes == 0) return pytz_utc();
  if (minutes <= -1440 || minutes >= 1440) {
    jinja::raise_value_error("('absolute offset is too large', " + jinja::repr(state, offset) + ")");
  }
  return jinja::make<FixedOffset>(minutes);
}

}  // namespace

Ref<ZoneObject> pytz_utc() {
  return jinja::make<Utc>();
}

Value pytz_module() {
  static constexpr ClassTable kErrors[] = {{.name = "pytz.exceptions.AmbiguousTimeError"},
                                           {.name = "pytz.exceptions.InvalidTimeError"},
                                           {.name = "pytz.exceptions.NonExistentTimeError"},
                                           {.name = "pytz.exceptions.UnknownTimeZoneError"}};
  static constexpr ClassTable kBase{.name = "pytz.tzinfo.BaseTzInfo"};
  Value module = Value::dict();
  jinja::Dict& names = module.as_dict();
  names.set("timezone", jinja::make_function("timezone", call_timezone));
  names.set("utc", pytz_utc());
  names.set("country_timezones", country_timezones());
  names.set("country_names", country_names());
  for (const ClassTable& error : kErrors) {
    names.set(error.name.substr(error.name.rfind('.') + 1), jinja::make<PythonClass>(error));
  }
  names.set("all_timezones", all_timezones());
  names.set("all_timezones_set", all_timezones());
  names.set("common_timezones", common_timezones());
  names.set("common_timezones_set", common_timezones());
  names.set("BaseTzInfo", jinja::make<PythonClass>(kBase));
  names.set("FixedOffset", jinja::make_function("FixedOffset", call_fixed_offset));
  return module;
}

}  // namespace plumb::project::python
