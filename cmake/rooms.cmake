# plumb_room(NAME LINK targets... [PRIVATE_LINK targets...] [PROGRAM name])
#
# Builds src/NAME/**.cpp as the static library plumb_NAME. The file's name says what else it is:
#   x_test.cpp  joins the program plumb_NAME_test, whose tests carry the label "unit"
#   x_fuzz.cpp  is a libFuzzer program of its own, x_fuzz (with PLUMB_FUZZ)
#   main.cpp    becomes PROGRAM
# LINK names what the room's doors need (other rooms; fmt, whose header base/format.h includes), PRIVATE_LINK what only
# its sources need. The rooms are installed and exported by install.cmake.
add_custom_target(unit_tests)
add_custom_target(fuzzers)
set_property(GLOBAL PROPERTY PLUMB_ROOMS "")
set(PLUMB_TEST_ENVIRONMENT "PLUMB_PROGRAM=${CMAKE_BINARY_DIR}/plumb;PLUMB_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
if(PLUMB_SANITIZE)
  # A sanitizer's dlopen is called in the program's place, and looks along its own run path.
  list(APPEND PLUMB_TEST_ENVIRONMENT "PLUMB_DUCKDB_LIBRARY=${PLUMB_DUCKDB_LIBRARY}"
    "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/soak/tsan.suppressions:report_mutex_bugs=0")
endif()

function(plumb_room name)
  cmake_parse_arguments(ROOM "" "PROGRAM" "LINK;PRIVATE_LINK" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  foreach(kind IN ITEMS test fuzz)
    set(${kind}s ${all})
    list(FILTER ${kind}s INCLUDE REGEX "_${kind}\\.cpp$")
  endforeach()
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|/main)\\.cpp$")
  # A room that is still only a door has headers alone.
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.h)
  list(APPEND sources ${headers})
  if(NOT sources)
    return()
  endif()

  add_library(plumb_${name} STATIC ${sources})
  set_target_properties(plumb_${name} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX)
  target_link_libraries(plumb_${name} PUBLIC ${ROOM_LINK} PRIVATE ${ROOM_PRIVATE_LINK} $<BUILD_INTERFACE:plumb_options>)
  set_property(GLOBAL APPEND PROPERTY PLUMB_ROOMS ${name})

  set(main ${CMAKE_SOURCE_DIR}/src/${name}/main.cpp)
  if(ROOM_PROGRAM AND main IN_LIST all)
    add_executable(${ROOM_PROGRAM} ${main})
    target_link_libraries(${ROOM_PROGRAM} PRIVATE plumb_${name} plumb_options)
    set_target_properties(${ROOM_PROGRAM} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  endif()
  if(PLUMB_TESTS AND tests)
    plumb_tests(plumb_${name}_test LABEL unit SOURCES ${tests} LINK plumb_${name} plumb_test_support ${ROOM_PRIVATE_LINK})
    add_dependencies(unit_tests plumb_${name}_test)
  endif()
  if(PLUMB_FUZZ)
    foreach(source IN LISTS fuzzs)
      plumb_fuzzer(${source} plumb_${name} ${ROOM_PRIVATE_LINK})
    endforeach()
  endif()
endfunction()

# plumb_embed(ROOM FOLDER folder ENDINGS sql,md HEADER room/x.h TYPE type FUNCTION name [SPLIT]): text files of a room
# that the program carries, as a table of TYPE that FUNCTION, declared in HEADER, gives as a span.
function(plumb_embed room)
  cmake_parse_arguments(EMBED "SPLIT" "FOLDER;ENDINGS;HEADER;TYPE;FUNCTION" "" ${ARGN})
  set(patterns "")
  string(REPLACE "," ";" endings "${EMBED_ENDINGS}")
  foreach(ending IN LISTS endings)
    list(APPEND patterns ${CMAKE_SOURCE_DIR}/${EMBED_FOLDER}/*.${ending})
  endforeach()
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${patterns})
  set(table ${CMAKE_BINARY_DIR}/generated/${EMBED_FUNCTION}.cpp)
  add_custom_command(OUTPUT ${table}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${table} -DFOLDER=${CMAKE_SOURCE_DIR}/${EMBED_FOLDER} -DENDINGS=${EMBED_ENDINGS}
      -DHEADER=${EMBED_HEADER} -DNAMESPACE=plumb::${room} -DTYPE=${EMBED_TYPE} -DFUNCTION=${EMBED_FUNCTION}
      -DSPLIT=${EMBED_SPLIT} -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
  target_sources(plumb_${room} PRIVATE ${table})
endfunction()

# plumb_tests(PROGRAM LABEL label SOURCES files... LINK targets...): one program of GoogleTest stories, each of which
# ctest runs in a process of its own. They find the program under test and the repository in the environment.
# Stories that share a server (they include support/postgres_server.h and have "Postgres" in their name) run as one.
function(plumb_tests name)
  cmake_parse_arguments(TESTS "" "LABEL" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${TESTS_SOURCES})
  target_link_libraries(${name} PRIVATE ${TESTS_LINK} plumb_options GTest::gtest_main)
  set(alone "")
  foreach(source IN LISTS TESTS_SOURCES)
    file(STRINGS ${source} shared REGEX "support/postgres_server\\.h")
    if(shared)
      set(alone TEST_FILTER "-*Postgres*")
    endif()
  endforeach()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 ${alone}
    PROPERTIES TIMEOUT 300 LABELS ${TESTS_LABEL})
  if(alone)
    add_test(NAME ${name}.Postgres COMMAND ${name} --gtest_filter=*Postgres*)
    set_tests_properties(${name}.Postgres PROPERTIES TIMEOUT 300 LABELS ${TESTS_LABEL}
      ENVIRONMENT "${PLUMB_TEST_ENVIRONMENT}")
  endif()
  # A list of variables does not survive the PROPERTIES above; ctest reads this file after the tests are known.
  set(environment ${CMAKE_CURRENT_BINARY_DIR}/${name}-environment.cmake)
  file(WRITE ${environment} 
    "if(${name}_TESTS)\nset_tests_properties(\${${name}_TESTS} PROPERTIES ENVIRONMENT \"${PLUMB_TEST_ENVIRONMENT}\")\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${environment})
endfunction()

function(plumb_fuzzer source)
  cmake_path(GET source STEM name)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ${ARGN} plumb_options -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  add_dependencies(fuzzers ${name})
endfunction()
