# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# h3k27m_embed_folder(FOLDER folder OUTPUT file.cpp HEADER "path/Header.h" FUNCTION "Namespace::Function"
#                     [ALSO name=file ...])
# Makes a source file in the current build folder that defines the function as returning a map from the name of each text
# file of FOLDER (no subfolders) to its content, and from each name of ALSO to the content of that file. Re-made when one
# of them changes, or comes or goes.
function(h3k27m_embed_folder)
  cmake_parse_arguments(ARG "" "FOLDER;OUTPUT;HEADER;FUNCTION" "ALSO" ${ARGN})
  file(GLOB NAMES CONFIGURE_DEPENDS RELATIVE "${ARG_FOLDER}" "${ARG_FOLDER}/*")
  list(TRANSFORM NAMES REPLACE "(.+)" "\\1=${ARG_FOLDER}/\\1" OUTPUT_VARIABLE FILES)
  set(ENTRIES "")
  foreach (ENTRY IN LISTS FILES ARG_ALSO)
    string(REGEX MATCH "^([^=]+)=(.+)$" ENTRY "${ENTRY}")
    set(NAME "${CMAKE_MATCH_1}")
    set(FILE "${CMAKE_MATCH_2}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${FILE}")
    file(READ "${FILE}" TEXT)
    # Compilers limit one literal to 64 KiB, so the text is a concatenation of smaller ones.
    string(LENGTH "${TEXT}" LENGTH)
    set(POSITION 0)
    while (POSITION LESS LENGTH)
      string(SUBSTRING "${TEXT}" ${POSITION} 8000 PIECE)
      string(APPEND ENTRIES "      files[\"${NAME}\"] += R\"~h3k27m~(${PIECE})~h3k27m~\";\n")
      math(EXPR POSITION "${POSITION} + 8000")
    endwhile ()
  endforeach ()

  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${ARG_OUTPUT}" @ONLY CONTENT
"// Made by Resources/CMake/EmbedFolder.cmake; do not edit.

#include \"@ARG_HEADER@\"

const std::map<std::string, std::string>& @ARG_FUNCTION@()
{
  static const std::map<std::string, std::string> embedded = []
  {
    std::map<std::string, std::string> files;
@ENTRIES@    return files;
  }();
  return embedded;
}
")
endfunction()
