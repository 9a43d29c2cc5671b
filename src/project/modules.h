// What of Python's library dbt's templates see: `modules.datetime`, `modules.pytz`, `modules.re`, `modules.itertools`,
// and the values that a query's rows have in Python.
//
//     environment.set_global("modules", modules(clock));
//     // {{ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d') }}
//     Value amount = python_decimal("12.30");        // {{ amount * 2 }}: 24.60
//
// Everything is there under the names that dbt 1.11 gives it, and no more. The measure is CPython 3.11 with pytz, down
// to the messages; python_*.h say what is left out. The values are host objects (jinja/object.h) and never change, but
// for iterators, so that renders on several threads can share one `modules`.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/zone.h"
#include "jinja/jinja.h"

namespace plumb::project {

// `clock` tells now() and today(); it has to outlive the value.
jinja::Value modules(const Clock& clock);

// decimal.Decimal, of a text in Python's spelling ("12.30", "1E+3", "NaN"). Throws InvalidOperation for any other.
jinja::Value python_decimal(std::string_view text);
// Nothing for any other; as a number that was computed, with at most 28 digits, and negated where that is asked for.
std::optional<jinja::Value> find_python_decimal(std::string_view text, bool negated = false);
// How many digits stand behind a decimal's point, zeros at its end aside; nothing for what is no decimal.
std::optional<std::int64_t> find_decimal_places(const jinja::Value& value);
// datetime.date, time, datetime (with an offset: one of datetime.timezone) and timedelta. Dates outside of the years 1
// to 9999 are an OverflowError.
jinja::Value python_date(Date date);
jinja::Value python_time(std::chrono::microseconds of_day);
jinja::Value python_datetime(LocalTime local, std::optional<std::chrono::seconds> offset = {});
// A datetime in pytz.utc, as dbt's run_started_at.
jinja::Value python_utc_datetime(Instant instant);
jinja::Value python_timedelta(std::chrono::microseconds duration);

}  // namespace plumb::project
