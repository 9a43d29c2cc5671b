#include "sandbox/comdirect_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/format.h"
#include "sandbox/comdirect_wire.h"
#include "sandbox/dice.h"
#include "sandbox/household.h"
#include "sandbox/loose_json.h"
#include "sandbox/tan_picture.h"

namespace plumb::sandbox {
namespace {

constexpr int kMostChallenges = 5;
constexpr int kMostWrongTans = 3;
constexpr std::string_view kOnceInfo = "x-once-authentication-info";

constexpr std::array<std::pair<TanKind, std::string_view>, 3> kKinds{
    {{TanKind::Photo, "P_TAN"}, {TanKind::Mobile, "M_TAN"}, {TanKind::Push, "P_TAN_PUSH"}}};

std::string session_json(const Login& login, bool active) {
  JsonWriter json;
  json.begin_object().field("identifier", login.session);
  json.field("sessionTanActive", active).field("activated2FA", active).end_object();
  return json.take();
}

ServerResponse bad_once_info() {
  return bank_error(422, "UNPROCESSABLE_ONCE_AUTHENTICATION_INFO_HEADER",
                    {.key = "once-authentication-info.invalid",
                     .text = "Der Header x-once-authentication-info kann nicht verarbeitet werden.",
                     .origin = {std::string(kOnceInfo)}});
}

ServerResponse expired() {
  return bank_error(422, "expired",
                    {.key = "challenge.expired", .text = "Die TAN-Anforderung ist abgelaufen oder nicht freigegeben."});
}

ServerResponse wrong_tan_answer() {
  return bank_error(
      400, "TAN_UNGUELTIG",
      {.key = "tan.ungueltig", .text = "Die eingegebene TAN ist ungültig. Bitte prüfen Sie Ihre Eingabe."});
}

// The session in the path must be the log-in's own, and the one in the body must agree with both booleans true.
std::optional<ServerResponse> check_session(const Login& login, std::string_view session,
                                            const ServerRequest& request) {
  if (session != login.session) return bare_answer(404);
  std::optional<LooseObject> body = find_loose_object(request.body);
  auto has = [&](const char* name, std::string_view value) {
    auto found = body->find(name);
    return found != body->end() && found->second == value;
  };
  if (body && has("identifier", session) && has("sessionTanActive", "true") && has("activated2FA", "true")) {
    return std::nullopt;
  }
  return bank_error(422, "request.object.invalid",
                    {.key = "session.invalid",
                     .text = "Das Session-Objekt ist ungültig.",
                     .origin = {"identifier", "sessionTanActive", "activated2FA"}});
}

void write_kinds(JsonWriter& json, const std::vector<TanKind>& kinds) {
  json.key("availableTypes").begin_array();
  for (TanKind kind : kinds) json.text(tan_name(kind));
  json.end_array();
}

}  // namespace

std::string_view tan_name(TanKind kind) {
  auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& each) { return each.first == kind; });
  return found->second;
}

std::optional<TanKind> find_tan_kind(std::string_view name) {
  auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& each) { return each.second == name; });
  return found == kKinds.end() ? std::nullopt : std::optional(found->first);
}

ServerResponse SessionDesk::show(const Login& login) const {
  return bank_answer("[" + session_json(login, login.activated) + "]");
}

