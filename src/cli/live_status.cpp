#include "cli/live_status.h"

#include <array>

#include "base/format.h"

namespace plumb::cli {

namespace {

constexpr std::array<std::string_view, 10> kFrames{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr auto kFrameTime = std::chrono::milliseconds(100);

std::string id_of(const transform::Event& event) {
  return event.node ? event.node->unique_id : event.source->unique_id;
}

std::string name_of(const transform::Event& event) {
  if (event.source) return event.source->source_name + "." + event.source->name;
  switch (event.node->type) {
    case project::ResourceType::Model:
    case project::ResourceType::Seed:
    case project::ResourceType::Snapshot:
      return event.node->schema + "." + event.node->alias;
    default:
      return event.node->name;
  }
}

}  // namespace

LiveStatus::LiveStatus(Terminal& terminal, const Clock& clock)
    : terminal_(terminal), clock_(clock), drawer_([this](const std::stop_token& stop) { draw_until_stopped(stop); }) {}

LiveStatus::~LiveStatus() {
  drawer_.request_stop();
  drawer_.join();
  terminal_.end_progress();
}

bool LiveStatus::takes(const transform::Event& event) {
  bool step = event.total > 0 && (event.node || event.source);
  if (!step || event.name == "LogBatchResult" || event.name == "LogStartBatch") return false;
  std::lock_guard lock(mutex_);
  if (event.result) {
    running_.erase(id_of(event));
  } else {
    running_[id_of(event)] = {name_of(event), clock_.now()};
    begun_ = event.index;
    total_ = event.total;
  }
  changed_.notify_all();
  return event.result == nullptr;
}

void LiveStatus::draw_until_stopped(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !running_.empty(); })) {
    terminal_.show_status(line(clock_.now()));
    ++frame_;
    changed_.wait_for(lock, stop, kFrameTime, [this] { return running_.empty(); });
    if (running_.empty()) terminal_.end_progress();
  }
}

// The longest running stand first, and the last ones are cut off at the terminal's edge.
std::string LiveStatus::line(Instant now) const {
  std::multimap<Instant, const Running*> by_age;
  for (const auto& [id, running] : running_) by_age.emplace(running.begin, &running);
  std::string text = plumb::format("{} of {}", begun_, total_);
  std::string_view separator = "  ";
  for (const auto& [begin, running] : by_age) {
    double seconds = std::chrono::duration<double>(now - begin).count();
    text += plumb::format("{}{} {:.1f}s", separator, running->name, seconds);
    separator = ", ";
  }
  auto room = static_cast<std::size_t>(std::max(20, terminal_.width() - 3));
  if (text.size() > room) text = text.substr(0, text.rfind(',', room)) + " …";
  return plumb::format("{} {}", kFrames[frame_ % kFrames.size()], text);
}

}  // namespace plumb::cli
