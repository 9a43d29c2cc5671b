#include "sandbox/fault_board.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "base/secret.h"

namespace plumb::sandbox {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 7> kNames{{
    {"slow", FaultKind::Slow},
    {"reset", FaultKind::ResetMidBody},
    {"expired_token", FaultKind::ExpiredToken},
    {"malformed_json", FaultKind::MalformedJson},
    {"truncated", FaultKind::Truncated},
    {"wrong_tan", FaultKind::WrongTan},
    {"locked", FaultKind::LockedAccount},
}};

// Whether the query or a header has this "name=value".
bool carries(const ServerRequest& request, std::string_view pair) {
  if (pair.empty()) return true;
  std::size_t equals = std::min(pair.find('='), pair.size());
  std::string_view name = pair.substr(0, equals);
  std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
  const std::string* header = request.headers.find(name);
  if (header != nullptr && *header == value) return true;
  return std::any_of(request.query.begin(), request.query.end(),
                     [&](const auto& field) { return field.first == name && field.second == value; });
}

// Still looks like JSON at first, and is none: the last bracket is missing and a comma dangles.
std::string spoil(std::string body) {
  if (body.empty()) return "{\"values\":[,";
  body.back() = ',';
  return body;
}

}  // namespace

std::optional<Fault> FaultBoard::strike(const ServerRequest& request, const Service& service) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (!request.path.starts_with(fault->path) || !carries(request, fault->carries)) continue;
    if (!service.concerns(*fault, request)) continue;
    if (fault->after > 0) {
      --fault->after;
      continue;
    }
    if (fault->times == 0) continue;
    Fault struck = *fault;
    if (fault->times > 0 && --fault->times == 0) faults_.erase(fault);
    return struck;
  }
  return std::nullopt;
}

void FaultBoard::describe(JsonWriter& json) const {
  json.begin_array();
  for (const Fault& fault : faults_) {
    json.begin_object();
    json.field("kind", fault_name(fault)).field("path", fault.path);
    if (!fault.carries.empty()) json.field("carries", redact(fault.carries));
    json.field("after", fault.after).field("times", fault.times);
    if (fault.retry_after) json.field("retry_after", *fault.retry_after);
    json.field("delay_ms", static_cast<std::int64_t>(fault.delay.count()));
    json.field("bytes", static_cast<std::int64_t>(fault.bytes));
    json.end_object();
  }
  json.end_array();
}

std::optional<Fault> find_fault_kind(std::string_view name) {
  for (const auto& [known, kind] : kNames) {
    if (known == name) return Fault{.kind = kind};
  }
  int status = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), status);
  bool whole = error == std::errc() && end == name.data() + name.size();
  if (!whole || status < 400 || status > 599) return std::nullopt;
  return Fault{.kind = status == 429 ? FaultKind::TooManyRequests : FaultKind::ServerError, .status = status};
}

std::string fault_name(const Fault& fault) {
  if (fault.kind == FaultKind::TooManyRequests) return "429";
  for (const auto& [name, kind] : kNames) {
    if (kind == fault.kind) return std::string(name);
  }
  return format("{}", fault.status);
}

ServerResponse play(const Fault& fault, Service& service, const ServerRequest& request, Instant now) {
  ServerResponse response;
  switch (fault.kind) {
    case FaultKind::TooManyRequests:
    case FaultKind::ServerError:
    case FaultKind::ExpiredToken:
    case FaultKind::WrongTan:
    case FaultKind::LockedAccount:
      response = service.refuse(fault, request, now);
      break;
    case FaultKind::Slow:
      response = service.answer(request, now);
      break;
    case FaultKind::ResetMidBody:
      response = service.answer(request, now);
      // A body shorter than that breaks in its middle.
      response.reset_after = fault.bytes < response.body.size() ? fault.bytes : response.body.size() / 2;
      break;
    case FaultKind::Truncated:
      response = service.answer(request, now);
      response.body.resize(std::min(fault.bytes, response.body.size() / 2));
      break;
    case FaultKind::MalformedJson:
      response = service.answer(request, now);
      response.body = spoil(std::move(response.body));
      break;
  }
  if (fault.retry_after) response.headers.add("Retry-After", format("{}", *fault.retry_after));
  response.delay = fault.delay;
  return response;
}

}  // namespace plumb::sandbox
