#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <iterator>

#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/pager.h"
#include "cli/rows_output.h"

namespace plumb::cli {

namespace {

std::string read_statement(const QueryArguments& arguments) {
  if (!arguments.file.empty()) return read_file(arguments.file);
  if (!arguments.sql.empty() && arguments.sql != "-") return arguments.sql;
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

std::string_view trimmed(std::string_view sql) {
  while (!sql.empty() && (std::isspace(static_cast<unsigned char>(sql.back())) != 0 || sql.back() == ';'))
    sql.remove_suffix(1);
  return sql;
}

// DuckDB writes Parquet itself. Standard output can't be sought in, so there the file is made first and then passed on.
void write_parquet(Context& context, db::Connection& connection, std::string_view sql, const std::string& output) {
  TemporaryFolder folder;
  auto file = output.empty() ? folder.path() / "rows.parquet" : std::filesystem::path(output);
  std::string quoted;
  for (char c : file.string()) {
    if (c == '\'') quoted += c;
    quoted += c;
  }
  connection.execute(format("COPY ({}) TO '{}' (FORMAT parquet)", trimmed(sql), quoted));
  if (output.empty()) context.terminal.print(read_file(file));
}

// Where the text of the rows goes: a file, a pager, standard output.
class Target {
 public:
  Target(Context& context, const QueryArguments& arguments, bool paged) : context_(context) {
    if (!arguments.output.empty()) {
      file_ = FileDescriptor(::open(arguments.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
      if (!file_) throw Error(ErrorKind::Io, format("can't write {}: {}", arguments.output, std::strerror(errno)));
    } else if (paged) {
      pager_.emplace();
    }
  }
  void write(std::string_view text) {
    if (file_) return write_file_piece(text);
    if (pager_) return pager_->write(text);
    context_.terminal.print(text);
  }
  void finish() {
    if (pager_) pager_->finish();
  }

 private:
  void write_file_piece(std::string_view text) {
    while (!text.empty()) {
      auto written = ::write(file_.get(), text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw Error(ErrorKind::Io, format("can't write the output: {}", std::strerror(errno)));
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  Context& context_;
  FileDescriptor file_;
  std::optional<Pager> pager_;
};

// A query works without a project too: then it sees files and nothing else.
std::optional<config::Project> workspace_project(const Context& context) {
  if (context.project_dir.empty() && !config::find_project_folder(".")) return std::nullopt;
  return context.project();
}

std::string choose_format(const Context& context, const QueryArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  if (context.json) return "json";
  for (const char* ending : {"csv", "json", "ndjson", "parquet", "arrow"}) {
    if (arguments.output.ends_with("." + std::string(ending))) return ending;
  }
  return context.terminal.output_is_terminal() || !arguments.output.empty() ? "table" : "csv";
}

}  // namespace

int query_command(Context& context, const QueryArguments& arguments) {
  auto sql = read_statement(arguments);
  if (trimmed(sql).empty()) throw Error(ErrorKind::Usage, "there is no statement to run");
  const auto chosen = choose_format(context, arguments);
  auto workspace = config::open_workspace(workspace_project(context), sql);
  if (context.dry_run) {
    for (const auto& name : workspace.attached) context.terminal.print(format("attach {}\n", name));
    context.terminal.print(format("{}\n", trimmed(sql)));
    return 0;
  }
  db::CancelOnStop cancel(*workspace.connection, context.stop);
  if (chosen == "parquet") {
    write_parquet(context, *workspace.connection, sql, arguments.output);
    return 0;
  }
  auto rows = workspace.connection->query(trimmed(sql));
  const bool table = chosen == "table";
  Target target(context, arguments, table && context.terminal.output_is_terminal() && !arguments.no_pager);
  const int width = table && context.terminal.output_is_terminal() ? context.terminal.width() : 0;
  auto output = make_rows_output(
      chosen, rows->schema(), [&](std::string_view text) { target.write(text); }, width);
  while (auto batch = rows->next()) output->write(*batch);
  output->finish();
  target.finish();
  return 0;
}

}  // namespace plumb::cli
