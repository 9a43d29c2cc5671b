// Git's rules for ignore files: the last pattern that matches decides; "!" takes back; a "/" in front or within anchors
// the pattern; one at its end names folders; "*" and "?" stay within a name, "**" crosses folders.
#include <algorithm>

#include "project/files.h"
#include "project/glob.h"

namespace plumb::project {
namespace {

// Blanks at the end don't count, unless the last is escaped.
std::string_view without_trailing_blanks(std::string_view line) {
  while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) {
    if (line.size() > 1 && line[line.size() - 2] == '\\') break;
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

IgnoreList::IgnoreList(std::string_view text) {
  while (!text.empty()) {
    std::size_t newline = std::min(text.find('\n'), text.size());
    std::string_view line = without_trailing_blanks(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    Pattern pattern;
    if (line.starts_with('!')) {
      pattern.negated = true;
      line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
      pattern.folder_only = true;
      line.remove_suffix(1);
    }
    pattern.anchored = line.find('/') != std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) continue;
    pattern.glob = line;
    patterns_.push_back(std::move(pattern));
  }
}

bool IgnoreList::ignores(std::string_view path) const {
  bool ignored = false;
  // A pattern may name the file or any folder above it.
  auto matches = [&](const Pattern& pattern) {
    for (std::size_t end = path.find('/'); true; end = path.find('/', end + 1)) {
      bool is_folder = end != std::string_view::npos;
      std::string_view part = path.substr(0, end);
      std::string_view name = pattern.anchored ? part : part.substr(part.rfind('/') + 1);
      if ((is_folder || !pattern.folder_only) && matches_path_glob(pattern.glob, name)) return true;
      if (!is_folder) return false;
    }
  };
  for (const Pattern& pattern : patterns_) {
    if (pattern.negated == ignored && matches(pattern)) ignored = !pattern.negated;
  }
  return ignored;
}

}  // namespace plumb::project
