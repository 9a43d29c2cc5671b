// The files of a package, found by kind and read once.
//
//     PackageFiles files = read_files(settings.root);
//     for (const SourceFile& file : files.of(FileKind::Model)) parse(file.text);
//
// What is found is what dbt finds: by folder (model-paths and the like) and ending, less what .dbtignore names (in
// gitignore's language). Of a folder with a thousand files each is opened once, and its bytes become the text: nothing
// is copied after that.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "project/settings.h"

namespace plumb::project {

enum class FileKind : std::uint8_t {
  Macro,         // macro-paths: .sql
  GenericTest,   // test-paths, below generic/: .sql
  Model,         // model-paths: .sql, .py
  Snapshot,      // snapshot-paths: .sql
  Analysis,      // analysis-paths: .sql
  SingularTest,  // test-paths: .sql
  Seed,          // seed-paths: .csv; their text is not read
  Fixture,       // test-paths, below fixtures/: .csv, .sql
  Function,      // function-paths: .sql, .py
  Docs,          // docs-paths: .md
  Properties,    // all of these folders: .yml, .yaml
};

struct SourceFile {
  FileKind kind = FileKind::Model;
  std::string package;
  std::string path;          // relative to the package's folder, with "/": "models/staging/stg_orders.sql"
  std::string path_in_root;  // relative to the resource folder: "staging/stg_orders.sql"
  std::string text;          // as Python's str.strip() leaves it, as dbt does
  int first_line = 1;        // of `text` in the file, which may begin with blank lines
  int first_column = 1;
  // As manifest.json says: of the stripped text; of a seed over 1 MiB the path, with the name "path".
  std::string checksum_name = "sha256", checksum;
  double modified_at = 0;  // seconds since 1970

  bool python() const { return path.ends_with(".py"); }
  // "stg_orders": the file's name without folders and ending.
  std::string_view stem() const;
  // Where a position of `text` stands in the file, with its line for the caret.
  Place place(std::size_t position) const;
};

// By kind, and within a kind by path.
class PackageFiles {
 public:
  explicit PackageFiles(std::vector<SourceFile> files);
  const std::vector<SourceFile>& all() const { return files_; }
  std::span<const SourceFile> of(FileKind kind) const;
  // Fixtures and seeds are asked for by name; null when there is none.
  const SourceFile* find(FileKind kind, std::string_view stem) const;

 private:
  std::vector<SourceFile> files_;
};

// Throws Error(Io) for a file that can't be read, Error(Config) for one that is no UTF-8.
PackageFiles read_files(const PackageSettings& package);

// .dbtignore: patterns as git's ignore files have them.
class IgnoreList {
 public:
  IgnoreList() = default;
  explicit IgnoreList(std::string_view text);
  // `path` is relative to the package's folder.
  bool ignores(std::string_view path) const;

 private:
  struct Pattern {
    std::string glob;
    bool negated = false;
    bool anchored = false;     // is matched from the top, not at any depth
    bool folder_only = false;  // names a folder: what lies in it is ignored
  };
  std::vector<Pattern> patterns_;
};

}  // namespace plumb::project
