#include "project/selection.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/file.h"
#include "project/manifest_reader.h"

namespace plumb::project {
namespace {

using jinja::Value;

std::filesystem::path data(const char* name) {
  return std::filesystem::path(find_environment("PLUMB_SOURCE_DIR").value_or(".")) / "tests/project/selection" / name;
}
Manifest read(const char* name) {
  return read_manifest(parse_json(read_file(data(name)), name));
}

// "unit_test.shop.orders.adds_up" of a test's id with its hash: dbt's hashes are not this test's matter.
std::string without_hash(const std::string& id) {
  std::size_t dot = id.rfind('.');
  bool hash = id.size() - dot == 11 && id.find_first_not_of("0123456789abcdef", dot + 1) == std::string::npos;
  return hash ? id.substr(0, dot) : id;
}

class SelectionStories : public ::testing::Test {
 protected:
  std::vector<NamedSelector> selectors(std::string text) {
    file_ = parse_yaml(std::move(text), "selectors.yml");
    ConfigRenderer renderer(config::Environment(), Value::dict(), ConfigRenderer::Secrets::Refused);
    renderer.set("target", Value::dict({{"name", "nightly"}}));
    return read_selectors(file_, renderer);
  }

  SelectionContext with_state() {
    auto results = [](const char* text) { return jinja::to_value(parse_json(text, "results.json").root()); };
    context_.previous = &before_;
    context_.results = results(R"({"results": [
        {"status": "error", "unique_id": "model.shop.orders"}, {"status": "success", "unique_id": "model.shop.stg_orders"},
        {"status": "skipped", "unique_id": "model.shop.customers"}, {"status": "fail", "unique_id": "test.shop.assert_orders"},
        {"status": "warn", "unique_id": "test.shop.not_null_stg_customers_id.6bd2c50f02"}]})");
    context_.source_results = results(R"({"results": [
        {"unique_id": "source.shop.raw.customers", "max_loaded_at": "2024-01-01T00:00:00Z"},
        {"unique_id": "source.shop.raw.orders", "max_loaded_at": "2024-01-01T00:00:00Z"}]})");
    context_.current_source_results = results(R"({"results": [
        {"unique_id": "source.shop.raw.customers", "max_loaded_at": "2024-01-02T00:00:00Z"},
        {"unique_id": "source.shop.raw.orders", "max_loaded_at": "2024-01-01T00:00:00Z"},
        {"unique_id": "source.shop.web.clicks", "max_loaded_at": "2024-01-01T00:00:00Z"}]})");
    return context_;
  }

  // As `dbt ls` reads its command line, whose default is everything but analyses.
  std::set<std::string> answer(const std::string& line) {
    Selection selection;
    SelectionContext context{.root_package = "shop"};
    std::vector<std::string>* words = nullptr;
    std::istringstream rest(line);
    for (std::string word; std::getline(rest, word, ' ');) {
      if (word == "--state") {
        context = with_state();
      } else if (!word.starts_with("--")) {
        take(word, words, selection);
      } else {
        words = word == "--select"                  ? &selection.select
                : word == "--exclude"               ? &selection.exclude
                : word == "--resource-type"         ? &selection.resource_types
                : word == "--exclude-resource-type" ? &selection.exclude_resource_types
                                                    : nullptr;
        option_ = word;
      }
    }
    if (line == "--select ") selection.select = {""};
    if (selection.resource_types.empty()) selection.resource_types = {"default"};
    std::set<std::string> ids;
    for (const std::string& id : select_nodes(now_, selection, context)) ids.insert(without_hash(id));
    return ids;
  }
  void take(const std::string& word, std::vector<std::string>* words, Selection& selection) {
    if (words) return words->push_back(word);
    if (option_ == "--indirect-selection") selection.indirect = find_indirect_selection(word).value();
    if (option_ == "--selector") selection.definition = get_selector(named_, word).selection.definition;
  }

  void check_answers() {
    std::istringstream file(read_file(data("answers.txt")));
    std::string line, question;
    std::set<std::string> expected;
    int asked = 0;
    auto check = [&] {
      if (question.empty()) return;
      EXPECT_EQ(answer(question), expected) << question;
      ++asked;
    };
    while (std::getline(file, line)) {
      if (line.starts_with("> ")) {
        check();
        question = line.substr(2);
        expected.clear();
      } else if (!line.empty() && line[0] != '#') {
        expected.insert(without_hash(line));
      }
    }
    check();
    EXPECT_GT(asked, 200);
  }

  std::string complaint(const std::string& line) {
    try {
      answer(line);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string selector_complaint(const std::string& text) {
    try {
      selectors("selectors: " + text);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  Manifest now_ = read("manifest.json"), before_ = read("previous.json");
  SelectionContext context_{.root_package = "shop"};
  Document file_;
  std::vector<NamedSelector> named_ = selectors(read_file(data("shop/selectors.yml")));
  std::string option_;
};

TEST_F(SelectionStories, EverySelectionIsDbts) {
  check_answers();
}

TEST_F(SelectionStories, BadCriteriaAreToldInDbtsWords) {
  EXPECT_EQ(complaint("--select tga:x"), "'tga' is not a valid method name");
  EXPECT_EQ(complaint("--select @a+"), "Invalid node spec @a+ - \"@\" prefix and \"+\" suffix are incompatible");
  EXPECT_EQ(complaint("--select state:modified"), "Got a state selector method, but no comparison manifest");
  EXPECT_EQ(complaint("--select state:nope --state").substr(0, 49),
            "Got an invalid selector \"nope\", expected one of \"");
  EXPECT_EQ(complaint("--select result:error"), "No comparison run_results");
  EXPECT_EQ(complaint("--select source_status:fresher"),
            "No previous state comparison freshness results in sources.json");
  EXPECT_EQ(complaint("--select source_status:older --state").substr(0, 40),
            "Invalid source_status selector \"older\": ");
  EXPECT_EQ(complaint("--select test_type:nope"),
            "Invalid test type selector nope: expected \"generic\", \"singular\", \"unit\", or \"data\"");
  EXPECT_EQ(complaint("--select resource_type:nope"), "Invalid resource_type selector \"nope\"");
  EXPECT_EQ(complaint("--select version:nope"),
            "Invalid version type selector nope: expected one of: \"latest\", \"prerelease\", \"old\", or \"none\"");
  EXPECT_EQ(complaint("--select source:a.b.c.d").substr(0, 41), "Invalid source selector value \"a.b.c.d\". ");
  EXPECT_EQ(complaint("--select unit_test:a.b.c").substr(0, 42), "Invalid unit test selector value \"a.b.c\". ");
  EXPECT_EQ(complaint("--selector nope").substr(0, 47), "Could not find selector named nope, expected on");
}

TEST_F(SelectionStories, WhatMatchesNothingIsAWarning) {
  std::vector<Warning> warnings;
  select_nodes(now_, {.select = {"stg_orders nope"}}, {}, &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].message, "The selection criterion 'nope' does not match any enabled nodes");
}

TEST_F(SelectionStories, SelectorsHaveADefaultAndAPlace) {
  EXPECT_TRUE(get_selector(named_, "dflt").is_default);
  EXPECT_EQ(get_selector(named_, "pair").description, "by one key");
  EXPECT_EQ(selector_complaint("{a: b}").substr(0, 19), "selectors.yml:1:1: ");
  EXPECT_EQ(selector_complaint("[{definition: x}]").substr(0, 54),
            "selectors.yml:1:13: Could not parse selector file data");
  EXPECT_EQ(selector_complaint("[{name: a, definition: x, foo: 1}]"), "selectors.yml:1:38: unknown key 'foo'");
  EXPECT_EQ(selector_complaint("[{name: a, definition: [x]}]").substr(0, 54),
            "selectors.yml:1:35: Could not parse selector file data");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {x: 1, y: 2}}]"),
            "selectors.yml:1:35: Expected either 1 key or else \"method\" and \"value\" keys, but got ['x', 'y']");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {union: x}}]"),
            "selectors.yml:1:43: Invalid value for key \"union\". Expected a list.");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {union: [x, {exclude: [a]}, {exclude: [b]}]}}]"),
            "selectors.yml:1:63: You cannot provide multiple exclude arguments to the same selector set operator");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {method: selector, value: a}}]"),
            "selectors.yml:1:61: Existing selector definition for a not found.");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {foo: b}}]"),
            "selectors.yml:1:35: 'foo' is not a valid method name");
  EXPECT_EQ(selector_complaint("[{name: a, definition: 'foo:b'}]"),
            "selectors.yml:1:35: 'foo' is not a valid method name");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {tag: [a]}}]"),
            "selectors.yml:1:41: the value of 'tag' must be a text");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {method: tag, value: x, indirect_selection: foo}}]"),
            "selectors.yml:1:79: 'foo' is not a valid IndirectSelection");
  EXPECT_EQ(selector_complaint("[{name: a, definition: {union: [a], intersection: [b]}}]").substr(0, 50),
            "selectors.yml:1:35: Only a single 'union' or 'inte");
  EXPECT_EQ(
      selector_complaint("[{name: a, definition: x, default: true},{name: b, definition: x, default: true}]"),
      "selectors.yml:1:53: Error when parsing the selector file. Found multiple selectors with `default: true`:a and "
      "b");
}

