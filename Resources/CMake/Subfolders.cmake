# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Enters those of the named folders that exist: a stage that is left out (Training in a serving image) leaves no hole.
function(h3k27m_add_subfolders)
  foreach (FOLDER IN LISTS ARGN)
    if (EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER}/CMakeLists.txt")
      add_subdirectory(${FOLDER})
    endif ()
  endforeach ()
endfunction()
