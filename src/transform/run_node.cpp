#include "transform/run_node.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/project.h"
#include "transform/microbatch.h"
#include "transform/node_files.h"
#include "transform/query_comment.h"
#include "transform/seeds.h"
#include "transform/unit_tests.h"

namespace plumb::transform {

using jinja::Kind;
using jinja::State;
using jinja::Value;
using project::CatalogMacro;
using project::Node;
using project::ResourceType;

const CatalogMacro& find_materialization(const Invocation& invocation, const std::string& name) {
  const project::MacroCatalog& catalog = *invocation.manifest().catalog;
  const std::string& adapter = invocation.settings().target.type;
  auto in = [&](std::string_view package, const std::string& macro) -> const CatalogMacro* {
    const project::MacroNames* names = catalog.find_package(package);
    if (names == nullptr) return nullptr;
    auto found = names->find(macro);
    return found == names->end() ? nullptr : found->second;
  };
  auto macro_of = [&](const std::string& type) { return plumb::format("materialization_{}_{}", name, type); };
  bool builtin = in("dbt", macro_of(adapter)) || in("dbt", macro_of("default"));
  for (const std::string& type : {adapter, std::string("default")}) {
    std::string macro = macro_of(type);
    if (const CatalogMacro* own = in(invocation.settings().root.name, macro)) return *own;
    // A package takes the place of what dbt has itself only when the project says so.
    for (const auto& package : invocation.settings().packages) {
      const CatalogMacro* found = builtin ? nullptr : in(package.name, macro);
      if (found) return *found;
    }
    if (const CatalogMacro* core = in("dbt", macro)) return *core;
  }
  jinja::raise("CompilationError",
               plumb::format("No materialization '{}' was found for adapter {}! (searched types 'default' and '{}')",
                             name, adapter, adapter));
}

// ---- Errors

namespace {

std::string_view error_title(const Error& error, db::Kind engine) {
  if (error.type() == "DbtDatabaseError") return "Database Error";
  if (error.type() == "FailFastError") return "FailFast Error";
  if (error.kind() == ErrorKind::Database) return engine == db::Kind::Postgres ? "Database Error" : "Runtime Error";
  constexpr std::array<std::string_view, 5> kRuntime{"DbtRuntimeError", "DependencyError", "DbtInternalError",
                                                     "MacroResultAlreadyLoadedError", "UnexpectedDbReferenceError"};
  for (std::string_view type : kRuntime) {
    if (error.type() == type) return "Runtime Error";
  }
  return error.kind() == ErrorKind::Config ? "Compilation Error" : "Runtime Error";
}

void append_indented(std::string& out, std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    out += "\n  ";
    out += text.substr(begin, end - begin);
    begin = end + 1;
  }
}

std::string place_text(const Place& place) {
  return place.line > 0 ? plumb::format("{}:{}:{}", place.file, place.line, place.column) : place.file;
}

// A place in a statement is told as the line of the model that it came from, when that can be seen: a line without
// templates stands in both, else it is the line that begins like it.
std::optional<Place> find_source_place(const Place& in_statement, const Node& node) {
  auto trimmed = [](std::string_view line) {
    std::size_t begin = line.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  };
  std::string_view wanted = trimmed(in_statement.source_line);
  auto indent = in_statement.source_line.size() - wanted.size();
  auto column = static_cast<std::size_t>(std::max(0, in_statement.column - in_statement.source_column));
  std::size_t reached = column > indent ? column - indent : 0;  // into the wanted text
  std::optional<Place> best;
  std::size_t best_length = std::max<std::size_t>(3, reached);
  int number = node.origin.line;
  std::string_view code = node.raw_code;
  for (std::size_t begin = 0; begin <= code.size(); ++number) {
    std::size_t end = std::min(code.find('\n', begin), code.size());
    std::string_view line = code.substr(begin, end - begin);
    std::string_view text = trimmed(line);
    auto ends = std::mismatch(text.begin(), text.end(), wanted.begin(), wanted.end());
    auto length = static_cast<std::size_t>(ends.first - text.begin());
    if (length >= best_length && !wanted.empty()) {
      int at = static_cast<int>(line.size() - text.size() + reached) + 1;
      best = Place{.file = node.origin.path, .line = number, .column = at, .source_line = std::string(line)};
      best_length = length + 1;
    }
    begin = end + 1;
  }
  return best;
}

std::optional<Place> place_of(const Error& error, const Node& node) {
  const Place* place = error.find_place();
  if (place == nullptr) return std::nullopt;
  if (error.kind() != ErrorKind::Database) return *place;
  auto found = find_source_place(*place, node);
  return found ? found : std::optional(*place);
}

}  // namespace

