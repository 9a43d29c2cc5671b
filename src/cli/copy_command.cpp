#include "base/document.h"
#include "base/format.h"
#include "base/secret.h"
#include "cli/commands.h"

namespace plumb::cli {

int copy_command(Context& context, const CopyArguments& arguments) {
  if (context.dry_run) {
    context.terminal.print(format("copy {} -> {}: the target table is replaced in one transaction\n",
                                  redact(arguments.source), redact(arguments.target)));
    return 0;
  }
  const auto started = context.clock.now();
  auto report =
      ingest::copy(arguments.source, arguments.target,
                   {.progress = [&](const ingest::Progress& progress) { context.terminal.progress(progress); },
                    .stop = context.stop,
                    .log = context.log()});
  context.terminal.end_progress();
  const double seconds = std::chrono::duration<double>(context.clock.now() - started).count();
  if (context.json) {
    JsonWriter json;
    json.begin_object().field("rows", report.rows).field("source", report.source).field("target", report.target);
    json.field("seconds", seconds).key("columns").begin_array();
    for (const auto& field : report.schema) {
      json.begin_object().field("name", field.name).field("type", field.type.to_string()).end_object();
    }
    json.end_array().end_object();
    context.terminal.print(json.take() + "\n");
  } else {
    context.terminal.print(
        format("{} rows in {:.1f} s: {} -> {}\n", report.rows, seconds, report.source, report.target));
  }
  return 0;
}

}  // namespace plumb::cli
