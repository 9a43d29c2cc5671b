#include "project/modules.h"

#include <algorithm>

#include "project/python_datetime.h"
#include "project/python_decimal.h"
#include "project/python_itertools.h"
#include "project/python_pytz.h"
#include "project/python_re.h"

namespace plumb::project {
namespace {

using jinja::Value;

Value datetime_module(const Clock& clock) {
  const auto make = [&](const python::ClassTable& table) { return jinja::make<python::PythonClass>(table, &clock); };
  return Value::dict({{"date", make(python::date_class())},
                      {"datetime", make(python::datetime_class())},
                      {"time", make(python::time_class())},
                      {"timedelta", make(python::timedelta_class())},
                      {"tzinfo", make(python::tzinfo_class())}});
}

}  // namespace

Value modules(const Clock& clock) {
  return Value::dict({{"pytz", python::pytz_module()},
                      {"datetime", datetime_module(clock)},
                      {"re", python::re_module()},
                      {"itertools", python::itertools_module()}});
}

Value python_decimal(std::string_view text) {
  const auto number = python::decimal_from_text(text);
  if (!number) python::raise_decimal("InvalidOperation", "ConversionSyntax");
  return python::make_decimal(*number);
}

std::optional<Value> find_python_decimal(std::string_view text, bool negated) {
  constexpr std::int64_t kMost = 999'999;  // what a computed number's exponent may be
  auto number = python::decimal_from_text(text);
  if (!number || (number->is_finite() && number->adjusted() > kMost)) return std::nullopt;
  if (!number->is_nan()) number->negative = number->negative != negated;
  return python::make_decimal(python::finish(*number));
}

std::optional<std::int64_t> find_decimal_places(const Value& value) {
  const auto* decimal = value.find_object<python::DecimalObject>();
  if (decimal == nullptr) return std::nullopt;
  if (!decimal->number.is_finite() || decimal->number.exponent >= 0) return 0;
  return std::max<std::int64_t>(0, -python::normalize(decimal->number).exponent);
}

Value python_date(Date date) {
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return python::make_date(python::kEpoch / python::kDay + 1 + days);
}

Value python_time(std::chrono::microseconds of_day) {
  return python::make_time(of_day.count());
}

Value python_datetime(LocalTime local, std::optional<std::chrono::seconds> offset) {
  return python::make_datetime(python::Int128{python::kEpoch} + local.time_since_epoch().count(),
                               offset ? python::make_fixed_zone(offset->count() * python::kSecond) : nullptr);
}

Value python_utc_datetime(Instant instant) {
  return python::make_datetime(python::Int128{python::kEpoch} + instant.time_since_epoch().count(), python::pytz_utc());
}

Value python_timedelta(std::chrono::microseconds duration) {
  return python::make_timedelta(duration.count());
}

}  // namespace plumb::project
