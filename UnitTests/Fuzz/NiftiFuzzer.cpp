// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/NiftiHeader.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// The header of a NIfTI file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&] { Masks::ParseNiftiHeader(Fuzz::ToText(data, size)); });
}
