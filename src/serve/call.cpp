#include "serve/call.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace plumb::serve {

namespace {

constexpr std::int64_t kMostRows = 1000;
constexpr std::size_t kLongestList = 250;  // each is a comparison in one statement, and a database has its limits
constexpr std::string_view kInvalid = "Invalid ";  // what an Error's type begins with that is a 422

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::string order_of(std::string_view asked, OrderNames names) {
  bool down = asked.starts_with('-');
  if (down) asked.remove_prefix(1);
  for (const auto& [name, field] : names) {
    if (name == asked) return (down ? "-" : "") + std::string(field);
  }
  std::string known;
  for (const auto& [name, field] : names) known += (known.empty() ? "" : ", ") + std::string(name);
  throw Error(ErrorKind::Usage,
              format("Ordering with '{}' is disallowed or the attribute does not exist", printable(asked)),
              {.hint = "known: " + known});
}

void check_length(std::size_t length, std::string place) {
  if (length > kLongestList) throw invalid(std::move(place), format("List should have at most {} items", kLongestList));
}

std::string place_of(std::string_view key) {
  return "body." + std::string(key);
}

Node present(Node body, std::string_view key) {
  Node node = body.find(key);
  return node.null() ? Node() : node;
}

}  // namespace

Error invalid(std::string place, std::string message) {
  return Error(ErrorKind::Usage, std::move(message), {.type = std::string(kInvalid) + place});
}

Error not_found(std::string message) {
  return Error(ErrorKind::NotFound, std::move(message));
}

store::Reader& Call::reader() {
  if (!reader_) reader_ = house_.parts.store.reader();
  return *reader_;
}

const std::string& Call::path(std::string_view name) const {
  auto found = std::find_if(path_.begin(), path_.end(), [&](const auto& piece) { return piece.first == name; });
  if (found == path_.end()) throw Error(ErrorKind::Internal, format("the route has no '{}' in its path", name));
  return found->second;
}

bool Call::has_path(std::string_view name) const {
  return std::any_of(path_.begin(), path_.end(), [&](const auto& piece) { return piece.first == name; });
}

std::int64_t Call::path_number(std::string_view name) const {
  std::optional<std::int64_t> number = to_number(path(name));
  if (!number) {
    throw invalid("path." + std::string(name), "Input should be a valid integer, unable to parse string as an integer");
  }
  return *number;
}

std::string Call::query(std::string_view name) const {
  const std::string* text = request_.find_query(name);
  return text ? *text : std::string();
}

std::vector<std::string> Call::query_list(std::string_view name) const {
  std::vector<std::string> list;
  for (const auto& [known, value] : request_.query) {
    if (known == name && !value.empty()) list.push_back(value);
  }
  check_length(list.size(), "query." + std::string(name));
  return list;
}

std::int64_t Call::query_number(std::string_view name, std::int64_t fallback, std::int64_t least,
                                std::int64_t most) const {
  std::string text = query(name);
  if (text.empty()) return fallback;
  std::optional<std::int64_t> number = to_number(text);
  std::string place = "query." + std::string(name);
  if (!number) throw invalid(place, "Input should be a valid integer, unable to parse string as an integer");
  if (*number < least) throw invalid(place, format("Input should be greater than or equal to {}", least));
  return std::min(*number, most);
}

std::optional<bool> Call::query_bool(std::string_view name) const {
  std::string text = query(name);
  if (text.empty()) return {};
  if (text == "true" || text == "True" || text == "1") return true;
  if (text == "false" || text == "False" || text == "0") return false;
  throw invalid("query." + std::string(name), "Input should be a valid boolean, unable to interpret input");
}

std::optional<Instant> Call::query_instant(std::string_view name) const {
  std::string text = query(name);
  if (text.empty()) return {};
  std::optional<Instant> instant = plumb::find_instant(text);
  if (!instant) throw invalid("query." + std::string(name), "Input should be a valid datetime or date");
  return instant;
}

store::InstantRange Call::query_range(std::string_view name) const {
  std::string start(name);
  store::InstantRange range{query_instant(start + "_gte"), query_instant(start + "_lte")};
  if (auto after = query_instant(start + "_gt"))
    range.from = std::max(range.from.value_or(*after), *after + Duration(1));
  if (auto before = query_instant(start + "_lt"))
    range.to = std::min(range.to.value_or(*before), *before - Duration(1));
  return range;
}

store::PageRequest Call::page(OrderNames names) const {
  store::PageRequest page{.limit = query_number("limit", 50, 0, kMostRows),
                          .offset = query_number("offset", 0, 0, INT64_MAX)};
  std::string order = query("order_by");
  if (!order.empty()) page.order_by = order_of(order, names);
  return page;
}

std::string Call::query_pattern(std::string_view name) const {
  std::string text = query(name);
  return text.empty() || text == "~" ? "" : "%" + text + "%";
}

Node Call::body(std::initializer_list<std::string_view> known) {
  try {
    body_ = parse_json(request_.body.empty() ? "{}" : request_.body, "body");
  } catch (const Error& error) {
    throw invalid("body", "JSON decode error: " + error.message());
  }
  Node root = body_.root();
  if (root.kind() != NodeKind::Map) throw invalid("body", "Input should be a valid dictionary");
  for (std::size_t i = 0; known.size() > 0 && i < root.size(); ++i) {
    std::string_view key = root.key_at(i);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw invalid(place_of(printable(key)), "Extra inputs are not permitted");
    }
  }
  return root;
}

