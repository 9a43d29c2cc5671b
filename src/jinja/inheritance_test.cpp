// extends, blocks, include, import. Every expectation is Jinja2's.
#include <gtest/gtest.h>

#include "jinja/jinja.h"
#include "jinja/testing.h"

namespace plumb::jinja {
namespace {

using Templates = std::map<std::string, std::string>;

std::string render(const std::string& source, Templates others = {}) {
  Environment environment;
  environment.set_loader(load_from_map(std::move(others)));
  return environment.parse(source)->render();
}

std::string error_in(const std::string& source, Templates others = {}) {
  return error_of([&] { render(source, std::move(others)); });
}

TEST(Inheritance, BlocksReplaceThoseOfTheParent) {
  Templates others{{"base", "<{% block a %}base{% endblock %}|{% block b %}b{% endblock %}>"}};
  EXPECT_EQ(render("{% extends 'base' %}dropped{% block a %}child{% endblock %}", others), "<child|b>");
}

TEST(Inheritance, SuperGoesUpLevelByLevel) {
  Templates others{{"base", "{% block a %}g{% endblock %}"},
                   {"middle", "{% extends 'base' %}{% block a %}p{{ super() }}{% endblock %}"}};
  EXPECT_EQ(render("{% extends 'middle' %}{% block a %}c{{ super() }}{{ super.super() }}{% endblock %}", others),
            "cpgg");
  EXPECT_EQ(error_in("{% block a %}{{ super() }}{% endblock %}"),
            "UndefinedError: there is no parent block called 'a'.");
}

TEST(Inheritance, SelfCallsABlock) {
  EXPECT_EQ(render("{% block a %}x{% endblock %}{{ self.a() }}"), "xx");
}

TEST(Inheritance, WhatAChildSetsItsParentSees) {
  Templates others{{"base", "{{ v }}{% block a %}{% endblock %}"}};
  EXPECT_EQ(render("{% extends 'base' %}{% set v = 1 %}{% block a %}{{ v }}{% endblock %}", others), "11");
}

TEST(Inheritance, SomeThingsPrintEvenInAChild) {
  Templates others{{"base", "P"}, {"i", "I"}};
  EXPECT_EQ(render("{% extends 'base' %}lost{% include 'i' %}{% for i in [1, 2] %}{{ i }}{% block a %}b{% endblock %}"
                   "{% endfor %}",
                   others),
            "IbbP");
}

TEST(Inheritance, RequiredBlocksMustBeReplaced) {
  Templates others{{"base", "{% block a required %}{% endblock %}"}};
  EXPECT_EQ(render("{% extends 'base' %}{% block a %}x{% endblock %}", others), "x");
  EXPECT_EQ(error_in("{% extends 'base' %}", others), "TemplateRuntimeError: Required block 'a' not found");
}

TEST(Inheritance, OnlyOneParent) {
  EXPECT_EQ(error_in("{% extends 'p' %}{% extends 'p' %}", {{"p", ""}}),
            "TemplateRuntimeError: extended multiple times");
  EXPECT_EQ(render("{% if false %}{% extends 'p' %}{% endif %}own", {{"p", "parent"}}), "own");
  EXPECT_EQ(error_in("{% extends 'p' %}", {{"p", "{% extends 'p' %}"}}),
            "LimitError: more than 400 templates extend each other");
}

TEST(Includes, TheFirstThatIsThere) {
  EXPECT_EQ(render("{% include ['no', 'yes'] %}", {{"yes", "found"}}), "found");
  EXPECT_EQ(render("{% include 'no' ignore missing %}ok"), "ok");
  EXPECT_EQ(error_in("{% include 'no' %}"), "TemplateNotFound: no");
  EXPECT_EQ(error_in("{% include ['no', 'nor', un] %}"),
            "TemplatesNotFound: none of the templates given were found: no, nor, 'un' is undefined");
  EXPECT_EQ(error_in("{% include [] %}"), "TemplatesNotFound: Tried to select from an empty list of templates.");
}

TEST(Includes, ErrorsTellWhoIncluded) {
  Environment environment;
  environment.set_loader(load_from_map({{"inner", "\n{{ 1 // 0 }}"}}));
  try {
    environment.parse("\n\n{% include 'inner' %}", "outer")->render();
    FAIL() << "it should not have rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.find_place()->file, "inner");
    EXPECT_EQ(error.find_place()->line, 2);
    ASSERT_EQ(error.calls().size(), 1U);
    EXPECT_EQ(error.calls()[0].place.file, "outer");
    EXPECT_EQ(error.calls()[0].place.line, 3);
  }
}

TEST(Imports, AMissingNameSaysWhereItWasSought) {
  EXPECT_EQ(error_in("{% from 'm' import f %}{{ f() }}", {{"m", ""}}),
            "UndefinedError: the template 'm' (imported on line 1) does not export the requested name 'f'");
}

TEST(Imports, ModulesPrintWhatTheyPrinted) {
  EXPECT_EQ(render("{% import 'm' as m %}{{ m }}{{ [m] }}", {{"m", "body"}}), "body[<TemplateModule 'm'>]");
}

TEST(Imports, MacrosBelongToTheTemplateThatImports) {
  EXPECT_EQ(render("{% from 'm' import f as g %}{% block a %}{{ g(2) }}{% endblock %}",
                   {{"m", "{% macro f(n) %}{{ n * n }}{% endmacro %}"}}),
            "4");
}

}  // namespace
}  // namespace plumb::jinja
