#include "project/tags.h"

#include "base/format.h"

namespace plumb::project {

namespace {

using jinja::Parser;
using jinja::Position;
using jinja::StatementPtr;

StatementPtr parse_macro(Parser& parser, Position at) {
  auto macro = std::make_unique<jinja::Macro>(at);
  macro->function.name = exported_name(parser.expect_name());
  macro->function.parameters = parser.parse_signature();
  macro->function.body = parser.parse_body({"endmacro"});
  return macro;
}

StatementPtr parse_test(Parser& parser, Position at, std::initializer_list<std::string_view> end) {
  auto macro = std::make_unique<jinja::Macro>(at);
  macro->function.name = exported_name(test_macro_name(parser.expect_name()));
  macro->function.parameters = parser.parse_signature();
  macro->function.body = parser.parse_body(end);
  return macro;
}

// {% materialization table, adapter='duckdb', supported_languages=['sql'] %} or {% materialization table, default %}
StatementPtr parse_materialization(Parser& parser, Position at) {
  auto macro = std::make_unique<jinja::Macro>(at);
  std::string name = parser.expect_name(), adapter = "default";
  while (parser.skip_if(",")) {
    std::string option = parser.expect_name();
    if (option == "default") continue;
    parser.expect("=");
    if (option == "adapter") {
      adapter = parser.expect_string();
    } else if (option == "supported_languages") {
      parser.parse_expression();
    } else {
      parser.fail(format("materialization '{}' has an unknown option '{}'", name, option), at);
    }
  }
  macro->function.name = exported_name(materialization_name(name, adapter));
  macro->function.body = parser.parse_body({"endmaterialization"});
  return macro;
}

}  // namespace

void add_tags(jinja::Environment& environment) {
  environment.add_tag("macro", parse_macro);
  environment.add_tag("test", [](Parser& parser, Position at) { return parse_test(parser, at, {"endtest"}); });
  environment.add_tag("data_test",
                      [](Parser& parser, Position at) { return parse_test(parser, at, {"enddata_test"}); });
  environment.add_tag("materialization", parse_materialization);
}

std::string exported_name(std::string_view macro) {
  return "dbt_macro__" + std::string(macro);
}

std::string materialization_name(std::string_view name, std::string_view adapter) {
  return "materialization_" + std::string(name) + "_" + std::string(adapter);
}

std::string test_macro_name(std::string_view name) {
  return "test_" + std::string(name);
}

}  // namespace plumb::project