ServerResponse SessionDesk::validate(Login& login, std::string_view session, const ServerRequest& request,
                                     Instant now) {
  if (auto refusal = check_session(login, session, request)) return std::move(*refusal);
  TanKind kind = customer_.options.preferred;
  if (const std::string* info = request.headers.find(kOnceInfo)) {
    std::optional<LooseObject> wish = find_loose_object(*info);
    if (!wish || !wish->contains("typ")) return bad_once_info();
    std::optional<TanKind> wanted = find_tan_kind(wish->at("typ"));
    const auto& kinds = customer_.options.kinds;
    if (!wanted || std::find(kinds.begin(), kinds.end(), *wanted) == kinds.end()) return bad_once_info();
    kind = *wanted;
  }
  if (login.activated) return free_of_tan(login);
  if (++unconfirmed_ >= kMostChallenges) {
    lock();
    return locked_answer();
  }
  const std::uint64_t seed = customer_.options.seed;
  Dice dice(seed, "challenge", challenge_count_);
  Challenge challenge{.id = format("{}", dice.between(100'000, 999'999'999)),
                      .link = bank_id(seed, "authentication", challenge_count_++),
                      .kind = kind,
                      .born = now,
                      .born_in_world = world_.now()};
  JsonWriter json;
  json.begin_object().field("id", challenge.id).field("typ", tan_name(kind));
  if (kind == TanKind::Photo) json.field("challenge", base64_encode(tan_picture(customer_.options.tan)));
  if (kind == TanKind::Mobile) json.field("challenge", "+49-160-99XXXX");
  write_kinds(json, customer_.options.kinds);
  if (kind == TanKind::Push) {
    json.key("link").begin_object();
    json.field("href", "/api/session/v1/authentications/" + challenge.link);
    json.field("rel", "related").field("method", "GET").field("type", "application/json").end_object();
  }
  json.end_object();
  challenges_[login.session] = std::move(challenge);
  ServerResponse response = bank_answer(session_json(login, true), 201);
  response.headers.add(std::string(kOnceInfo), json.take());
  return response;
}

// With a session TAN that is active nothing is left to be typed. (The type is documented for orders; that it also comes
// here is an inference.)
ServerResponse SessionDesk::free_of_tan(const Login& login) {
  JsonWriter json;
  Dice dice(customer_.options.seed, "challenge", challenge_count_++);
  json.begin_object().field("id", format("{}", dice.between(100'000, 999'999'999))).field("typ", "TAN_FREI");
  write_kinds(json, customer_.options.kinds);
  json.end_object();
  ServerResponse response = bank_answer(session_json(login, true), 201);
  response.headers.add(std::string(kOnceInfo), json.take());
  return response;
}

SessionDesk::Progress SessionDesk::progress(const Challenge& challenge, Instant now) const {
  const ComdirectOptions& options = customer_.options;
  if (now >= challenge.born + options.challenge_lifetime) return Progress::Expired;
  if (challenge.approved) return *challenge.approved ? Progress::Approved : Progress::Denied;
  bool answered = options.push_delay.count() >= 0 && (now >= challenge.born + options.push_delay ||
                                                      world_.now() >= challenge.born_in_world + options.push_delay);
  if (challenge.kind != TanKind::Push || !answered) return Progress::Pending;
  return options.push_approves ? Progress::Approved : Progress::Denied;
}

ServerResponse SessionDesk::poll(Login& login, std::string_view link, Instant now) {
  auto found = challenges_.find(login.session);
  if (found == challenges_.end() || found->second.kind != TanKind::Push || found->second.link != link) {
    return bare_answer(404);
  }
  Progress state = progress(found->second, now);
  if (state == Progress::Expired) return bare_answer(404);
  JsonWriter json;
  json.begin_object().field("authenticationId", found->second.link);
  json.field("status", state == Progress::Approved  ? "AUTHENTICATED"
                       : state == Progress::Pending ? "PENDING"
                                                    : "CANCELED");
  json.end_object();
  return bank_answer(json.take());
}

ServerResponse SessionDesk::activate(Login& login, std::string_view session, const ServerRequest& request,
                                     Instant now) {
  const std::string* info = request.headers.find(kOnceInfo);
  std::optional<LooseObject> once = info ? find_loose_object(*info) : std::nullopt;
  // Only the id is taken: the challenge as it came, with type and link, is refused.
  if (!once || once->size() != 1 || !once->contains("id")) return bad_once_info();
  if (info->find("availableTypes") != std::string::npos) return bad_once_info();
  if (auto refusal = check_session(login, session, request)) return std::move(*refusal);
  auto found = challenges_.find(login.session);
  if (found == challenges_.end() || found->second.id != once->at("id")) return expired();
  Challenge& challenge = found->second;
  Progress state = progress(challenge, now);
  if (state == Progress::Expired) return expired();
  if (challenge.kind == TanKind::Push) {
    if (state == Progress::Approved) return confirm(login);
    // Whoever asks once too early is told that nothing is approved; whoever goes on asking is polling by PATCH.
    return std::exchange(challenge.tried, true) ? bad_once_info() : expired();
  }
  const std::string* tan = request.headers.find("x-once-authentication");
  if (!tan) return wrong_tan_answer();  // nothing was typed, so nothing is counted
  return *tan == customer_.options.tan ? confirm(login) : refuse_tan();
}

ServerResponse SessionDesk::confirm(Login& login) {
  challenges_.erase(login.session);
  unconfirmed_ = 0;
  wrong_ = 0;
  login.activated = true;
  return bank_answer(session_json(login, true));
}

ServerResponse SessionDesk::refuse_tan() {
  if (++wrong_ >= kMostWrongTans) lock();
  return wrong_tan_answer();
}

int SessionDesk::decide_pushes(bool approve, Instant now) {
  int decided = 0;
  for (auto& [session, challenge] : challenges_) {
    if (challenge.kind != TanKind::Push || progress(challenge, now) != Progress::Pending) continue;
    challenge.approved = approve;
    ++decided;
  }
  return decided;
}

void SessionDesk::unlock() {
  customer_.locked = false;
  unconfirmed_ = 0;
  wrong_ = 0;
}

ServerResponse SessionDesk::locked_answer() {
  return bank_error(422, "zugang.gesperrt",
                    {.key = "zugang.gesperrt", .text = "Ihr Zugang zum Online-Banking ist gesperrt."});
}

void SessionDesk::describe(JsonWriter& state, Instant now) const {
  state.field("locked", customer_.locked);
  state.field("challenges_without_tan", unconfirmed_).field("wrong_tans", wrong_);
  state.key("open_challenges").begin_array();
  for (const auto& [session, challenge] : challenges_) {
    Progress reached = progress(challenge, now);
    state.begin_object().field("id", challenge.id).field("typ", tan_name(challenge.kind));
    state.field("session", session);
    state.field("status", reached == Progress::Pending    ? "PENDING"
                          : reached == Progress::Approved ? "AUTHENTICATED"
                          : reached == Progress::Denied   ? "CANCELED"
                                                          : "EXPIRED");
    state.end_object();
  }
  state.end_array();
}

}  // namespace plumb::sandbox
