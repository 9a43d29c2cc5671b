#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace plumb {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, T value) {
  out << value;
};
static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<std::string, Secret>);

TEST(Secret, is_revealed_by_name_only_and_moves_whole) {
  Secret a("hunter2");
  Secret b = a;
  EXPECT_TRUE(a.same_as(b));
  Secret c = std::move(a);
  EXPECT_EQ(c.reveal(), "hunter2");
  EXPECT_TRUE(a.empty());
  a = std::move(c);
  EXPECT_EQ(a.reveal(), "hunter2");
  EXPECT_FALSE(a.same_as(Secret("hunter3")));
  EXPECT_FALSE(a.same_as(Secret("hunter22")));
  const Secret& same = a;
  a = same;
  EXPECT_EQ(a.reveal(), "hunter2");
}

TEST(Secret, leaves_nothing_behind_when_moved_from) {
  Secret a("hunter2");
  const char* inside = a.reveal().data();  // a short text lives inside of the object
  Secret b = std::move(a);
  EXPECT_EQ(std::string_view(inside, 7), std::string_view("\0\0\0\0\0\0\0", 7));
}

TEST(Redact, masks_urls_and_forms) {
  EXPECT_EQ(redact("GET https://api.x.org/data/2.5/weather?q=Berlin,DE&appid=0123abc&units=metric -> 200"),
            "GET https://api.x.org/data/2.5/weather?q=Berlin,DE&appid=***&units=metric -> 200");
  EXPECT_EQ(redact("client_id=me&client_secret=s&grant_type=password&username=12345678&password=123456"),
            "client_id=me&client_secret=***&grant_type=password&username=***&password=***");
  EXPECT_EQ(redact("grant_type=cd_secondary&token=6f0d"), "grant_type=cd_secondary&token=***");
  EXPECT_EQ(redact("q=password%3Dhunter2&x=1"), "q=password%3D***&x=1");
}

TEST(Redact, masks_users_and_passwords_of_uris) {
  EXPECT_EQ(redact("postgresql://loader:s3cret@db:5432/x failed"), "postgresql://***@db:5432/x failed");
  EXPECT_EQ(redact("postgresql://loader:a/b@c@db/x"), "postgresql://***@db/x");
  EXPECT_EQ(redact("https://token@github.com/a"), "https://***@github.com/a");
  EXPECT_EQ(redact("http://127.0.0.1:8080/@user?mail=a@b"), "http://127.0.0.1:8080/@user?mail=a@b");
  EXPECT_EQ(redact("http://[::1]:80/a@b"), "http://[::1]:80/a@b");
  EXPECT_EQ(redact("sqlite:////data/a.db"), "sqlite:////data/a.db");
}

TEST(Redact, leaves_the_counts_of_dbts_last_line) {
  EXPECT_EQ(redact("Done. PASS=12 WARN=0 ERROR=1"), "Done. PASS=12 WARN=0 ERROR=1");
  EXPECT_EQ(redact("PASS=12 and PASS=abc WARN=0"), "PASS=*** and PASS=*** WARN=0");
}

TEST(Redact, masks_json_whole_escaped_or_cut_off) {
  EXPECT_EQ(redact(R"({"access_token":"6f0d-1","token_type":"bearer","expires_in":599})"),
            R"({"access_token":"***","token_type":"bearer","expires_in":599})");
  EXPECT_EQ(redact(R"({"password": "a\"b,c", "x": 1})"), R"({"password": "***", "x": 1})");
  EXPECT_EQ(redact(R"({"pin":123456,"x":1})"), R"({"pin":***,"x":1})");
  EXPECT_EQ(redact(R"("{\"refresh_token\":\"1ab9\",\"x\":1}")"), R"("{\"refresh_token\":\"***\",\"x\":1}")");
  EXPECT_EQ(redact(R"({"access_token":"6f0d-1)"), R"({"access_token":"***)");
  EXPECT_EQ(redact(R"({"token":null,"secret":{"password":"x"}})"), R"({"token":null,"secret":{"password":"***"}})");
}

TEST(Redact, masks_headers_to_the_end_of_the_line) {
  EXPECT_EQ(redact("Authorization: Bearer 6f0d a\nAccept: text/html"), "Authorization: ***\nAccept: text/html");
  EXPECT_EQ(redact("x-once-authentication: 123456"), "x-once-authentication: ***");
  EXPECT_EQ(redact("Set-Cookie: qSession=1; Path=/"), "Set-Cookie: ***");
  EXPECT_EQ(redact("sent Bearer 6f0d-11aa, got 401"), "sent Bearer ***, got 401");
  EXPECT_EQ(redact("see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-x for more"), "see *** for more");
}

TEST(Redact, masks_yaml_and_options_but_not_templates) {
  EXPECT_EQ(redact("password: a, b #c"), "password: ***");
  EXPECT_EQ(redact("{type: x, api_key: abc, city: Berlin}"), "{type: x, api_key: ***, city: Berlin}");
  EXPECT_EQ(redact("password: \"{{ env_var('PW') }}\""), "password: \"{{ env_var('PW') }}\"");
  EXPECT_EQ(redact("password: \"{{ x }}hunter2\""), "password: \"***\"");
  EXPECT_EQ(redact("COMDIRECT_CLIENT_SECRET=abc POSTGRES_PASSWORD='a b' X=1"),
            "COMDIRECT_CLIENT_SECRET=*** POSTGRES_PASSWORD='***' X=1");
  EXPECT_EQ(redact("psql --password hunter2 -h x"), "psql --password *** -h x");
}

TEST(Redact, leaves_the_rest_as_it_is) {
  for (std::string_view text :
       {"", "missing key 'password'", "primary_key: [city, forecast_at]", "token_type=bearer", "the bearer of this",
        "password", "tokens a b", "key: x", "grant_type=password", "a {b} c: d", "Basic facts", "größe: ä\xff"}) {
    EXPECT_EQ(redact(text), text);
  }
}

}  // namespace
}  // namespace plumb
