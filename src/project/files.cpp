#include "project/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "project/text_edges.h"

namespace plumb::project {
namespace {

constexpr std::size_t kLargestHashedSeed = std::size_t{1} << 20;
constexpr std::string_view kIgnoreFile = ".dbtignore";

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

// Where a resource folder's files go, by their ending and the folder they are in.
using Sorter = std::optional<FileKind> (*)(std::string_view path_in_root);

std::optional<FileKind> sort_model(std::string_view path) {
  if (ends_with_any(path, {".sql", ".py"})) return FileKind::Model;
  return std::nullopt;
}
std::optional<FileKind> sort_function(std::string_view path) {
  if (ends_with_any(path, {".sql", ".py"})) return FileKind::Function;
  return std::nullopt;
}
template <FileKind kind>
std::optional<FileKind> sort_sql(std::string_view path) {
  if (path.ends_with(".sql")) return kind;
  return std::nullopt;
}
std::optional<FileKind> sort_seed(std::string_view path) {
  if (path.ends_with(".csv")) return FileKind::Seed;
  return std::nullopt;
}
std::optional<FileKind> sort_test(std::string_view path) {
  bool fixture = path.starts_with("fixtures/");
  if (fixture && ends_with_any(path, {".csv", ".sql"})) return FileKind::Fixture;
  if (!path.ends_with(".sql")) return std::nullopt;
  return path.starts_with("generic/") ? FileKind::GenericTest : FileKind::SingularTest;
}
std::optional<FileKind> sort_nothing(std::string_view) {
  return std::nullopt;
}

// A folder of the package and what is looked for in it.
struct Root {
  std::string folder;
  Sorter sorter = sort_nothing;
  bool properties = true;
  bool docs = true;
};

std::vector<Root> roots_of(const PackageSettings& package) {
  std::vector<Root> roots;
  bool docs_everywhere = package.docs_paths.empty();
  auto add = [&](const std::vector<std::string>& folders, Sorter sorter) {
    for (const std::string& folder : folders) roots.push_back({folder, sorter, true, docs_everywhere});
  };
  add(package.macro_paths, sort_sql<FileKind::Macro>);
  add(package.model_paths, sort_model);
  add(package.snapshot_paths, sort_sql<FileKind::Snapshot>);
  add(package.analysis_paths, sort_sql<FileKind::Analysis>);
  add(package.test_paths, sort_test);
  add(package.seed_paths, sort_seed);
  add(package.function_paths, sort_function);
  for (const std::string& folder : package.docs_paths) roots.push_back({folder, sort_nothing, false, true});
  return roots;
}

std::string_view without_slashes(std::string_view folder) {
  while (folder.starts_with("./")) folder.remove_prefix(2);
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return folder == "." ? std::string_view() : folder;
}

struct FolderCloser {
  void operator()(DIR* folder) const { closedir(folder); }
};

// Walks one package's resource folders.
class Walk {
 public:
  Walk(const PackageSettings& package, std::vector<SourceFile>& files)
      : package_(package), files_(files), folder_(package.folder) {
    if (auto text = find_file(package.folder / kIgnoreFile)) ignore_ = IgnoreList(*text);
  }

  void visit(const Root& root) {
    root_ = &root;
    std::string path(without_slashes(root.folder));
    root_length_ = path.empty() ? 0 : path.size() + 1;
    visit_folder(path);
  }

 private:
  // Entries are looked at in the order of their names, so that every machine reads the same project alike.
  void visit_folder(const std::string& path) {
    std::unique_ptr<DIR, FolderCloser> folder(opendir(full(path).c_str()));
    if (!folder) {
      if (errno == ENOENT || errno == ENOTDIR) return;
      throw file_error("can't read the folder", full(path), errno);
    }
    std::vector<std::pair<std::string, bool>> entries;
    while (const dirent* entry = readdir(folder.get())) {
      std::string_view name(entry->d_name);
      if (name == "." || name == "..") continue;
      std::string child = path.empty() ? std::string(name) : path + "/" + std::string(name);
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) is_folder = leads_to_folder(child);
      entries.emplace_back(std::move(child), is_folder);
    }
    folder.reset();
    std::sort(entries.begin(), entries.end());
    for (const auto& [child, is_folder] : entries) {
      if (is_folder) {
        visit_folder(child);
      } else {
        visit_file(child);
      }
    }
  }

  void visit_file(const std::string& path) {
    auto kind = kind_of(std::string_view(path).substr(root_length_));
    if (!kind || ignore_.ignores(path) || !seen_.insert(path).second) return;
    SourceFile file{.kind = *kind, .package = package_.name, .path = path, .path_in_root = path.substr(root_length_)};
    read(file);
    files_.push_back(std::move(file));
  }

