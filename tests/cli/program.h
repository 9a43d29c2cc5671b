// The program as its users meet it: words in; text, files and an exit code out. Each Home is a folder of its own with a
// clean environment, in which nobody waits: calls are tried once, and locks are waited for but shortly.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/process.h"
#include "sandbox/sandbox.h"

namespace plumb::story {

using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

inline constexpr const char* kEvening = "2026-11-20T18:00:00Z";

inline std::string program() {
  return find_environment("PLUMB_PROGRAM").value_or("plumb");
}

// Polls; false when it has not come true after a long while.
inline bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 1500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class Home {
 public:
  Home() {
    std::filesystem::create_directory(folder() / "tmp");
    variables["PATH"] = find_environment("PATH").value_or("/usr/bin:/bin");
    variables["TMPDIR"] = (folder() / "tmp").string();
    variables["XDG_CONFIG_HOME"] = (folder() / "config").string();
    variables["PLUMB_NOW"] = kEvening;
    variables["PLUMB_HTTP_ATTEMPTS"] = "1";
    // Where a build that is not installed finds DuckDB's library and extensions; and what a sanitizer passes over.
    for (const char* name : {"PLUMB_CACHE", "XDG_CACHE_HOME", "HOME", "TSAN_OPTIONS"}) {
      if (auto value = find_environment(name)) variables[name] = *value;
    }
  }

  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path operator/(const std::string& name) const { return folder() / name; }

  Command command(const Words& words) const {
    Command command;
    command.arguments = {program()};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.environment.emplace(variables.begin(), variables.end());
    command.folder = folder();
    command.timeout = std::chrono::seconds(60);
    return command;
  }
  CommandResult plumb(const Words& words, std::string input = {}) const {
    auto made = command(words);
    made.input = std::move(input);
    return run_command(made);
  }
  // A shell's line, in which "$PLUMB" is the program.
  CommandResult shell(const std::string& line) const {
    auto made = command({});
    made.arguments = {"bash", "-c", line};
    made.environment->emplace_back("PLUMB", program());
    return run_command(made);
  }

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((folder() / name).parent_path());
    write_file(folder() / name, text);
  }
  std::string read(const std::string& name) const { return find_file(folder() / name).value_or("(no such file)"); }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    auto text = read(name);
    auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << name << " has no " << from;
    for (; at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    write_file(folder() / name, text, 0600);
  }
  // The names in a folder, hidden ones too.
  std::vector<std::string> names(const std::string& below = ".") const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / below))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  Variables variables;

 private:
  TemporaryFolder folder_;
};

// What stock SQLite reads, without patience: rows of text with "|" between the cells, or "error: …".
inline std::string stock_sqlite(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* database = nullptr;
  std::string text;
  auto take = [](void* out, int count, char** cells, char**) {
    auto& rows = *static_cast<std::string*>(out);
    for (int i = 0; i < count; ++i) rows += std::string(i > 0 ? "|" : "") + (cells[i] == nullptr ? "" : cells[i]);
    rows += "\n";
    return 0;
  };
  if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
      sqlite3_exec(database, sql.c_str(), take, &text, nullptr) != SQLITE_OK) {
    text = std::string("error: ") + sqlite3_errmsg(database);
  }
  sqlite3_close(database);
  return text;
}

// A folder made by `plumb init`, with a bank and a weather service beside it.
class Household : public Home {
 public:
  explicit Household(sandbox::ComdirectOptions options = {}) {
    options.now = find_instant(kEvening);
    if (options.push_delay == std::chrono::milliseconds(1000)) options.push_delay = std::chrono::milliseconds(0);
    bank = sandbox::start_comdirect(options);
    weather = sandbox::start_openweather({.now = find_instant(kEvening)});
    auto made = plumb({"init"});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    replace(".env", "http://127.0.0.1:8801", bank->url());
    replace(".env", "http://127.0.0.1:8802", weather->url());
    replace("plumb.yml", "path: data}", "path: data, lock_timeout: 0.2}");
  }
  std::string count(const std::string& table) const {
    return stock_sqlite(folder() / "data/raw_bank.db", "SELECT count(*) FROM " + table);
  }

  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<sandbox::Sandbox> weather;
};

// True once the program catches signals itself.
inline bool listens_to_signals(int pid) {
  auto status = find_file("/proc/" + std::to_string(pid) + "/status").value_or("");
  auto at = status.find("SigBlk:\t");
  if (at == std::string::npos) return false;
  return (std::stoull(status.substr(at + 8, 16), nullptr, 16) & (1u << 14)) != 0;  // SIGTERM
}

}  // namespace plumb::story
