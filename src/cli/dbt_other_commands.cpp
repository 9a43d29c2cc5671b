// plumb show, run-operation, source freshness, docs generate, retry, clean, deps.
#include <fstream>

#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "cli/dbt_run.h"

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;
using jinja::Value;
using project::ResourceType;
using transform::RunKind;
using transform::Status;

// YAML of the command line: --args '{name: value}'.
std::vector<jinja::Keyword> read_keywords(const std::string& text) {
  std::vector<jinja::Keyword> keywords;
  if (text.empty()) return keywords;
  Document document = parse_yaml(text, "--args");
  if (document.root().kind() != NodeKind::Map) {
    throw Error(ErrorKind::Usage, "The --args argument must be a YAML dictionary",
                {.hint = "write --args '{name: value}'"});
  }
  Value values = project::to_value(document.root());
  std::size_t position = 0;
  while (const Value::Entry* entry = values.as_dict().next(position)) keywords.push_back({entry->key, entry->value});
  return keywords;
}

// "name" or "package.name"
const project::CatalogMacro& find_macro(const DbtRun& run, const std::string& words) {
  const project::MacroCatalog& catalog = *run.manifest().catalog;
  std::size_t dot = words.find('.');
  const project::CatalogMacro* macro = nullptr;
  if (dot == std::string::npos) {
    macro = catalog.find(run.settings().root.name, words);
    for (const auto& package : run.settings().packages) {
      if (macro == nullptr) macro = catalog.find(package.name, words);
    }
  } else if (const auto* names = catalog.find_package(words.substr(0, dot))) {
    auto found = names->find(words.substr(dot + 1));
    if (found != names->end()) macro = found->second;
  }
  if (macro) return *macro;
  throw Error(ErrorKind::NotFound,
              plumb::format("dbt could not find a macro with the name \"{}\" in any package", words));
}

std::vector<const project::Node*> chosen_models(DbtRun& run) {
  auto selected = run.select();
  std::vector<const project::Node*> nodes, tests;
  for (const project::Node& node : run.manifest().nodes) {
    if (!selected.contains(node.unique_id)) continue;
    bool shown = node.type == ResourceType::Model || node.type == ResourceType::Seed ||
                 node.type == ResourceType::Snapshot || node.type == ResourceType::Analysis;
    if (shown) nodes.push_back(&node);
    if (node.type == ResourceType::Test) tests.push_back(&node);
  }
  // Tests that come along with their models are not what was meant.
  return nodes.empty() ? tests : nodes;
}

transform::RunResult show_node(DbtRun& run, DbtRun::Work& work, const project::Node& node,
                               const NodeArguments& arguments, bool named) {
  // A seed has no SQL: its table is read.
  project::Node query = node;
  if (node.type == ResourceType::Seed || node.type == ResourceType::Snapshot) {
    query = transform::inline_node(run.settings(), "select * from " + node.relation_name);
  }
  auto shown = show_rows(work.context, run.compiler(), query, arguments.limit);
  if (arguments.output == "json") {
    run.console().print(rows_as_json(work.context, *shown.rows, named ? node.name : "") + "\n");
  } else {
    run.console().print((named ? plumb::format("Previewing node '{}':\n", node.name) : "Previewing inline node:\n") +
                        rows_as_text(work.context, *shown.rows) + "\n");
  }
  transform::RunResult result;
  result.node = &node;
  result.unique_id = node.unique_id;
  // What was asked, with the limit around it.
  result.compiled = std::make_shared<transform::CompiledNode>(transform::CompiledNode{.code = shown.sql});
  return result;
}

int show_inline(DbtRun& run, const NodeArguments& arguments) {
  DbtRun::Work work(run);
  std::string sql = arguments.inline_sql;
  if (sql.empty()) sql = "{% raw %}" + arguments.inline_direct + "{% endraw %}";
  auto node = transform::inline_node(run.settings(), sql);
  transform::Outcome outcome;
  if (arguments.command == "compile") {
    auto& result = outcome.results.emplace_back();
    result.node = &node;
    result.unique_id = node.unique_id;
    result.compiled = run.compiler().compile(work.context, node, {.write = false});
    run.console().print(plumb::format("Compiled inline node is:\n{}\n", result.compiled->code));
  } else {
    outcome.results.push_back(show_node(run, work, node, arguments, false));
  }
  run.write_manifest();
  run.write_results(outcome);
  return 0;
}

}  // namespace

