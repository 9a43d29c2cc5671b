// Feeds arbitrary bytes to the reader of workflows: the text of a file. Beyond not crashing: a fault has a place in the
// file and can be shown, and what was read has a graph of its tasks, and templates that are parsed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "workflow/definition.h"

namespace {

using plumb::Error;

const plumb::config::Project& project() {
  static const plumb::config::Project kProject = [] {
    plumb::config::Project made;
    made.folder = "/nonexistent";
    made.document = std::make_shared<const plumb::Document>(plumb::parse_yaml(
        "name: fuzz\npools: {p: 2}\nalerts: {phone: {}}\ncalendars: {c: {exclude: [sat]}}\ndefaults: {retries: 1}\n",
        "plumb.yml"));
    return made;
  }();
  return kProject;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto workflow =
        plumb::workflow::parse_workflow(std::string(reinterpret_cast<const char*>(data), size), "w.yml", project());
    if (workflow->graph->size() != workflow->tasks.size()) std::abort();
    for (const auto& task : workflow->tasks) {
      if (workflow->find_task(task.id) != &task) std::abort();
    }
  } catch (const Error& error) {
    if (!error.find_place() || !plumb::valid_utf8(error.render())) std::abort();
  }
  return 0;
}
