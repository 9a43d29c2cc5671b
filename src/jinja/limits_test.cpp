// Templates that ask for too much, or are broken: each ends with an error that tells where, and takes no more than it
// may.
#include <gtest/gtest.h>

#include "jinja/jinja.h"
#include "jinja/testing.h"

namespace plumb::jinja {
namespace {

using Templates = std::map<std::string, std::string>;

Options with_limits(Limits limits) {
  Options options;
  options.limits = limits;
  return options;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// The whole of an error, as `plumb render` shows it.
std::string shown(const Templates& templates, Options options = {}) {
  Environment environment(std::move(options));
  environment.set_loader(load_from_map(templates));
  try {
    return "no error: " + environment.get_template("main")->render();
  } catch (const Error& error) {
    return error.render();
  }
}

std::string error_in(const std::string& source, Options options = {}) {
  return error_of([&] { Environment(std::move(options)).parse(source)->render(); });
}

// ---- Errors tell the template, the line, the column and the way there

TEST(Limits, AMissingTemplateIsToldWhereItIsIncluded) {
  EXPECT_EQ(shown({{"main", "{% import 'lib' as lib %}\n<{{ lib.head() }}>"},
                   {"lib", "{% macro head() %}\n{% include 'gone' %}\n{% endmacro %}"}}),
            "lib:2:4: gone\n"
            "   2 | {% include 'gone' %}\n"
            "     |    ^\n"
            "  in main:2:9: macro 'head'");
}

TEST(Limits, WrongArgumentsAreToldAtTheCall) {
  EXPECT_EQ(shown({{"main",
                    "{% macro price(n) %}{{ n }}{% endmacro %}\n{% macro total() %}{{ price(1, 2) }}{% endmacro %}"
                    "\n{{ total() }}"}}),
            "main:2:28: macro 'price' takes not more than 1 argument(s)\n"
            "   2 | {% macro total() %}{{ price(1, 2) }}{% endmacro %}\n"
            "     |                            ^\n"
            "  in main:3:9: macro 'total'");
}

TEST(Limits, WhatIsNotUtf8HasALine) {
  EXPECT_EQ(shown({{"main", "a\n{% include 'part' %}"}, {"part", "b\nc\xC3("}}),
            "part:2:2: 'utf-8' codec can't decode byte 0xc3 in position 3: invalid continuation byte\n"
            "   2 | c\xEF\xBF\xBD(\n"
            "     |  ^\n"
            "  in main:2:4: template 'part'");
}

TEST(Limits, WhatCanNotBeParsedTellsWhoAskedForIt) {
  const std::string error =
      "lib:1:14: Unexpected end of template. Jinja was looking for the following tags: 'endmacro'. The innermost block "
      "that needs to be closed is 'macro'.\n"
      "   1 | {% macro m() %}\n"
      "     |              ^\n";
  EXPECT_EQ(shown({{"main", "{% extends 'lib' %}"}, {"lib", "{% macro m() %}"}}),
            error + "  in main:1:4: template 'lib'");
  EXPECT_EQ(shown({{"main", "{% from 'lib' import m %}"}, {"lib", "{% macro m() %}"}}),
            error + "  in main:1:9: template 'lib'");
}

TEST(Limits, RecursionWithoutEndTellsItsWayOnce) {
  const std::string error = shown({{"main", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"}});
  EXPECT_TRUE(error.starts_with("main:1:20: more than 400 macros, blocks and templates run within each other\n"))
      << error;
  EXPECT_LT(error.size(), 2000U);
  EXPECT_NE(shown({{"main", "{% include 'main' %}"}}).find("within each other"), std::string::npos);
  EXPECT_NE(shown({{"main", "{% import 'main' as m %}"}}).find("within each other"), std::string::npos);
  EXPECT_NE(shown({{"main", "{% extends 'main' %}"}}).find("templates extend each other"), std::string::npos);
  EXPECT_NE(shown({{"main", "{% block a %}{{ self.a() }}{% endblock %}"}}).find("within each other"),
            std::string::npos);
  EXPECT_NE(shown({{"main", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"}}).find("within each other"),
            std::string::npos);
}

// ---- What is too big is not made

TEST(Limits, ValuesEndWhereMemoryDoes) {
  const std::string memory = "LimitError: the template's values need more than 1024 MiB of memory";
  for (const std::string expression :
       {"'x' * 10 ** 12", "[1] * 10 ** 12", "'%10000000000d' % 1", "'%*d' % (10 ** 10, 1)",
        "'{:10000000000}'.format(1)", "'%1000000000d' % 1", "cycler(*range(10 ** 9))",
        "lipsum(1, min=10 ** 9, max=10 ** 9 + 1)", "'x'|center(10 ** 12)", "'x'.zfill(10 ** 12)", "'x'.ljust(10 ** 18)",
        "'a\n'|indent(10 ** 12)", "'\t'.expandtabs(2 ** 31 - 1) * 2", "[1]|tojson(10 ** 12)"}) {
    EXPECT_EQ(error_in("{{ " + expression + " }}"), memory) << expression;
  }
  EXPECT_EQ(error_in("{{ 2 ** (10 ** 9) }}"), "MemoryError: whole numbers end at 1048576 bits");
  EXPECT_EQ(error_in("{{ ('f' * 1000000)|int(base=16) }}"), "MemoryError: whole numbers end at 1048576 bits");
  EXPECT_EQ(error_in("{{ 'abc'[::10 ** 30] }}{{ [1][-10 ** 30:10 ** 30] }}"), "");
}

TEST(Limits, WhatGrowsByItselfEndsWhereMemoryDoes) {
  const std::string memory = "LimitError: the template's values need more than 4 MiB of memory";
  const Limits limits{.time = std::chrono::seconds(60), .memory_bytes = std::size_t{4} << 20};
  auto grown = [](const std::string& start, const std::string& step, const std::string& end = "") {
    return "{% set ns = namespace(x=" + start + ") %}{% for i in range(99) %}" + step + "{% endfor %}" + end;
  };
  for (const std::string& source :
       {grown("'ab'", "{% set ns.x = ns.x ~ ns.x %}"), grown("'ab'", "{% set ns.x = ns.x|replace('a', 'aaa') %}"),
        grown("'ab'", "{% set b %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = b %}"),
        std::string("{% set l = [] %}{% for i in range(1000) %}{% do l.append(2 ** 1000000 + i) %}{% endfor %}"),
        grown("[1]", "{% do ns.x.extend(ns.x) %}"), grown("[1]", "{% set ns.x = [ns.x, ns.x] %}", "{{ ns.x|string }}"),
        grown("[1]", "{% set ns.x = [ns.x, ns.x] %}", "{{ ns.x|tojson }}"),
        grown("[1]", "{% set ns.x = [ns.x, ns.x] %}", "{{ ns.x|pprint }}"), std::string("{{ ['x' * 1000000] * 1000 }}"),
        std::string("{{ (['x' * 1000000] * 1000)|join }}"), std::string("{{ (['x' * 1000000] * 1000)|tojson }}"),
        std::string("{{ ('<' * 10000000)|e }}"),
        std::string("{{ ('www.a.com ' * 1000)|urlize(target='x' * 1000000) }}"),
        std::string("{{ ('a ' * 1000)|wordwrap(1, wrapstring='x' * 1000000) }}"),
        std::string("{% set l = [] %}{% for i in range(10 ** 9) %}{% do l.append({}) %}{% endfor %}"),
        std::string("{% set l = [] %}{% for i in range(10 ** 9) %}{% do l.append([]|map('e')) %}{% endfor %}"),
        std::string("{% set l = [] %}{% for i in range(10 ** 9) %}{% do l.append({}[i ~ 'x' * 1000]) %}{% endfor %}"),
        std::string("{{ range(10 ** 9)|list }}"), std::string("{{ dict.fromkeys(range(10 ** 9)) }}")}) {
    EXPECT_EQ(error_in(source, with_limits(limits)), memory) << source;
  }
}

TEST(Limits, WhatIsPrintedIntoEachOtherCountsAsMemory) {
  const std::string source = "{% macro m() %}{{ 'x' * 1000000 }}{{ 'x' * 1000000 }}{{ m() }}{% endmacro %}{{ m() }}";
  EXPECT_EQ(error_in(source, with_limits({.memory_bytes = std::size_t{64} << 20})),
            "LimitError: the template's values need more than 64 MiB of memory");
}

TEST(Limits, OutputEndsBeforeItIsTooLong) {
  const Options options = with_limits({.output_bytes = 1000});
  const std::string error = "LimitError: the template printed more than 1000 bytes";
  EXPECT_EQ(error_in("{{ 'x' * 1000 }}", options), "");
  EXPECT_EQ(error_in("{{ 'x' * 1001 }}", options), error);
  EXPECT_EQ(error_in("{% for i in range(10 ** 9) %}{{ i }}{% endfor %}", options), error);
  EXPECT_EQ(error_in("{{ [1] * 1000 }}", options), error);
  EXPECT_EQ(error_in("{% autoescape true %}{{ '<' * 300 }}{% endautoescape %}", options), error);
}

TEST(Limits, NativeValuesCountAsOutput) {
  Environment environment(with_limits({.output_bytes = 1 << 20}));
  const auto endless = environment.parse("{% for i in range(10 ** 9) %}{{ 1 }}{% endfor %}");
  EXPECT_EQ(error_of([&] { endless->render_native(); }), "LimitError: the template printed more than 1048576 bytes");
}

// ---- What takes long can be stopped

TEST(Limits, TimeEndsWhatLibraryAndOperatorsDo) {
  const Options options = with_limits({.time = std::chrono::milliseconds(50)});
  for (const std::string source :
       {"{{ range(10 ** 9)|sum }}", "{{ 'x' in range(10 ** 9)|map('string') }}",
        "{% set n = 2 ** 1000000 %}{% for i in range(100000) %}{% set m = n % (n // 2 ** 500000 + i) %}{% endfor %}",
        "{% macro f(n) %}{% if n > 1 %}{{ f(n - 1) }}{{ f(n - 2) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}"  // NOLINT(bugprone-suspicious-missing-comma)
        "{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}"}) {
    EXPECT_EQ(error_in(source, options), "LimitError: the template ran for longer than 0.05 s") << source;
  }
}

TEST(Limits, HugeNumbersAreWrittenAndReadInTimeInProportion) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(
      error_in("{% set n = 2 ** 1000000 %}{% for i in range(200) %}{% set s = '%x' % n ~ '%o' % n %}{% endfor %}"), "");
  EXPECT_EQ(error_in("{% for i in range(20) %}{% set n = ('f' * 250000)|int(base=16) %}{% endfor %}"), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(Limits, AKeyOfTuplesWithinTuplesHasAnEnd) {
  EXPECT_EQ(error_in("{% set n = namespace(x=(1,)) %}{% for i in range(60) %}{% set n.x = (n.x, n.x) %}{% endfor %}"
                     "{{ {n.x: 1} }}"),
            "LimitError: a key has too many parts");
}

// Each of these took minutes if it went over its text again and again.
TEST(Limits, LongTextsTakeTimeInProportion) {
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string expression : {
           "('('*200000 ~ 'a' ~ ')'*200000)|urlize",
           "('a@'*200000)|urlize",
           "('http://' ~ 'a.'*200000)|urlize",
           "('a'*400000)|wordwrap(1)",
           "('a-'*200000)|wordwrap(7)",
           "('a' ~ '-'*400000)|wordwrap(1000)",
           "('<'*400000)|striptags",
           "('<!--'*100000)|striptags",
           "('&#'*200000)|striptags",
           "('&'*400000)|striptags",
           "('a'*400000).find('a'*200000 ~ 'b')",
           "('a'*400000).rfind('a'*200000 ~ 'b')",
           "('a'*400000).rsplit('b' ~ 'a'*200000)",
           "('a'*400000).count('a'*200000 ~ 'b')",
           "('a'*200000 ~ 'b') in 'a'*400000",
           "('a'*400000)|replace('a'*200000 ~ 'b', '')",
           "('a'*400000)|trim('b'*200000 ~ 'a')",
           "('a'*400000).strip('b'*200000 ~ 'a')",
           "dict.fromkeys(('a'*200000)|list)",
           "('é'*200000)|reverse",
           "('a '*200000)|title",
           "('a\n'*200000)|indent",
       }) {
    EXPECT_EQ(error_in("{{ (" + std::string(expression) + ")|string|length }}"), "") << expression;
  }
  const std::string keys = "{% set d = {} %}{% for i in range(30000) %}{% do d.update({i * 2 ** 48: i}) %}{% endfor %}";
  EXPECT_EQ(error_in(keys), "");
  EXPECT_EQ(error_in("{% set d = dict.fromkeys(range(100000)) %}{% for i in range(100000) %}{% do d.popitem() %}"
                     "{% endfor %}{{ 1 // (d|length == 0)|int }}"),
            "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

// ---- Sources

TEST(Limits, ATemplateOfTenMegabytesIsATemplate) {
  const std::size_t rows = 500'000;
  const std::string source = repeat("<td>{{ n }}</td>\n{# x #}", rows);
  Environment environment;
  const auto made = environment.parse("{% set n = 1 %}" + source + "{{ gone.x }}", "big");
  try {
    made->render();
    FAIL() << "it should not have rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.find_place()->line, 500'001);
    EXPECT_EQ(error.find_place()->source_line, "{# x #}{{ gone.x }}");
  }
  EXPECT_EQ(environment.parse("{% set n = 1 %}" + source)->render().size(), rows * sizeof("<td>1</td>"));
}

TEST(Limits, SourcesThatNeverCloseAreRefusedAtOnce) {
  for (const std::string_view open : {"{%", "{{", "{#", "{% raw %}", "{% raw %}{%", "{{ (", "{{ '", "{% if x %}",
                                      "{{ [", "{% for x in y %}", "{{ not ", "{{ -", "{% set x %}", "{{ x if "}) {
    const std::string error = error_in(repeat(open, 100'000));
    EXPECT_TRUE(error.starts_with("TemplateSyntaxError: ")) << open << error;
    EXPECT_LT(error.size(), 1000U) << open;
  }
}

}  // namespace
}  // namespace plumb::jinja
