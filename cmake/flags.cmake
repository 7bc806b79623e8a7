# Language, optimization and warning flags of everything built here; none of them reach an installed target.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_RELEASE "-O3 -DNDEBUG")
  set(CMAKE_${language}_FLAGS_DEBUG "-Og -g3")
  if(IOVSIM_SANITIZE) # for all tests, not for a debugger: line numbers are enough
    set(CMAKE_${language}_FLAGS_DEBUG "-O1 -g1")
  endif()
endforeach()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Results are equal to the byte with gcc and clang, with and without FMA: hence no contraction.
add_library(iovsim_flags INTERFACE)
target_compile_options(iovsim_flags INTERFACE -Wall -Wextra -ffp-contract=off)
target_compile_definitions(iovsim_flags INTERFACE
  IOVSIM_VERSION="${PROJECT_VERSION}"
  IOVSIM_LIBRARY_DIR="${CMAKE_INSTALL_FULL_DATADIR}/iovsim"
  IOVSIM_SOURCE_LIBRARY="${CMAKE_SOURCE_DIR}/scenarios/library")
if(IOVSIM_WERROR)
  target_compile_options(iovsim_flags INTERFACE -Werror)
endif()

# gcc clears structs of some hundred bytes by `rep stos`, whose start alone takes longer than memset().
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(iovsim_flags INTERFACE
    -mmemset-strategy=libcall:-1:noalign -mmemcpy-strategy=libcall:-1:noalign)
endif()

# Fat objects: gcc links them with optimization across units on its own; the many test programs do without.
if(IOVSIM_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  set(IOVSIM_LTO_COMPILE -flto=auto -ffat-lto-objects)
  set(IOVSIM_LTO_LINK -flto=auto)
  set(IOVSIM_LTO_LINK_TESTS -fno-lto)
endif()

if(IOVSIM_SANITIZE)
  target_compile_options(iovsim_flags INTERFACE
    -fsanitize=${IOVSIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(iovsim_flags INTERFACE -fsanitize=${IOVSIM_SANITIZE})
endif()

if(IOVSIM_COVERAGE)
  target_compile_options(iovsim_flags INTERFACE --coverage)
  target_link_options(iovsim_flags INTERFACE --coverage)
  find_program(GCOVR_PROGRAM gcovr)
  if(GCOVR_PROGRAM)
    add_custom_target(coverage
      COMMAND ${GCOVR_PROGRAM} --root ${CMAKE_SOURCE_DIR} --exclude tests/ --print-summary
              --html-details ${CMAKE_BINARY_DIR}/coverage.html ${CMAKE_BINARY_DIR}
      COMMENT "Coverage of the tests run so far: ${CMAKE_BINARY_DIR}/coverage.html")
  endif()
endif()
