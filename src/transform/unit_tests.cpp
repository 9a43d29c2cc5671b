#include "transform/unit_tests.h"

#include <algorithm>
#include <filesystem>
#include <list>

#include "base/format.h"
#include "transform/query_comment.h"
#include "transform/run_node.h"

namespace plumb::transform {

namespace fs = std::filesystem;

using jinja::Arguments;
using jinja::Kind;
using jinja::State;
using jinja::Value;
using project::Node;
using project::ResourceType;

namespace {

Value get(const Value& dict, std::string_view key) {
  const Value* found = dict.kind() == Kind::Dict ? dict.as_dict().find(key) : nullptr;
  return found != nullptr ? *found : Value::none();
}

// One input: what it stands for, and the rows in its place.
struct Input {
  std::string unique_id;  // empty: `this`
  std::string name, database, schema, identifier;
};

// "ref('orders')", "source('raw', 'orders')", "this"
Input read_input(RunContext& context, const Node& unit, const Node& model, const std::string& text) {
  Input input;
  const project::References& references = context.invocation().references();
  auto fail = [&] {
    jinja::raise("ParsingError", plumb::format("Unit test '{}' has an input that is not there: {}", unit.name, text),
                 "an input is ref('model'), source('source', 'table') or this");
  };
  auto take_node = [&](const Node& node) {
    input = {node.unique_id, node.name, node.database, node.schema, node.alias};
  };
  auto ref = jinja::make_function("ref", [&](State& state, Arguments arguments) {
    const Node* node = references.find(project::read_ref(state, arguments), unit.package);
    if (node == nullptr) fail();
    take_node(*node);
    return Value("");
  });
  auto source = jinja::make_function("source", [&](State& state, Arguments arguments) {
    const project::Source* found = references.find(project::read_source(state, arguments), unit.package);
    if (found == nullptr) fail();
    input = {found->unique_id, found->source_name + "__" + found->name, found->database, found->schema,
             found->identifier};
    return Value("");
  });
  if (text == "this") {
    take_node(model);
    input.unique_id.clear();
    return input;
  }
  context.render("{{ " + text + " }}", unit.origin, Value::dict({{"ref", ref}, {"source", source}}));
  if (input.unique_id.empty()) fail();
  return input;
}

// A node that says the given rows, as SQL.
Node make_fixture(const Node& unit, const Input& input, const Value& given) {
  Node fixture;
  fixture.type = ResourceType::Model;
  fixture.name = input.name;
  fixture.unique_id =
      "model." + unit.package + "." + unit.name + "." + (input.unique_id.empty() ? "this" : input.unique_id);
  fixture.package = unit.package;
  fixture.origin = unit.origin;
  fixture.origin.path_in_root = input.name + ".sql";
  fixture.database = input.database;
  fixture.schema = input.schema;
  fixture.alias = input.identifier;
  fixture.config = jinja::make<jinja::Dict>();
  fixture.config->set("materialized", "ephemeral");
  fixture.config->set("plumb_rows", get(given, "rows"));
  Value rows = get(given, "rows");
  fixture.raw_code =
      rows.is_string() ? std::string(rows.as_string()) : "{{ get_fixture_sql(config.get('plumb_rows') or [], none) }}";
  return fixture;
}

// The model under the test's name, with what is expected in its configuration.
Node make_tested(const Node& unit, const Node& model) {
  Node tested = model;
  tested.type = ResourceType::UnitTest;
  tested.name = unit.name;
  tested.unique_id = unit.unique_id;
  tested.origin.path = unit.origin.path;
  tested.origin.path_in_root =
      (fs::path(unit.origin.path).parent_path() / (project::versioned_name(unit) + ".sql")).string();
  tested.config = jinja::make<jinja::Dict>();
  std::size_t position = 0;
  while (const Value::Entry* entry = model.config->next(position)) tested.config->set(entry->key, entry->value);
  tested.config->set("materialized", "unit");
  Value rows = get(unit.expect, "rows");
  bool sql = rows.is_string();
  tested.config->set("expected_sql", sql ? rows : Value::none());
  tested.config->set("expected_rows", sql ? Value::none() : rows.is_none() ? Value::list() : rows);
  return tested;
}

// {name: value} as {name: a macro that returns it}.
Value macros_of(const Value& overrides) {
  Value macros = Value::dict();
  if (overrides.kind() != Kind::Dict) return macros;
  std::size_t position = 0;
  while (const Value::Entry* entry = overrides.as_dict().next(position)) {
    macros.as_dict().set(entry->key, jinja::make_function(std::string(entry->key.as_string()),
                                                          [value = entry->value](State&, Arguments) { return value; }));
  }
  return macros;
}

}  // namespace

void run_unit_test(RunResult& result, RunContext& context, Compiler& compiler) {
  const Node& unit = *result.node;
  const Clock& clock = context.invocation().clock();
  const Node* model = unit.depends_on.nodes.empty()
                          ? nullptr
                          : context.invocation().manifest().find_node(unit.depends_on.nodes.front());
  if (model == nullptr) {
    jinja::raise("DbtInternalError", plumb::format("Unit test '{}' has no model '{}'", unit.name, unit.unit_model));
  }
  context.begin(unit);
  context.session().rename(unit.unique_id);
  Node tested = make_tested(unit, *model);
  std::list<Node> fixtures;
  StandIns stand_ins{.inputs = {}, .vars = get(unit.overrides, "vars"), .env_vars = get(unit.overrides, "env_vars")};
  for (const Value& given : unit.given.items()) {
    Value text = get(given, "input");
    Input input = read_input(context, unit, *model, text.is_string() ? std::string(text.as_string()) : "");
    fixtures.push_back(make_fixture(unit, input, given));
    stand_ins.inputs[input.unique_id.empty() ? "this" : input.unique_id] = &fixtures.back();
  }
  {
    StepTimer timer(result, clock, "compile");
    result.compiled = compiler.compile(context, tested,
                                       {.stand_ins = &stand_ins, .macros = macros_of(get(unit.overrides, "macros"))});
    comment_statements(context, tested);
  }
  StepTimer timer(result, clock, "execute");
  context.call(find_materialization(context.invocation(), "unit"));
  context.session().commit_if_open();
  const Value* main = context.results().find("main");
  const Value* table = main ? main->as_dict().find("table") : nullptr;
  if (table == nullptr) jinja::raise("DbtInternalError", "The unit test's materialization ran no statement 'main'");
  result.response = Response{.message = "OK"};
  std::string differences;
  context.work([&](State& state) { differences = row_differences(state, table_argument(*table).data()); });
  result.failures = differences.empty() ? 0 : 1;
  result.status = differences.empty() ? Status::Pass : Status::Fail;
  if (!differences.empty()) result.message = "\n\nactual differs from expected:\n\n" + differences + "\n";
}

// ---- Comparing

namespace {

using Row = std::vector<std::string>;

// As CSV, where needed.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::size_t same_cells(const Row& a, const Row& b) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b[i] ? 1 : 0;
  return same;
}

// Takes away what both have.
void cancel_out(std::vector<Row>& actual, std::vector<Row>& expected) {
  std::erase_if(actual, [&](const Row& row) {
    auto found = std::find(expected.begin(), expected.end(), row);
    if (found == expected.end()) return false;
    expected.erase(found);
    return true;
  });
}

}  // namespace

