# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

include(GoogleTest)

# h3k27m_add_test(NAME SOURCES a.cpp b.cpp LIBRARIES x y)
# One executable of tests of one folder, each test known to ctest by its own name. Tests run in the repository's root,
# so that they find ../shared and Resources/ by relative paths.
function(h3k27m_add_test NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  h3k27m_configure_target(${NAME})
  # Compiled like the libraries (-fPIC, where CMake would say -fPIE), so that a precompiled header can be shared.
  set_target_properties(${NAME} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${NAME} PRIVATE -fPIC)
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${NAME}
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 600)
endfunction()
