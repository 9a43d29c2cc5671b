#include <gtest/gtest.h>

#include "jinja/library.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

std::string printed(const Value& text, const Value& values) {
  TestState state;
  return std::string(format_printf(state, text, values).as_string());
}
std::string refused(const Value& text, const Value& values) {
  return error_of([&] { printed(text, values); });
}

TEST(JinjaPrintf, TakesValuesOneByOne) {
  EXPECT_EQ(printed("%s is %d years, %5.1f%% done", Value::tuple({"Ada", 36, 99.44})), "Ada is 36 years,  99.4% done");
  EXPECT_EQ(printed("%s", Value::list({1, "a"})), "[1, 'a']");
  EXPECT_EQ(printed("%r %a", Value::tuple({"é", "é"})), "'é' '\\xe9'");
  EXPECT_EQ(refused("%s %s", "a"), "TypeError: not enough arguments for format string");
  EXPECT_EQ(refused("%s", Value::tuple({1, 2})), "TypeError: not all arguments converted during string formatting");
}

TEST(JinjaPrintf, TakesValuesByKey) {
  const Value row = Value::dict({{"a", 1}, {"b(c)", "x"}});
  EXPECT_EQ(printed("%(a)03d %(b(c))s", row), "001 x");
  EXPECT_EQ(printed("nothing", row), "nothing");
  EXPECT_EQ(refused("%(z)s", row), "KeyError: 'z'");
  EXPECT_EQ(refused("%(a)s", 1), "TypeError: format requires a mapping");
  EXPECT_EQ(refused("%(a", row), "ValueError: incomplete format key");
}

TEST(JinjaPrintf, FillsBehindSignAndPrefix) {
  EXPECT_EQ(printed("%+05d|%-5d|% d|%#x|%#010x|%.3d", Value::tuple({42, 42, 42, 255, 255, 7})),
            "+0042|42   | 42|0xff|0x000000ff|007");
  EXPECT_EQ(printed("%*.*f", Value::tuple({8, 2, 3.14159})), "    3.14");
  EXPECT_EQ(printed("%e %g %G %.0f %#.0f", Value::tuple({12345.678, 1e20, 1e-20, 0.5, 2.0})),
            "1.234568e+04 1e+20 1E-20 0 2.");
  EXPECT_EQ(printed("%.60f", 0.1), "0.100000000000000005551115123125782702118158340454101562500000");
}

TEST(JinjaPrintf, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refused("%d", "a"), "TypeError: %d format: a real number is required, not str");
  EXPECT_EQ(refused("%x", 1.5), "TypeError: %x format: an integer is required, not float");
  EXPECT_EQ(refused("%f", Value::none()), "TypeError: must be real number, not NoneType");
  EXPECT_EQ(refused("%c", "ab"), "TypeError: %c requires int or char");
  EXPECT_EQ(refused("%y", 1), "ValueError: unsupported format character 'y' (0x79) at index 1");
  EXPECT_EQ(refused("50%", 1), "ValueError: incomplete format");
  EXPECT_EQ(refused("%1000000000d", 1), "LimitError: too much");
}

TEST(JinjaPrintf, EscapesWhatMarkupPutsIn) {
  EXPECT_EQ(printed(Value::markup("<b>%s</b>"), "<i>"), "<b>&lt;i&gt;</b>");
  EXPECT_EQ(printed(Value::markup("%s"), Value::markup("<i>")), "<i>");
}

}  // namespace
}  // namespace plumb::jinja
