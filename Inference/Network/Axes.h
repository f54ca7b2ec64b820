// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstdint>

// Axis order and class indices of every tensor of the network, in one place.
namespace H3K27M::Network
{
  // Images and feature maps are [slice, channel, row, column]; token sequences are [slice, token, feature] with
  // token = row * columns + column.
  constexpr std::int64_t AXIS_SLICE = 0;
  constexpr std::int64_t AXIS_CHANNEL = 1;
  constexpr std::int64_t AXIS_ROW = 2;
  constexpr std::int64_t AXIS_COLUMN = 3;

  // The grey image is repeated over three equal channels, because the published stem expects RGB.
  constexpr std::int64_t IMAGE_CHANNELS = 3;

  // Genotype classes (`cls_logits` [slice, 2]). Altered is the positive class wherever one is needed.
  constexpr std::int64_t GENOTYPE_ALTERED = 0;
  constexpr std::int64_t GENOTYPE_WILD_TYPE = 1;
  constexpr std::int64_t GENOTYPE_CLASSES = 2;

  // Segmentation classes (`seg_logits` [slice, 3, row, column]): tumour of a case with genotype g is g + 1.
  constexpr std::int64_t SEGMENTATION_BACKGROUND = 0;
  constexpr std::int64_t SEGMENTATION_ALTERED = GENOTYPE_ALTERED + 1;
  constexpr std::int64_t SEGMENTATION_WILD_TYPE = GENOTYPE_WILD_TYPE + 1;
  constexpr std::int64_t SEGMENTATION_CLASSES = 3;

  // Side of a patch that is masked as a whole in pre-training, in pixels of the network's grid.
  constexpr std::int64_t PATCH_SIDE = 16;
}
