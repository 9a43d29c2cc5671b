#include "transform/node_files.h"

#include "base/file.h"
#include "base/format.h"

namespace plumb::transform {

namespace fs = std::filesystem;

fs::path compiled_path(const project::ProjectSettings& settings, const project::Node& node, std::string_view folder,
                       std::string_view batch) {
  fs::path file = node.origin.path;
  if (file.filename() != fs::path(node.origin.path_in_root).filename()) file /= node.origin.path_in_root;
  fs::path path = (settings.target_path / folder / node.package / file).lexically_normal();
  if (batch.empty()) return path;
  std::string name = path.stem().string() + "_" + std::string(batch) + path.extension().string();
  return path.parent_path() / path.stem() / name;
}

std::string shown_path(const project::ProjectSettings& settings, const fs::path& path) {
  return path.lexically_proximate(settings.folder).string();
}

namespace {

void write(const fs::path& path, const std::string& code) {
  fs::create_directories(path.parent_path());
  write_scratch_file(path, code);
}

// As Python shows it: fractions with six digits, or none.
std::string instant_text(Instant instant) {
  std::string text = format_instant(instant);  // 2026-01-05T00:00:00.5Z
  text[10] = ' ';
  text.pop_back();
  if (std::size_t dot = text.find('.'); dot != std::string::npos) text.append(7 - (text.size() - dot), '0');
  return text + "+00:00";
}

}  // namespace

void write_compiled_file(const project::ProjectSettings& settings, const project::Node& node, const std::string& code,
                         std::string_view batch) {
  write(compiled_path(settings, node, "compiled", batch), code);
}

void write_run_file(const project::ProjectSettings& settings, const project::Node& node, const std::string& code,
                    std::string_view batch) {
  write(compiled_path(settings, node, "run", batch), code);
}

std::string ephemeral_name(const project::Node& node) {
  return "__dbt__cte__" + node.alias;
}

std::string event_time_filter(std::string_view field, Instant begin, Instant end) {
  return format("{} >= '{}' and {} < '{}'", field, instant_text(begin), field, instant_text(end));
}

}  // namespace plumb::transform
