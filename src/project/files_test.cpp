#include "project/files.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/format.h"
#include "project/glob.h"

namespace plumb::project {
namespace {

// A package on disk.
class Files : public ::testing::Test {
 protected:
  void write(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    write_file(folder_.path() / path, text);
  }
  PackageFiles read() const {
    PackageSettings package;
    package.name = "home";
    package.folder = folder_.path();
    return read_files(package);
  }
  // The paths of a kind.
  std::string paths(FileKind kind) const {
    PackageFiles files = read();
    std::string out;
    for (const SourceFile& file : files.of(kind)) out += (out.empty() ? "" : " ") + file.path;
    return out;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(Files, AreSortedByFolderAndEnding) {
  for (const char* path : {"models/b.sql", "models/a/p.py", "models/s.yml", "models/d.md", "models/x.txt",
                           "seeds/s.csv", "seeds/s.yaml", "tests/t.sql", "tests/generic/g.sql", "tests/fixtures/f.csv",
                           "macros/m.sql", "snapshots/n.sql", "analyses/a.sql", "functions/f.sql", "other/b.sql"}) {
    write(path, "x");
  }
  EXPECT_EQ(paths(FileKind::Model), "models/a/p.py models/b.sql");
  EXPECT_EQ(paths(FileKind::Seed), "seeds/s.csv");
  EXPECT_EQ(paths(FileKind::SingularTest), "tests/t.sql");
  EXPECT_EQ(paths(FileKind::GenericTest), "tests/generic/g.sql");
  EXPECT_EQ(paths(FileKind::Fixture), "tests/fixtures/f.csv");
  EXPECT_EQ(paths(FileKind::Macro), "macros/m.sql");
  EXPECT_EQ(paths(FileKind::Snapshot), "snapshots/n.sql");
  EXPECT_EQ(paths(FileKind::Analysis), "analyses/a.sql");
  EXPECT_EQ(paths(FileKind::Function), "functions/f.sql");
  EXPECT_EQ(paths(FileKind::Docs), "models/d.md");
  EXPECT_EQ(paths(FileKind::Properties), "models/s.yml seeds/s.yaml");
}

TEST_F(Files, AreStrippedAndHashedAsDbtDoes) {
  write("models/m1.sql", "\n\n  select 1 as id  \n\n");
  write("models/nbsp.sql", "\u00a0select 2 as id\n");
  write("models/bom.sql", "\ufeffselect 2 as id\n");
  PackageFiles files = read();
  const SourceFile& m1 = *files.find(FileKind::Model, "m1");
  EXPECT_EQ(m1.text, "select 1 as id");
  EXPECT_EQ(m1.path_in_root, "m1.sql");
  // As dbt 1.11 wrote them into manifest.json.
  EXPECT_EQ(m1.checksum, "3ea0f972fa1b56aa2dc2f56ee784b6a5796312f9a813d59ae70fd8855f10d16d");
  EXPECT_EQ(files.find(FileKind::Model, "nbsp")->checksum,
            "f9b95a5b8f6c1a6db2b4a5abb57352b135c8911d61d0c08ce6b27432ee335434");
  EXPECT_EQ(files.find(FileKind::Model, "bom")->checksum,
            "e55108c6a93d7e784c7b535cffeb9774276d5f79164af9bf8e145899e54271d5");
}

TEST_F(Files, PlacesAreThoseOfTheFileNotOfTheStrippedText) {
  write("models/m.sql", "\n\n  select 1,\n  oops");
  PackageFiles files = read();
  const SourceFile& file = *files.find(FileKind::Model, "m");
  Place first = file.place(file.text.find('1'));
  EXPECT_EQ(format("{}:{}:{} {}", first.file, first.line, first.column, first.source_line),
            "models/m.sql:3:10   select 1,");
  Place second = file.place(file.text.find("oops"));
  EXPECT_EQ(format("{}:{}", second.line, second.column), "4:3");
}

TEST_F(Files, ASeedOverOneMebibyteIsKnownByItsPath) {
  write("seeds/exact.csv", "id\n" + std::string((1 << 20) - 3, 'x'));
  write("seeds/big.csv", "id\n" + std::string((1 << 20) - 2, 'x'));
  PackageFiles files = read();
  EXPECT_EQ(files.find(FileKind::Seed, "exact")->checksum_name, "sha256");
  EXPECT_EQ(files.find(FileKind::Seed, "big")->checksum_name, "path");
  EXPECT_EQ(files.find(FileKind::Seed, "big")->checksum, "seeds/big.csv");
}

TEST_F(Files, DbtignoreLeavesFilesOut) {
  write("models/a.sql", "x");
  write("models/b.sql", "x");
  write("models/old/c.sql", "x");
  write("models/old/keep.sql", "x");
  write(".dbtignore", "# what is old\n**/old/*\n!keep.sql\nmodels/b.sql\n");
  EXPECT_EQ(paths(FileKind::Model), "models/a.sql models/old/keep.sql");
}

TEST_F(Files, WhatIsNoUtf8IsToldWithItsPlace) {
  write("models/m.sql", "select\n 1 as \xff");
  try {
    read();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "models/m.sql:2:7: this file is no UTF-8 text");
  }
}

TEST(IgnoreList, FollowsGitsRules) {
  auto ignores = [](std::string_view patterns, std::string_view path) { return IgnoreList(patterns).ignores(path); };
  EXPECT_TRUE(ignores("ign/", "models/ign/x.sql"));
  EXPECT_FALSE(ignores("ign/", "models/ign"));
  EXPECT_TRUE(ignores("*.sql", "models/a/b.sql"));
  EXPECT_FALSE(ignores("/*.sql", "models/b.sql"));
  EXPECT_TRUE(ignores("models/**/b.sql", "models/b.sql"));
  EXPECT_TRUE(ignores("models/**/b.sql", "models/x/y/b.sql"));
  EXPECT_FALSE(ignores("models/**/b.sql", "models/x/yb.sql"));
  EXPECT_TRUE(ignores("**/old", "models/x/old/b.sql"));
  EXPECT_FALSE(ignores("models/*.sql", "models/x/b.sql"));
  EXPECT_TRUE(ignores("a[0-9].sql", "models/a7.sql"));
  EXPECT_TRUE(ignores("\\#x.sql", "models/#x.sql"));
}

TEST(Glob, MatchesAsPythonsFnmatch) {
  EXPECT_TRUE(matches_glob("stg_*", "stg_orders"));
  EXPECT_TRUE(matches_glob("models/*.sql", "models/a/b.sql"));
  EXPECT_TRUE(matches_glob("?[!a-c]*", "xz"));
  EXPECT_FALSE(matches_glob("?[!a-c]*", "xb"));
  EXPECT_FALSE(matches_glob("stg", "stg_orders"));
}

}  // namespace
}  // namespace plumb::project
