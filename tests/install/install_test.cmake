# Installs this build into a temporary folder, builds a user's project against the copy alone, and runs it; moves the
# copy first, because packages and containers do. Arguments: BUILD, WORK, CONFIG, COMPILER, LAUNCHER.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}\n${said}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

function(expect_exists)
  foreach(file IN LISTS ARGN)
    if(NOT EXISTS "${copy}/${file}")
      message(FATAL_ERROR "the installed copy has no ${file}")
    endif()
  endforeach()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/copy)
set(copy ${WORK}/copy)
expect_exists(include/plumb/base/error.h lib/libplumb_base.a lib/plumb/libduckdb.so share/doc/plumb/LICENSE)
foreach(private IN ITEMS base/testing.h base/http_curl.h db/drivers.h cli)
  if(EXISTS ${copy}/include/plumb/${private})
    message(FATAL_ERROR "${private} is private, and was installed")
  endif()
endforeach()

cmake_path(GET CMAKE_CURRENT_LIST_FILE PARENT_PATH here)
run(${CMAKE_COMMAND} -S ${here}/user -B ${WORK}/build -G Ninja -D CMAKE_PREFIX_PATH=${copy} -D CMAKE_BUILD_TYPE=Release
  -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
# In a folder that goes again, and with neither cache nor home to find a DuckDB in.
run(${CMAKE_COMMAND} -E env --unset=PLUMB_CACHE --unset=HOME
  ${CMAKE_COMMAND} -E chdir ${WORK} ${WORK}/build/user)
if(NOT said MATCHES "12.30, and in DuckDB 12.30.*comdirect needs client_id.*and a workflow: success")
  message(FATAL_ERROR "the user's program said: ${said}")
endif()

# The installed program stands on its own.
if(EXISTS ${BUILD}/plumb)
  expect_exists(bin/plumb)
  run(${CMAKE_COMMAND} -E env --unset=PLUMB_CACHE --unset=HOME ${copy}/bin/plumb --version)
endif()
file(REMOVE_RECURSE ${WORK})