std::string macros_as_written(std::string text) {
  constexpr std::string_view kPrefix = "dbt_macro__";
  for (std::size_t at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at)) {
    text.erase(at, kPrefix.size());
  }
  return text;
}

std::string describe_error(const Error& error, const Node& node, db::Kind engine) {
  std::string text =
      plumb::format("{} in {} {} ({})", error_title(error, engine), to_string(node.type), node.name, node.origin.path);
  append_indented(text, error.message());
  if (!error.cause().empty()) append_indented(text, error.cause());
  if (!error.hint().empty()) append_indented(text, "hint: " + error.hint());
  if (!error.find_place() && error.calls().empty()) return text;
  text += "\n  ";
  if (auto place = place_of(error, node)) {
    text += "\n  > at " + place_text(*place);
    if (!place->source_line.empty()) {
      std::string number = std::to_string(place->line);
      text += "\n    " + number + " | " + place->source_line;
      auto column = static_cast<std::size_t>(std::max(0, place->column - place->source_column));
      text += "\n    " + std::string(number.size(), ' ') + " | " + std::string(column, ' ') + "^";
    }
  }
  for (const CallPlace& call : error.calls()) {
    if (call.place.file == kRunName) continue;
    std::string what = macros_as_written(call.what);
    std::erase(what, '\'');
    text += plumb::format("\n  > in {}, called at {}", what, place_text(call.place));
  }
  return text + plumb::format("\n  > called by {} {} ({})", to_string(node.type), node.name, node.origin.path);
}

// ---- Compiling

