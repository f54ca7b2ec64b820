// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Objectives
{
  // Pre-training (paper, section 2.3): mean squared error over the pixels of the masked patches and all channels.
  // `output`, `image` [N, 3, S, S] float; `patchMask` [N, (S/16)^2], 1 = masked, patch = patchRow * (S/16) +
  // patchColumn. Throws Error(BadInput) when no patch is masked or the shapes do not fit.
  torch::Tensor MaskedReconstructionLoss(const torch::Tensor& output, const torch::Tensor& image,
                                         const torch::Tensor& patchMask);

  // The patches' mask on the pixels: [N, (S/16)^2] -> [N, 1, S, S].
  torch::Tensor ExpandPatchMask(const torch::Tensor& patchMask, std::int64_t size);
}
