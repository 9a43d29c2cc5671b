// The sign-in: password token, session, challenge, TAN, activation, second token (2.1 to 2.6).

#include "base/crypto.h"
#include "base/format.h"
#include "ingest/connectors/comdirect_api.h"

namespace plumb::ingest::comdirect {

namespace {

constexpr std::string_view kPush = "P_TAN_PUSH";
constexpr std::string_view kPhoto = "P_TAN";
constexpr std::string_view kSessions = "/api/session/clients/user/v1/sessions";

std::string find_session_identifier(Api& api) {
  auto response = api.call("GET", std::string(kSessions));
  if (!response.ok()) throw translate(response, "tell the session's state");
  auto document = parse_json(response.body, "the bank's answer");
  return document.root().at(0).get("identifier").as_text();
}

std::string session_body(const std::string& identifier) {
  JsonWriter json;
  json.begin_object()
      .field("identifier", identifier)
      .field("sessionTanActive", true)
      .field("activated2FA", true)
      .end_object();
  return json.take();
}

// Asks for one challenge. Five of them without a right TAN in between lock the account (2.3), so nothing repeats this.
Challenge raise_challenge(Api& api, const std::string& identifier, const std::string& wanted_type) {
  HttpHeaders headers;
  if (!wanted_type.empty()) {
    JsonWriter json;
    json.begin_object().field("typ", wanted_type).end_object();
    headers.add("x-once-authentication-info", json.take());
  }
  if (api.options().before_challenge) api.options().before_challenge();
  auto response = api.call("POST", format("{}/{}/validate", kSessions, identifier), headers, session_body(identifier));
  if (!wanted_type.empty() && response.body.find("once-authentication-info") != std::string::npos && !response.ok()) {
    throw Error(ErrorKind::Approval, format("comdirect offers this customer no {}", wanted_type),
                {.hint = "sign in once on a terminal: `plumb connections login NAME`"});
  }
  if (!response.ok()) throw translate(response, "raise a TAN challenge");
  const auto* header = response.headers.find("x-once-authentication-info");
  if (header == nullptr) throw Error(ErrorKind::Service, "comdirect raised a challenge without telling which");
  auto document = parse_json(*header, "the bank's challenge");
  Node root = document.root();
  return {.id = root.get("id").text_or(""),
          .type = root.get("typ").as_text(),
          .text = root.find("challenge").text_or(""),
          .poll_path = root.find("link").find("href").text_or("")};
}

// Seen, not in the specification: the state of a push can be asked until it is AUTHENTICATED.
void await_push(Api& api, const Challenge& challenge) {
  const auto& options = api.options();
  const auto give_up = options.clock.now() + options.push_patience;
  while (options.clock.now() < give_up) {
    auto response = api.call("GET", challenge.poll_path);
    if (response.status == 404) throw Error(ErrorKind::Approval, "the approval in the app has expired");
    if (!response.ok()) throw translate(response, "tell whether the app has approved");
    auto status = parse_json(response.body, "the bank's answer").root().find("status").text_or("");
    if (status == "AUTHENTICATED") return;
    if (status != "PENDING" && status != "ACTIVE") {
      throw Error(ErrorKind::Approval, format("the app did not approve the sign-in ({})", status));
    }
    if (!options.clock.sleep_for(options.push_interval, options.stop)) {
      throw Error(ErrorKind::Cancelled, "stopped while waiting for the approval in the app");
    }
  }
  throw Error(ErrorKind::Approval,
              format("nobody approved the sign-in in the app within {} s", options.push_patience.count()),
              {.hint = "sign in when the phone is at hand: `plumb connections login NAME`"});
}

Secret ask_tan(const Api& api, const Asker& ask, const Challenge& challenge) {
  if (!ask) {
    throw Error(ErrorKind::Approval, "comdirect asks for a TAN, and nobody is here to type it",
                {.hint = "sign in once on a terminal: `plumb connections login NAME`"});
  }
  Question question{.connection = api.config().connection};
  if (challenge.type == kPhoto) {
    question.text = "comdirect: the photoTAN of this picture:";
    question.image_png = base64_decode(challenge.text);
  } else {
    question.text = format("comdirect: the TAN sent to {}:", challenge.text);
  }
  auto tan = ask(question);
  if (!tan || tan->empty()) throw Error(ErrorKind::Approval, "no TAN was given; nothing was sent");
  return *tan;
}

std::optional<Secret> confirm(Api& api, const Asker& ask, const Challenge& challenge) {
  if (challenge.type != kPush) return ask_tan(api, ask, challenge);
  const std::string text = "please approve the sign-in in the photoTAN app";
  if (ask) {
    ask({.connection = api.config().connection, .text = "comdirect: " + text, .wants_answer = false});
  } else {
    api.options().log.warn(text);
  }
  if (!challenge.poll_path.empty()) await_push(api, challenge);
  return std::nullopt;
}

// The header holds the challenge's id alone; the bank refuses the whole challenge (seen). A wrong TAN is not sent
// again.
void activate(Api& api, const std::string& identifier, const Challenge& challenge, const std::optional<Secret>& tan) {
  JsonWriter json;
  json.begin_object().field("id", challenge.id).end_object();
  HttpHeaders headers{{"x-once-authentication-info", json.take()}};
  if (tan) headers.add("x-once-authentication", tan->reveal());
  auto response = api.call("PATCH", format("{}/{}", kSessions, identifier), headers, session_body(identifier));
  if (response.ok()) return;
  auto code = code_of(response);
  if (code == "TAN_UNGUELTIG") {
    throw Error(ErrorKind::Approval, "comdirect refused the TAN",
                {.hint = "try once more with a new one; after three wrong TANs the bank locks the access"});
  }
  if (code == "expired") {
    throw Error(ErrorKind::Approval, "the TAN came too late: the challenge has expired", {.hint = "sign in again"});
  }
  throw translate(response, "activate the session");
}

}  // namespace

void sign_in(Api& api, const Asker& ask) {
  const auto& config = api.config();
  api.grant(
      {{"grant_type", "password"}, {"username", config.username.reveal()}, {"password", config.password.reveal()}},
      false);
  auto identifier = find_session_identifier(api);
  // Without a person a typed TAN would be a challenge raised in vain.
  auto type = config.tan_type.empty() && !ask ? std::string(kPush) : config.tan_type;
  auto challenge = raise_challenge(api, identifier, type);
  api.options().log.info(format("the bank asks for a {}", challenge.type));
  activate(api, identifier, challenge, confirm(api, ask, challenge));
  api.grant({{"grant_type", "cd_secondary"}, {"token", api.find_session()->access_token.reveal()}}, true);
  api.options().log.info("signed in");
}

}  // namespace plumb::ingest::comdirect
