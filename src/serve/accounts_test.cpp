#include "serve/accounts.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing.h"
#include "serve/login_limit.h"

namespace plumb::serve {
namespace {

using namespace std::chrono_literals;

struct AccountsStory : testing::Test {
  TemporaryFolder folder;
  TestClock clock{*find_instant("2026-11-21T07:00:00Z")};
  store::Store store{{.kind = db::Kind::Sqlite, .name = "store", .path = folder.path() / "store.db"}, clock};
  Accounts accounts{store, clock};
  const Secret password{"correct horse"};
};

TEST_F(AccountsStory, APasswordIsKnownByItsHash) {
  accounts.add_user("ann", password, "operator");
  EXPECT_EQ(accounts.check_password("ann", password)->role, "operator");
  EXPECT_FALSE(accounts.check_password("ann", Secret("wrong horse")));
  EXPECT_FALSE(accounts.check_password("bob", password));
  EXPECT_TRUE(accounts.users()[0].password_hash.starts_with("$argon2id$"));
}

TEST_F(AccountsStory, RefusesWhatIsNoUser) {
  accounts.add_user("ann", password, "admin");
  EXPECT_EQ(error_of([&] { accounts.add_user("ann", password, "admin"); }), "there already is a user 'ann'");
  EXPECT_EQ(error_of([&] { accounts.add_user("b", Secret("short"), "admin"); }),
            "a password has at least 8 characters");
  EXPECT_EQ(error_of([&] { accounts.add_user("b", password, "king"); }),
            "'king' is no role\nhint: roles are viewer, operator and admin");
  EXPECT_EQ(error_of([&] { accounts.set_role("carl", "viewer"); }), "there is no user 'carl'");
  expect_error(ErrorKind::Usage, "a user's name is letters", [&] { accounts.add_user("a b\n", password, "viewer"); });
}

TEST_F(AccountsStory, TheLastAdminStays) {
  accounts.add_user("ann", password, "admin");
  accounts.add_user("bob", password, "viewer");
  EXPECT_EQ(error_of([&] { accounts.remove_user("ann"); }), "'ann' is the last admin\nhint: make another one first");
  accounts.remove_user("bob");
  accounts.remove_user("ann");
  EXPECT_FALSE(accounts.any_user());
  accounts.add_user("ann", password, "admin");
  EXPECT_TRUE(accounts.check_password("ann", password));
}

TEST_F(AccountsStory, ATokenIsItsBearerUntilItExpires) {
  accounts.add_user("ann", password, "viewer");
  MadeToken made = accounts.make_token({.user = "ann", .life = 1h});
  EXPECT_EQ(accounts.find_identity(made.text.reveal())->user, "ann");
  EXPECT_EQ(accounts.find_identity(made.text.reveal())->role, Role::Viewer);
  EXPECT_EQ(made.row.hash.size(), 64u);
  EXPECT_EQ(made.text.reveal().find(made.row.hash), std::string::npos);
  for (std::string_view text : {"", "plumb_", "plumb_x_y", "Bearer", "plumb__"}) {
    EXPECT_FALSE(accounts.find_identity(text)) << text;
  }
  EXPECT_FALSE(accounts.find_identity("plumb_" + made.row.id + "_" + made.row.hash));
  clock.advance(1h);
  EXPECT_FALSE(accounts.find_identity(made.text.reveal()));
  accounts.make_token({.user = "ann"});
  EXPECT_EQ(accounts.tokens("ann").size(), 1u);  // the one that has expired is gone
}

TEST_F(AccountsStory, ATokenFollowsItsUser) {
  accounts.add_user("ann", password, "viewer");
  accounts.add_user("root", password, "admin");
  std::string token = accounts.make_token({.user = "ann"}).text.reveal();
  std::string session = accounts.make_token({.user = "ann", .session = true}).text.reveal();
  accounts.set_role("ann", "operator");
  EXPECT_EQ(accounts.find_identity(token)->role, Role::Operator);
  EXPECT_TRUE(accounts.find_identity(session)->session);
  accounts.set_password("ann", Secret("another horse"));
  EXPECT_FALSE(accounts.find_identity(session));
  EXPECT_TRUE(accounts.find_identity(token));
  accounts.remove_user("ann");
  EXPECT_FALSE(accounts.find_identity(token));
}

TEST_F(AccountsStory, TheFirstUserComesFromTheEnvironment) {
  EXPECT_FALSE(accounts.add_first_user(config::Environment()));
  write_file(folder.path() / "password", "correct horse\n");
  config::Environment environment(
      {{"PLUMB_ADMIN_USER", "ann"}, {"PLUMB_ADMIN_PASSWORD_FILE", (folder.path() / "password").string()}});
  EXPECT_TRUE(accounts.add_first_user(environment));
  EXPECT_EQ(accounts.check_password("ann", password)->role, "admin");
  EXPECT_FALSE(accounts.add_first_user(environment));
}

TEST(LoginLimit, EachFurtherGuessWaitsTwiceAsLong) {
  TestClock clock(*find_instant("2026-11-21T07:00:00Z"));
  LoginLimit limit(clock);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(limit.find_wait("ann", "9.9.9.9"));
    limit.failed("ann", "9.9.9.9");
  }
  EXPECT_EQ(limit.find_wait("ann", "9.9.9.9"), 1s);
  EXPECT_FALSE(limit.find_wait("ann", "8.8.8.8"));  // a stranger locks nobody out
  EXPECT_FALSE(limit.find_wait("bob", "9.9.9.9"));
  clock.advance(1s);
  EXPECT_FALSE(limit.find_wait("ann", "9.9.9.9"));
  limit.failed("ann", "9.9.9.9");
  EXPECT_EQ(limit.find_wait("ann", "9.9.9.9"), 2s);
  for (int i = 0; i < 20; ++i) limit.failed("ann", "9.9.9.9");
  EXPECT_EQ(limit.find_wait("ann", "9.9.9.9"), 300s);
  EXPECT_TRUE(limit.find_wait("bob", "9.9.9.9"));  // whoever is guessed from there
  clock.advance(300s);
  limit.succeeded("ann", "9.9.9.9");
  limit.failed("ann", "9.9.9.9");
  EXPECT_LE(*limit.find_wait("ann", "9.9.9.9"), 300s);
}

}  // namespace
}  // namespace plumb::serve