int show_command(Context& context, const NodeArguments& arguments) {
  DbtRun run(context, arguments);
  if (!arguments.inline_sql.empty() || !arguments.inline_direct.empty()) return show_inline(run, arguments);
  if (arguments.selection.select.empty() && arguments.selection.selector.empty()) {
    throw Error(ErrorKind::Usage, "Either --select or --inline must be passed to show");
  }
  DbtRun::Work work(run);
  run.defer({});
  auto nodes = chosen_models(run);
  transform::Outcome outcome;
  for (const project::Node* node : nodes) outcome.results.push_back(show_node(run, work, *node, arguments, true));
  run.write_manifest();
  run.write_results(outcome);
  if (nodes.empty()) run.warn_nothing_to_do();
  return 0;
}

int run_operation_command(Context& context, const NodeArguments& arguments) {
  DbtRun run(context, arguments);
  const project::CatalogMacro& macro = find_macro(run, arguments.macro);
  DbtRun::Work work(run);
  transform::Outcome outcome;
  transform::RunResult& result = outcome.results.emplace_back();
  result.unique_id = macro.unique_id;
  result.failures = 0;
  Instant begin = context.clock.now();
  std::optional<Error> error;
  // The macro sees the names and the variables of its package.
  project::Node operation = transform::inline_node(run.settings(), "");
  operation.type = ResourceType::Operation;
  if (!macro.builtin) operation.package = macro.package;
  work.context.begin(operation);
  try {
    work.context.call(macro, read_keywords(arguments.macro_arguments));
    work.session.rollback_if_open();
  } catch (const Error& caught) {
    if (caught.kind() == ErrorKind::Cancelled) throw;
    error = caught;
    result.status = Status::Error;
    result.message = caught.what();
    result.failures = 1;
  }
  outcome.seconds = std::chrono::duration<double>(context.clock.now() - begin).count();
  result.seconds = outcome.seconds;
  run.write_manifest();
  run.write_results(outcome);
  if (!error) return 0;
  run.console().line(
      plumb::format("Encountered an error while running operation: {}", transform::macros_as_written(error->render())),
      transform::LineKind::Bad);
  return 1;
}

int freshness_command(Context& context, const NodeArguments& arguments) {
  DbtRun run(context, arguments);
  auto selected = run.select();
  std::vector<const project::Source*> sources;
  for (const project::Source& source : run.manifest().sources) {
    if (selected.contains(source.unique_id) && transform::has_freshness(source)) sources.push_back(&source);
  }
  transform::Outcome outcome;
  if (sources.empty()) {
    run.warn_nothing_to_do();
  } else {
    transform::Runner runner(run.invocation(), run.compiler(), run.progress());
    outcome = runner.run_freshness(sources, {.kind = RunKind::Freshness, .threads = run.settings().target.threads});
    run.progress().summary(outcome, RunKind::Freshness);
  }
  run.write_manifest();
  std::string text = sources_json(outcome.results, run.metadata(outcome.seconds));
  if (arguments.output_file.empty()) {
    run.write_artifact("sources.json", text);
  } else {
    write_file(arguments.output_file, text);
  }
  return outcome.successful() ? 0 : 1;
}

namespace {

// The folders of asset-paths, pictures of descriptions say, go where the site is.
void copy_assets(const project::ProjectSettings& settings) {
  for (const std::string& folder : settings.root.asset_paths) {
    std::error_code ignored;
    fs::path there = settings.target_path / folder;
    fs::remove_all(there, ignored);
    if (!fs::exists(settings.folder / folder, ignored)) continue;
    fs::create_directories(there.parent_path());
    fs::copy(settings.folder / folder, there, fs::copy_options::recursive);
  }
}

}  // namespace

int docs_generate_command(Context& context, const NodeArguments& arguments) {
  DbtRun run(context, arguments);
  transform::Runner runner(run.invocation(), run.compiler(), run.progress());
  bool compiled = true;
  if (arguments.compile_docs) {
    std::set<std::string> chosen = run.select();
    std::erase_if(chosen, [](const std::string& id) { return id.starts_with("unit_test."); });
    auto outcome = runner.run(chosen, {.kind = RunKind::Compile, .threads = run.settings().target.threads});
    run.write_results(outcome);
    compiled = outcome.successful();
  }
  if (arguments.compile_docs) run.write_manifest();
  copy_assets(run.settings());
  run.console().line("Building catalog");
  DbtRun::Work work(run);
  run.write_artifact("catalog.json", catalog_json(work.context, run.metadata(0), arguments.empty_catalog));
  run.console().line(plumb::format("Catalog written to {}", (run.settings().target_path / "catalog.json").string()));
  return compiled ? 0 : 1;
}

