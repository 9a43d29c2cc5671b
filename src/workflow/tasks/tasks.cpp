#include "workflow/tasks/tasks.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/tasks/kinds.h"

namespace plumb::workflow {
namespace {

using Work = TaskResult (*)(Node, const TaskWorld&);
constexpr std::array<std::pair<std::string_view, Work>, 6> kKinds = {{{"http", do_http},
                                                                      {"ssh", do_ssh},
                                                                      {"container", do_container},
                                                                      {"poke", do_poke},
                                                                      {"sql", do_sql},
                                                                      {"query-check", do_query_check}}};

}  // namespace

TaskResult carry_out(std::string_view kind, Node settings, const TaskWorld& world) {
  for (const auto& [name, work] : kKinds) {
    if (name == kind) return work(settings, world);
  }
  throw Error(ErrorKind::Usage, format("there is no kind of task '{}'", kind),
              {.hint = format("one of {}", fmt::join(carried_out_kinds(), ", "))});
}

std::vector<std::string_view> carried_out_kinds() {
  std::vector<std::string_view> names;
  names.reserve(kKinds.size());
  for (const auto& [name, work] : kKinds) names.push_back(name);
  return names;
}

TaskEnd end_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::Usage:
    case ErrorKind::Config:
    case ErrorKind::Auth:
      return TaskEnd::Terminal;
    default:
      return TaskEnd::Failed;
  }
}

std::vector<std::string> texts_of(Node node) {
  std::vector<std::string> texts;
  if (node.null()) return texts;
  if (node.kind() != NodeKind::List) return {std::string(node.scalar())};
  for (std::size_t i = 0; i < node.size(); ++i) texts.emplace_back(node.at(i).scalar());
  return texts;
}

std::chrono::milliseconds duration_or(Node node, std::chrono::milliseconds fallback) {
  return node.null() ? fallback : std::chrono::duration_cast<std::chrono::milliseconds>(parse_duration(node));
}

std::string needed_text(Node node, std::string_view key) {
  std::string text = node.text_or("");
  if (text.empty()) throw Error(ErrorKind::Config, format("the task has no '{}'", key));
  return text;
}

}  // namespace plumb::workflow
