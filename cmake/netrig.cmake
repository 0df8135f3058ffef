# The two ways in which a folder declares what it builds, and what becomes of it when it is installed.

# A target's name as others see it, and the component of the package that it belongs to: what is in NETRIG_COMPONENT, a
# variable of the folder. Empty: it is not installed.
function(netrig_install_target target name)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(NETRIG_COMPONENT)
    install(TARGETS ${target} EXPORT netrig-${NETRIG_COMPONENT} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endfunction()

# netrig_library(core_base SOURCES a.cc ... [LINK netrig::x ...] [LINK_PRIVATE y ...])
# A static library with the alias netrig::core_base. LINK is public: layers are few and headers include each other.
function(netrig_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  add_library(netrig_${name} STATIC ${ARG_SOURCES})
  add_library(netrig::${name} ALIAS netrig_${name})
  target_link_libraries(netrig_${name} PUBLIC netrig_options ${ARG_LINK} PRIVATE ${ARG_LINK_PRIVATE})
  netrig_install_target(netrig_${name} ${name})
endfunction()

# What is installed besides libraries: headers, loadgen, scenarios, dashboards, and the package that find_package(netrig)
# reads. README.md (As a library) shows how it is used; docs/examples/coins is a project that uses it.
function(netrig_install_package)
  include(CMakePackageConfigHelpers)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/netrig)
  set(folders core sim transport metrics)
  set(components library)
  if(NETRIG_PROMETHEUS)
    list(APPEND components prometheus)
  endif()
  if(NETRIG_LOADGEN)
    list(APPEND components loadgen)
    list(APPEND folders loadgen)
    install(TARGETS loadgen RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(DIRECTORY scenarios grafana DESTINATION ${CMAKE_INSTALL_DATADIR}/netrig PATTERN "*.py" EXCLUDE)
  endif()
  # Headers that say "Private to" are the inside of their folder.
  foreach(folder ${folders})
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${folder}/*.h)
    foreach(header ${headers})
      file(STRINGS ${PROJECT_SOURCE_DIR}/${header} private REGEX "^// .*Private to " LIMIT_COUNT 1)
      if(NOT private)
        get_filename_component(place ${header} DIRECTORY)
        install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/netrig/${place})
      endif()
    endforeach()
  endforeach()
  foreach(component ${components})
    install(EXPORT netrig-${component} NAMESPACE netrig:: FILE netrig-${component}.cmake DESTINATION ${package})
  endforeach()
  configure_package_config_file(cmake/netrigConfig.cmake.in ${PROJECT_BINARY_DIR}/netrigConfig.cmake
                                INSTALL_DESTINATION ${package})
  # Before 1.0, a minor version may change what is public.
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/netrigConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/netrigConfig.cmake ${PROJECT_BINARY_DIR}/netrigConfigVersion.cmake
          DESTINATION ${package})
  install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(DIRECTORY docs/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
endfunction()

# netrig_test(unit_core_base LABEL unit SOURCES a_test.cc ... LINK netrig::core_base)
# One Boost.Test program; ctest runs it as one test of that name. Arguments after ARGS reach the program after "--".
function(netrig_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LINK;ARGS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE netrig_test_main ${ARG_LINK})
  target_compile_definitions(${name} PRIVATE NETRIG_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # What is tested is optimised; the tests themselves need not be, and Boost.Test's macros take long to optimise.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  add_test(NAME ${name} COMMAND ${name} --color_output=no --log_level=test_suite ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()