std::optional<std::string> find_text(Node body, std::string_view key) {
  Node node = present(body, key);
  if (!node) return {};
  if (node.kind() != NodeKind::Text) throw invalid(place_of(key), "Input should be a valid string");
  return node.as_text();
}

std::optional<std::int64_t> find_number(Node body, std::string_view key) {
  Node node = present(body, key);
  if (!node) return {};
  if (node.kind() != NodeKind::Int) throw invalid(place_of(key), "Input should be a valid integer");
  return node.as_int();
}

std::optional<bool> find_bool(Node body, std::string_view key) {
  Node node = present(body, key);
  if (!node) return {};
  if (node.kind() != NodeKind::Bool) throw invalid(place_of(key), "Input should be a valid boolean");
  return node.as_bool();
}

std::optional<Instant> find_instant(Node body, std::string_view key) {
  std::optional<std::string> text = find_text(body, key);
  if (!text) return {};
  std::optional<Instant> instant = plumb::find_instant(*text);
  if (!instant) throw invalid(place_of(key), "Input should be a valid datetime");
  return instant;
}

std::vector<std::string> find_texts(Node body, std::string_view key) {
  Node node = present(body, key);
  std::vector<std::string> texts;
  if (!node) return texts;
  if (node.kind() != NodeKind::List) throw invalid(place_of(key), "Input should be a valid list");
  check_length(node.size(), place_of(key));
  for (std::size_t i = 0; i < node.size(); ++i) texts.push_back(std::string(node.at(i).text_or("")));
  return texts;
}

std::string get_text(Node body, std::string_view key) {
  std::optional<std::string> text = find_text(body, key);
  if (!text) throw invalid(place_of(key), "Field required");
  return *text;
}

Instant get_instant(Node body, std::string_view key) {
  std::optional<Instant> instant = find_instant(body, key);
  if (!instant) throw invalid(place_of(key), "Field required");
  return *instant;
}

store::PageRequest page_of(Node body, OrderNames names) {
  store::PageRequest page{
      .limit = std::clamp(find_number(body, "page_limit").value_or(100), std::int64_t(0), kMostRows),
      .offset = std::max(find_number(body, "page_offset").value_or(0), std::int64_t(0))};
  if (auto order = find_text(body, "order_by")) page.order_by = order_of(*order, names);
  return page;
}

store::InstantRange range_of(Node body, std::string_view name) {
  std::string start(name);
  store::InstantRange range{find_instant(body, start + "_gte"), find_instant(body, start + "_lte")};
  if (auto after = find_instant(body, start + "_gt")) {
    range.from = std::max(range.from.value_or(*after), *after + Duration(1));
  }
  if (auto before = find_instant(body, start + "_lt")) {
    range.to = std::min(range.to.value_or(*before), *before - Duration(1));
  }
  return range;
}

ServerResponse json_answer(std::string body, int status) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

ServerResponse no_content() {
  return {.status = 204};
}

ServerResponse error_answer(int status, std::string_view detail) {
  JsonWriter json;
  json.begin_object().field("detail", detail).end_object();
  return json_answer(json.take(), status);
}

namespace {

// {"detail": [{"type": …, "loc": ["query", "limit"], "msg": …}]}
ServerResponse invalid_answer(std::string_view place, const std::string& message) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array().begin_object().field("type", "value_error").key("loc").begin_array();
  std::size_t dot = place.find('.');
  json.text(place.substr(0, dot));
  if (dot != std::string_view::npos) json.text(place.substr(dot + 1));
  json.end_array().field("msg", message).end_object().end_array().end_object();
  return json_answer(json.take(), 422);
}

}  // namespace

std::optional<ServerResponse> answer_error(const Error& error) {
  std::string detail = error.message() + (error.hint().empty() ? "" : "; " + error.hint());
  switch (error.kind()) {
    case ErrorKind::NotFound:
      return error_answer(404, detail);
    case ErrorKind::Auth: {
      if (error.type() == "Forbidden") return error_answer(403, detail);
      ServerResponse answer = error_answer(401, detail);
      answer.headers.add("WWW-Authenticate", "Bearer");
      return answer;
    }
    case ErrorKind::Busy: {
      constexpr std::string_view kRetry = "RetryAfter ";
      bool limited = error.type().starts_with(kRetry);
      ServerResponse answer = error_answer(limited ? 429 : 503, detail);
      answer.headers.add("Retry-After", limited ? error.type().substr(kRetry.size()) : "1");
      return answer;
    }
    case ErrorKind::Usage:
    case ErrorKind::Config:
    case ErrorKind::Data:
      if (error.type().starts_with(kInvalid)) return invalid_answer(error.type().substr(kInvalid.size()), detail);
      return error_answer(error.type() == "Conflict" ? 409 : 400, detail);
    case ErrorKind::Cancelled:
      return error_answer(503, detail);
    default:
      return {};
  }
}

}  // namespace plumb::serve
