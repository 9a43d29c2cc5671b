#include "cli/job_report.h"

namespace plumb::cli {

namespace {

void append(std::string& list, std::string_view json) {
  if (!list.empty()) list += ',';
  list += json.substr(0, json.find_last_not_of('\n') + 1);
}

}  // namespace

void JobReport::add_load(std::string_view json) {
  std::lock_guard lock(mutex_);
  append(loads_, json);
}

void JobReport::add_node(std::string_view json) {
  std::lock_guard lock(mutex_);
  append(nodes_, json);
}

void JobReport::take(std::string json) {
  std::lock_guard lock(mutex_);
  taken_ = std::move(json);
}

std::string JobReport::json() const {
  std::lock_guard lock(mutex_);
  if (!taken_.empty()) return taken_;
  if (loads_.empty() && nodes_.empty()) return {};
  std::string text = "{";
  if (!loads_.empty()) text += "\"loads\":[" + loads_ + "]";
  if (!nodes_.empty()) text += (loads_.empty() ? "\"nodes\":[" : ",\"nodes\":[") + nodes_ + "]";
  return text + "}";
}

}  // namespace plumb::cli