namespace {

RunResult begin_result(const Node& node) {
  RunResult result;
  result.node = &node;
  result.unique_id = node.unique_id;
  return result;
}

void fail(RunResult& result, const RunContext& context, const Error& error) {
  if (error.kind() == ErrorKind::Cancelled) throw error;
  // It was never begun, where only an ephemeral model that it reads is wrong.
  result.status = error.type() == kEphemeralFault ? Status::Skipped : Status::Error;
  result.message = describe_error(error, *result.node, context.invocation().engine());
}

// Runs both steps and measures them.
template <class Work>
RunResult measured(RunContext& context, const Node& node, Work work) {
  RunResult result = begin_result(node);
  const Clock& clock = context.invocation().clock();
  Instant begin = clock.now();
  try {
    work(result);
  } catch (const Error& error) {
    context.session().rollback_if_open();
    fail(result, context, error);
  }
  result.seconds = std::chrono::duration<double>(clock.now() - begin).count();
  return result;
}

void compile_into(RunResult& result, RunContext& context, Compiler& compiler,
                  const Compiler::Options& options = Compiler::Options()) {
  StepTimer timer(result, context.invocation().clock(), "compile");
  context.session().rename(result.node->unique_id);
  result.compiled = compiler.compile(context, *result.node, options);
  comment_statements(context, *result.node);
}

std::optional<Response> main_response(const Value& main) {
  const Value* response = main.kind() == Kind::Dict ? main.as_dict().find("response") : nullptr;
  if (response == nullptr) return std::nullopt;
  Response read;
  if (const auto* record = response->find_object<Record>()) {
    if (const Value* message = record->find("_message")) read.message = message->as_string();
    const Value* code = record->find("code");
    if (code && code->is_string()) read.code = std::string(code->as_string());
    const Value* rows = record->find("rows_affected");
    if (rows && rows->is_int()) read.rows_affected = rows->as_int();
    return read;
  }
  if (response->is_string()) read.message = response->as_string();
  return read;
}

// The relations that a materialization returned become known, so that nobody has to look for them.
void note_relations(RunContext& context, const Value& returned, const std::string& materialization) {
  const Value* relations = returned.kind() == Kind::Dict ? returned.as_dict().find("relations") : nullptr;
  if (relations == nullptr || relations->kind() != Kind::List) {
    jinja::raise("CompilationError",
                 plumb::format("The materialization (\"{}\") did not explicitly return a list of relations to add to "
                               "the cache.",
                               materialization),
                 "end it with {{ return({'relations': [target_relation]}) }}");
  }
  for (const Value& relation : relations->items()) {
    if (const auto* known = relation.find_object<Relation>()) {
      context.invocation().warehouse().cache().add(
          known->with([](RelationFields& fields) { fields.dbt_created = true; }));
    }
  }
}

std::string materialization_of(const Invocation& invocation, const Node& node) {
  if (!invocation.materialization.empty()) return invocation.materialization;
  switch (node.type) {
    case ResourceType::Seed:
      return "seed";
    case ResourceType::Snapshot:
      return "snapshot";
    case ResourceType::Test:
      return "test";
    case ResourceType::Function:
      return "function";
    default:
      return node.materialized();
  }
}

// A materialization that says nothing takes SQL.
void expect_language(const CatalogMacro& macro, const Node& node) {
  const Value& languages = macro.supported_languages;
  bool fits = node.language == "sql" || node.type != ResourceType::Model;
  std::string shown = "'sql'";
  if (languages.kind() == Kind::List) {
    shown.clear();
    for (const Value& language : languages.items()) {
      fits = fits || language.as_string() == node.language;
      shown += (shown.empty() ? "'" : ", '") + std::string(language.as_string()) + "'";
    }
  }
  if (fits) return;
  jinja::raise("DbtRuntimeError", plumb::format("Materialization \"{}\" only supports languages [{}]; got \"{}\"",
                                                macro.name, shown, node.language));
}

void materialize(RunContext& context, const Node& node) {
  std::string name = materialization_of(context.invocation(), node);
  const CatalogMacro& macro = find_materialization(context.invocation(), name);
  expect_language(macro, node);
  Value returned = context.call(macro);
  note_relations(context, returned, name);
}

void run_materialization(RunResult& result, RunContext& context) {
  StepTimer timer(result, context.invocation().clock(), "execute");
  materialize(context, *result.node);
  const Value* main = context.results().find("main");
  if (main == nullptr && !context.invocation().materialization.empty()) {
    result.message = "No-op";  // there was nothing to clone
    return;
  }
  if (main == nullptr) {
    jinja::raise("DbtRuntimeError", "main is not being called during running model",
                 "a materialization has to run a statement named 'main'");
  }
  result.response = main_response(*main);
  result.message = result.response ? result.response->message : "";
}

// ---- Tests

std::int64_t whole_number(State& state, const Value& value, std::string_view column) {
  if (value.is_int()) return value.as_int();
  Value number = state.apply_filter("int", {.positional = std::span(const_cast<Value*>(&value), 1)});
  if (number.is_int() && !value.is_none()) return number.as_int();
  jinja::raise("DbtRuntimeError", plumb::format("Expected '{}' of a test to be a number", column));
}

void judge_test(RunResult& result, RunContext& context) {
  const Value* main = context.results().find("main");
  const Value* table = main ? main->as_dict().find("table") : nullptr;
  const TableData* data = table ? &table_argument(*table).data() : nullptr;
  if (data == nullptr || data->rows.size() != 1 || data->names.size() != 3) {
    jinja::raise("DbtInternalError",
                 plumb::format("dbt internally failed to execute {}: Returned {} rows, but expected 1 row",
                               result.unique_id, data ? data->rows.size() : 0));
  }
  bool warns = false, errs = false;
  context.work([&](State& state) {
    const auto& row = data->rows[0].items();
    result.failures = whole_number(state, row[0], "failures");
    warns = jinja::truth(state, row[1]);
    errs = jinja::truth(state, row[2]);
  });
  const Node& node = *result.node;
  std::string severity = node.config_text("severity", "ERROR");
  for (char& c : severity) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  result.status = Status::Pass;
  result.message = std::nullopt;
  // What passes has no failures, whatever its warn_if and error_if count.
  std::int64_t rows = std::exchange(result.failures, 0).value_or(0);
  auto words = [&](std::string_view what, std::string_view condition) {
    result.failures = rows;
    return plumb::format("Got {} result{}, configured to {} if {}", rows, rows == 1 ? "" : "s", what, condition);
  };
  if (severity == "ERROR" && errs) {
    result.status = Status::Fail;
    result.message = words("fail", node.config_text("error_if", "!= 0"));
  } else if (warns) {
    bool error = context.invocation().warning_policy().is_error("LogTestResult");
    result.status = error ? Status::Fail : Status::Warn;
    result.message = words(error ? "fail" : "warn", node.config_text("warn_if", "!= 0"));
  }
}

}  // namespace

