// {% docs %} blocks, and the descriptions that ask for them with {{ doc('name') }}.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "project/files.h"
#include "project/manifest.h"
#include "project/settings.h"

namespace plumb::project {

class Docs {
 public:
  explicit Docs(const ProjectSettings& settings);
  // Cuts the blocks out of a file.
  void add(const SourceFile& file, std::vector<Doc>& into);

  // The description's text. `used` gets the unique ids of the blocks; errors have the place. From any thread.
  std::string render(const std::string& description, std::string_view package, const Place& place,
                     std::vector<std::string>& used);

 private:
  struct Block {
    std::string unique_id, text;
  };
  const Block* find(std::string_view package, std::string_view name) const;

  const ProjectSettings& settings_;
  std::map<std::string, std::map<std::string, Block, std::less<>>, std::less<>> packages_;
  jinja::Environment environment_;
  jinja::Value names_;
  std::mutex mutex_;  // one description at a time
  std::string_view package_;
  std::vector<std::string>* used_ = nullptr;
};

}  // namespace plumb::project
