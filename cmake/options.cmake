# Every preset differs from the others only in what stands here.
#
# Warnings are errors with the two compilers that the project is tested with; another compiler's new warning should not
# keep a user from building.
set(plumb_werror OFF)
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.") OR
   (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^14\\."))
  set(plumb_werror ON)
endif()
option(PLUMB_WERROR "Treat warnings as errors" ${plumb_werror})
option(PLUMB_TESTS "Build the tests" ON)
option(PLUMB_FUZZ "Build the fuzzers (Clang only); everything is instrumented for them" OFF)
option(PLUMB_COVERAGE "Instrument for coverage" OFF)
set(PLUMB_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

add_library(plumb_options INTERFACE)
# Designated initialisers name what differs from the default; -Wmissing-field-initializers asks for the rest as well.
target_compile_options(plumb_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-missing-field-initializers -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees dangling pointers and overreads in inlined std::string code that are not there (GCC bugs 105651, 105329).
  target_compile_options(plumb_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-array-bounds -Wno-maybe-uninitialized)
endif()
if(PLUMB_WERROR)
  target_compile_options(plumb_options INTERFACE -Werror)
endif()
# Everywhere but in what users get, the standard library checks what it is asked to do: an empty optional, an index.
target_compile_definitions(plumb_options INTERFACE $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>)
target_compile_options(plumb_options INTERFACE -ffunction-sections -fdata-sections)
target_link_options(plumb_options INTERFACE -Wl,--gc-sections -Wl,--as-needed)
if(PLUMB_FUZZ)
  set(PLUMB_SANITIZE "fuzzer-no-link,address,undefined")
endif()
if(PLUMB_SANITIZE)
  target_compile_options(plumb_options INTERFACE -fsanitize=${PLUMB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  # A sanitizer's dlopen looks where the program says only if it says so for the libraries of the sanitizer too.
  target_link_options(plumb_options INTERFACE -fsanitize=${PLUMB_SANITIZE} -Wl,--disable-new-dtags)
  if(PLUMB_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio has fences, which ThreadSanitizer does not see; what they order is ordered by its locks as well.
    target_compile_options(plumb_options INTERFACE -Wno-tsan)
  endif()
endif()
if(PLUMB_COVERAGE)
  target_compile_options(plumb_options INTERFACE --coverage)
  target_link_options(plumb_options INTERFACE --coverage)
endif()

find_program(PLUMB_CCACHE ccache)
if(PLUMB_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${PLUMB_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PLUMB_CCACHE})
endif()
find_program(PLUMB_MOLD mold)
if(PLUMB_MOLD)
  target_link_options(plumb_options INTERFACE -fuse-ld=mold)
endif()
