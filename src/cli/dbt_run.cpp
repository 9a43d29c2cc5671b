#include "cli/dbt_run.h"

#include <algorithm>
#include <array>

#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "base/secret.h"
#include "cli/state_folder.h"

namespace plumb::cli {

namespace fs = std::filesystem;
using jinja::Value;

namespace {

// What artifacts and templates say of the command line.
Value arguments_value(const project::ProjectSettings& settings, const NodeArguments& arguments) {
  auto list = [](const std::vector<std::string>& texts) {
    return Value::list(std::vector<Value>(texts.begin(), texts.end()));
  };
  Value args = Value::dict({{"which", arguments.command},
                            {"project_dir", settings.folder.string()},
                            {"profiles_dir", settings.profiles_file.parent_path().string()},
                            {"select", list(arguments.selection.select)},
                            {"exclude", list(arguments.selection.exclude)},
                            {"vars", settings.command_line_vars}});
  if (arguments.command == "show") args.as_dict().set("limit", arguments.limit);
  std::size_t position = 0;
  while (const Value::Entry* entry = settings.flags.as_dict().next(position)) {
    if (entry->value.is_none()) continue;
    args.as_dict().set(jinja::to_lower(entry->key.as_string()), entry->value);
  }
  if (!arguments.state.empty()) args.as_dict().set("state", arguments.state);
  if (!arguments.defer_state.empty()) args.as_dict().set("defer_state", arguments.defer_state);
  if (!arguments.selection.selector.empty()) args.as_dict().set("selector", arguments.selection.selector);
  if (!arguments.project.target.empty()) args.as_dict().set("target", arguments.project.target);
  if (arguments.project.threads > 0) args.as_dict().set("threads", arguments.project.threads);
  return args;
}

project::ProjectSettings load_settings(Context& context, const NodeArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  settings.flags.as_dict().set("WHICH", arguments.command);
  return settings;
}

bool wants_colors(const Context& context, const project::ProjectSettings& settings) {
  return context.terminal.output_is_terminal() && project::flag_on(settings.flags, "USE_COLORS");
}

ConsoleSettings console_settings(const Context& context, const project::ProjectSettings& settings,
                                 const NodeArguments& arguments) {
  return {.format = context.json ? "json" : arguments.log_format,
          .quiet = arguments.project.quiet,
          .colors = wants_colors(context, settings),
          .live = context.terminal.output_is_terminal(),
          .invocation_id = settings.invocation_id};
}

// "On model.shop.orders: select …" is a statement; else a line as it stands.
transform::Event event_of(const LogRecord& record, const project::Manifest& manifest) {
  transform::Event event{.text = std::string(record.message)};
  std::size_t colon = record.message.find(": ");
  if (!record.message.starts_with("On ") || colon == std::string_view::npos) return event;
  std::string_view who = record.message.substr(3, colon - 3);
  event.name = "SQLQuery";
  event.code = "E016";
  event.node = manifest.find_node(who);
  event.more = Value::dict({{"conn_name", who}, {"sql", record.message.substr(colon + 2)}});
  return event;
}

}  // namespace

DbtRun::DbtRun(Context& context, const NodeArguments& arguments)
    : context_(context),
      arguments_(arguments),
      settings_(load_settings(context, arguments)),
      console_(context, console_settings(context, settings_, arguments)),
      progress_(settings_, console_.sink()) {
  settings_.say = [this](std::string_view text, project::Voice voice) {
    if (voice == project::Voice::Print) {
      if (project::flag_on(settings_.flags, "PRINT")) console_.say(text);
    } else if (voice == project::Voice::Info || debug_ || context_.verbose) {
      console_.line(text);
    }
  };
  console_.tell({.name = "MainReportVersion",
                 .code = "A001",
                 .text = plumb::format("Running with {}, as dbt {}", version_text(), project::kDbtVersion),
                 .more = Value::dict({{"version", version_text()}, {"log_version", 3}})});
  manifest_ = load_project_manifest(settings_, [this](const project::Warning& warning) { console_.warn(warning); });
  progress_.found(manifest_);
  debug_ = project::flag_on(settings_.flags, "DEBUG");
  // dbt's --debug shows every statement among the lines.
  Log log =
      debug_ ? Log([this](const LogRecord& record) { console_.tell(event_of(record, manifest_)); }) : context.log();
  warehouse_ = std::make_unique<transform::Warehouse>(settings_.target, settings_.folder, std::move(log));
  invocation_ = std::make_unique<transform::Invocation>(settings_, manifest_, *warehouse_, context.clock);
  invocation_->stop = context.stop;
  invocation_->functions().as_dict().set("invocation_args_dict", arguments_value(settings_, arguments));
}

const project::Manifest* DbtRun::state() {
  if (state_) return &*state_;
  fs::path folder = state_folder(settings_, arguments_.state);
  if (folder.empty()) return nullptr;
  if (fs::weakly_canonical(folder) == fs::weakly_canonical(settings_.target_path)) {
    warn({"WarnStateTargetEqual",
          plumb::format("The state and target directories are the same: '{}'. This could lead to missing changes due "
                        "to overwritten state including non-idempotent retries.",
                        folder.string()),
          {}});
  }
  state_ = load_state_manifest(folder);
  return &*state_;
}

std::set<std::string> DbtRun::select() {
  auto about = selection_context(settings_, state(), state_folder(settings_, arguments_.state));
  if (!arguments_.only.empty()) return arguments_.only;
  std::vector<project::Warning> warnings;
  auto selected = project::select_nodes(manifest_, selection_of(settings_, arguments_.selection), about, &warnings);
  for (project::Warning& warning : warnings) warn(std::move(warning));
  return selected;
}

void DbtRun::warn(project::Warning warning) {
  auto told = judge(project::WarningPolicy(settings_.flags), {std::move(warning)}, true);
  for (const project::Warning& one : told) console_.warn(one);
}

void DbtRun::warn_nothing_to_do() {
  warn({"NothingToDo", "Nothing to do. Try checking your model configs and model specification args", {}});
}

void DbtRun::defer(const std::set<std::string>& chosen) {
  if (!flag("DEFER") && arguments_.command != "clone") return;
  const project::Manifest* before = state();
  if (!arguments_.defer_state.empty()) {
    state_ = load_state_manifest(arguments_.defer_state);
    before = &*state_;
  }
  if (before == nullptr) {
    throw Error(ErrorKind::Usage, "--state or --defer-state are required for deferral, but neither was provided",
                {.hint = "name the folder with the other run's manifest.json: --state DIR"});
  }
  bool favor = flag("FAVOR_STATE");
  Work work(*this);
  work.context.work([&](jinja::State& state) {
    for (const project::Node& node : before->nodes) {
      const project::Node* own = manifest_.find_node(node.unique_id);
      bool tabled = node.type == project::ResourceType::Model || node.type == project::ResourceType::Seed ||
                    node.type == project::ResourceType::Snapshot;
      if (own == nullptr || !tabled || node.ephemeral() || chosen.contains(node.unique_id)) continue;
      auto relation = work.context.relation(*own);
      bool clones = arguments_.command == "clone";
      if (!favor && !clones && work.context.adapter().find_relation(state, relation->path())) continue;
      invocation_->deferred[node.unique_id] = &node;
    }
  });
}

// ---- Artifacts

void DbtRun::write_artifact(std::string_view name, const std::string& text) const {
  fs::create_directories(settings_.target_path);
  write_file(settings_.target_path / name, text);
}

void DbtRun::write_manifest() {
  if (!flag("WRITE_JSON")) return;
  auto metadata = manifest_metadata(context_, settings_);
  metadata.add_compiled = [this](const project::Node& node, jinja::Dict& entry) {
    // Of unit tests dbt keeps none of it.
    auto compiled = node.type == project::ResourceType::UnitTest ? nullptr : compiler_.find(node.unique_id);
    if (!compiled) return;
    if (node.type != project::ResourceType::Snapshot)
      entry.set("compiled_path", transform::shown_path(settings_, transform::compiled_path(settings_, node)));
    entry.set("compiled", true);
    entry.set("compiled_code", compiled->code);
    entry.set("extra_ctes_injected", true);
    std::vector<Value> ctes;
    for (const auto& part : compiled->ctes) {
      std::string sql = plumb::format(" {} as (\n{}\n)", part.cte.name, part.cte.sql);
      ctes.push_back(Value::dict({{"id", part.unique_id}, {"sql", sql}}));
    }
    entry.set("extra_ctes", Value::list(std::move(ctes)));
  };
  write_manifest_file(settings_, manifest_, metadata);
}

transform::RunResultsMetadata DbtRun::metadata(double seconds) const {
  return {.generated_at = format_instant(context_.clock.now()),
          .invocation_id = settings_.invocation_id,
          .invocation_started_at = format_instant(invocation_->started_at()),
          .elapsed_seconds = seconds,
          .args = arguments_value(settings_, arguments_),
          .env = project::metadata_envs(settings_)};
}

// For assets and alerts: what became of tables and tests. Compiling and showing leaves nothing behind.
void DbtRun::report(const transform::Outcome& outcome) {
  static constexpr std::array<std::string_view, 6> kReported{"run", "build", "seed", "snapshot", "test", "clone"};
  if (context_.report == nullptr || std::ranges::find(kReported, arguments_.command) == kReported.end()) return;
  for (const transform::RunResult& result : outcome.results) {
    if (result.node == nullptr) continue;
    JsonWriter json;
    json.begin_object().field("unique_id", result.unique_id);
    json.field("resource_type", to_string(result.node->type));
    if (!result.node->relation_name.empty()) {
      json.field("database", result.node->database);
      json.field("relation", plumb::format("{}.{}", result.node->schema, result.node->alias));
    }
    json.field("status", to_string(result.status));
    if (result.response && result.response->rows_affected) json.field("rows_affected", *result.response->rows_affected);
    if (result.failures) json.field("failures", *result.failures);
    if (result.message) json.field("message", redact(*result.message));
    context_.report->add_node(json.field("seconds", result.seconds).end_object().take());
  }
}

void DbtRun::write_results(const transform::Outcome& outcome) {
  report(outcome);
  if (flag("WRITE_JSON"))
    write_artifact("run_results.json", run_results_json(outcome.results, metadata(outcome.seconds)));
}

}  // namespace plumb::cli
