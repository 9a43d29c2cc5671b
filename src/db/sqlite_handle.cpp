#include "db/sqlite_handle.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/format.h"
#include "db/drivers.h"
#include "db/file_holder.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

std::string seconds_text(std::chrono::milliseconds time) {
  return format("{:g} s", static_cast<double>(time.count()) / 1000);
}

Error busy_error(const DatabaseConfig& config) {
  auto holder = config.path.empty() ? std::nullopt : find_sqlite_holder(config.path);
  return Error(ErrorKind::Busy,
               holder ? format("{} is locked by {}", describe(config), *holder)
                      : format("{} is locked by another process", describe(config)),
               {.hint = format("waited {}; run this again when the other has finished, or end it",
                               seconds_text(config.busy_timeout)),
                .retry_may_help = true});
}

Error open_error(const DatabaseConfig& config, int system_error) {
  std::error_code ignored;
  auto folder = std::filesystem::absolute(config.path, ignored).parent_path();
  if (!std::filesystem::exists(folder, ignored)) {
    return Error(ErrorKind::Io, format("can't open {}: there is no folder {}", describe(config), folder.string()),
                 {.hint = "make the folder first"});
  }
  if (std::filesystem::is_directory(config.path, ignored)) {
    return Error(ErrorKind::Io, format("can't open {}: it is a folder", describe(config)));
  }
  const bool there = std::filesystem::exists(config.path, ignored);
  if (!there && config.read_only) return Error(ErrorKind::NotFound, format("there is no file {}", describe(config)));
  if (!there && system_error == ENOENT) {  // what /proc says to a new name
    return Error(ErrorKind::Io, format("can't make {}: no file can be made in {}", describe(config), folder.string()),
                 {.hint = "choose another folder"});
  }
  return Error(ErrorKind::Io,
               format("can't open {}: {}", describe(config),
                      system_error != 0 ? std::strerror(system_error) : "no access to it or its folder"),
               {.hint = "the file and its folder must be readable, and writable for loads"});
}

Error disk_error(const DatabaseConfig& config, int code, int system_error, const std::string& words) {
  bool full = (code & 0xff) == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT;
  if (full || system_error == EFBIG) {
    return Error(ErrorKind::Io,
                 format("can't write {}: {}", describe(config),
                        full ? "the disk, or the database's size limit, is full" : "the file may not grow any further"),
                 {.hint = "nothing of this transaction was kept; make room and run it again"});
  }
  return Error(ErrorKind::Io, format("reading or writing {} failed: {}", describe(config), words),
               {.cause = system_error != 0 ? std::strerror(system_error) : ""});
}

Error statement_error(sqlite3* handle, const DatabaseConfig& config, std::string_view sql, std::size_t start,
                      const std::string& words) {
  Error::Details details;
  int offset = handle != nullptr ? sqlite3_error_offset(handle) : -1;
  if (offset >= 0 && !sql.empty()) details.place = place_in_sql(sql, start + static_cast<std::size_t>(offset));
  if (words.starts_with("no such table")) details.hint = format("in {}", describe(config));
  return Error(ErrorKind::Database, words, std::move(details));
}

Error translate(sqlite3* handle, int code, const DatabaseConfig& config, std::string_view sql, std::size_t start) {
  std::string words = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  int system_error = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return busy_error(config);
    case SQLITE_INTERRUPT:
      return Error(ErrorKind::Cancelled, "the statement was cancelled");
    case SQLITE_CANTOPEN:
      return open_error(config, system_error);
    case SQLITE_READONLY:
      return Error(ErrorKind::Io, format("can't write {}: it is read-only", describe(config)),
                   {.hint = "the file and its folder must be writable"});
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Error(ErrorKind::Io, format("can't open {}: {}", describe(config), words));
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return disk_error(config, code, system_error, words);
    case SQLITE_NOTADB:
      return Error(ErrorKind::Database, format("{} is no SQLite database", describe(config)),
                   {.hint = "it is a file of another kind, or encrypted"});
    case SQLITE_CORRUPT:
      return Error(ErrorKind::Database, format("{} is damaged: {}", describe(config), words),
                   {.hint = "restore a copy; `sqlite3 FILE .recover` saves what can be read"});
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return Error(ErrorKind::Data, words);
    case SQLITE_NOMEM:
      return Error(ErrorKind::Io, format("out of memory while working on {}", describe(config)));
    default:
      return statement_error(handle, config, sql, start, words);
  }
}

}  // namespace

