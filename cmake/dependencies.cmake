# Everything foreign, in one place. Where it comes from and under which licence: docs/dependencies.md.
find_package(Threads REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(date REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
find_path(PLUMB_LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_path(PLUMB_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

add_library(plumb_foreign_base INTERFACE)
target_link_libraries(plumb_foreign_base INTERFACE Threads::Threads CURL::libcurl OpenSSL::Crypto fmt::fmt
  simdjson::simdjson date::date-tz PkgConfig::YAML PkgConfig::SODIUM Boost::headers)

add_library(plumb_foreign_data INTERFACE)
target_include_directories(plumb_foreign_data SYSTEM INTERFACE ${PLUMB_FLATBUFFERS_INCLUDE})
target_link_libraries(plumb_foreign_data INTERFACE fmt::fmt simdjson::simdjson)

# libpq and DuckDB are opened on first use; only their headers are needed here. SQLite is linked, and shared, so that
# DuckDB's scanner binds to the same copy (two copies in one process lose POSIX locks).
set(PLUMB_DUCKDB_DIR "" CACHE PATH "A folder with lib/libduckdb.so and include/duckdb.h; empty: the one that ./do installed")
include(cmake/duckdb.cmake)
add_library(plumb_foreign_db INTERFACE)
target_include_directories(plumb_foreign_db SYSTEM INTERFACE ${PLUMB_LIBPQ_INCLUDE} ${PLUMB_DUCKDB_INCLUDE})
target_link_libraries(plumb_foreign_db INTERFACE SQLite::SQLite3 fmt::fmt ${CMAKE_DL_LIBS})

if(PLUMB_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  enable_testing()
endif()
