#include "serve/accounts.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"

namespace plumb::serve {

namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::size_t kLongestPassword = 1024;
constexpr unsigned long long kHashPasses = 3;
constexpr std::size_t kHashBytes = 32u << 20;
// Guesses that may wait for the one that is checked; each holds a thread.
constexpr int kMostWaiting = 2;
constexpr std::string_view kSession = "session";
// How exactly we know when a token was last used: each note is a write.
constexpr std::chrono::minutes kUseNoted{60};

constexpr std::array<std::string_view, 4> kRoles = {"nobody", "viewer", "operator", "admin"};

void expect_name(const std::string& name) {
  auto fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '@' || c == '+';
  };
  if (name.empty() || name.size() > 100 || !std::all_of(name.begin(), name.end(), fine)) {
    throw Error(ErrorKind::Usage, "a user's name is letters, digits and any of . _ - @ +, at most 100 of them");
  }
}

void expect_password(const Secret& password) {
  if (password.reveal().size() < kShortestPassword) {
    throw Error(ErrorKind::Usage, format("a password has at least {} characters", kShortestPassword));
  }
  if (password.reveal().size() > kLongestPassword) throw Error(ErrorKind::Usage, "the password is too long");
}

std::string expect_role(std::string_view text) {
  if (!find_role(text)) {
    throw Error(ErrorKind::Usage, format("'{}' is no role", text), {.hint = "roles are viewer, operator and admin"});
  }
  return std::string(text);
}

bool verify(const std::string& hash, const Secret& password) {
  const std::string& text = password.reveal();
  return crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
}

}  // namespace

std::string_view to_string(Role role) {
  return kRoles[static_cast<std::size_t>(role)];
}

std::optional<Role> find_role(std::string_view text) {
  auto found = std::find(kRoles.begin() + 1, kRoles.end(), text);
  if (found == kRoles.end()) return {};
  return static_cast<Role>(found - kRoles.begin());
}

bool Accounts::any_user() {
  return !users().empty();
}

std::vector<store::UserRow> Accounts::users() {
  std::vector<store::UserRow> users = store_.reader()->users();
  std::erase_if(users, [](const store::UserRow& user) { return !user.active; });
  return users;
}

store::UserRow Accounts::get_user(const std::string& name) {
  std::optional<store::UserRow> user = store_.reader()->find_user(name);
  if (!user || !user->active) throw Error(ErrorKind::NotFound, format("there is no user '{}'", name));
  return *user;
}

std::string Accounts::hash(const Secret& password) {
  std::lock_guard lock(hashing_);
  if (sodium_init() < 0) throw Error(ErrorKind::Internal, "libsodium does not start");
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const std::string& plain = password.reveal();
  if (crypto_pwhash_str_alg(text.data(), plain.data(), plain.size(), kHashPasses, kHashBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorKind::Io, "no memory to hash a password");
  }
  return text.data();
}

store::UserRow Accounts::add_user(const std::string& name, const Secret& password, std::string_view role) {
  expect_name(name);
  expect_password(password);
  if (auto there = store_.reader()->find_user(name); there && there->active) {
    throw Error(ErrorKind::Usage, format("there already is a user '{}'", name), {.type = "Conflict"});
  }
  store::UserRow user{.name = name, .password_hash = "", .role = expect_role(role), .created_at = clock_.now()};
  user.password_hash = hash(password);
  store::Batch batch = store_.begin();
  batch.save(user);
  batch.commit();
  return user;
}

void Accounts::set_password(const std::string& name, const Secret& password) {
  store::UserRow user = get_user(name);
  expect_password(password);
  user.password_hash = hash(password);
  store::Batch batch = store_.begin();
  batch.save(user);
  batch.commit();
  end_sessions(name);
}

void Accounts::set_role(const std::string& name, std::string_view role) {
  store::UserRow user = get_user(name);
  user.role = expect_role(role);
  store::Batch batch = store_.begin();
  batch.save(user);
  batch.commit();
}

void Accounts::remove_user(const std::string& name) {
  store::UserRow user = get_user(name);
  std::vector<store::UserRow> all = users();
  auto admin = [&](const store::UserRow& other) { return other.role == "admin" && other.name != name; };
  if (user.role == "admin" && all.size() > 1 && std::none_of(all.begin(), all.end(), admin)) {
    throw Error(ErrorKind::Usage, format("'{}' is the last admin", name), {.hint = "make another one first"});
  }
  // Rows of users stay, so that the audit log keeps its sense; without a hash nobody signs in.
  user.active = false;
  user.password_hash.clear();
  std::vector<store::TokenRow> theirs = tokens(name);
  store::Batch batch = store_.begin();
  batch.save(user);
  for (const store::TokenRow& token : theirs) batch.remove_token(token.id);
  batch.commit();
}

