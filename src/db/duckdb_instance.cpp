#include "db/duckdb_instance.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

#include "base/format.h"
#include "base/text.h"
#include "db/drivers.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr auto kBetweenTries = std::chrono::milliseconds(50);

// What extensions are called in SQL, and the file each is in.
struct ExtensionName {
  std::string_view name;
  std::string_view file;
};
constexpr std::array kExtensionNames = {ExtensionName{"sqlite", "sqlite_scanner"},
                                        ExtensionName{"postgres", "postgres_scanner"}};

std::string extension_file(const std::string& name) {
  for (const auto& known : kExtensionNames) {
    if (known.name == name) return std::string(known.file);
  }
  return name;
}

bool is_plain_word(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// The word that stands between the two.
std::string find_word(std::string_view text, std::string_view before, std::string_view after) {
  for (std::size_t at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    std::string_view rest = text.substr(at + before.size());
    std::string_view word = rest.substr(0, rest.find_first_of("\\\" "));
    if (is_plain_word(word) && rest.substr(word.size()).starts_with(after)) return std::string(word);
  }
  return {};
}

std::vector<std::string> known_settings(const DuckDbLibrary& duckdb) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < duckdb.config_count(); ++i) {
    const char* name = nullptr;
    const char* description = nullptr;
    if (duckdb.get_config_flag(i, &name, &description) == DuckDBSuccess) names.emplace_back(name);
  }
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// In memory there is no file beside which DuckDB could put what does not fit into it; the folder we are started in is
// no place for that.
std::string spill_folder(const void* instance) {
  std::error_code ignored;
  fs::path folder = fs::temp_directory_path(ignored);
  return folder.empty() ? std::string() : (folder / format("plumb-duckdb-{}-{}", getpid(), instance)).string();
}

// As SQL and as libpq's connection strings write it.
std::string escaped(std::string_view text, std::string_view special, char escape) {
  std::string out;
  for (char c : text) {
    if (special.find(c) != std::string_view::npos) out += escape;
    out += c;
  }
  return out;
}

}  // namespace

bool open_in_this_process(const fs::path& file) {
  struct stat wanted {};
  if (stat(file.c_str(), &wanted) != 0) return false;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
    int descriptor = -1;
    std::string name = entry.path().filename();
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    struct stat found {};
    if (fstat(descriptor, &found) == 0 && found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino) return true;
  }
  return false;
}

DuckDbInstance::DuckDbInstance(const DatabaseConfig& config)
    : library_(open_duckdb_library()), config_(config), log_(config.log.module("duckdb")) {
  if (log_.listened()) log_.debug(format("DuckDB {} from {}", library_->version, library_->file.string()));
  open_database();
  if (!config_.path.empty()) config_.log = log_ = Log();
}

DuckDbInstance::~DuckDbInstance() {
  library_->close(&database_);
}

void DuckDbInstance::configure(DuckDbConfigHandle& options) {
  const DuckDbLibrary& duckdb = *library_;
  std::map<std::string, std::string> settings = config_.settings;
  settings["errors_as_json"] = "true";
  settings.emplace("duckdb_api", "plumb");
  // With extensions of our own the driver loads them (see find_wanted_extension); without, DuckDB fetches its own.
  if (!duckdb.extensions.empty()) {
    settings.emplace("autoload_known_extensions", "false");
    settings.emplace("autoinstall_known_extensions", "false");
  }
  if (config_.read_only && !config_.path.empty()) settings["access_mode"] = "READ_ONLY";
  if (config_.path.empty()) settings.emplace("temp_directory", spill_folder(this));

  std::vector<std::string> known = known_settings(duckdb);
  for (const auto& [name, value] : settings) {
    if (!contains(known, name)) {
      late_settings_.emplace_back(name, value);
    } else if (duckdb.set_config(options.get(), name.c_str(), value.c_str()) != DuckDBSuccess) {
      throw Error(ErrorKind::Config,
                  format("{}: DuckDB does not take the setting {} = '{}'", describe(config_), name, value));
    }
  }
}

