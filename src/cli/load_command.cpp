#include "base/document.h"
#include "base/format.h"
#include "cli/cli.h"
#include "cli/commands.h"

namespace plumb::cli {

namespace {

std::string to_json(const ingest::LoadReport& report) {
  JsonWriter json;
  json.begin_object();
  json.field("pipeline", report.pipeline).field("load_id", report.load_id);
  json.field("started_at", format_instant(report.started_at)).field("finished_at", format_instant(report.finished_at));
  json.key("resources").begin_array();
  for (const auto& resource : report.resources) {
    json.begin_object();
    json.field("resource", resource.resource).field("destination", resource.destination).field("table", resource.table);
    json.field("rows_read", resource.rows_read).field("rows_written", resource.rows_written);
    json.field("columns_added", resource.columns_added);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

std::string to_text(const ingest::LoadReport& report) {
  auto seconds = std::chrono::duration<double>(report.finished_at - report.started_at).count();
  auto text = format("{}: done in {:.1f} s\n", report.pipeline, seconds);
  for (const auto& resource : report.resources) {
    text += format("  {:<14} {:>8} read {:>8} written  {} in {}\n", resource.resource, resource.rows_read,
                   resource.rows_written, resource.table, resource.destination);
  }
  return text;
}

}  // namespace

int load_command(Context& context, const LoadArguments& arguments) {
  auto project = context.project();
  const auto connectors = ingest::connectors();
  std::vector<ingest::Pipeline> pipelines;
  for (const auto& name : arguments.pipelines) pipelines.push_back(ingest::load_pipeline(project, name, connectors));
  if (arguments.pipelines.empty()) pipelines = ingest::load_pipelines(project, connectors);
  if (pipelines.empty()) {
    throw Error(ErrorKind::Config, "there is no pipeline to load",
                {.hint = "make pipelines/NAME.yml, or run `plumb init`"});
  }

  auto sessions = session_store(project);
  ingest::LoadContext load{.project = project, .services = services(context, project, &sessions)};
  load.progress = [&](const ingest::Progress& progress) { context.terminal.progress(progress); };
  int code = 0;
  for (const auto& pipeline : pipelines) {
    if (context.dry_run) {
      context.terminal.print(ingest::plan(pipeline, load));
      continue;
    }
    // Each is told on its own: a bank that wants a TAN must not keep the weather from being loaded.
    try {
      auto report = ingest::load(pipeline, connectors, load);
      context.terminal.end_progress();
      if (context.report != nullptr) context.report->add_load(to_json(report));
      context.terminal.print(context.json ? to_json(report) : to_text(report));
    } catch (const Error& error) {
      if (pipelines.size() == 1 || context.stop.stop_requested() || context.terminal.output_gone()) throw;
      if (!context.json) context.terminal.say(format("{}: failed", pipeline.name));
      context.terminal.say(error);
      if (code == 0) code = exit_code(error);
    }
  }
  return code;
}

}  // namespace plumb::cli
