# ctest: the unit tests, the checks of the source tree, and the tests of the built and installed program.

# tests/unit/<room>/<subject>_test.c -> program <room>_<subject>_test
pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/*_test.c)
foreach(source ${unit_tests})
  file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR}/tests/unit ${source})
  string(REGEX REPLACE "/" "_" name ${relative})
  string(REGEX REPLACE "\\.c$" "" name ${name})
  string(REGEX REPLACE "/.*" "" room ${relative})
  add_executable(${name} ${source} tests/main.c)
  target_compile_definitions(${name} PRIVATE IOVSIM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_options(${name} PRIVATE ${IOVSIM_LTO_LINK_TESTS})
  target_link_libraries(${name} PRIVATE iovsim_${room} PkgConfig::CRITERION)
  add_test(NAME ${name} COMMAND ${name})
  # Criterion does not look at the status with which a test's process ends, where leaks are reported.
  set_tests_properties(${name} PROPERTIES FAIL_REGULAR_EXPRESSION "ERROR: LeakSanitizer")
endforeach()

# tests/checks/<name>.sh [source folder]
file(GLOB checks CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/checks/*.sh)
foreach(check ${checks})
  get_filename_component(name ${check} NAME_WE)
  add_test(NAME check_${name} COMMAND ${check} ${CMAKE_SOURCE_DIR})
endforeach()

# tests/<name>/run.sh <program>; such a script ends with the line "N passed, N failed" or counts as one test.
if(TARGET iovsim)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*/run.sh)
  list(FILTER scripts EXCLUDE REGEX "/(bench|consumer)/run\\.sh$")
  foreach(script ${scripts})
    get_filename_component(folder ${script} DIRECTORY)
    get_filename_component(name ${folder} NAME)
    add_test(NAME ${name} COMMAND ${script} $<TARGET_FILE:iovsim>)
  endforeach()
endif()

# Instrumented archives link only into instrumented programs, which a consumer's is not.
if(NOT IOVSIM_SANITIZE AND NOT IOVSIM_COVERAGE)
  add_test(NAME consumer COMMAND ${CMAKE_SOURCE_DIR}/tests/consumer/run.sh ${CMAKE_BINARY_DIR})
endif()