std::string row_differences(State& state, const TableData& rows) {
  std::size_t label = rows.names.size();
  for (std::size_t i = 0; i < rows.names.size(); ++i) {
    std::string name = rows.names[i];
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (name == "actual_or_expected") label = i;
  }
  std::vector<Row> actual, expected;
  for (const Value& row : rows.rows) {
    Row texts;
    for (std::size_t i = 0; i < row.items().size(); ++i) {
      const Value& value = row.items()[i];
      if (i != label) texts.push_back(value.is_none() ? "NULL" : jinja::to_str(state, value));
    }
    bool is_actual = label < row.items().size() && jinja::to_str(state, row.items()[label]) == "actual";
    (is_actual ? actual : expected).push_back(std::move(texts));
  }
  cancel_out(actual, expected);
  if (actual.empty() && expected.empty()) return {};
  std::string out = "@@";
  for (std::size_t i = 0; i < rows.names.size(); ++i) {
    if (i != label) out += "," + cell(rows.names[i]);
  }
  out += '\n';
  auto add = [&](std::string_view mark, const Row& row) {
    out += mark;
    for (const std::string& text : row) out += "," + cell(text);
    out += '\n';
  };
  // Rows that have something in common are one row that changed.
  for (const Row& row : expected) {
    auto nearest = std::max_element(actual.begin(), actual.end(), [&](const Row& a, const Row& b) {
      return same_cells(a, row) < same_cells(b, row);
    });
    bool alone = row.size() == 1 && actual.size() == expected.size();
    if (nearest == actual.end() || (same_cells(*nearest, row) == 0 && !alone)) {
      add("---", row);
      continue;
    }
    Row changed;
    for (std::size_t i = 0; i < row.size(); ++i) {
      changed.push_back(row[i] == (*nearest)[i] ? row[i] : row[i] + "→" + (*nearest)[i]);
    }
    add("→", changed);
    actual.erase(nearest);
  }
  for (const Row& row : actual) add("+++", row);
  return out;
}

}  // namespace plumb::transform
