// What a program can bring into the language: tags, macros of its own, parts of files, names that are not known yet.
#include <gtest/gtest.h>

#include "jinja/jinja.h"

namespace plumb::jinja {
namespace {

// {% macro %} under another name, as a host with macros in many files has it.
StatementPtr parse_named_macro(Parser& parser, Position at) {
  auto macro = std::make_unique<Macro>(at);
  macro->function.name = "host__" + parser.expect_name();
  macro->function.parameters = parser.parse_signature();
  macro->function.body = parser.parse_body({"endmacro"});
  return macro;
}

TEST(Host, ATagOfTheHostGoesBeforeTheLanguagesOwn) {
  Environment environment;
  environment.add_tag("macro", parse_named_macro);
  EXPECT_EQ(environment.parse("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ host__m(1) }}")->render(), "<1>");
}

TEST(Host, AMacroOfTheHostSeesTheNamesOfTheRenderThatCallsIt) {
  Environment environment;
  environment.add_tag("macro", parse_named_macro);
  TemplatePtr library = environment.parse("{% macro m() %}{{ who }}{% endmacro %}");
  Value greet = make_function("greet", [&](State& state, Arguments arguments) {
    return call(state, *state.run_module(library).as_dict().find("host__m"), arguments);
  });
  TemplatePtr page = environment.parse("{{ greet() }}");
  EXPECT_EQ(page->render(Context().set("greet", greet).set("who", "Ada")), "Ada");
  EXPECT_EQ(page->render(Context().set("greet", greet).set("who", "Bob")), "Bob");
}

TEST(Host, APartOfAFileIsToldByTheLinesOfTheFile) {
  Environment environment;
  auto place_of = [&](std::string text) {
    try {
      environment.parse(Source{std::move(text), "lib.sql", {10, 5}}, "lib.sql")->render();
    } catch (const Error& error) {
      return std::to_string(error.find_place()->line) + ":" + std::to_string(error.find_place()->column);
    }
    return std::string();
  };
  EXPECT_EQ(place_of("{{ 1 / 0 }}"), "10:10");
  EXPECT_EQ(place_of("one\n{{ 1 / 0 }}"), "11:6");
  EXPECT_EQ(place_of("{{ 1 + }}"), "10:12");
}

TEST(Host, AForgivingUndefinedMayBeCalledAndWalked) {
  Environment environment({.undefined = UndefinedKind::Forgiving});
  EXPECT_EQ(environment.parse("[{{ nope }}{{ nope() }}{{ nope.a.b(1)[2] }}] {{ nope.x is defined }}")->render(),
            "[] False");
}

}  // namespace
}  // namespace plumb::jinja
