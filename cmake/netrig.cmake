# The two ways in which a folder declares what it builds.

# netrig_library(core_base SOURCES a.cc ... [LINK netrig::x ...] [HEADER_ONLY])
# A static library with the alias netrig::core_base. LINK is public: layers are few and headers include each other.
function(netrig_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  add_library(netrig_${name} STATIC ${ARG_SOURCES})
  add_library(netrig::${name} ALIAS netrig_${name})
  target_link_libraries(netrig_${name} PUBLIC netrig_options ${ARG_LINK} PRIVATE ${ARG_LINK_PRIVATE})
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
