// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/EmbeddedAtlas.h"

// H3K27M_ATLAS_FILE comes from CMakeLists.txt, which also names the file as a dependency of this one.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global h3k27m_atlas_begin\n"
    ".hidden h3k27m_atlas_begin\n"
    ".global h3k27m_atlas_end\n"
    ".hidden h3k27m_atlas_end\n"
    "h3k27m_atlas_begin:\n"
    ".incbin \"" H3K27M_ATLAS_FILE "\"\n"
    "h3k27m_atlas_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C"
{
  extern const std::byte h3k27m_atlas_begin[];
  extern const std::byte h3k27m_atlas_end[];
}

namespace H3K27M::Phantom
{
  std::span<const std::byte> GetEmbeddedAtlas() noexcept
  {
    return {h3k27m_atlas_begin, h3k27m_atlas_end};
  }
}