// What did not succeed the last time, with the same command.
int clean_command(Context& context, const NodeArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  DbtConsole console(context, {.format = arguments.log_format, .quiet = arguments.project.quiet});
  std::vector<std::string> targets = settings.root.clean_targets;
  if (targets.empty()) targets = {settings.target_path.filename().string()};
  for (const std::string& target : targets) {
    fs::path path = (settings.folder / target).lexically_normal();
    fs::path relative = path.lexically_relative(settings.folder.lexically_normal());
    if (relative.empty() || *relative.begin() == ".." || relative == ".") {
      throw Error(
          ErrorKind::Config,
          plumb::format("dbt will not clean the following directories outside the project: ['{}']", path.string()),
          {.hint = "clean-targets in dbt_project.yml names folders of the project"});
    }
    for (const auto* kept : {&settings.root.model_paths, &settings.root.seed_paths, &settings.root.macro_paths,
                             &settings.root.test_paths, &settings.root.snapshot_paths}) {
      if (std::find(kept->begin(), kept->end(), relative.string()) == kept->end()) continue;
      throw Error(ErrorKind::Config,
                  plumb::format("dbt will not clean the following source paths: ['{}']", relative.string()));
    }
    console.line("Checking " + path.string() + "/*");
    if (!context.dry_run) fs::remove_all(path);
    console.line("Cleaned " + path.string() + "/*");
  }
  console.line("Finished cleaning all paths.");
  return 0;
}

namespace {

// Adds "NAME@VERSION" to packages.yml as its lines are indented; what stands there stays as it is.
void add_package(const fs::path& folder, const std::string& package, const std::string& source) {
  std::string name = package.substr(0, package.find('@'));
  std::string version = name.size() < package.size() ? package.substr(name.size() + 1) : std::string();
  if (version.empty() && source != "local") {
    throw Error(ErrorKind::Usage, plumb::format("--add-package {}: which version?", package),
                {.hint = "write --add-package dbt-labs/dbt_utils@1.3.0"});
  }
  fs::path path = folder / (fs::exists(folder / "dependencies.yml") ? "dependencies.yml" : "packages.yml");
  std::string text = find_file(path).value_or("");
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  if (text.find("packages:") == std::string::npos) text += "packages:\n";
  std::size_t at = text.find('\n', text.find("packages:")) + 1;
  std::size_t dash = text.find_first_not_of(' ', at);
  std::string indent(dash != std::string::npos && text[dash] == '-' ? dash - at : 2, ' ');
  // The list ends before the first line that is neither indented nor an entry.
  while (at < text.size() && (text[at] == ' ' || text[at] == '-' || text[at] == '\n')) at = text.find('\n', at) + 1;
  std::string entry = plumb::format("{}- {}: {}\n", indent, source == "hub" ? "package" : source, name);
  if (!version.empty())
    entry += plumb::format("{}  {}: {}\n", indent, source == "hub" ? "version" : "revision", version);
  text.insert(at, entry);
  write_file(path, text);
}

}  // namespace

int deps_command(Context& context, const NodeArguments& arguments) {
  DbtConsole console(context, {.format = arguments.log_format, .quiet = arguments.project.quiet});
  fs::path folder = dbt_folder(context);
  if (!arguments.new_package.empty()) add_package(folder, arguments.new_package, arguments.new_package_source);
  project::InstallSettings settings{.upgrade = arguments.upgrade,
                                    .lock_only = arguments.lock_only,
                                    .say = [&](std::string_view line) { console.line(line); }};
  if (Value vars = read_vars(arguments.project.vars); !vars.is_undefined()) settings.vars = vars;
  auto installed = project::install_packages(folder, context.environment, settings, context.stop);
  std::size_t count = installed.packages.size();
  if (count == 0) {
    console.line("Warning: No packages were found in packages.yml");
    return 0;
  }
  write_file(folder / "package-lock.yml", installed.lock);
  console.line(
      plumb::format("{} {} package{}", arguments.lock_only ? "Locked" : "Installed", count, count == 1 ? "" : "s"));
  return 0;
}

}  // namespace plumb::cli
