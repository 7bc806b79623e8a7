# The program, the libraries with their headers, the scenario library, and the files by which others find them.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/iovsim)

if(TARGET iovsim)
  install(TARGETS iovsim RUNTIME)
endif()
if(NOT iovsim_rooms)
  return()
endif()
install(TARGETS ${iovsim_rooms} EXPORT iovsimTargets ARCHIVE)
foreach(room sim models scenarios analysis)
  install(DIRECTORY ${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/iovsim FILES_MATCHING PATTERN "*.h"
    PATTERN library EXCLUDE)
endforeach()
if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/scenarios/library)
  install(DIRECTORY scenarios/library/ DESTINATION ${CMAKE_INSTALL_DATADIR}/iovsim)
endif()
install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# find_package(iovsim): targets iovsim::sim, iovsim::models, iovsim::scenarios, iovsim::analysis.
install(EXPORT iovsimTargets NAMESPACE iovsim:: DESTINATION ${package_dir})
configure_package_config_file(cmake/iovsimConfig.cmake.in iovsimConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(iovsimConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/iovsimConfig.cmake ${CMAKE_BINARY_DIR}/iovsimConfigVersion.cmake
  DESTINATION ${package_dir})

# pkg-config: a static archive needs its users' users first, so the rooms go from right to left.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
set(pc_libs)
foreach(room IN LISTS iovsim_rooms)
  string(PREPEND pc_libs "-l${room} ")
endforeach()
list(JOIN IOVSIM_PKG_CONFIG_MODULES " " pc_requires)
configure_file(cmake/iovsim.pc.in iovsim.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/iovsim.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
