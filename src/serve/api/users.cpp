// Users and their tokens.
#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

void write_user(JsonWriter& json, const store::UserRow& user) {
  json.begin_object().field("name", user.name).field("role", user.role);
  put(json, "created_at", user.created_at);
  json.end_object();
}

void write_token(JsonWriter& json, const store::TokenRow& token, const Secret& text = {}) {
  json.begin_object().field("id", token.id).field("user", token.user).field("description", token.description);
  put(json, "created_at", token.created_at);
  put(json, "expires_at", token.expires_at);
  put(json, "last_used_at", token.last_used_at);
  if (!text.empty()) json.field("token", text.reveal());
  json.end_object();
}

void audit(Call& call, std::string_view event, const std::string& whom) {
  JsonWriter extra;
  extra.begin_object()
      .field("about", whom)
      .field("address", call.house().sign_in.address_of(call.request()))
      .end_object();
  call.operations().audit(
      {.at = call.now(), .event = std::string(event), .who = call.who(), .extra_json = extra.take()});
}

ServerResponse list_users(Call& call) {
  std::vector<store::UserRow> users = call.house().accounts.users();
  return list_answer("users", users, static_cast<std::int64_t>(users.size()), write_user);
}

ServerResponse add_user(Call& call) {
  Node body = call.body({"name", "password", "role"});
  store::UserRow user = call.house().accounts.add_user(get_text(body, "name"), Secret(get_text(body, "password")),
                                                       find_text(body, "role").value_or("viewer"));
  audit(call, "add_user", user.name);
  return one_answer([&](JsonWriter& json) { write_user(json, user); }, 201);
}

ServerResponse change_user(Call& call) {
  Node body = call.body({"password", "role"});
  const std::string& name = call.path("user");
  if (auto role = find_text(body, "role")) call.house().accounts.set_role(name, *role);
  if (auto password = find_text(body, "password")) call.house().accounts.set_password(name, Secret(*password));
  audit(call, "change_user", name);
  return no_content();
}

ServerResponse remove_user(Call& call) {
  call.house().accounts.remove_user(call.path("user"));
  audit(call, "remove_user", call.path("user"));
  return no_content();
}

// One's own; an admin sees everybody's.
ServerResponse list_tokens(Call& call) {
  bool all = call.identity().role == Role::Admin;
  std::vector<store::TokenRow> tokens = call.house().accounts.tokens(all ? call.query("user") : call.who());
  return list_answer("tokens", tokens, static_cast<std::int64_t>(tokens.size()),
                     [](JsonWriter& json, const store::TokenRow& token) { write_token(json, token); });
}

ServerResponse add_token(Call& call) {
  Node body = call.body({"user", "description", "days"});
  std::string user = find_text(body, "user").value_or(call.who());
  if (user != call.who() && call.identity().role != Role::Admin) {
    return error_answer(403, "only an admin makes tokens for others");
  }
  NewToken wanted{.user = user, .description = find_text(body, "description").value_or("api")};
  if (wanted.description == "session") throw invalid("body.description", "that word is taken");
  if (auto days = find_number(body, "days")) {
    constexpr std::int64_t kMostDays = 3650;
    if (*days < 1 || *days > kMostDays) throw invalid("body.days", "Input should be 1 to 3650");
    wanted.life = std::chrono::days(*days);
  }
  MadeToken made = call.house().accounts.make_token(wanted);
  audit(call, "add_token", user);
  return one_answer([&](JsonWriter& json) { write_token(json, made.row, made.text); }, 201);
}

ServerResponse revoke_token(Call& call) {
  const std::string& id = call.path("token");
  std::optional<store::TokenRow> token = call.reader().find_token(id);
  bool mine = token && (token->user == call.who() || call.identity().role == Role::Admin);
  if (!mine || !call.house().accounts.revoke_token(id)) throw not_found(format("there is no token '{}'", id));
  audit(call, "revoke_token", token->user);
  return no_content();
}

constexpr Route kRoutes[] = {
    {"GET", "/api/plumb/v1/users", Role::Admin, list_users, "List users", "UserCollection"},
    {"POST", "/api/plumb/v1/users", Role::Admin, add_user, "Add a user", "User", "NewUserBody", 201},
    {"PATCH", "/api/plumb/v1/users/{user}", Role::Admin, change_user, "Change a user's role or password", "",
     "ChangeUserBody", 204},
    {"DELETE", "/api/plumb/v1/users/{user}", Role::Admin, remove_user, "Remove a user", "", "", 204},
    {"GET", "/api/plumb/v1/tokens", Role::Viewer, list_tokens, "List tokens", "TokenCollection", "", 200, "user"},
    {"POST", "/api/plumb/v1/tokens", Role::Viewer, add_token, "Make a token; it is shown once", "Token", "NewTokenBody",
     201},
    {"DELETE", "/api/plumb/v1/tokens/{token}", Role::Viewer, revoke_token, "Revoke a token", "", "", 204},
};

}  // namespace

Routes account_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
