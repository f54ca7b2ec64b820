# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Warnings and sanitizers of our own targets; third-party headers are SYSTEM and stay silent.
function(h3k27m_configure_target TARGET)
  target_compile_options(${TARGET} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
      -Wold-style-cast -Wcast-qual -Wimplicit-fallthrough>
    # GCC 12 sees overlaps in assignments of short literals to std::string that are not there (GCC bug 105651).
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>
    # Instrumented, GCC 12 calls members of libstdc++'s std::regex and of LibTorch's in-place draws "maybe uninitialized";
    # they are not, and builds without sanitizers keep the warning.
    $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<BOOL:${H3K27M_SANITIZER}>>:-Wno-maybe-uninitialized>
    # In a unity build GCC takes our .cpp files for headers, whose fixtures should not lie in unnamed namespaces.
    $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${H3K27M_WARNINGS_AS_ERRORS}>>:-Werror>)
  target_include_directories(${TARGET} PRIVATE "${CMAKE_SOURCE_DIR}")
endfunction()

# For targets that see LibTorch: its precompiled header, and few large units. A compiler needs some 20 s for the header's
# templates in each of them, however little else is in it.
function(h3k27m_share_libtorch_header TARGET)
  target_precompile_headers(${TARGET} REUSE_FROM h3k27m_network)
  set_target_properties(${TARGET} PROPERTIES UNITY_BUILD_BATCH_SIZE 32)
endfunction()

if (H3K27M_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif ()
if (H3K27M_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif (H3K27M_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif (H3K27M_SANITIZER)
  message(FATAL_ERROR "H3K27M_SANITIZER must be empty, 'address' or 'thread', not '${H3K27M_SANITIZER}'")
endif ()