void DuckDbInstance::open_database() {
  DuckDbConfigHandle options(*library_);
  if (library_->create_config(options.out()) != DuckDBSuccess) {
    throw Error(ErrorKind::Database, "DuckDB has no memory for its settings");
  }
  configure(options);
  std::string path = config_.path.empty() ? ":memory:" : config_.path.string();
  wait_while_busy(describe(config_), config_.busy_timeout, log_, [&] {
    // Attached to another instance, or closed just now.
    if (!config_.path.empty() && open_in_this_process(config_.path)) {
      throw Error(ErrorKind::Busy, format("{} is open in this process already", describe(config_)),
                  {.hint = "DuckDB can't have a file twice; try again when the other work is done"});
    }
    char* words = nullptr;
    if (library_->open_ext(path.c_str(), &database_, options.get(), &words) == DuckDBSuccess) return;
    DuckDbTrouble trouble = read_duckdb_trouble(words == nullptr ? "" : words);
    if (words != nullptr) library_->free(words);
    Error error = translate_duckdb_trouble(trouble, {});
    if (error.kind() == ErrorKind::Busy) throw error;
    throw Error(error.kind(), format("can't open {}: {}", describe(config_), error.message()),
                {.hint = error.hint(), .cause = error.cause()});
  });
}

bool DuckDbInstance::serves(const DatabaseConfig& config) const {
  const bool same = config.settings.empty() || config.settings == config_.settings;
  return same && (config.read_only || !config_.read_only);
}

bool DuckDbInstance::shows_twice(const fs::path& file) {
  std::error_code ignored;
  if (!config_.path.empty() && fs::equivalent(config_.path, file, ignored)) return true;
  std::lock_guard lock(mutex_);
  const std::string what = "duckdb " + fs::absolute(file).string();
  return std::count_if(catalogs_.begin(), catalogs_.end(), [&](const auto& entry) { return entry.second == what; }) > 1;
}

