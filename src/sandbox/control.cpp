#include "sandbox/control.h"

#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "base/document.h"
#include "base/error.h"
#include "base/format.h"

namespace plumb::sandbox {
namespace {

constexpr std::string_view kPrefix = "/_sandbox/";
constexpr std::string_view kKinds =
    "a status from 400 to 599, slow, reset, truncated, malformed_json, expired_token, wrong_tan, locked";

template <class Number>
std::optional<Number> find_number(std::string_view text) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

ServerResponse done() {
  return json_answer(200, "{\"ok\":true}");
}

ServerResponse show_state(const Switches& switches) {
  Instant now = switches.clock.now();
  JsonWriter json;
  json.begin_object();
  json.field("service", switches.name);
  json.key("seed").raw(format("{}", switches.seed));
  json.field("now", format_instant(now)).field("clock_follows", switches.clock.follows());
  json.field("calls", static_cast<std::int64_t>(switches.calls.size()));
  json.key("faults");
  switches.faults.describe(json);
  switches.service.describe(json, now);
  json.end_object();
  return json_answer(200, json.take());
}

ServerResponse show_calls(const Switches& switches) {
  std::string lines;
  for (const Call& call : switches.calls) {
    JsonWriter json;
    json.begin_object();
    json.field("time", format_instant(call.at)).field("method", call.method);
    json.field("target", call.target).field("status", call.status);
    json.end_object();
    lines += json.str() + "\n";
  }
  return json_answer(200, std::move(lines), "application/x-ndjson");
}

ServerResponse set_clock(const ServerRequest& request, SandboxClock& clock) {
  for (const auto& [name, value] : request.query) {
    if (name == "set") {
      auto instant = find_instant(value);
      if (!instant) return bad_command(format("set={}: expected a time such as 2026-11-21T07:00:00Z", value));
      clock.set(*instant);
    } else if (name == "advance") {
      auto seconds = find_number<std::int64_t>(value);
      constexpr std::int64_t kCentury = 100LL * 366 * 86400;
      if (!seconds || *seconds > kCentury || *seconds < -kCentury) {
        return bad_command(format("advance={}: expected whole seconds", value));
      }
      clock.advance(std::chrono::seconds(*seconds));
    } else if (name == "follow" && value == "true") {
      clock.follow();
    } else {
      return bad_command(format("{}={}: expected set, advance or follow=true", name, value));
    }
  }
  return json_answer(200, format("{{\"now\":\"{}\"}}", format_instant(clock.now())));
}

// Puts one value of the query into the fault; what is wrong with it otherwise.
std::optional<std::string> set_fault_value(Fault& fault, const std::string& name, const std::string& value) {
  if (name == "kind") return std::nullopt;
  if (name == "path") {
    fault.path = value;
    return std::nullopt;
  }
  if (name == "carries") {
    fault.carries = value;
    return std::nullopt;
  }
  auto number = find_number<int>(value);
  if (!number || (*number < 0 && name != "times")) return format("{}={}: expected a number", name, value);
  if (name == "times") {
    fault.times = *number;
  } else if (name == "after") {
    fault.after = *number;
  } else if (name == "retry_after") {
    fault.retry_after = *number;
  } else if (name == "delay_ms") {
    fault.delay = std::chrono::milliseconds(*number);
  } else if (name == "bytes") {
    fault.bytes = static_cast<std::size_t>(*number);
  } else {
    return format("unknown '{}': a fault has kind, path, carries, times, after, retry_after, delay_ms, bytes", name);
  }
  return std::nullopt;
}

ServerResponse add_fault(const ServerRequest& request, FaultBoard& faults) {
  const std::string* kind = request.find_query("kind");
  std::optional<Fault> fault = find_fault_kind(kind ? *kind : "");
  if (!fault) return bad_command(format("kind={}: expected {}", kind ? *kind : "", kKinds));
  for (const auto& [name, value] : request.query) {
    if (auto problem = set_fault_value(*fault, name, value)) return bad_command(*problem);
  }
  faults.add(std::move(*fault));
  return done();
}

}  // namespace

bool is_control(const ServerRequest& request) {
  return request.path.starts_with(kPrefix);
}

ServerResponse control(const ServerRequest& request, Switches& switches) {
  std::string_view name = std::string_view(request.path).substr(kPrefix.size());
  const std::string& method = request.method;
  if (method == "GET" && name == "state") return show_state(switches);
  if (method == "GET" && name == "calls") return show_calls(switches);
  if (method == "DELETE" && name == "calls") {
    switches.calls.clear();
    return done();
  }
  if (method == "DELETE" && name == "faults") {
    switches.faults.clear();
    return done();
  }
  if (method == "POST" && name == "clock") return set_clock(request, switches.clock);
  if (method == "POST" && name == "faults") return add_fault(request, switches.faults);
  if (method == "POST") {
    if (auto answer = switches.service.command(name, request, switches.clock.now())) return std::move(*answer);
  }
  return json_answer(404, format("{{\"error\":{}}}", json_quote(format("no control {} {}", method, request.path))));
}

ServerRequest command_request(const std::string& command) {
  ServerRequest request;
  request.method = "POST";
  request.target = std::string(kPrefix) + command;
  std::string_view rest = command;
  std::size_t mark = rest.find('?');
  request.path = std::string(kPrefix) + std::string(rest.substr(0, mark));
  rest = mark == std::string_view::npos ? "" : rest.substr(mark + 1);
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find('&'), rest.size());
    std::string_view pair = rest.substr(0, end);
    std::size_t equals = std::min(pair.find('='), pair.size());
    std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
    request.query.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return request;
}

}  // namespace plumb::sandbox
