# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# h3k27m_embed_text(INPUT file OUTPUT file.cpp HEADER "path/Header.h" FUNCTION "Namespace::Function")
# Makes a source file in the current build folder that defines the function as returning the text of INPUT, so that an
# installed plugin needs no path to find it. Re-made when INPUT changes.
function(h3k27m_embed_text)
  cmake_parse_arguments(ARG "" "INPUT;OUTPUT;HEADER;FUNCTION" "" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ARG_INPUT}")
  file(READ "${ARG_INPUT}" TEXT)

  # Compilers limit one literal to 64 KiB, so the text is a concatenation of smaller ones.
  string(LENGTH "${TEXT}" LENGTH)
  set(LITERALS "")
  set(POSITION 0)
  while (POSITION LESS LENGTH)
    string(SUBSTRING "${TEXT}" ${POSITION} 8000 PIECE)
    string(APPEND LITERALS "    text += R\"~h3k27m~(${PIECE})~h3k27m~\";\n")
    math(EXPR POSITION "${POSITION} + 8000")
  endwhile ()

  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${ARG_OUTPUT}" CONTENT
"// Generated from ${ARG_INPUT}; do not edit.
#include \"${ARG_HEADER}\"

std::string ${ARG_FUNCTION}()
{
    std::string text;
${LITERALS}    return text;
}
")
endfunction()