RunResult compile_node(RunContext& context, Compiler& compiler, const Node& node) {
  return measured(context, node, [&](RunResult& result) {
    if (node.type == ResourceType::Seed) return;
    compile_into(result, context, compiler);
  });
}

RunResult run_model(RunContext& context, Compiler& compiler, const Node& node, const Compiler::Options& options) {
  return measured(context, node, [&](RunResult& result) {
    compile_into(result, context, compiler, options);
    run_materialization(result, context);
    if (node.type == ResourceType::Test) judge_test(result, context);
    context.session().commit_if_open();
  });
}

RunResult run_node(RunContext& context, Compiler& compiler, const Node& node, Progress& progress) {
  if (node.type == ResourceType::UnitTest) {
    return measured(context, node, [&](RunResult& result) { run_unit_test(result, context, compiler); });
  }
  if (is_microbatch(node)) {
    return measured(context, node, [&](RunResult& result) { run_microbatch(result, context, compiler, progress); });
  }
  if (node.type != ResourceType::Seed) return run_model(context, compiler, node, Compiler::Options());
  return measured(context, node, [&](RunResult& result) {
    {
      StepTimer timer(result, context.invocation().clock(), "compile");
      context.session().rename(node.unique_id);
      context.begin(node);
      comment_statements(context, node);
      add_seed_functions(context, node);
    }
    run_materialization(result, context);
    context.session().commit_if_open();
  });
}

RunResult run_hook(RunContext& context, Compiler& compiler, const Node& node, const Value& names) {
  // What goes wrong in the template of an on-run-start hook ends the run; its SQL may fail as any other.
  RunResult rendered = begin_result(node);
  const auto& tags = node.tags();
  bool starts = std::find(tags.begin(), tags.end(), "on-run-start") != tags.end();
  if (starts) compile_into(rendered, context, compiler, {.names = names});
  return measured(context, node, [&](RunResult& result) {
    if (starts) {
      result = std::move(rendered);
    } else {
      compile_into(result, context, compiler, {.names = names});
    }
    StepTimer timer(result, context.invocation().clock(), "execute");
    std::string_view sql = result.compiled->code;
    if (sql.find_first_not_of(" \t\r\n") != std::string_view::npos) {
      context.session().execute(sql, true);
      context.session().commit_if_open();
    }
    result.failures = 0;
  });
}

}  // namespace plumb::transform
