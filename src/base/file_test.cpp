#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"

namespace plumb {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
  struct stat status = {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 07777;
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(File, comes_back_as_it_was_written) {
  TemporaryFolder folder;
  fs::path path = folder.path() / "a";
  std::string big(200'000, 'x');
  for (const std::string& text : {std::string(), std::string("a\0b\n", 4), big}) {
    write_file(path, text);
    EXPECT_EQ(read_file(path), text);
    EXPECT_EQ(find_file(path), text);
  }
  EXPECT_EQ(entries(folder.path()), 1u);  // nothing beside it is left
}

TEST(File, has_the_asked_mode_whatever_the_umask) {
  TemporaryFolder folder;
  mode_t before = ::umask(0077);
  write_file(folder.path() / "a", "x");
  write_file(folder.path() / "b", "x", 0600);
  ::umask(before);
  EXPECT_EQ(mode_of(folder.path() / "a"), 0644u);
  EXPECT_EQ(mode_of(folder.path() / "b"), 0600u);
}

TEST(File, keeps_a_link_a_link) {
  TemporaryFolder folder;
  write_file(folder.path() / "real", "old");
  fs::create_symlink("real", folder.path() / "link");
  write_file(folder.path() / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "link"));
  EXPECT_EQ(read_file(folder.path() / "real"), "new");
}

TEST(File, is_read_to_its_end_where_its_size_lies) {
  EXPECT_NE(read_file("/proc/self/status").find("Pid:"), std::string::npos);
}

TEST(File, that_is_missing_is_empty_or_an_error) {
  EXPECT_EQ(find_file("/nowhere/x.yml"), std::nullopt);
  EXPECT_EQ(error_of([] { read_file("/nowhere/x.yml"); }), "can't read '/nowhere/x.yml': No such file or directory");
  expect_error(ErrorKind::NotFound, "can't write '/nowhere/x.yml'", [] { write_file("/nowhere/x.yml", "x"); });
  expect_error(ErrorKind::Io, "can't read '/': Is a directory", [] { find_file("/"); });
}

TEST(File, that_can_not_be_written_stays_as_it_was) {
  TemporaryFolder folder;
  fs::create_directory(folder.path() / "a");
  write_file(folder.path() / "a" / "keep", "x");
  expect_error(ErrorKind::Io, "can't write", [&] { write_file(folder.path() / "a", "x"); });
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(File, written_in_pieces_takes_its_place_when_it_is_finished) {
  TemporaryFolder folder;
  write_file(folder.path() / "a", "old");
  {
    FileReplacement file(folder.path() / "a");
    file.write("half");
  }
  EXPECT_EQ(read_file(folder.path() / "a"), "old");
  FileReplacement file(folder.path() / "a");
  file.write("one, ");
  file.write("two");
  file.finish();
  EXPECT_EQ(read_file(folder.path() / "a"), "one, two");
  auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(File, says_that_the_disk_is_full) {
  EXPECT_EQ(file_error("can't write", "a.db", ENOSPC).render(),
            "can't write 'a.db': No space left on device\nhint: the disk is full: free some space and try again");
  EXPECT_EQ(file_error("can't read", "a.db", EACCES).render(),
            "can't read 'a.db': Permission denied\nhint: check the rights of the file and of its folder");
}

TEST(TemporaryFolder, is_gone_with_everything_in_it) {
  fs::path path;
  {
    TemporaryFolder folder;
    path = folder.path();
    fs::create_directories(path / "a" / "b");
    write_file(path / "a" / "b" / "c", "x");
    EXPECT_EQ(mode_of(path), 0700u);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(Environment, tells_empty_from_missing) {
  ::setenv("PLUMB_TEST_EMPTY", "", 1);
  ::unsetenv("PLUMB_TEST_MISSING");
  EXPECT_EQ(find_environment("PLUMB_TEST_EMPTY"), "");
  EXPECT_EQ(find_environment("PLUMB_TEST_MISSING"), std::nullopt);
}

TEST(FileDescriptor, closes_once) {
  int number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    FileDescriptor a(number);
    FileDescriptor b = std::move(a);
    EXPECT_FALSE(a);
    EXPECT_EQ(b.get(), number);
    a = std::move(b);
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace plumb
