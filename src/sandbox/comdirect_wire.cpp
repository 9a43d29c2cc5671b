#include "sandbox/comdirect_wire.h"

#include <charconv>

#include "base/format.h"

namespace plumb::sandbox {
namespace {

constexpr std::string_view kJson = "application/json;charset=UTF-8";

// A header holds ASCII only: every other character of the JSON becomes an escape.
std::string ascii_json(std::string_view json) {
  std::string ascii;
  for (std::size_t i = 0; i < json.size();) {
    auto lead = static_cast<unsigned char>(json[i]);
    std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 1) {
      ascii += json[i++];
      continue;
    }
    std::uint32_t point = lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < json.size(); ++k) {
      point = point << 6U | (static_cast<unsigned char>(json[i + k]) & 0x3FU);
    }
    i += length;
    if (point < 0x10000) {
      ascii += format("\\u{:04x}", point);
    } else {
      point -= 0x10000;
      ascii += format("\\u{:04x}\\u{:04x}", 0xD800 + (point >> 10U), 0xDC00 + (point & 0x3FFU));
    }
  }
  return ascii;
}

void write_messages(JsonWriter& json, const BankMessage& message) {
  json.key("messages").begin_array().begin_object();
  json.field("severity", message.severity).field("key", message.key).field("message", message.text);
  json.key("args").begin_object();
  for (const auto& [name, value] : message.args) json.key(name).raw(value);
  json.end_object();
  json.key("origin").begin_array();
  for (const std::string& field : message.origin) json.text(field);
  json.end_array().end_object().end_array();
}

std::optional<std::int64_t> find_number(std::string_view text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string time_in(const Zone& zone, Instant instant, std::string_view fraction) {
  auto local = zone.to_local(instant);
  auto day = std::chrono::floor<std::chrono::days>(local);
  std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(local - day));
  auto hours = std::chrono::duration_cast<std::chrono::hours>(zone.offset_at(instant)).count();
  return format("{}T{:02}:{:02}:{:02}{}+{:02}", format_date(zone.date_of(instant)), clock.hours().count(),
                clock.minutes().count(), clock.seconds().count(), fraction, hours);
}

}  // namespace

ServerResponse bank_answer(std::string body, int status) {
  return {.status = status,
          .headers = {{"Content-Type", std::string(kJson)},
                      {"Cache-Control", "no-cache, no-store, max-age=0"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Language", "en-US"},
                      {"Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}},
          .body = std::move(body)};
}

ServerResponse bank_list(std::string body, std::int64_t matches) {
  ServerResponse response = bank_answer(std::move(body));
  response.headers.add("X-Total-Count", format("{}", matches));
  return response;
}

ServerResponse bank_error(int status, std::string_view code, const BankMessage& message) {
  JsonWriter json;
  json.begin_object().field("code", code);
  write_messages(json, message);
  json.end_object();
  ServerResponse response = bank_answer(json.take(), status);
  add_response_info(response, message);
  return response;
}

ServerResponse bad_query(std::string key, std::string text, std::string_view parameter, std::string_view value) {
  return bank_error(422, "request.query.invalid",
                    {.key = std::move(key),
                     .text = std::move(text),
                     .args = {{"0", json_quote(parameter)}, {"1", json_quote(value)}},
                     .origin = {std::string(parameter)}});
}

ServerResponse bare_answer(int status) {
  return {.status = status, .headers = {{"Cache-Control", "no-cache, no-store, max-age=0"}}};
}

ServerResponse invalid_token(std::string_view description) {
  ServerResponse response = oauth_error(401, "invalid_token", description);
  response.headers.add("WWW-Authenticate",
                       format("Bearer error=\"invalid_token\", error_description=\"{}\"", description));
  return response;
}

ServerResponse oauth_error(int status, std::string_view error, std::string_view description) {
  JsonWriter json;
  json.begin_object().field("error", error).field("error_description", description).end_object();
  return {.status = status,
          .headers = {{"Content-Type", std::string(kJson)}, {"Cache-Control", "no-store"}},
          .body = json.take()};
}

void add_response_info(ServerResponse& response, const BankMessage& message) {
  JsonWriter json;
  json.begin_object();
  write_messages(json, message);
  json.end_object();
  response.headers.add("x-http-response-info", ascii_json(json.str()));
}

void write_amount(JsonWriter& json, std::string_view value, std::string_view unit) {
  json.begin_object().field("value", value).field("unit", unit).end_object();
}

void write_enum(JsonWriter& json, std::string_view key, std::string_view text) {
  json.begin_object().field("key", key).field("text", text).end_object();
}

void write_text_or_null(JsonWriter& json, std::string_view text) {
  if (text.empty()) {
    json.null();
  } else {
    json.text(text);
  }
}

void write_paging(JsonWriter& json, std::int64_t index, std::int64_t matches) {
  json.key("paging").begin_object().field("index", index).field("matches", matches).end_object();
}

std::string bank_time(Instant instant) {
  return time_in(Zone::get("Europe/Berlin"), instant, "");
}

std::string bank_timestamp(Instant instant) {
  auto micros = (instant - std::chrono::floor<std::chrono::seconds>(instant)).count();
  return time_in(Zone(), instant, format(",{:06}", micros));
}

bool names(const ServerRequest& request, std::string_view parameter, std::string_view word) {
  const std::string* list = request.find_query(parameter);
  std::string_view rest = list ? std::string_view(*list) : std::string_view();
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find(','), rest.size());
    if (rest.substr(0, end) == word) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::optional<ServerResponse> read_page(const ServerRequest& request, std::int64_t most, Page& page) {
  auto read = [&](std::string_view name, std::int64_t least, std::int64_t limit,
                  std::int64_t& value) -> std::optional<ServerResponse> {
    const std::string* text = request.find_query(name);
    if (!text) return std::nullopt;
    std::optional<std::int64_t> number = find_number(*text);
    if (number && *number >= least && *number <= limit) {
      value = *number;
      return std::nullopt;
    }
    // As production does, a number stands in the arguments as a number, and the placeholders stay unfilled.
    return bank_error(422, "request.query.invalid",
                      {.key = "paging.invalid",
                       .text = "Der Paging-Parameter {0} mit dem Wert {1} ist ungültig",
                       .args = {{"0", json_quote(name)}, {"1", number ? format("{}", *number) : json_quote(*text)}},
                       .origin = {std::string(name)}});
  };
  constexpr std::int64_t kFar = 1'000'000'000;
  if (auto refusal = read("paging-first", 0, kFar, page.first)) return refusal;
  return read("paging-count", 1, most, page.count);
}

}  // namespace plumb::sandbox