SqliteHandle::SqliteHandle(const DatabaseConfig& config, const std::string& file, int flags) : config_(config) {
  int code = sqlite3_open_v2(file.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    Error error = translate(handle_, code, config_, {}, 0);
    sqlite3_close_v2(handle_);
    throw error;
  }
  sqlite3_busy_handler(handle_, &SqliteHandle::wait_for_lock, this);
  recover_gently();
  if (auto setting = config_.settings.find("kept_statements"); setting != config_.settings.end()) {
    most_kept_ = std::strtoul(setting->second.c_str(), nullptr, 10);
  }
}

// The first who opens a file in WAL mode rebuilds the log's index (the -shm file), and holds the lock "recover"
// meanwhile. Who opens it at that moment without any patience, as the sqlite3 program does, is told "database is
// locked"; would that one lock be free he would try again, for some seconds. It keeps nobody else from rebuilding: the
// lock "write" does that, which is taken before. So we do without it. (Locks of the index: sqlite.org/walformat.html.)
void SqliteHandle::recover_gently() {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2 ||
      file->pMethods->xShmLock == nullptr) {
    return;
  }
  methods_ = {*file->pMethods, file->pMethods->xShmLock};
  methods_.methods.xShmLock = &SqliteHandle::lock_index;
  file->pMethods = &methods_.methods;
}

int SqliteHandle::lock_index(sqlite3_file* file, int first, int count, int flags) {
  constexpr int kRecover = 2;
  const auto* methods = reinterpret_cast<const FileMethods*>(file->pMethods);
  if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && first <= kRecover && first + count == kRecover + 1) --count;
  return count == 0 ? SQLITE_OK : methods->lock_index(file, first, count, flags);
}

SqliteHandle::~SqliteHandle() {
  kept_.clear();
  sqlite3_close_v2(handle_);
}

SqliteStatement SqliteHandle::prepare(std::string_view sql, std::size_t* position, unsigned flags) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  std::size_t start = position == nullptr ? 0 : *position;
  std::string_view text = sql.substr(start);
  int code = sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()), flags, &statement, &tail);
  SqliteStatement result{std::unique_ptr<sqlite3_stmt, SqliteFinalizer>(statement), std::string(text)};
  if (code != SQLITE_OK) fail(code, sql, start);
  if (position != nullptr) *position = static_cast<std::size_t>(tail - sql.data());
  return result;
}

SqliteStatement SqliteHandle::find_kept(std::string_view sql) {
  auto at = kept_.find(sql);
  if (at == kept_.end()) return {};
  SqliteStatement statement = std::move(at->second.statement);
  kept_.erase(at);
  return statement;
}

void SqliteHandle::keep(SqliteStatement statement) noexcept {
  if (!statement.get() || most_kept_ == 0) return;
  sqlite3_reset(statement.get());
  sqlite3_clear_bindings(statement.get());
  if (kept_.size() >= most_kept_) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                 [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  std::string sql = statement.sql;
  kept_.insert_or_assign(std::move(sql), Kept{std::move(statement), ++uses_});
}

void SqliteHandle::run(std::string_view sql) {
  auto statement = prepare(sql);
  while (step(statement)) {
  }
}

std::string SqliteHandle::ask(std::string_view sql) {
  auto statement = prepare(sql);
  if (!step(statement)) return {};
  const auto* text = sqlite3_column_text(statement.get(), 0);
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

void SqliteHandle::fail(int code, std::string_view sql, std::size_t start) {
  if ((code & 0xff) == SQLITE_INTERRUPT) cancelled_ = false;
  // A wait that was cut short shows as "busy".
  if ((code & 0xff) == SQLITE_BUSY) take_cancel();
  throw translate(handle_, code, config_, sql, start);
}

void SqliteHandle::cancel() {
  cancelled_ = true;
  sqlite3_interrupt(handle_);
}

void SqliteHandle::take_cancel() {
  if (cancelled_.exchange(false)) throw Error(ErrorKind::Cancelled, "the statement was cancelled");
}

// Called by SQLite while somebody else holds the lock; 0 gives up.
int SqliteHandle::wait_for_lock(void* self, int attempt) {
  auto* handle = static_cast<SqliteHandle*>(self);
  auto now = std::chrono::steady_clock::now();
  if (attempt == 0) handle->waiting_since_ = now;
  if (handle->cancelled_ || now - handle->waiting_since_ >= handle->config_.busy_timeout) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(attempt < 10 ? 1 : attempt < 50 ? 5 : 25));
  return 1;
}

}  // namespace plumb::db
