# Everything foreign, in one place. Where it comes from and under which licence: docs/dependencies.md.
# What is needed to link is also found by an installed copy's users: foreign.cmake, which is installed too.
include(cmake/foreign.cmake)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_path(PLUMB_LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_path(PLUMB_LIBSSH_INCLUDE libssh/libssh.h REQUIRED)
find_path(PLUMB_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)
include(cmake/duckdb.cmake)

# What a room's sources include and link. Headers alone are nothing to an installed copy.
add_library(plumb_foreign_base INTERFACE)
target_link_libraries(plumb_foreign_base INTERFACE Threads::Threads OpenSSL::Crypto fmt::fmt
  plumb::yaml plumb::sodium ZLIB::ZLIB ${CMAKE_DL_LIBS} $<BUILD_INTERFACE:Boost::headers>)
# libcurl is opened on first use: linked, it costs every start of the program 3 ms and 6 MB (base/http/curl.h). So only
# its header is needed, and only here.
target_include_directories(plumb_foreign_base SYSTEM INTERFACE $<BUILD_INTERFACE:${CURL_INCLUDE_DIRS}>)

# libssh as well: only the process of an ssh task opens it.
add_library(plumb_foreign_workflow INTERFACE)
target_include_directories(plumb_foreign_workflow SYSTEM INTERFACE $<BUILD_INTERFACE:${PLUMB_LIBSSH_INCLUDE}>)

add_library(plumb_foreign_data INTERFACE)
target_include_directories(plumb_foreign_data SYSTEM INTERFACE $<BUILD_INTERFACE:${PLUMB_FLATBUFFERS_INCLUDE}>)
target_link_libraries(plumb_foreign_data INTERFACE fmt::fmt simdjson::simdjson)

add_library(plumb_foreign_jinja INTERFACE)
target_link_libraries(plumb_foreign_jinja INTERFACE fmt::fmt plumb::utf8proc $<BUILD_INTERFACE:Boost::headers>)

add_library(plumb_foreign_project INTERFACE)
target_link_libraries(plumb_foreign_project INTERFACE fmt::fmt plumb::pcre2)

# libpq and DuckDB are opened on first use; only their headers are needed here. SQLite is linked, and shared, so that
# DuckDB's scanner binds to the same copy (two copies in one process lose POSIX locks).
add_library(plumb_foreign_db INTERFACE)
target_include_directories(plumb_foreign_db SYSTEM INTERFACE
  $<BUILD_INTERFACE:${PLUMB_LIBPQ_INCLUDE}> $<BUILD_INTERFACE:${PLUMB_DUCKDB_INCLUDE}>)
target_link_libraries(plumb_foreign_db INTERFACE SQLite::SQLite3 fmt::fmt ${CMAKE_DL_LIBS})

# libduckdb.so is opened by its bare name: dlopen looks along the program's own run path. Its extensions lie beside it,
# in extensions/ (installed) or ../extensions/ (the cache).
cmake_path(GET PLUMB_DUCKDB_LIBRARY PARENT_PATH plumb_duckdb_folder)
set(CMAKE_BUILD_RPATH "${plumb_duckdb_folder}")
include(GNUInstallDirs)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_FULL_BINDIR}" OUTPUT_VARIABLE plumb_lib)
set(CMAKE_INSTALL_RPATH "$ORIGIN/${plumb_lib}/plumb")

if(PLUMB_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  enable_testing()
endif()