  std::optional<FileKind> kind_of(std::string_view path) const {
    if (root_->properties && ends_with_any(path, {".yml", ".yaml"})) return FileKind::Properties;
    if (root_->docs && path.ends_with(".md")) return FileKind::Docs;
    return root_->sorter(path);
  }

  void read(SourceFile& file) const {
    FileDescriptor descriptor(open(full(file.path).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status = {};
    if (!descriptor || fstat(descriptor.get(), &status) != 0) {
      throw file_error("can't read", full(file.path), errno);
    }
    file.modified_at = static_cast<double>(status.st_mtim.tv_sec) + static_cast<double>(status.st_mtim.tv_nsec) / 1e9;
    auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    if (file.kind == FileKind::Seed && size > kLargestHashedSeed) {
      file.checksum_name = "path";
      file.checksum = file.path;
      return;
    }
    file.text = read_bytes(descriptor, size, file.path);
    expect_utf8(file);
    strip(file);
    file.checksum = sha256_hex(file.text);
    // A seed is read by the database; its text would only take memory.
    if (file.kind == FileKind::Seed) file.text = std::string();
  }

  std::string read_bytes(const FileDescriptor& descriptor, std::size_t size, const std::string& path) const {
    std::string bytes(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
      ssize_t count = ::read(descriptor.get(), bytes.data() + filled, size - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw file_error("can't read", full(path), errno);
      if (count == 0) break;
      filled += static_cast<std::size_t>(count);
    }
    bytes.resize(filled);
    return bytes;
  }

  void expect_utf8(const SourceFile& file) const {
    auto bad = find_invalid_utf8(file.text);
    if (!bad) return;
    throw Error(ErrorKind::Config, "this file is no UTF-8 text",
                {.place = file.place(*bad), .hint = "save it as UTF-8"});
  }

  static void strip(SourceFile& file) {
    TextEdges edges = find_edges(file.text);
    std::string_view head = std::string_view(file.text).substr(0, edges.begin);
    file.first_line += static_cast<int>(std::count(head.begin(), head.end(), '\n'));
    std::size_t newline = head.rfind('\n');
    std::string_view indent = newline == std::string_view::npos ? head : head.substr(newline + 1);
    file.first_column += static_cast<int>(count_characters(indent));
    file.text.erase(edges.end);
    file.text.erase(0, edges.begin);
  }

  bool leads_to_folder(const std::string& path) const {
    struct stat status = {};
    return stat(full(path).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }
  std::string full(const std::string& path) const { return path.empty() ? folder_ : folder_ + "/" + path; }

  const PackageSettings& package_;
  std::vector<SourceFile>& files_;
  const std::string folder_;
  IgnoreList ignore_;
  std::set<std::string, std::less<>> seen_;
  const Root* root_ = nullptr;
  std::size_t root_length_ = 0;
};

std::string_view stem_of(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return path.substr(0, path.rfind('.'));
}

}  // namespace

std::string_view SourceFile::stem() const {
  return stem_of(path);
}

Place SourceFile::place(std::size_t position) const {
  std::string_view before = std::string_view(text).substr(0, position);
  std::size_t newline = before.rfind('\n');
  std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  int line = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  auto column = static_cast<int>(count_characters(before.substr(line_begin)));
  std::string_view rest = std::string_view(text).substr(line_begin);
  std::string source_line(rest.substr(0, rest.find_first_of("\r\n")));
  // What was stripped in front of the first line were blanks.
  if (line == 0) source_line.insert(0, static_cast<std::size_t>(first_column - 1), ' ');
  return {.file = path,
          .line = first_line + line,
          .column = line == 0 ? first_column + column : 1 + column,
          .source_line = std::move(source_line)};
}

PackageFiles::PackageFiles(std::vector<SourceFile> files) : files_(std::move(files)) {
  std::stable_sort(files_.begin(), files_.end(),
                   [](const SourceFile& a, const SourceFile& b) { return a.kind < b.kind; });
}

std::span<const SourceFile> PackageFiles::of(FileKind kind) const {
  struct ByKind {
    bool operator()(const SourceFile& file, FileKind sought) const { return file.kind < sought; }
    bool operator()(FileKind sought, const SourceFile& file) const { return sought < file.kind; }
  };
  auto [first, last] = std::equal_range(files_.begin(), files_.end(), kind, ByKind());
  return {first, last};
}

const SourceFile* PackageFiles::find(FileKind kind, std::string_view stem) const {
  auto files = of(kind);
  auto found = std::find_if(files.begin(), files.end(), [&](const SourceFile& file) { return file.stem() == stem; });
  return found == files.end() ? nullptr : &*found;
}

PackageFiles read_files(const PackageSettings& package) {
  std::vector<SourceFile> files;
  Walk walk(package, files);
  for (const Root& root : roots_of(package)) walk.visit(root);
  return PackageFiles(std::move(files));
}

}  // namespace plumb::project
