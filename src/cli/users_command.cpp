// plumb users, plumb tokens: straight on the store, as whoever may read the folder may.
#include "base/document.h"
#include "base/format.h"
#include "cli/platform.h"
#include "cli/text_table.h"
#include "cli/workflow_commands.h"
#include "serve/serve.h"

namespace plumb::cli {

namespace {

std::string text_of(const std::optional<Instant>& at) {
  return at ? format_instant(*at) : "-";
}

// From the person, or from a pipe. Never a word of the command line, which others may read.
Secret read_password(Context& context, const std::string& user) {
  if (context.terminal.interactive()) {
    auto answer = context.terminal.ask({.connection = user, .text = "The password (at least 8 characters)"});
    if (!answer) throw Error(ErrorKind::Cancelled, "no password was given");
    return *answer;
  }
  std::string text = context.terminal.read_input();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return Secret(std::move(text));
}

int list_users(Context& context, serve::Accounts& accounts) {
  JsonWriter json;
  json.begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const store::UserRow& user : accounts.users()) {
    rows.push_back({user.name, user.role, format_instant(user.created_at)});
    json.begin_object().field("name", user.name).field("role", user.role);
    json.field("created_at", format_instant(user.created_at)).end_object();
  }
  context.terminal.print(context.json ? json.end_array().take() + "\n" : text_table({"user", "role", "since"}, rows));
  return 0;
}

int list_tokens(Context& context, serve::Accounts& accounts, const std::string& user) {
  JsonWriter json;
  json.begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const store::TokenRow& token : accounts.tokens(user)) {
    rows.push_back({token.id, token.user, token.description, text_of(token.expires_at), text_of(token.last_used_at)});
    json.begin_object().field("id", token.id).field("user", token.user).field("description", token.description);
    json.field("expires_at", text_of(token.expires_at)).field("last_used_at", text_of(token.last_used_at)).end_object();
  }
  context.terminal.print(context.json ? json.end_array().take() + "\n"
                                      : text_table({"token", "user", "for", "until", "last used"}, rows));
  return 0;
}

}  // namespace

int users_command(Context& context, const UsersArguments& arguments) {
  Platform platform(context);
  serve::Accounts accounts(platform.store(), context.clock);
  if (arguments.action == "list") return list_users(context, accounts);
  if (arguments.action == "add") {
    accounts.add_user(arguments.name, read_password(context, arguments.name), arguments.role);
  } else if (arguments.action == "passwd") {
    accounts.set_password(arguments.name, read_password(context, arguments.name));
  } else if (arguments.action == "role") {
    accounts.set_role(arguments.name, arguments.role);
  } else {
    accounts.remove_user(arguments.name);
  }
  platform.operations().audit(
      {.at = context.clock.now(), .event = "users " + arguments.action, .who = "cli: " + arguments.name});
  context.terminal.print(plumb::format("{}: done\n", arguments.name));
  return 0;
}

int tokens_command(Context& context, const TokensArguments& arguments) {
  Platform platform(context);
  serve::Accounts accounts(platform.store(), context.clock);
  if (arguments.action == "list") return list_tokens(context, accounts, arguments.name);
  if (arguments.action == "revoke") {
    if (!accounts.revoke_token(arguments.name)) {
      throw Error(ErrorKind::NotFound, plumb::format("there is no token '{}'", arguments.name));
    }
    context.terminal.print(plumb::format("{}: revoked\n", arguments.name));
    return 0;
  }
  serve::NewToken wanted{.user = arguments.name, .description = arguments.description};
  if (arguments.days > 0) wanted.life = std::chrono::days(arguments.days);
  // Shown this once; the store keeps its hash.
  context.terminal.print(accounts.make_token(wanted).text.reveal() + "\n");
  return 0;
}

}  // namespace plumb::cli
