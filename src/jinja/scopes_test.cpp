// Which value a name has. Every expectation is what Jinja2 prints.
#include <gtest/gtest.h>

#include "jinja/jinja.h"

namespace plumb::jinja {
namespace {

std::string render(const std::string& source, std::map<std::string, std::string> others = {}) {
  Environment environment;
  environment.set_loader(load_from_map(std::move(others)));
  Context context;
  context.set("x", "ctx").set("items", Value::list({1, 2}));
  return environment.parse(source)->render(context);
}

TEST(Scopes, ANameThatIsReadFirstIsTheContexts) {
  EXPECT_EQ(render("{{ x }}{% set x = 1 %}{{ x }}"), "ctx1");
}

TEST(Scopes, ALoopAboveASetSeesNothing) {
  EXPECT_EQ(render("{% for i in [1] %}<{{ x }}>{% endfor %}{% set x = 1 %}{{ x }}"), "<>1");
}

TEST(Scopes, ASetInALoopDoesNotLeak) {
  EXPECT_EQ(render("{% set n = 0 %}{% for i in items %}{% set n = n + i %}{{ n }}{% endfor %}{{ n }}"), "120");
}

TEST(Scopes, AnIfIsNoScope) {
  EXPECT_EQ(render("{% if true %}{% set x = 1 %}{% endif %}{{ x }}"), "1");
  EXPECT_EQ(render("{% if false %}{% set x = 1 %}{% endif %}{{ x }}"), "ctx");
}

TEST(Scopes, LoopVariablesShadowAndAreRestored) {
  EXPECT_EQ(render("{% for x in items %}{% for x in 'a' %}{{ x }}{% endfor %}{{ x }}{% endfor %}{{ x }}"), "a1a2ctx");
  EXPECT_EQ(render("{% for i in items %}{% for j in items %}{{ loop.index }}{% endfor %}{{ loop.index }};{% endfor %}"),
            "121;122;");
}

TEST(Scopes, MacrosSeeTheLaterValueOfWhatIsAround) {
  EXPECT_EQ(render("{% set v = 1 %}{% macro m() %}{{ v }}{% endmacro %}{{ m() }}{% set v = 2 %}{{ m() }}"), "12");
  EXPECT_EQ(render("{% macro o() %}{% set v = 1 %}{% macro i() %}{{ v }}{% endmacro %}{% set v = 2 %}{{ i() }}"
                   "{% endmacro %}{{ o() }}"),
            "2");
}

TEST(Scopes, WithAndBlocksOfTextHaveScopesOfTheirOwn) {
  EXPECT_EQ(render("{% with x = 1, y = x %}{{ x }}{{ y }}{% set z = 3 %}{% endwith %}{{ x }}{{ z }}"), "1ctxctx");
  EXPECT_EQ(render("{% set t %}{% set x = 1 %}{{ x }}{% endset %}{{ t }}{{ x }}"), "1ctx");
  EXPECT_EQ(render("{% filter upper %}{% set x = 'b' %}{{ x }}{% endfilter %}{{ x }}"), "Bctx");
}

TEST(Scopes, BlocksSeeTheTopLevelButNotTheLoopsAround) {
  EXPECT_EQ(render("{% set v = 1 %}{% for i in items %}{% block a %}[{{ v }}{{ i }}]{% endblock %}{% endfor %}"),
            "[1][1]");
  EXPECT_EQ(render("{% for i in items %}{% block a scoped %}[{{ i }}]{% endblock %}{% endfor %}"), "[1][2]");
  EXPECT_EQ(render("{% block a %}{% set v = 1 %}{% endblock %}{% block b %}[{{ v }}]{% endblock %}"), "[]");
}

TEST(Scopes, IncludesSeeLocals) {
  EXPECT_EQ(render("{% for i in items %}{% include 'i' %}{% endfor %}", {{"i", "{{ i }}{{ x }};"}}), "1ctx;2ctx;");
  EXPECT_EQ(render("{% for i in items %}{% include 'i' without context %}{% endfor %}", {{"i", "{{ i }}{{ x }};"}}),
            ";;");
}

TEST(Scopes, ModulesExportTheTopLevelSaveWhatHides) {
  EXPECT_EQ(render("{% import 'm' as m %}{{ m.a }}{{ m._b }}{{ m.c }}{{ m.f() }}",
                   {{"m",
                     "{% set a = 1 %}{% set _b = 2 %}{% for i in [1] %}{% set c = 3 %}{% endfor %}"
                     "{% macro f() %}{{ _b }}{{ x }}{% endmacro %}"}}),
            "12");
  EXPECT_EQ(render("{% set v = 1 %}{% import 'm' as m with context %}{{ m.f() }}{% set v = 2 %}{{ m.f() }}",
                   {{"m", "{% macro f() %}{{ v }}{{ x }};{% endmacro %}"}}),
            "1ctx;1ctx;");
}

TEST(Scopes, MacrosOfALoopSeeWhatItsSlotsHoldLater) {
  EXPECT_EQ(render("{% set ns = namespace() %}{% for i in items %}{% macro m() %}<{{ i }}>{% endmacro %}"
                   "{% set ns.f = m %}{% endfor %}{% for i in [7] %}{{ ns.f() }}{% endfor %}"),
            "<7>");
}

}  // namespace
}  // namespace plumb::jinja
