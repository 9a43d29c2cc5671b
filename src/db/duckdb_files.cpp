#include "db/duckdb_files.h"

#include <condition_variable>

#include "base/format.h"
#include "db/drivers.h"

namespace plumb::db {

namespace {

namespace fs = std::filesystem;

// A file, and its instance while it is open. Closing takes a moment (what is in the log goes into the file) in which
// nobody can have the instance any more and nobody can open the file yet.
struct Slot {
  std::mutex mutex;  // held while the file is opened; guards what follows
  std::condition_variable closed;
  bool open = false;
  std::weak_ptr<DuckDbInstance> instance;

  bool unused() {
    std::lock_guard lock(mutex);
    return !open;
  }
};

std::shared_ptr<DuckDbInstance> open_in(const std::shared_ptr<Slot>& slot, const DatabaseConfig& config) {
  auto instance = std::make_unique<DuckDbInstance>(config);
  slot->open = true;
  return {instance.release(), [slot](DuckDbInstance* last) {
            std::unique_ptr<DuckDbInstance>(last).reset();
            std::lock_guard lock(slot->mutex);
            // Or the two would hold each other: the instance's control block has this function, and so the slot.
            slot->instance.reset();
            slot->open = false;
            slot->closed.notify_all();
          }};
}

class OpenFiles {
 public:
  std::shared_ptr<Slot> slot(const fs::path& file) {
    std::error_code ignored;
    auto name = fs::weakly_canonical(file, ignored).string();
    std::lock_guard lock(mutex_);
    std::erase_if(slots_, [](const auto& entry) { return entry.second.use_count() == 1 && entry.second->unused(); });
    auto& slot = slots_[name.empty() ? file.string() : name];
    if (!slot) slot = std::make_shared<Slot>();
    return slot;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
};

OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

}  // namespace

std::shared_ptr<DuckDbInstance> share_duckdb_file(const DatabaseConfig& config) {
  const auto slot = open_files().slot(config.path);
  std::shared_ptr<DuckDbInstance> instance;
  wait_while_busy(describe(config), config.busy_timeout, config.log, [&] {
    std::unique_lock lock(slot->mutex);
    slot->closed.wait(lock, [&] { return !slot->open || (instance = slot->instance.lock()) != nullptr; });
    if (!instance) {
      DatabaseConfig at_once = config;
      at_once.busy_timeout = {};  // we wait here, where others get their turn
      slot->instance = instance = open_in(slot, at_once);
    } else if (!instance->serves(config)) {
      lock.unlock();
      instance.reset();  // perhaps the last one
      throw Error(ErrorKind::Busy, format("{} is open in this process already, in another way", describe(config)),
                  {.hint = "it was opened read-only or with other settings; try again when that is done"});
    }
  });
  return instance;
}

}  // namespace plumb::db
