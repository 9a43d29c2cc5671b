#include "db/file_holder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "base/format.h"
#include "base/secret.h"

namespace plumb::db {
namespace {

// The bytes that SQLite locks (os_unix.c, wal.c): in the file itself RESERVED, PENDING and the range of SHARED, in the
// -shm file of WAL mode the one for writing.
constexpr std::uint64_t kPendingByte = 0x40000000;
constexpr std::uint64_t kLastSharedByte = kPendingByte + 2 + 509;
constexpr std::uint64_t kWalWriteByte = 120;

struct FileLock {
  bool write = false;
  int pid = 0;
  std::uint64_t inode = 0;
  std::uint64_t start = 0;
  std::uint64_t end = 0;

  bool touches(std::uint64_t first, std::uint64_t last) const { return start <= last && end >= first; }
};

// "1: POSIX  ADVISORY  WRITE 4711 fe:00:131 120 120"; lines with "->" wait, and hold nothing.
std::vector<FileLock> read_locks() {
  std::vector<FileLock> locks;
  std::ifstream file("/proc/locks");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string number, kind, mandatory, mode, place, end;
    FileLock lock;
    words >> number >> kind >> mandatory >> mode >> lock.pid >> place >> lock.start >> end;
    if (!words || kind != "POSIX") continue;
    lock.write = mode == "WRITE";
    lock.inode = std::strtoull(place.c_str() + place.rfind(':') + 1, nullptr, 10);
    lock.end = end == "EOF" ? ~std::uint64_t{0} : std::strtoull(end.c_str(), nullptr, 10);
    locks.push_back(lock);
  }
  return locks;
}

std::optional<std::uint64_t> find_inode(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return status.st_ino;
}

}  // namespace

std::string describe_process(int pid) {
  if (pid == ::getpid()) return format("this very process ({})", pid);
  std::string words;
  if (auto command = find_file(format("/proc/{}/cmdline", pid))) {
    // The program and the first word that is no option ("python3 load.py"); the rest might be nobody's business.
    std::istringstream parts(*command);
    std::string word;
    if (std::getline(parts, word, '\0')) words = word.substr(word.rfind('/') + 1);
    while (std::getline(parts, word, '\0')) {
      if (word.starts_with('-')) continue;
      if (word.find_first_of(" \t\n") == std::string::npos) words += " " + word.substr(0, 200);
      break;
    }
  }
  return words.empty() ? format("process {}", pid) : format("{} (process {})", redact(words), pid);
}

std::optional<std::string> find_sqlite_holder(const std::filesystem::path& file) {
  auto inode = find_inode(file);
  auto wal_inode = find_inode(file.string() + "-shm");
  auto locks = read_locks();
  auto find = [&](auto&& holds) -> std::optional<std::string> {
    auto found =
        std::find_if(locks.begin(), locks.end(), [&](const FileLock& lock) { return lock.pid > 0 && holds(lock); });
    if (found == locks.end()) return std::nullopt;
    return describe_process(found->pid);
  };
  // A writer first; then, without WAL mode, a reader that keeps a writer from finishing.
  auto writer = find([&](const FileLock& lock) {
    return lock.write && ((wal_inode && lock.inode == *wal_inode && lock.touches(kWalWriteByte, kWalWriteByte)) ||
                          (inode && lock.inode == *inode && lock.touches(kPendingByte, kLastSharedByte)));
  });
  if (writer) return writer;
  return find([&](const FileLock& lock) {
    return lock.pid != ::getpid() && inode && lock.inode == *inode && lock.touches(kPendingByte, kLastSharedByte);
  });
}

}  // namespace plumb::db
