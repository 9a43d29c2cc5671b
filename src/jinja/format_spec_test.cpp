#include <gtest/gtest.h>

#include "jinja/format_fields.h"
#include "jinja/number.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

std::string formatted(const Value& value, std::string_view spec) {
  TestState state;
  return format_value(state, value, spec);
}
std::string refused(const Value& value, std::string_view spec) {
  return error_of([&] { formatted(value, spec); });
}

TEST(JinjaFormatSpec, AlignsText) {
  EXPECT_EQ(formatted("ä", "5") + "|", "ä    |");
  EXPECT_EQ(formatted("abc", "é^7.2"), "ééabééé");
  EXPECT_EQ(refused("a", "=5"), "ValueError: '=' alignment not allowed in string format specifier");
  EXPECT_EQ(refused("a", "d"), "ValueError: Unknown format code 'd' for object of type 'str'");
}

TEST(JinjaFormatSpec, WritesWholeNumbers) {
  EXPECT_EQ(formatted(1234567, ","), "1,234,567");
  EXPECT_EQ(formatted(1234567, "013,"), "0,001,234,567");
  EXPECT_EQ(formatted(-255, "#x") + formatted(255, "_b") + formatted(97, "c"), "-0xff1111_1111a");
  EXPECT_EQ(formatted(*parse_int("1000000000000000000000"), "+_"), "+1_000_000_000_000_000_000_000");
  EXPECT_EQ(formatted(true, "") + formatted(true, "d"), "True1");
  EXPECT_EQ(refused(1, ".2"), "ValueError: Precision not allowed in integer format specifier");
  EXPECT_EQ(refused(1, ",x"), "ValueError: Cannot specify ',' with 'x'.");
}

TEST(JinjaFormatSpec, WritesFloats) {
  EXPECT_EQ(formatted(1234.5678, ",.2f"), "1,234.57");
  EXPECT_EQ(formatted(0.256, ".1%") + formatted(1e16, "") + formatted(100.0, ".3"), "25.6%1e+161e+02");
  EXPECT_EQ(formatted(-0.001, "z.1f") + formatted(1.0, "#g"), "0.01.00000");
  EXPECT_EQ(refused(1.5, "d"), "ValueError: Unknown format code 'd' for object of type 'float'");
  EXPECT_EQ(refused(1.5, "1000000000f"), "LimitError: too much");
}

TEST(JinjaFormatSpec, RefusesWhatHasNoSpec) {
  EXPECT_EQ(formatted(Value::list({1}), ""), "[1]");
  EXPECT_EQ(refused(Value::list({1}), ">5"), "TypeError: unsupported format string passed to list.__format__");
  EXPECT_EQ(refused(Value::none(), "5"), "TypeError: unsupported format string passed to NoneType.__format__");
}

// ---- Replacement fields
std::string filled(std::string_view text, std::vector<Value> positional, const FieldOptions& options = {}) {
  TestState state;
  const std::vector<Keyword> keywords = {{"name", "Ada"}, {"w", 6}};
  return format_fields(state, text, {positional, keywords, nullptr}, options);
}
std::string not_filled(std::string_view text, std::vector<Value> positional, const FieldOptions& options = {}) {
  return error_of([&] { filled(text, std::move(positional), options); });
}

TEST(JinjaFormatFields, FillsByPositionAndName) {
  EXPECT_EQ(filled("{} {} {{}} {name}", {1, "b"}), "1 b {} Ada");
  EXPECT_EQ(filled("{1}{0!r:>5}", {"a", 2}), "2  'a'");
  EXPECT_EQ(filled("{name:*^{w}}|{0[1]}|{0[1].real}", {Value::list({1, 2})}), "*Ada**|2|2");
}

TEST(JinjaFormatFields, SaysWhatIsWrong) {
  EXPECT_EQ(not_filled("{}{0}", {1}),
            "ValueError: cannot switch from automatic field numbering to manual field specification");
  EXPECT_EQ(not_filled("{1}", {1}), "IndexError: Replacement index 1 out of range for positional args tuple");
  EXPECT_EQ(not_filled("{x}", {}), "KeyError: 'x'");
  EXPECT_EQ(not_filled("{", {}), "ValueError: Single '{' encountered in format string");
  EXPECT_EQ(not_filled("{0.x}", {1}), "AttributeError: 'int' object has no attribute 'x'");
  EXPECT_EQ(not_filled("{:{:{}}}", {1, 2, 3}), "ValueError: Max string recursion exceeded");
}

TEST(JinjaFormatFields, EscapesForMarkup) {
  const FieldOptions markup{FieldRules::Formatter, true};
  EXPECT_EQ(filled("<b>{}{}</b>", {"<", Value::markup("<i>")}, markup), "<b>&lt;<i></b>");
  EXPECT_EQ(not_filled("{1}", {1}, markup), "IndexError: tuple index out of range");
}

TEST(JinjaFormatFields, LooksUpAsTemplatesDoInTheSandbox) {
  const FieldOptions sandboxed{FieldRules::Sandboxed, false};
  EXPECT_EQ(filled("{0.a}{0.b}", {Value::dict({{"a", 1}})}, sandboxed), "1");
}

}  // namespace
}  // namespace plumb::jinja
