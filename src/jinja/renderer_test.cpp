// What templates print. The expectations are Jinja2's own; the language's long tail is in tests/jinja.
#include <gtest/gtest.h>

#include <thread>

#include "jinja/jinja.h"
#include "jinja/testing.h"

namespace plumb::jinja {
namespace {

std::string render(const std::string& source, const Context& context = {}, Options options = {}) {
  return Environment(std::move(options)).parse(source)->render(context);
}

std::string error_in(const std::string& source, Options options = {}) {
  return error_of([&] { render(source, {}, std::move(options)); });
}

TEST(Renderer, PrintsTextAndValues) {
  EXPECT_EQ(render("Hello {{ name }}, {{ 1 + 2 }}{{ none }}{{ missing }}.", Context().set("name", "Ada")),
            "Hello Ada, 3None.");
}

TEST(Renderer, LoopsKnowWhereTheyAre) {
  EXPECT_EQ(
      render("{% for i in 'abc' %}{{ loop.index }}/{{ loop.length }}{{ i }}{{ ',' if not loop.last }}{% endfor %}"),
      "1/3a,2/3b,3/3c");
  EXPECT_EQ(render("{% for i in [1, 2, 3] if i > 1 %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }}{% endfor %}"),
            "<2>32<3>");
  EXPECT_EQ(render("{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{{ loop.cycle('a', 'b') }}{% endfor %}"),
            "TrueaFalsebTruea");
}

TEST(Renderer, ALoopLooksAheadOnlyWhenAsked) {
  int taken = 0;
  struct Counting final : Iterator {
    explicit Counting(int& count) : taken(count) {}
    std::optional<Value> next(State&) override {
      if (taken == 3) return std::nullopt;
      return Value(++taken);
    }
    int& taken;
  };
  std::vector<int> seen;
  Context context;
  context.set("items", make_generator(std::make_unique<Counting>(taken)));
  context.set("note", make_function("note", [&](State&, Arguments) {
                seen.push_back(taken);
                return Value("");
              }));
  render("{% for i in items %}{{ note() }}{% if i == 2 %}{{ loop.last }}{% endif %}{{ note() }}{% endfor %}", context);
  EXPECT_EQ(seen, (std::vector{1, 1, 2, 3, 3, 3}));
}

TEST(Renderer, ElseOfALoopRunsWhenNoRoundCameToItsEnd) {
  EXPECT_EQ(render("{% for i in [] %}{% else %}none{% endfor %}"), "none");
  EXPECT_EQ(render("{% for i in [1, 2] %}{{ i }}{% break %}{% else %}none{% endfor %}"), "1none");
  EXPECT_EQ(render("{% for i in [1, 2] %}{{ i }}{% else %}none{% endfor %}"), "12");
}

TEST(Renderer, RecursiveLoopsCallThemselves) {
  const std::string source =
      "{% for n in [{'n': 1, 'kids': [{'n': 2}]}] recursive %}{{ n.n }}@{{ loop.depth }}"
      "{{ '(' ~ loop(n.kids) ~ ')' if n.kids }}{% endfor %}";
  EXPECT_EQ(render(source), "1@1(2@2)");
  EXPECT_EQ(error_in("{% for i in [1] %}{{ loop([1]) }}{% endfor %}"),
            "TypeError: The loop must have the 'recursive' marker to be called recursively.");
}

TEST(Renderer, MacrosTakeArgumentsAsPythonDoes) {
  EXPECT_EQ(render("{% macro m(a, b=a) %}{{ a }}{{ b }};{% endmacro %}{{ m(1) }}{{ m(b=2) }}{{ m(1, b=3) }}"),
            "11;2;13;");
  EXPECT_EQ(render("{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, a=3) }}"), "(1, 2){'a': 3}");
  EXPECT_EQ(error_in("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}"),
            "TypeError: macro 'm' takes not more than 1 argument(s)");
  EXPECT_EQ(error_in("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}"),
            "TypeError: macro 'm' takes no keyword argument 'b'");
  EXPECT_EQ(error_in("{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}"),
            "UndefinedError: parameter 'a' was not provided");
}

TEST(Renderer, CallBlocksAreGivenToMacros) {
  EXPECT_EQ(render("{% macro m() %}<{{ caller(1) }}>{% endmacro %}{% call(n) m() %}{{ n }}{{ x }}{% endcall %}",
                   Context().set("x", "!")),
            "<1!>");
  EXPECT_EQ(error_in("{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}"), "UndefinedError: No caller defined");
}

TEST(Renderer, EscapingIsDecidedWhereTheTextStands) {
  const std::string source =
      "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ h }}{% autoescape true %}{{ h }}{{ m(h) }}{% endautoescape %}";
  EXPECT_EQ(render(source, Context().set("h", "<")), "<&lt;[<]");
  EXPECT_EQ(render(source, Context().set("h", "<"), {.autoescape = true}), "&lt;&lt;[&lt;]");
}

TEST(Renderer, AHostEndsAMacroWithAValue) {
  Environment environment;
  environment.set_global("return", make_function("return", [](State& state, Arguments arguments) {
                           state.return_from_macro(arguments.positional[0]);
                           return Value("");
                         }));
  auto run = [&](const std::string& source) { return environment.parse(source)->render(); };
  EXPECT_EQ(run("{% macro m() %}lost{{ return([1, 2]) }}lost{% endmacro %}{{ m()[1] }}"), "2");
  EXPECT_EQ(run("{% macro m() %}{% for i in [1, 2] %}{% do return(i) %}{% endfor %}{% endmacro %}{{ m() + 1 }}"), "2");
  EXPECT_EQ(run("{% macro m() %}{{ 1 ~ (return(5)) ~ 2 }}{% endmacro %}{{ m() }}"), "5");
  EXPECT_EQ(
      run("{% macro m() %}{{ caller() }}lost{% endmacro %}{% macro n() %}{% call m() %}{{ return('3') }}{% endcall %}"
          "lost?{% endmacro %}{{ n() }}"),
      "3lost?");
  EXPECT_EQ(run("kept{{ return(1) }}lost"), "kept");
}

TEST(Renderer, ModulesOutliveTheirRender) {
  Environment environment;
  Module module;
  {
    auto macros = environment.parse(
        "{% set greeting = 'Hi' %}{% macro m(n) %}{{ greeting }} {{ n }}{{ x }}{{ o() }}"
        "{% endmacro %}{% macro o() %}?{% endmacro %}{% set _hidden = 1 %}body");
    module = macros->make_module(Context().set("x", "!"));
  }
  EXPECT_EQ(module.body, "body");
  Dict& exports = module.exports.as_dict();
  EXPECT_EQ(exports.size(), 3U);
  auto caller = environment.parse("{{ m('Ada') }}");
  EXPECT_EQ(caller->render(Context().set("m", *exports.find("m")).set("x", "no")), "Hi Ada!?");
}

TEST(Renderer, ErrorsTellTheirPlaceAndTheCallsThatLedThere) {
  Environment environment;
  auto source =
      environment.parse("{% macro half(n) %}\n  {{ n // 0 }}\n{% endmacro %}\n\n  {{ half(3) }}", "prices.txt");
  try {
    source->render();
    FAIL() << "it should not have rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.type(), "ZeroDivisionError");
    ASSERT_NE(error.find_place(), nullptr);
    EXPECT_EQ(error.find_place()->file, "prices.txt");
    EXPECT_EQ(error.find_place()->line, 2);
    ASSERT_EQ(error.calls().size(), 1U);
    EXPECT_EQ(error.calls()[0].what, "macro 'half'");
    EXPECT_EQ(error.calls()[0].place.line, 5);
  }
}

TEST(Renderer, UnknownFiltersAreFoundBeforehandUnlessTheyMayNeverBeReached) {
  EXPECT_EQ(error_in("{{ 1|nope }}"), "TemplateAssertionError: No filter named 'nope'.");
  EXPECT_EQ(render("{% if false %}{{ 1|nope }}{% endif %}ok"), "ok");
  EXPECT_EQ(error_in("{% if true %}{{ 1 is nope }}{% endif %}ok"), "TemplateRuntimeError: No test named 'nope' found.");
}

TEST(Renderer, UnpackingCountsAsPythonDoes) {
  EXPECT_EQ(render("{% set a, (b, c) = [1, 'xy'] %}{{ a }}{{ b }}{{ c }}"), "1xy");
  EXPECT_EQ(error_in("{% for a, b in [[1]] %}{% endfor %}"),
            "ValueError: not enough values to unpack (expected 2, got 1)");
  EXPECT_EQ(error_in("{% set a, b = [1, 2, 3] %}"), "ValueError: too many values to unpack (expected 2)");
  EXPECT_EQ(error_in("{% set a, b = 1 %}"), "TypeError: cannot unpack non-iterable int object");
}

TEST(Renderer, KeepsToItsLimits) {
  auto limited = [](Limits limits) {
    Options options;
    options.limits = limits;
    return options;
  };
  EXPECT_EQ(error_in("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
            "LimitError: more than 400 macros, blocks and templates run within each other");
  EXPECT_EQ(error_in("{% for i in range(10 ** 9) %}{% endfor %}", limited({.time = std::chrono::milliseconds(50)})),
            "LimitError: the template ran for longer than 0.05 s");
  EXPECT_EQ(error_in("{% for i in range(10 ** 9) %}0123456789{% endfor %}", limited({.output_bytes = 100})),
            "LimitError: the template printed more than 100 bytes");
  std::stop_source stop;
  stop.request_stop();
  Environment environment;
  auto endless = environment.parse("{% for i in range(10 ** 9) %}{% endfor %}");
  EXPECT_EQ(error_of([&] { endless->render({}, stop.get_token()); }), ": the template was stopped");
}

TEST(Renderer, NativeRenderingGivesValues) {
  auto native = [](const std::string& source) {
    Environment environment;
    TestState state;
    return repr(state, environment.parse(source)->render_native(Context().set("items", Value::list({1, 2}))));
  };
  EXPECT_EQ(native("{{ items }}"), "[1, 2]");
  EXPECT_EQ(native("{{ items }}!"), "'[1, 2]!'");
  EXPECT_EQ(native("1{{ 2 }}"), "12");
  EXPECT_EQ(native(" 1"), "' 1'");
  EXPECT_EQ(native(""), "None");
  EXPECT_EQ(native("{% macro m() %}{{ 1 }}{% endmacro %}{{ m() + 1 }}"), "2");
}

TEST(Renderer, AnExpressionAloneGivesItsValue) {
  Environment environment;
  TestState state;
  EXPECT_EQ(repr(state, environment.evaluate("a * 2", Context().set("a", 21))), "42");
  EXPECT_EQ(repr(state, environment.evaluate("missing")), "None");
}

TEST(Renderer, ATemplateIsRenderedByManyThreadsAtOnce) {
  Environment environment;
  auto source =
      environment.parse("{% macro m(n) %}{{ n }}{{ n }}{% endmacro %}{% for i in range(50) %}{{ m(i) }}{% endfor %}");
  std::string expected = source->render();
  std::vector<std::thread> threads;
  std::vector<std::string> results(4);
  for (auto& result : results) threads.emplace_back([&] { result = source->render(); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

}  // namespace
}  // namespace plumb::jinja
