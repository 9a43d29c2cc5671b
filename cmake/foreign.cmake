# The foreign libraries that a program with Plumb in it links. Included by Plumb's own build and, by way of
# plumb-config.cmake, by the builds of its users.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)

# These bring no CMake package; each is a header and a library. utf8proc and PCRE2 are linked in: as shared libraries they
# would cost every start of the program a file to open.
function(plumb_find_plain name header)
  if(NOT TARGET plumb::${name})
    find_library(library NAMES ${ARGN} ${name} REQUIRED NO_CACHE)
    find_path(include ${header} REQUIRED NO_CACHE)
    add_library(plumb::${name} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(plumb::${name} PROPERTIES
      IMPORTED_LOCATION "${library}" INTERFACE_INCLUDE_DIRECTORIES "${include}")
  endif()
endfunction()
plumb_find_plain(yaml yaml.h)
plumb_find_plain(sodium sodium.h)
plumb_find_plain(pcre2 pcre2.h libpcre2-8.a)
plumb_find_plain(utf8proc utf8proc.h libutf8proc.a)
