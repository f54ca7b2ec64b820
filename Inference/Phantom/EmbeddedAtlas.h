// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <span>

namespace H3K27M::Phantom
{
  // The bytes of Resources/Phantom/icbm152.safetensors, which the assembler puts into the program: no path that an
  // installation could get wrong.
  std::span<const std::byte> GetEmbeddedAtlas() noexcept;
}
