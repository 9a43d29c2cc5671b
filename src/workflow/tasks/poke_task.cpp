// One look of a `wait`.
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "workflow/tasks/kinds.h"

namespace plumb::workflow {
namespace {

std::vector<std::string> files_like(const std::string& pattern) {
  std::vector<std::string> files;
  ::glob_t found{};
  if (::glob(pattern.c_str(), GLOB_NOSORT | GLOB_BRACE, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return files;
}

bool is_ready(const std::string& file, Duration older_than, std::int64_t at_least, Instant now) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || status.st_size < at_least) return false;
  Instant changed{std::chrono::seconds(status.st_mtim.tv_sec) +
                  std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(status.st_mtim.tv_nsec))};
  return older_than == Duration(0) || now - changed >= older_than;
}

// A request whose answer is not the right one is tried at the next look; one that makes no sense is not.
bool http_is_right(Node request, const TaskWorld& world) {
  try {
    return do_http(request, world).end == TaskEnd::Success;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Network && error.kind() != ErrorKind::Service) throw;
    world.say(error.message());
    return false;
  }
}

}  // namespace

bool file_is_there(Node file, const std::filesystem::path& folder, Instant now) {
  std::string pattern = (folder / needed_text(setting(file, "path", "path"), "path")).string();
  Duration older_than = duration_or(file.find("older_than"), std::chrono::milliseconds(0));
  Node size = file.find("at_least");
  std::int64_t at_least = size.null() ? 0 : size.as_int();
  std::vector<std::string> files = files_like(pattern);
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& one) { return is_ready(one, older_than, at_least, now); });
}

TaskResult do_poke(Node settings, const TaskWorld& world) {
  bool there = false;
  if (Node file = settings.find("file")) {
    there = file_is_there(file, std::filesystem::current_path(), world.clock.now());
    world.say(there ? "the file is there" : "the file is not there");
  } else if (Node request = settings.find("http")) {
    there = http_is_right(request, world);
  } else if (Node query = settings.find("sql")) {
    there = query_is_true(query, world);
    world.say(there ? "the query's answer is true" : "the query's answer is not true");
  } else {
    throw Error(ErrorKind::Config, "there is nothing to look at", {.hint = "give it file, http or sql"});
  }
  return {.end = there ? TaskEnd::Success : TaskEnd::NotYet, .values = {}};
}

}  // namespace plumb::workflow