void wait_while_busy(const std::string& what, std::chrono::milliseconds limit, const Log& log,
                     const std::function<void()>& work) {
  auto deadline = steady_clock::now() + limit;
  for (bool told = false;; told = true) {
    try {
      return work();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Busy || steady_clock::now() >= deadline) throw;
      if (!told) log.info(format("waiting for {}: {}", what, error.message()));
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
}

duckdb_connection DuckDbInstance::connect() {
  std::lock_guard lock(mutex_);
  duckdb_connection connection = nullptr;
  if (library_->connect(database_, &connection) != DuckDBSuccess) {
    throw Error(ErrorKind::Database, format("{}: DuckDB gives no connection", describe(config_)));
  }
  for (const auto& [name, value] : late_settings_) {
    duckdb_result result{};
    std::string sql = format("SET GLOBAL {} = {}", quote_name(name), quote_text(value));
    bool done = library_->query(connection, sql.c_str(), &result) == DuckDBSuccess;
    DuckDbTrouble trouble = done ? DuckDbTrouble{} : read_duckdb_trouble(library_->result_error(&result));
    library_->destroy_result(&result);
    if (done) continue;
    library_->disconnect(&connection);
    Error error = translate_duckdb_trouble(trouble, {});
    throw Error(ErrorKind::Config,
                format("{}: DuckDB does not take the setting {} = '{}'", describe(config_), name, value),
                {.hint = error.hint(), .cause = error.message()});
  }
  late_settings_.clear();
  ++connections_;
  return connection;
}

void DuckDbInstance::disconnect(duckdb_connection connection) {
  library_->disconnect(&connection);
  std::lock_guard lock(mutex_);
  --connections_;
}

void DuckDbInstance::give_back_memory() {
  std::lock_guard lock(mutex_);
  if (connections_ != 1 || config_.path.empty()) return;
  // Not on the session's own connection, where a refusal would end the transaction.
  duckdb_connection connection = nullptr;
  if (library_->connect(database_, &connection) != DuckDBSuccess) return;
  for (const char* sql : {"SET VARIABLE plumb_limit = current_setting('memory_limit')", "SET memory_limit = '32MiB'",
                          "SET memory_limit = getvariable('plumb_limit')"}) {
    duckdb_result result{};
    library_->query(connection, sql, &result);
    library_->destroy_result(&result);
  }
  library_->disconnect(&connection);
}

void DuckDbInstance::run(duckdb_connection connection, const std::string& sql) {
  duckdb_result result{};
  bool done = library_->query(connection, sql.c_str(), &result) == DuckDBSuccess;
  std::string words = done ? std::string() : library_->result_error(&result);
  library_->destroy_result(&result);
  if (!done) throw error(words, {});
}

bool DuckDbInstance::has_own_extension(const std::string& name) const {
  std::error_code ignored;
  return !library_->extensions.empty() && fs::exists(library_->extensions / (name + ".duckdb_extension"), ignored);
}

void DuckDbInstance::load_extension(duckdb_connection connection, const std::string& name) {
  std::lock_guard lock(loading_);
  std::string file = extension_file(name);
  if (extensions_.contains(file)) return;
  auto start = steady_clock::now();
  if (has_own_extension(file)) {
    run(connection, "LOAD " + quote_text((library_->extensions / (file + ".duckdb_extension")).string()));
  } else {
    try {
      run(connection, format("INSTALL {}; LOAD {}", quote_name(file), quote_name(file)));
    } catch (const Error& error) {
      throw Error(ErrorKind::NotFound, format("DuckDB's extension {} can't be had", file),
                  {.hint = "it is neither beside the library nor could DuckDB install it", .cause = error.message()});
    }
  }
  extensions_.insert(file);
  auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
  if (log_.listened()) log_.debug(format("loaded DuckDB's extension {} in {} ms", file, took.count()));
}

std::optional<std::string> DuckDbInstance::find_wanted_extension(std::string_view words) {
  if (library_->extensions.empty()) return {};  // DuckDB did what it could
  std::string name = find_word(words, "it exists in the ", " extension");
  if (name.empty()) name = find_word(words, "requires the extension ", " to be loaded");
  if (name.empty()) name = find_word(words, "Extension \\\"", "\\\" is an existing extension");
  if (name.empty()) name = find_word(words, "Extension \"", "\" is an existing extension");
  if (name.empty()) return {};
  std::lock_guard lock(loading_);
  if (extensions_.contains(extension_file(name))) return {};
  return name;
}

bool DuckDbInstance::adopt_catalog(const std::string& name, const std::string& what) {
  std::lock_guard lock(mutex_);
  auto [at, fresh] = catalogs_.emplace(name, what);
  if (!fresh && at->second != what) {
    throw Error(ErrorKind::Usage, format("'{}' is attached already, and shows something else", name));
  }
  return fresh;
}

void DuckDbInstance::forget_catalog(const std::string& name) {
  std::lock_guard lock(mutex_);
  catalogs_.erase(name);
}

void DuckDbInstance::keep_secret(const Secret& secret) {
  if (secret.empty()) return;
  std::lock_guard lock(mutex_);
  secrets_.emplace_back(escaped(secret.reveal(), "'", '\''));
  secrets_.emplace_back(escaped(secret.reveal(), "'\\", '\\'));
  secrets_.push_back(secret);
}

Error DuckDbInstance::error(std::string_view words, std::string_view sql) {
  DuckDbTrouble trouble = read_duckdb_trouble(words);
  trouble.message = scrub(std::move(trouble.message));
  return translate_duckdb_trouble(trouble, sql);
}

std::string DuckDbInstance::scrub(std::string words) {
  std::lock_guard lock(mutex_);
  for (const Secret& secret : secrets_) {
    const std::string& text = secret.reveal();
    for (std::size_t at = words.find(text); at != std::string::npos; at = words.find(text, at + 3)) {
      words.replace(at, text.size(), "***");
    }
  }
  return words;
}

}  // namespace plumb::db
