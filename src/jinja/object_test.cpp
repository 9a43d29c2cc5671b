// Calls: how arguments find their parameters, in CPython's words where they don't.
#include "jinja/object.h"

#include <gtest/gtest.h>

#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

// What the parameters got, "-" for what was not given; or the error.
std::string bound(const Signature& signature, std::vector<Value> positional, std::vector<Keyword> keywords = {}) {
  std::string text;
  const std::string error = error_of([&] {
    std::vector<Value> into(signature.parameters.size());
    bind_arguments(signature, {positional, keywords}, into);
    TestState state;
    for (const Value& value : into) text += (text.empty() ? "" : " ") + (given(value) ? repr(state, value) : "-");
  });
  return error.empty() ? text : error;
}

TEST(BindArguments, ByPositionByNameOrNotAtAll) {
  const Signature signature{"f", {"a", "b", "c"}, 1};
  EXPECT_EQ(bound(signature, {1}), "1 - -");
  EXPECT_EQ(bound(signature, {1}, {{"c", 3}}), "1 - 3");
  EXPECT_EQ(bound(signature, {}, {{"b", 2}, {"a", 1}}), "1 2 -");
}

TEST(BindArguments, SaysWhatIsMissing) {
  const Signature signature{"f", {"a", "b", "c"}, 3};
  EXPECT_EQ(bound(signature, {1, 2}), "TypeError: f() missing 1 required positional argument: 'c'");
  EXPECT_EQ(bound(signature, {1}), "TypeError: f() missing 2 required positional arguments: 'b' and 'c'");
  EXPECT_EQ(bound(signature, {}), "TypeError: f() missing 3 required positional arguments: 'a', 'b', and 'c'");
  EXPECT_EQ(bound({"f", {"a", "b"}, 2, 1}, {1}), "TypeError: f() missing 1 required keyword-only argument: 'b'");
}

TEST(BindArguments, SaysWhatIsTooMuch) {
  EXPECT_EQ(bound({"f", {}}, {1}), "TypeError: f() takes 0 positional arguments but 1 was given");
  EXPECT_EQ(bound({"f", {"a"}, 1}, {1, 2}), "TypeError: f() takes 1 positional argument but 2 were given");
  EXPECT_EQ(bound({"f", {"a", "b"}, 1}, {1, 2, 3}),
            "TypeError: f() takes from 1 to 2 positional arguments but 3 were given");
  EXPECT_EQ(bound({"f", {"a", "b"}, 1, 1}, {1, 2}, {{"b", 3}}),
            "TypeError: f() takes 1 positional argument but 2 positional arguments (and 1 keyword-only argument) were "
            "given");
  // do_replace(eval_ctx, s, old, new, count=None)
  EXPECT_EQ(bound({"do_replace", {"s", "old", "new", "count"}, 3, SIZE_MAX, 1}, {1, 2, 3, 4, 5}),
            "TypeError: do_replace() takes from 4 to 5 positional arguments but 6 were given");
}

TEST(BindArguments, SaysWhichNameDoesNotFit) {
  const Signature signature{"f", {"a", "b"}, 1};
  EXPECT_EQ(bound(signature, {1}, {{"z", 2}}), "TypeError: f() got an unexpected keyword argument 'z'");
  EXPECT_EQ(bound(signature, {1}, {{"a", 2}}), "TypeError: f() got multiple values for argument 'a'");
}

}  // namespace
}  // namespace plumb::jinja
