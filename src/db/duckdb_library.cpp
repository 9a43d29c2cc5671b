#include "db/duckdb_library.h"

#include <dlfcn.h>

#include <charconv>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

namespace plumb::db {
namespace {

namespace fs = std::filesystem;

// The oldest whose C API has all that the table names.
constexpr int kOldestMajor = 1;
constexpr int kOldestMinor = 4;

// Beside the program, as an installed copy has it: for a program whose run path was lost on the way.
fs::path beside_the_program() {
  std::error_code ignored;
  fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "lib" / "plumb" / "libduckdb.so";
}

// Never closed again: DuckDB's threads and thread-local memory outlive any handle. RTLD_LOCAL keeps its symbols away
// from ours; its extensions are self-contained.
void* open_file(const std::string& name, std::string& trouble) {
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) trouble = dlerror();
  return handle;
}

void* open_library() {
  std::string trouble;
  if (auto chosen = find_environment("PLUMB_DUCKDB_LIBRARY"); chosen && !chosen->empty()) {
    if (void* handle = open_file(*chosen, trouble)) return handle;
    throw Error(
        ErrorKind::NotFound, format("can't open the DuckDB library {}", *chosen),
        {.hint = "PLUMB_DUCKDB_LIBRARY names it; unset it to use the one that was installed", .cause = trouble});
  }
  if (void* handle = open_file("libduckdb.so", trouble)) return handle;
  std::string ignored;
  if (void* handle = open_file(beside_the_program(), ignored)) return handle;
  throw Error(ErrorKind::NotFound, "can't find the DuckDB library libduckdb.so",
              {.hint = "./do build keeps it in the home of who built; cmake --install puts it where all accounts read "
                       "it, and PLUMB_DUCKDB_LIBRARY names another",
               .cause = trouble});
}

template <class Function>
void take(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
}

// "v1.5.5" or "v1.6.0-dev12".
bool new_enough(std::string_view version) {
  int major = 0;
  int minor = 0;
  if (version.starts_with('v')) version.remove_prefix(1);
  const char* end = version.data() + version.size();
  auto [dot, error] = std::from_chars(version.data(), end, major);
  if (error != std::errc() || dot == end || *dot != '.') return false;
  std::from_chars(dot + 1, end, minor);
  return major > kOldestMajor || (major == kOldestMajor && minor >= kOldestMinor);
}

fs::path find_extensions(const fs::path& library) {
  fs::path folder = library.parent_path();
  for (const fs::path& candidate : {folder / "extensions", folder.parent_path() / "extensions"}) {
    std::error_code ignored;
    if (fs::is_directory(candidate, ignored)) return candidate;
  }
  return {};
}

}  // namespace

std::shared_ptr<const DuckDbLibrary> open_duckdb_library() {
  void* handle = open_library();
  auto library = std::make_shared<DuckDbLibrary>();
  std::vector<const char*> missing;
#define PLUMB_DUCKDB_TAKE(name)                 \
  take(handle, "duckdb_" #name, library->name); \
  if (library->name == nullptr) missing.push_back("duckdb_" #name);
  PLUMB_DUCKDB_FUNCTIONS(PLUMB_DUCKDB_TAKE)
#undef PLUMB_DUCKDB_TAKE
  take(handle, "duckdb_appender_clear", library->appender_clear);

  if (library->library_version != nullptr) library->version = library->library_version();
  Dl_info info{};
  if (library->library_version != nullptr && dladdr(reinterpret_cast<void*>(library->library_version), &info) != 0) {
    std::error_code ignored;
    library->file = fs::weakly_canonical(info.dli_fname, ignored);
    library->extensions = find_extensions(library->file);
  }
  if (!missing.empty() || !new_enough(library->version)) {
    throw Error(
        ErrorKind::Config,
        format("the DuckDB library {} ({}) does not serve: version {}.{} or newer is needed", library->file.string(),
               library->version.empty() ? "of unknown version" : library->version, kOldestMajor, kOldestMinor),
        {.hint = "Plumb is built and tested with 1.5.5",
         .cause = missing.empty() ? std::string() : format("it lacks {}", missing.front())});
  }
  return library;
}

}  // namespace plumb::db
