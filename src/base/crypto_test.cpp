#include "base/crypto.h"

#include <regex>

#include "base/testing.h"

namespace plumb {
namespace {

TEST(Crypto, hashes_as_the_standard_says) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Crypto, speaks_base64_as_rfc_4648) {
  const std::vector<std::pair<std::string, std::string>> table = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : table) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
    EXPECT_EQ(base64_decode(text.substr(0, text.find('='))), bytes);
  }
  EXPECT_EQ(base64_decode("Zm9v\r\n YmFy\n"), "foobar");
  for (std::string_view bad : {"Z", "Zg=", "Zm9v!", "Zg==Zg==", "_-8="}) {
    expect_error(ErrorKind::Data, "no base64", [&] { base64_decode(bad); });
  }
}

TEST(Crypto, percent_encodes_all_but_the_unreserved) {
  EXPECT_EQ(percent_encode("Köln a+b/~-._"), "K%C3%B6ln%20a%2Bb%2F~-._");
  EXPECT_EQ(percent_decode("K%C3%b6ln+x%2"), "Köln+x%2");
  EXPECT_EQ(percent_decode("a+b%zz%", true), "a b%zz%");
  EXPECT_EQ(percent_decode("%00%41"), std::string("\0A", 2));
}

TEST(Crypto, makes_ids_that_differ) {
  EXPECT_EQ(random_hex(16).size(), 32u);
  EXPECT_NE(random_hex(16), random_hex(16));
  EXPECT_EQ(to_hex(std::string("\x00\xff\x1a", 3)), "00ff1a");
  std::regex version_4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(std::regex_match(random_uuid(), version_4));
}

TEST(Crypto, takes_keys_raw_as_hex_or_as_a_passphrase) {
  std::string raw(31, 'k');
  raw += '\n';
  EXPECT_EQ(derive_key(Secret(raw), "salt").reveal(), raw);
  std::string hex = to_hex(raw);
  EXPECT_EQ(derive_key(Secret(hex), "salt").reveal(), raw);
  EXPECT_EQ(derive_key(Secret(hex + "\r\n"), "salt").reveal(), raw);

  Secret key = derive_key(Secret("correct horse"), "salt");
  EXPECT_EQ(key.reveal().size(), 32u);
  EXPECT_TRUE(key.same_as(derive_key(Secret("correct horse\n"), "salt")));
  EXPECT_FALSE(key.same_as(derive_key(Secret("correct horse"), "other salt")));
  // Fixed for ever: stores on disk depend on it.
  EXPECT_EQ(to_hex(key.reveal()), "608487ff9afac53d8d49d606f1d75f42ff3abfd66ec9ef561f965e5e7dddd33f");
  expect_error(ErrorKind::Auth, "the key is empty", [] { derive_key(Secret("\n"), "salt"); });
}

class SealedBox : public testing::Test {
 protected:
  Secret key_{std::string(32, 'k')};
  std::string box_ = seal("session", key_, "bank");
};

TEST_F(SealedBox, opens_with_the_key_and_the_context) {
  EXPECT_EQ(unseal(box_, key_, "bank"), "session");
  EXPECT_EQ(unseal(seal("", key_, ""), key_, ""), "");
  EXPECT_NE(box_, seal("session", key_, "bank"));  // a fresh nonce each time
  EXPECT_EQ(box_.find("session"), std::string::npos);
}

TEST_F(SealedBox, stays_shut_otherwise) {
  std::string changed = box_;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  auto refuses = [](std::string_view box, const Secret& key, std::string_view context) {
    expect_error(ErrorKind::Auth, "can't be opened: wrong key, or changed on disk", [&] { unseal(box, key, context); });
  };
  refuses(changed, key_, "bank");
  refuses(box_, Secret(std::string(32, 'x')), "bank");
  refuses(box_, key_, "weather");
  refuses(std::string_view(box_).substr(0, 30), key_, "bank");
  refuses("", key_, "bank");
}

}  // namespace
}  // namespace plumb
