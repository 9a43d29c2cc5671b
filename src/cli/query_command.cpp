#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/pager.h"
#include "cli/rows_output.h"
#include "transform/transform.h"

namespace plumb::cli {

namespace {

std::string read_statement(Context& context, const QueryArguments& arguments) {
  if (!arguments.file.empty()) return read_file(arguments.file);
  if (!arguments.sql.empty() && arguments.sql != "-") return arguments.sql;
  return context.terminal.read_input();
}

std::string_view trimmed(std::string_view sql) {
  while (!sql.empty() && (std::isspace(static_cast<unsigned char>(sql.back())) != 0 || sql.back() == ';'))
    sql.remove_suffix(1);
  return sql;
}

// A file that appears whole or not at all: written beside its place, and moved there by keep(). What is no plain file
// (a pipe, /dev/stdout) is written in place.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path target) : target_(std::move(target)), written_(target_) {
    std::error_code none;
    const auto status = std::filesystem::status(target_, none);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return;
    // A link's target is replaced, not the link.
    if (std::filesystem::is_symlink(target_, none)) target_ = std::filesystem::canonical(target_, none);
    written_ = target_;
    written_ += format(".{}.partial", random_hex(4));
  }
  ~OutputFile() {
    std::error_code none;
    if (!kept_ && written_ != target_) std::filesystem::remove(written_, none);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::filesystem::path& path() const { return written_; }
  const std::filesystem::path& target() const { return target_; }
  void keep() {
    if (written_ != target_ && ::rename(written_.c_str(), target_.c_str()) != 0) {
      throw file_error("can't write", target_, errno);
    }
    kept_ = true;
  }

 private:
  std::filesystem::path target_;
  std::filesystem::path written_;
  bool kept_ = false;
};

std::string quoted(const std::filesystem::path& file) {
  std::string text;
  for (char c : file.string()) {
    if (c == '\'') text += c;
    text += c;
  }
  return "'" + text + "'";
}

// DuckDB writes Parquet itself. Standard output can't be sought in, so there the file is made first and then passed on.
void write_parquet(Context& context, db::Connection& connection, std::string_view sql, const std::string& output) {
  auto write = [&](const std::filesystem::path& file) {
    connection.execute(format("COPY ({}) TO {} (FORMAT parquet)", trimmed(sql), quoted(file)));
  };
  if (output.empty()) {
    TemporaryFolder folder;
    write(folder.path() / "rows.parquet");
    context.terminal.print(read_file(folder.path() / "rows.parquet"));
    return;
  }
  OutputFile file(output);
  write(file.path());
  file.keep();
}

// Where the text of the rows goes: a file, a pager, standard output.
class Target {
 public:
  Target(Context& context, const QueryArguments& arguments, bool paged) : context_(context) {
    if (!arguments.output.empty()) {
      file_.emplace(arguments.output);
      descriptor_ = FileDescriptor(::open(file_->path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
      if (!descriptor_) throw file_error("can't write", file_->target(), errno);
    } else if (paged) {
      pager_.emplace(context.stop);
    }
  }
  void write(std::string_view text) {
    if (file_) return write_file_piece(text);
    if (pager_) return pager_->write(text);
    context_.terminal.print(text);
  }
  // True when nobody wants more: the person left the pager.
  bool left() const { return pager_ && pager_->left(); }
  void finish() {
    if (pager_) pager_->finish();
    if (pager_ && context_.stop.stop_requested()) throw Error(ErrorKind::Cancelled, "stopped");
    if (file_) file_->keep();
  }

 private:
  void write_file_piece(std::string_view text) {
    while (!text.empty()) {
      auto written = ::write(descriptor_.get(), text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw file_error("can't write", file_->target(), errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  Context& context_;
  std::optional<OutputFile> file_;
  FileDescriptor descriptor_;
  std::optional<Pager> pager_;
};

// "name AS (" or "name(a, b) AS MATERIALIZED (". A name that is found so by mistake costs a table that is not found.
bool named_by_with(std::string_view sql, std::string_view name) {
  auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  for (auto at = sql.begin();; ++at) {
    at = std::search(at, sql.end(), name.begin(), name.end(), same);
    if (at == sql.end()) return false;
    std::string_view rest = sql.substr(static_cast<std::size_t>(at - sql.begin()) + name.size());
    auto skip = [&](auto unwanted) {
      while (!rest.empty() && unwanted(static_cast<unsigned char>(rest.front()))) rest.remove_prefix(1);
    };
    auto blank = [](unsigned char c) { return std::isspace(c) != 0 || c == '"'; };
    skip(blank);
    if (rest.starts_with('(')) rest.remove_prefix(std::min(rest.find(')'), rest.size() - 1) + 1);
    skip(blank);
    if (rest.size() < 3 || !same(rest[0], 'a') || !same(rest[1], 's')) continue;
    rest.remove_prefix(2);
    skip([](unsigned char c) { return std::isspace(c) != 0 || std::isalpha(c) != 0; });
    if (rest.starts_with('(')) return true;
  }
}

// A query works without a project too: then it sees files and nothing else.
std::optional<config::Project> workspace_project(const Context& context) {
  if (context.project_dir.empty() && !config::find_project_folder(".")) return std::nullopt;
  return context.project();
}

// True when the statement reads a table that is neither a connection's nor a file, nor named by a WITH of its own: one
// of the dbt project that we stand in.
bool reads_other_tables(const config::Workspace& workspace, const std::optional<config::Project>& project,
                        std::string_view sql) {
  const auto tables = db::find_table_names(*workspace.connection, sql);
  return std::any_of(tables.begin(), tables.end(), [&](const std::vector<std::string>& table) {
    if (table.front().find_first_of("./:") != std::string::npos) return false;
    if (project && project->connections.contains(table.front())) return false;
    return table.size() > 1 || !named_by_with(sql, table.front());
  });
}

// In an engine a build may have the project's file open: then it can't be attached anywhere else, and the statement is
// asked in the instance that has it (or opens it, for others to share).
void ask_in_the_file(const project::ProjectSettings& settings, const Log& log, config::Workspace& workspace) {
  const transform::Warehouse warehouse(settings.target, settings.folder, log);
  auto config = warehouse.config();
  std::error_code ignored;
  if (config.kind != db::Kind::DuckDb || !std::filesystem::exists(config.path, ignored)) return;
  config.read_only = true;
  config.settings.clear();  // whoever writes has its own
  workspace.connection.reset();
  workspace.database = db::open(std::move(config));
  workspace.connection = workspace.database->connect();
  workspace.attached.push_back(settings.target.database);
}

void attach_dbt_project(const Context& context, const QueryArguments& arguments,
                        const std::optional<config::Project>& project, std::string_view sql,
                        config::Workspace& workspace) {
  std::error_code ignored;
  if (!std::filesystem::exists(dbt_folder(context) / "dbt_project.yml", ignored)) return;
  if (!reads_other_tables(workspace, project, sql)) return;
  const auto settings = project_settings(context, arguments.project);
  const bool in_engine = !context.terminal.own() && workspace.attached.empty();
  if (in_engine) ask_in_the_file(settings, context.log(), workspace);
  auto names = transform::attach_profile(*workspace.connection, settings.target, settings.folder, context.log());
  workspace.attached.insert(workspace.attached.end(), names.begin(), names.end());
  if (in_engine) workspace.connection->execute("BEGIN TRANSACTION READ ONLY");
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
  auto sql = read_statement(context, arguments);
  if (trimmed(sql).empty()) throw Error(ErrorKind::Usage, "there is no statement to run");
  const auto chosen = choose_format(context, arguments);
  const auto project = workspace_project(context);
  auto workspace = config::open_workspace(project, sql);
  attach_dbt_project(context, arguments, project, sql, workspace);
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
  Target target(context, arguments,
                table && context.terminal.output_is_terminal() && context.terminal.own() && !arguments.no_pager);
  const int width = table && context.terminal.output_is_terminal() ? context.terminal.width() : 0;
  auto output = make_rows_output(
      chosen, rows->schema(), [&](std::string_view text) { target.write(text); }, width);
  while (!target.left()) {
    auto batch = rows->next();
    if (!batch) break;
    output->write(*batch);
  }
  output->finish();
  target.finish();
  return 0;
}

}  // namespace plumb::cli
