// How the bank writes its answers: headers, errors, lists, amounts, times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "base/http_server.h"
#include "base/zone.h"
#include "sandbox/money.h"

namespace plumb::sandbox {

// One message of an error, a warning or a hint. The values of `args` are JSON.
struct BankMessage {
  std::string_view severity = "ERROR";
  std::string key;
  std::string text;
  std::vector<std::pair<std::string, std::string>> args = {};
  std::vector<std::string> origin = {};
};

// 200 (or 201) with the headers that production sends.
ServerResponse bank_answer(std::string body, int status = 200);
// The same with X-Total-Count, as lists have it.
ServerResponse bank_list(std::string body, std::int64_t matches);
// StandardErrorResponse, and its messages once more in the header x-http-response-info.
ServerResponse bank_error(int status, std::string_view code, const BankMessage& message);
// 422 for a value of the query: "request.query.invalid".
ServerResponse bad_query(std::string key, std::string text, std::string_view parameter, std::string_view value);
// A status without a word, as for an unknown account (404) or a document in a form it does not have (406).
ServerResponse bare_answer(int status);
// 401 of the data endpoints. Its shape is not recorded; this is the usual one of OAuth's servers.
ServerResponse invalid_token(std::string_view description);
// A refusal of /oauth/token.
ServerResponse oauth_error(int status, std::string_view error, std::string_view description);
// Messages on an answer that is none the worse for them.
void add_response_info(ServerResponse& response, const BankMessage& message);

// {"value":"6860.09","unit":"EUR"}
void write_amount(JsonWriter& json, std::string_view value, std::string_view unit);
inline void write_money(JsonWriter& json, Cents cents, std::string_view unit) {
  write_amount(json, amount_text(cents), unit);
}
// {"key":"CA","text":"Girokonto"}
void write_enum(JsonWriter& json, std::string_view key, std::string_view text);
// The text, or null when it is empty.
void write_text_or_null(JsonWriter& json, std::string_view text);
// "paging":{"index":0,"matches":4}, into an open object.
void write_paging(JsonWriter& json, std::int64_t index, std::int64_t matches);

// "2024-05-30T17:59:41+02", local to Berlin.
std::string bank_time(Instant instant);
// "2024-05-30T15:59:41,123456+00", in UTC as orders have it.
std::string bank_timestamp(Instant instant);

// True when a comma-separated query parameter (with-attr, without-attr, productType) names this word.
bool names(const ServerRequest& request, std::string_view parameter, std::string_view word);

// The page that a list's query asks for. Counts below 0, no numbers, and counts above the most are refused as the bank
// refuses them: then `refusal` is an answer.
struct Page {
  std::int64_t first = 0;
  std::int64_t count = 20;
};
std::optional<ServerResponse> read_page(const ServerRequest& request, std::int64_t most, Page& page);

}  // namespace plumb::sandbox
