// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace H3K27M::Statistics
{
  // Voxels of a reference mask and of a predicted one on the same grid, counted slice by slice or at once. Two measures
  // are made of it, and a report names which:
  //   Dice per patient   all slices of a volume added up, tumour (any label) against background
  //   the authors' Dice  one slice at a time, only slices with reference tumour, and of the prediction only the voxels
  //                      of the patient's own genotype class; the mean is over slices
  struct MaskOverlap
  {
    std::size_t reference = 0;
    std::size_t predicted = 0;
    std::size_t both = 0;

    // [row, column] or [slice, row, column] uint8, anything but 0 is tumour; an empty `predictedMask` marks nothing.
    // Throws Error(BadInput) when the sizes differ.
    void Add(std::span<const std::uint8_t> referenceMask, std::span<const std::uint8_t> predictedMask);

    // The same, but of the prediction only the voxels with this label.
    void AddClass(std::span<const std::uint8_t> referenceMask, std::span<const std::uint8_t> predictedMask,
                  std::uint8_t label);

    // 2 |A and B| / (|A| + |B|) (Dice, 1945); 1 when both masks are empty.
    double GetDice() const noexcept;
  };
}
