# cmake --install: the program, the rooms as static libraries, the headers that doors show, DuckDB, and what
# find_package(plumb) needs.
#
#   bin/plumb
#   include/plumb/ROOM/*.h        reached as <plumb/ROOM/ROOM.h>
#   lib/libplumb_ROOM.a           targets plumb::ROOM; plumb::plumb is all of them
#   lib/plumb/libduckdb.so, lib/plumb/extensions/*.duckdb_extension
#   lib/cmake/plumb/
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY PLUMB_ROOMS)
# A library's users get the rooms that other programs are made of, not those that make up this one.
list(REMOVE_ITEM rooms cli)
list(TRANSFORM rooms PREPEND plumb_ OUTPUT_VARIABLE room_targets)

set_target_properties(plumb_all PROPERTIES EXPORT_NAME plumb)
if(TARGET plumb)
  install(TARGETS plumb)
endif()
# Headers name each other "ROOM/x.h", users name them <plumb/ROOM/x.h>.
install(TARGETS plumb_all plumb_foreign_base plumb_foreign_data plumb_foreign_jinja plumb_foreign_db plumb_foreign_project plumb_foreign_workflow ${room_targets} EXPORT plumb
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${CMAKE_INSTALL_INCLUDEDIR}/plumb)
install(FILES ${PLUMB_DUCKDB_LIBRARY} DESTINATION ${CMAKE_INSTALL_LIBDIR}/plumb)
if(PLUMB_DUCKDB_EXTENSIONS)
  install(DIRECTORY ${PLUMB_DUCKDB_EXTENSIONS}/ DESTINATION ${CMAKE_INSTALL_LIBDIR}/plumb/extensions
    FILES_MATCHING PATTERN "*.duckdb_extension")
endif()

# Which headers are public is read from the doors at the time of installing.
install(CODE "
  set(PLUMB_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\")
  set(PLUMB_ROOMS \"${rooms}\")
  set(PLUMB_INCLUDE_DIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/plumb\")
  include(\"${CMAKE_SOURCE_DIR}/cmake/install_headers.cmake\")")

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/plumb)
install(EXPORT plumb NAMESPACE plumb:: FILE plumb-targets.cmake DESTINATION ${package})
configure_package_config_file(cmake/plumb-config.cmake.in ${CMAKE_BINARY_DIR}/plumb-config.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/plumb-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/plumb-config.cmake ${CMAKE_BINARY_DIR}/plumb-config-version.cmake
  cmake/foreign.cmake DESTINATION ${package})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