bool Accounts::add_first_user(const config::Environment& environment) {
  std::optional<std::string> password = environment.find("PLUMB_ADMIN_PASSWORD");
  if (auto file = environment.find("PLUMB_ADMIN_PASSWORD_FILE"); file && !password) {
    password = read_file(*file);
    while (!password->empty() && (password->back() == '\n' || password->back() == '\r')) password->pop_back();
  }
  if (!password || any_user()) return false;
  add_user(environment.find("PLUMB_ADMIN_USER").value_or("admin"), Secret(std::move(*password)), "admin");
  return true;
}

std::optional<store::UserRow> Accounts::check_password(const std::string& name, const Secret& password) {
  {
    std::lock_guard lock(counting_);
    if (waiting_ >= kMostWaiting) {
      throw Error(ErrorKind::Busy, "too many are signing in at once", {.retry_may_help = true});
    }
    ++waiting_;
  }
  std::optional<store::UserRow> user;
  bool right = false;
  {
    std::lock_guard lock(hashing_);
    if (password.reveal().size() <= kLongestPassword) user = store_.reader()->find_user(name);
    // A hash of nobody's password, so that a name that is not there takes as long as one that is.
    std::string nobody = format("$argon2id$v=19$m={},t={},p=1${}${}", kHashBytes >> 10, kHashPasses,
                                std::string(22, 'A'), std::string(43, 'A'));
    bool known = user && user->active && !user->password_hash.empty();
    right = verify(known ? user->password_hash : nobody, password) && known;
  }
  {
    std::lock_guard lock(counting_);
    --waiting_;
  }
  if (!right) return {};
  return user;
}

MadeToken Accounts::make_token(const NewToken& token) {
  get_user(token.user);
  std::string id = random_hex(6);
  std::string secret = random_hex(24);
  Instant now = clock_.now();
  MadeToken made{.row = {.id = id,
                         .user = token.user,
                         .hash = sha256_hex(secret),
                         .description = token.session ? std::string(kSession) : token.description,
                         .created_at = now},
                 .text = Secret(format("plumb_{}_{}", id, secret))};
  if (token.life) made.row.expires_at = now + *token.life;
  std::vector<store::TokenRow> theirs = tokens(token.user);
  store::Batch batch = store_.begin();
  batch.save(made.row);
  for (const store::TokenRow& old : theirs) {
    if (old.expires_at && *old.expires_at <= now) batch.remove_token(old.id);
  }
  batch.commit();
  return made;
}

std::vector<store::TokenRow> Accounts::tokens(std::string_view user) {
  return store_.reader()->tokens(user);
}

bool Accounts::revoke_token(const std::string& id) {
  if (!store_.reader()->find_token(id)) return false;
  store::Batch batch = store_.begin();
  batch.remove_token(id);
  batch.commit();
  return true;
}

void Accounts::end_sessions(std::string_view user) {
  std::vector<store::TokenRow> theirs = tokens(user);
  store::Batch batch = store_.begin();
  for (const store::TokenRow& token : theirs) {
    if (token.description == kSession) batch.remove_token(token.id);
  }
  batch.commit();
}

std::optional<Identity> Accounts::find_identity(std::string_view text) {
  constexpr std::string_view kPrefix = "plumb_";
  if (!text.starts_with(kPrefix)) return {};
  text.remove_prefix(kPrefix.size());
  std::size_t line = text.find('_');
  if (line == std::string_view::npos) return {};
  std::unique_ptr<store::Reader> reader = store_.reader();
  std::optional<store::TokenRow> token = reader->find_token(text.substr(0, line));
  Instant now = clock_.now();
  if (!token || !Secret(token->hash).same_as(Secret(sha256_hex(text.substr(line + 1))))) return {};
  if (token->expires_at && *token->expires_at <= now) return {};
  std::optional<store::UserRow> user = reader->find_user(token->user);
  if (!user || !user->active) return {};
  reader.reset();
  if (!token->last_used_at || now - *token->last_used_at > kUseNoted) {
    token->last_used_at = now;
    store::Batch batch = store_.begin();
    batch.save(*token);
    batch.commit();
  }
  return Identity{.user = user->name,
                  .role = find_role(user->role).value_or(Role::Nobody),
                  .token = token->id,
                  .session = token->description == kSession};
}

}  // namespace plumb::serve
