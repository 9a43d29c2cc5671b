#include "base/file.h"
#include "jinja/environment.h"

namespace plumb::jinja {

namespace {

// Names are relative, with slashes, and stay within their folder.
bool is_safe(std::string_view name) {
  if (name.empty() || name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos)
    return false;
  std::size_t start = 0;
  while (start <= name.size()) {
    std::size_t end = std::min(name.find('/', start), name.size());
    if (name.substr(start, end - start) == "..") return false;
    start = end + 1;
  }
  return true;
}

}  // namespace

Loader load_from_folders(std::vector<std::filesystem::path> folders) {
  return [folders = std::move(folders)](const std::string& name) -> std::optional<Source> {
    if (!is_safe(name)) return std::nullopt;
    for (const auto& folder : folders) {
      auto path = folder / std::filesystem::path(name).relative_path();
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) return Source{read_file(path), path.string()};
    }
    return std::nullopt;
  };
}

Loader load_from_map(std::map<std::string, std::string> templates) {
  return [templates = std::move(templates)](const std::string& name) -> std::optional<Source> {
    auto found = templates.find(name);
    if (found == templates.end()) return std::nullopt;
    return Source{found->second, name};
  };
}

}  // namespace plumb::jinja
