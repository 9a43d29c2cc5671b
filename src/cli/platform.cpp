#include "cli/platform.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/format.h"
#include "cli/remote_operations.h"

namespace plumb::cli {

Platform::Platform(Context& context)
    : context_(context),
      project_(context.project()),
      store_(workflow::store_of(project_), context.clock, context.log().module("store")) {}

Platform::~Platform() = default;

workflow::Operations& Platform::operations() {
  if (!operations_ && served()) {
    operations_ = remote_operations(project_.folder / ".plumb" / "serve.sock", project_, store_, context_.clock);
  }
  if (!operations_) {
    operations_ = std::make_unique<workflow::Scheduler>(
        workflow::SchedulerOptions{.kind = "cli", .schedules = false, .passive = true, .watches_files = false},
        project_, store_, context_.clock, context_.log().module("workflow"));
  }
  return *operations_;
}

bool Platform::served() const {
  const std::string path = (project_.folder / ".plumb" / "serve.sock").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

store::RunRow Platform::get_run(const std::string& workflow, const std::string& run_id) {
  auto reader = store_.reader();
  if (!run_id.empty() && run_id != "latest") {
    if (auto row = reader->find_run(workflow, run_id)) return *row;
    throw Error(ErrorKind::NotFound, format("the workflow '{}' has no run '{}'", workflow, run_id),
                {.hint = format("`plumb runs list {}` names them", workflow)});
  }
  auto newest = reader->runs({.workflow = workflow}, {.limit = 1});
  if (!newest.rows.empty()) return newest.rows[0];
  throw Error(ErrorKind::NotFound, format("the workflow '{}' has not run yet", workflow),
              {.hint = format("`plumb start {}` carries it out", workflow)});
}

std::filesystem::path Platform::log_file(const store::AttemptRow& attempt) const {
  return project_.folder / ".plumb" / "logs" / attempt.log;
}

jinja::Value read_params(const std::vector<std::string>& params, const std::string& json) {
  jinja::Value dict = jinja::Value::dict();
  if (!json.empty()) dict = workflow::value_of_json(json);
  if (dict.kind() != jinja::Kind::Dict) throw Error(ErrorKind::Usage, "--params: that is no JSON object");
  for (const std::string& text : params) {
    auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorKind::Usage, format("--param: '{}' is no name=value", text));
    const std::string value = text.substr(equals + 1);
    const bool json_like =
        !value.empty() && std::string_view("[{\"-0123456789tfn").find(value[0]) != std::string_view::npos;
    jinja::Value read(value);
    if (json_like) {
      // What does not read as JSON is text; that is what the question is.
      try {
        read = workflow::value_of_json(value);
      } catch (const Error&) {
        read = jinja::Value(value);
      }
    }
    dict.as_dict().set(text.substr(0, equals), read);
  }
  return dict;
}

Instant read_instant(const std::string& option, const std::string& text, const Zone& zone) {
  if (auto date = find_date(text)) return zone.to_instant(std::chrono::local_days(*date));
  if (auto instant = find_instant(text)) return *instant;
  throw Error(ErrorKind::Usage, format("{}: '{}' is no date or time", option, text),
              {.hint = "write 2026-11-21 or 2026-11-21T07:00:00Z"});
}

}  // namespace plumb::cli
