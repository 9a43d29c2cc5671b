#include "base/http/form.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/http_client.h"
#include "base/http_server.h"

namespace plumb {
namespace {

std::string show(const FormFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += format("<{}|{}>", name, value);
  return text;
}

std::string target(std::string_view text) {
  auto found = find_target(text);
  return found ? found->path + " " + show(found->query) : "refused";
}

TEST(Form, EncodesWhatItDecodes) {
  FormFields fields = {{"a", "x y"}, {"b", "1"}, {"c&=", "ä%+"}, {"empty", ""}};
  EXPECT_EQ(form_encode(fields), "a=x%20y&b=1&c%26%3D=%C3%A4%25%2B&empty=");
  EXPECT_EQ(parse_form(form_encode(fields)), fields);
  EXPECT_EQ(form_encode({}), "");
}

TEST(Form, DecodesWhatOthersSend) {
  EXPECT_EQ(show(parse_form("q=Berlin,DE&q=a+b%2Bc&flag&&=x&a=b=c")), "<q|Berlin,DE><q|a b+c><flag|><|x><a|b=c>");
  EXPECT_EQ(show(parse_form("")), "");
  EXPECT_EQ(show(parse_form("&&&")), "");
  EXPECT_EQ(show(parse_form("a=%4&b=%zz&c=%")), "<a|%4><b|%zz><c|%>");
}

TEST(Target, IsAPathAndAQuery) {
  EXPECT_EQ(target("/a%2Fb/c+d?x=1"), "/a/b/c+d <x|1>");
  EXPECT_EQ(target("http://host:80/a?x=1"), "/a <x|1>");
  EXPECT_EQ(target("http://host?x=1"), "/ <x|1>");
  EXPECT_EQ(target("http://host"), "/ ");
  EXPECT_EQ(target("/?u=http://y/z?"), "/ <u|http://y/z?>");
  EXPECT_EQ(target("/a%00"), "refused");
  EXPECT_EQ(target("/a%0d%0aX: y"), "refused");
}

TEST(Headers, AreFoundWithoutCase) {
  HttpHeaders headers = {{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(*headers.find("content-TYPE"), "a");
  EXPECT_EQ(*headers.find("x"), "1");
  EXPECT_EQ(headers.find("Content-Typ"), nullptr);
}

TEST(AcceptEncoding, IsReadByNameAndWeight) {
  for (std::string_view yes : {"gzip", "deflate, GZIP", "br;q=1, gzip;q=0.1", "*", "gzip ; q=1"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (std::string_view no : {"", "identity", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "xgzip"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

}  // namespace
}  // namespace plumb