TEST_F(SelectionStories, SelectorsAreWrittenAsDicts) {
  auto written = [&](std::string_view list) {
    std::string json;
    append_json(json, selectors_entry(selectors("selectors: " + std::string(list))));
    return json;
  };
  EXPECT_EQ(
      written("[{name: a, definition: '2+tag:x+'}, {name: b, description: d, definition: {config.meta.x: y}}]"),
      R"({"a": {"name": "a", "definition": {"parents": true, "parents_depth": "2", "method": "tag", "value": "x", )"
      R"("children": true}}, "b": {"name": "b", "description": "d", "definition": {"method": "config.meta.x", )"
      R"("value": "y"}}})");
  EXPECT_EQ(
      written("[{name: a, definition: {method: fqn, value: x, parents: true}}, {name: b, default: true, "
              "definition: {union: [{method: selector, value: a}, '@y', {exclude: [z]}]}}]"),
      R"({"a": {"name": "a", "definition": {"method": "fqn", "value": "x", "parents": true}}, "b": {"name": "b", )"
      R"("default": true, "definition": {"union": [{"method": "fqn", "value": "x", "parents": true}, )"
      R"({"childrens_parents": true, "method": "fqn", "value": "y"}, {"exclude": [{"method": "fqn", "value": "z"}]}]}}})");
}

TEST(ManifestReader, WhatIsNoManifestIsRefused) {
  EXPECT_THROW(read_manifest(parse_json("[]", "manifest.json")), Error);
  EXPECT_THROW(read_manifest(parse_json(R"({"nodes": {"a": {"resource_type": "odd"}}})", "manifest.json")), Error);
}

}  // namespace
}  // namespace plumb::project
