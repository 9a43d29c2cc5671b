#include "workflow/render_environment.h"

#include <chrono>

#include "base/crypto.h"
#include "base/format.h"
#include "base/zone.h"
#include "project/project.h"

namespace plumb::workflow {

namespace {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

// Long enough for any honest template, short enough for a loop of the scheduler.
constexpr jinja::Limits kLimits{
    .time = std::chrono::seconds(10), .memory_bytes = std::size_t{256} << 20, .output_bytes = std::size_t{32} << 20};

std::string without(std::string text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != characters.npos; });
  return text;
}

// A filter that is a strftime: {{ data_interval_start | ds }}.
jinja::NativeFunction time_filter(std::string format, bool with_colon = false) {
  return [format = std::move(format), with_colon](State& state, Arguments arguments) -> Value {
    static const jinja::Signature kSignature{"ds", {"value"}, 1};
    auto [value] = jinja::bind<1>(kSignature, arguments);
    if (value.is_none()) return value;
    if (with_colon) return jinja::call_method(state, value, "isoformat", {});
    Value spec(format);
    return jinja::call_method(state, value, "strftime", {.positional = {&spec, 1}});
  };
}

// One word of a shell, whatever is in it; of a list several: {{ params.city | quote }}.
Value quote(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"quote", {"value"}, 1};
  auto [value] = jinja::bind<1>(kSignature, arguments);
  std::vector<Value> words{value};
  if (value.kind() == jinja::Kind::List || value.kind() == jinja::Kind::Tuple) words = value.items();
  std::string line;
  for (const Value& word : words) {
    line += line.empty() ? "'" : " '";
    for (const char c : jinja::to_str(state, word)) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += "'";
  }
  return Value(std::move(line));
}

// ds_add('2026-11-21', -1)
Value ds_add(State&, Arguments arguments) {
  static const jinja::Signature kSignature{"ds_add", {"ds", "days"}, 2};
  auto [day, days] = jinja::bind<2>(kSignature, arguments);
  const auto date = day.is_string() ? find_date(day.as_string()) : std::nullopt;
  if (!date) jinja::raise_value_error("ds_add: the first argument should be a date: '2026-11-21'");
  constexpr std::int64_t kMost = 4'000'000;
  if (!days.is_int() || days.as_int() > kMost || days.as_int() < -kMost) {
    jinja::raise_value_error("ds_add: the second argument should be a number of days");
  }
  const auto moved = std::chrono::sys_days(*date) + std::chrono::days(days.as_int());
  return Value(format_date(Date(moved)));
}

// ds_format('2026-11-21', '%Y-%m-%d', '%d.%m.%Y')
Value ds_format(State& state, Arguments arguments, const Value& datetime) {
  static const jinja::Signature kSignature{"ds_format", {"ds", "input_format", "output_format"}, 3};
  auto [day, from, to] = jinja::bind<3>(kSignature, arguments);
  Value words[] = {day, from};
  const Value parsed = jinja::call_method(state, datetime, "strptime", {.positional = words});
  return jinja::call_method(state, parsed, "strftime", {.positional = {&to, 1}});
}

Value uuid_module() {
  return Value::dict(
      {{"uuid4", jinja::make_function("uuid4", [](State&, Arguments) { return Value(random_uuid()); })}});
}

Value make_macros(const Value& modules) {
  const Value datetimes = *modules.as_dict().find("datetime");
  const Value datetime = *datetimes.as_dict().find("datetime");
  return Value::dict({{"ds_add", jinja::make_function("ds_add", ds_add)},
                      {"ds_format", jinja::make_function("ds_format",
                                                         [datetime](State& state, Arguments arguments) {
                                                           return ds_format(state, arguments, datetime);
                                                         })},
                      {"datetime", datetime},
                      {"timedelta", *datetimes.as_dict().find("timedelta")},
                      {"uuid", uuid_module()}});
}

}  // namespace

std::unique_ptr<const jinja::Environment> make_environment(const Clock& clock) {
  auto environment = std::make_unique<jinja::Environment>(jinja::Options{.syntax = {.keep_trailing_newline = true},
                                                                         .undefined = jinja::UndefinedKind::Strict,
                                                                         .sandboxed = true,
                                                                         .limits = kLimits});
  environment->add_filter("quote", quote);
  environment->add_filter("ds", time_filter("%Y-%m-%d"));
  environment->add_filter("ds_nodash", time_filter("%Y%m%d"));
  environment->add_filter("ts", time_filter("", true));
  environment->add_filter("ts_nodash", time_filter("%Y%m%dT%H%M%S"));
  environment->add_filter("ts_nodash_with_tz", time_filter("%Y%m%dT%H%M%S%z"));
  Value modules = project::modules(clock);
  environment->set_global("macros", make_macros(modules));
  environment->set_global("modules", std::move(modules));
  return environment;
}

std::string ds_text(Instant instant) {
  return format_date(Date(std::chrono::floor<std::chrono::days>(instant)));
}

std::string ds_nodash_text(Instant instant) {
  return without(ds_text(instant), "-");
}

std::string ts_text(Instant instant) {
  // format_instant leaves fractions out where there are none, and writes "Z": Python's isoformat has an offset.
  std::string text = format_instant(instant);
  text.pop_back();
  return text + "+00:00";
}

std::string ts_nodash_text(Instant instant) {
  std::string text = format_instant(std::chrono::floor<std::chrono::seconds>(instant));
  text.pop_back();
  return without(std::move(text), "-:");
}

}  // namespace plumb::workflow
