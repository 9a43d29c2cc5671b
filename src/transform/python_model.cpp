#include "transform/python_model.h"

#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "transform/node_relation.h"

namespace plumb::transform {

namespace fs = std::filesystem;
using jinja::Value;
using project::Node;

namespace {

// Loads the model's script and plays dbt to it. Its arguments: the folder with inputs.json, {relation: Parquet file}.
// It leaves result.parquet, and in statement.sql what is to be done with it under the name `returned`.
constexpr std::string_view kDriver = R"(
import importlib.util, json, pathlib, sys

try:
    import duckdb
except ImportError:
    sys.exit('this Python has no package duckdb, which models in Python need: ' + sys.executable)

folder = pathlib.Path(sys.argv[1])
inputs = json.loads((folder / 'inputs.json').read_text())
result = str(folder / 'result.parquet')
session = duckdb.connect()


class Statement:
    def execute(self, sql):
        (folder / 'statement.sql').write_text(sql)


def quoted(path):
    return "'" + path.replace("'", "''") + "'"


spec = importlib.util.spec_from_file_location('model', folder / 'model.py')
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
returned = script.model(script.dbtObj(lambda relation: session.read_parquet(inputs[relation])), session)
if isinstance(returned, duckdb.DuckDBPyRelation):
    returned.write_parquet(result)
else:
    session.register('returned', returned)
    session.execute(f'copy (select * from returned) to {quoted(result)} (format parquet)')
script.materialize(returned, Statement())
)";

std::string quoted(const fs::path& path) {
  return quote_literal(path.string());
}

// What the model reads, as files: {"\"shop\".\"main\".\"orders\"": "/tmp/…/0.parquet"}.
void write_inputs(RunContext& context, const Node& node, const fs::path& folder) {
  const Invocation& invocation = context.invocation();
  Value inputs = Value::dict();
  auto add = [&](const jinja::Ref<Relation>& relation) {
    std::string name = relation->render();
    if (inputs.as_dict().find(name) != nullptr) return;
    fs::path file = folder / plumb::format("{}.parquet", inputs.as_dict().size());
    context.session().execute(plumb::format("copy (select * from {}) to {} (format parquet)", name, quoted(file)),
                              false);
    inputs.as_dict().set(name, file.string());
  };
  for (const project::RefCall& call : node.refs) {
    if (const Node* found = invocation.references().find(call, node.package)) add(context.relation(*found));
  }
  for (const project::SourceCall& call : node.sources) {
    if (const auto* found = invocation.references().find(call, node.package)) {
      add(relation_of(*found, invocation.engine(), invocation.quoting()));
    }
  }
  std::string text;
  project::append_json(text, inputs);
  write_file(folder / "inputs.json", text);
}

// A traceback's last lines say what; those above, of our driver, nothing.
std::string without_driver(const std::string& errors) {
  std::size_t model = errors.find("/model.py\", line");
  if (model == std::string::npos) return errors;
  std::size_t line = errors.rfind('\n', model);
  return line == std::string::npos ? errors : "Traceback (most recent call last):" + errors.substr(line);
}

void run_interpreter(RunContext& context, const fs::path& folder) {
  const Invocation& invocation = context.invocation();
  auto python = invocation.settings().environment.find("PLUMB_PYTHON");
  write_file(folder / "driver.py", kDriver);
  auto result =
      run_command({.arguments = {python ? *python : "python3", (folder / "driver.py").string(), folder.string()},
                   .folder = invocation.settings().folder},
                  invocation.stop);
  auto without_end = [](std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
  };
  if (!result.output.empty()) invocation.say(without_end(result.output));
  if (result.ok()) return;
  jinja::raise("DbtRuntimeError", "Python model failed:\n" + without_end(without_driver(result.errors)),
               result.errors.find("no package duckdb") != std::string::npos
                   ? "set PLUMB_PYTHON to an interpreter that has it, or install it: pip install duckdb"
                   : "");
}

}  // namespace

std::string python_script(RunContext& context, const Node& node) {
  return node.raw_code + "\n\n" + context.render("{{ py_script_postfix(model) }}", {.package = node.package});
}

void run_python(RunContext& context, const Node& node, const std::string& script) {
  if (context.invocation().engine() != db::Kind::DuckDb) {
    jinja::raise("DbtRuntimeError", "Models in Python run on DuckDB only", "write it as SQL");
  }
  TemporaryFolder folder;
  write_inputs(context, node, folder.path());
  write_file(folder.path() / "model.py", script);
  run_interpreter(context, folder.path());
  context.session().execute(plumb::format("create or replace temporary view returned as select * from read_parquet({})",
                                          quoted(folder.path() / "result.parquet")),
                            false);
  context.session().execute(read_file(folder.path() / "statement.sql"), true);
  context.session().execute("drop view temp.returned", false);
}

}  // namespace plumb::transform
