# ctest: the unit tests, the checks of the source tree, and the tests of the built and installed program.

# tests/unit/<room>/<subject>_test.c -> program <room>_<subject>_test
pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
# What is tested is optimized and instrumented as the preset says. The tests themselves are most of what there is to
# compile and not worth it; only their buffers, which they hand to what is tested, are watched.
add_library(iovsim_test_flags INTERFACE)
target_compile_options(iovsim_test_flags INTERFACE -O0)
if(IOVSIM_SANITIZE MATCHES "undefined")
  target_compile_options(iovsim_test_flags INTERFACE -fno-sanitize=undefined)
endif()
add_library(test_main OBJECT tests/main.c)
target_link_libraries(test_main PRIVATE iovsim_flags PkgConfig::CRITERION)
find_program(GOLD_PROGRAM ld.gold)
if(GOLD_PROGRAM) # of binutils; links a hundred programs four times as fast as the default
  set(IOVSIM_FAST_LINKER -fuse-ld=gold)
endif()
file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/*_test.c)
foreach(source ${unit_tests})
  file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR}/tests/unit ${source})
  string(REGEX REPLACE "/" "_" name ${relative})
  string(REGEX REPLACE "\\.c$" "" name ${name})
  string(REGEX REPLACE "/.*" "" room ${relative})
  add_executable(${name} ${source} $<TARGET_OBJECTS:test_main>)
  target_compile_definitions(${name} PRIVATE IOVSIM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_options(${name} PRIVATE ${IOVSIM_LTO_LINK_TESTS} ${IOVSIM_FAST_LINKER})
  target_link_libraries(${name} PRIVATE iovsim_${room} iovsim_test_flags PkgConfig::CRITERION)
  add_test(NAME ${name} COMMAND ${name})
  # Criterion does not look at the status with which a test's process ends, where leaks are reported.
  set_tests_properties(${name} PROPERTIES FAIL_REGULAR_EXPRESSION "ERROR: LeakSanitizer")
endforeach()

# Not for instrumented programs: checks of the sources and comparisons of builds show nothing more there, what the
# documents' commands execute other tests execute too, and instrumented archives link into no consumer's program.
set(IOVSIM_INSTRUMENTED FALSE)
if(IOVSIM_SANITIZE OR IOVSIM_COVERAGE)
  set(IOVSIM_INSTRUMENTED TRUE)
endif()

# tests/checks/<name>.sh [source folder]
file(GLOB checks CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/checks/*.sh)
if(NOT IOVSIM_INSTRUMENTED)
  foreach(check ${checks})
    get_filename_component(name ${check} NAME_WE)
    add_test(NAME check_${name} COMMAND ${check} ${CMAKE_SOURCE_DIR})
  endforeach()
endif()

# tests/<name>/run.sh <program>; such a script ends with the line "N passed, N failed" or counts as one test.
if(TARGET iovsim)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*/run.sh)
  list(FILTER scripts EXCLUDE REGEX "/(bench|consumer)/run\\.sh$")
  if(IOVSIM_INSTRUMENTED)
    list(FILTER scripts EXCLUDE REGEX "/(determinism|readme)/run\\.sh$")
  endif()
  foreach(script ${scripts})
    get_filename_component(folder ${script} DIRECTORY)
    get_filename_component(name ${folder} NAME)
    add_test(NAME ${name} COMMAND ${script} $<TARGET_FILE:iovsim>)
  endforeach()
endif()
if(NOT IOVSIM_INSTRUMENTED)
  add_test(NAME consumer COMMAND ${CMAKE_SOURCE_DIR}/tests/consumer/run.sh ${CMAKE_BINARY_DIR})
endif()

# The longest first, or the other processors wait for them at the end.
set_tests_properties(analysis_closed_form_queueing_test PROPERTIES COST 100)
if(NOT IOVSIM_INSTRUMENTED)
  set_tests_properties(check_headers PROPERTIES COST 50)
endif()
