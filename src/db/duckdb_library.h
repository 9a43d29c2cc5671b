// libduckdb.so as a table of functions, opened when it is first needed (11 ms, 33 MB).
//
// The table holds what the driver calls, each with the type that duckdb.h gives it: `duckdb->prepare(…)` is
// duckdb_prepare(…). Searched in this order: the file in the environment variable PLUMB_DUCKDB_LIBRARY, the name
// libduckdb.so (the program's run path, then the system's folders), lib/plumb beside the program's bin.
//
// DuckDB's extensions lie beside the library that was found: in extensions/ of an installed copy, in ../extensions/ of
// the cache that a build uses.
#pragma once

#include <duckdb.h>

#include <filesystem>
#include <memory>
#include <string>

namespace plumb::db {

// clang-format off
#define PLUMB_DUCKDB_FUNCTIONS(X) \
  X(library_version) X(vector_size) X(free) \
  X(create_config) X(set_config) X(get_config_flag) X(config_count) X(destroy_config) \
  X(open_ext) X(close) X(connect) X(disconnect) X(interrupt) X(query) \
  X(extract_statements) X(extract_statements_error) X(destroy_extracted) \
  X(prepare_extracted_statement) X(prepare_error) X(destroy_prepare) X(nparams) \
  X(prepared_statement_type) X(column_count) X(column_name) X(column_logical_type) \
  X(bind_null) X(bind_boolean) X(bind_int64) X(bind_double) X(bind_varchar_length) X(bind_decimal) X(bind_date) \
  X(bind_timestamp_tz) \
  X(pending_prepared) X(pending_prepared_streaming) X(pending_error) X(execute_pending) X(destroy_pending) \
  X(result_error) X(result_error_type) X(rows_changed) X(fetch_chunk) X(destroy_result) \
  X(create_logical_type) X(create_decimal_type) X(create_list_type) X(create_struct_type) X(destroy_logical_type) \
  X(logical_type_set_alias) X(logical_type_get_alias) X(get_type_id) \
  X(decimal_width) X(decimal_scale) X(decimal_internal_type) \
  X(enum_internal_type) X(enum_dictionary_size) X(enum_dictionary_value) \
  X(list_type_child_type) X(array_type_child_type) X(array_type_array_size) X(map_type_key_type) \
  X(map_type_value_type) X(struct_type_child_count) X(struct_type_child_name) X(struct_type_child_type) \
  X(list_vector_get_size) \
  X(create_data_chunk) X(data_chunk_reset) X(data_chunk_get_vector) X(data_chunk_get_size) X(data_chunk_set_size) \
  X(destroy_data_chunk) \
  X(vector_get_data) X(vector_get_validity) X(vector_ensure_validity_writable) \
  X(list_vector_get_child) X(list_vector_reserve) X(list_vector_set_size) X(struct_vector_get_child) \
  X(array_vector_get_child) \
  X(create_interval) X(create_uhugeint) X(create_time_tz_value) X(create_time_ns) \
  X(get_varchar) X(destroy_value) \
  X(appender_create) X(appender_add_column) X(append_data_chunk) X(appender_flush) X(appender_close) \
  X(appender_destroy) X(appender_error_data) X(error_data_message) X(destroy_error_data)
// clang-format on

struct DuckDbLibrary {
// The name is a member that is declared, not a value.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define PLUMB_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  PLUMB_DUCKDB_FUNCTIONS(PLUMB_DUCKDB_MEMBER)
#undef PLUMB_DUCKDB_MEMBER
  // Newer than the header; null in an older library.
  void (*appender_clear)(duckdb_appender) = nullptr;

  std::string version;               // "v1.5.5"
  std::filesystem::path file;        // where it was found
  std::filesystem::path extensions;  // a folder, or empty
};

// Opens it, or finds it open already. Throws Error(NotFound) when there is none, Error(Config) when it is too old.
std::shared_ptr<const DuckDbLibrary> open_duckdb_library();

// What of DuckDB's must be given back, by a function whose argument is the handle's address.
template <class Handle, auto Member>
class DuckDbHandle {
 public:
  explicit DuckDbHandle(const DuckDbLibrary& duckdb, Handle handle = nullptr) : duckdb_(&duckdb), handle_(handle) {}
  DuckDbHandle(DuckDbHandle&& other) noexcept : duckdb_(other.duckdb_), handle_(other.release()) {}
  DuckDbHandle& operator=(DuckDbHandle&& other) noexcept {
    if (this != &other) {
      reset();
      duckdb_ = other.duckdb_;
      handle_ = other.release();
    }
    return *this;
  }
  ~DuckDbHandle() { reset(); }

  Handle get() const { return handle_; }
  Handle* out() { return &handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  Handle release() {
    Handle handle = handle_;
    handle_ = nullptr;
    return handle;
  }
  void reset() {
    if (handle_ != nullptr) (duckdb_->*Member)(&handle_);
    handle_ = nullptr;
  }

 private:
  const DuckDbLibrary* duckdb_;
  Handle handle_;
};

using DuckDbConfigHandle = DuckDbHandle<duckdb_config, &DuckDbLibrary::destroy_config>;
using DuckDbStatements = DuckDbHandle<duckdb_extracted_statements, &DuckDbLibrary::destroy_extracted>;
using DuckDbPrepared = DuckDbHandle<duckdb_prepared_statement, &DuckDbLibrary::destroy_prepare>;
using DuckDbPending = DuckDbHandle<duckdb_pending_result, &DuckDbLibrary::destroy_pending>;
using DuckDbChunk = DuckDbHandle<duckdb_data_chunk, &DuckDbLibrary::destroy_data_chunk>;
using DuckDbType = DuckDbHandle<duckdb_logical_type, &DuckDbLibrary::destroy_logical_type>;
using DuckDbValue = DuckDbHandle<duckdb_value, &DuckDbLibrary::destroy_value>;

}  // namespace plumb::db
