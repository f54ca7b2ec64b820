// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Objectives/MaskedReconstruction.h"

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"

namespace H3K27M::Objectives
{
  torch::Tensor ExpandPatchMask(const torch::Tensor& patchMask, std::int64_t size)
  {
    const std::int64_t side = size / Network::PATCH_SIDE;
    if (patchMask.dim() != 2 || size % Network::PATCH_SIDE != 0 || patchMask.size(1) != side * side)
    {
      throw Error(ErrorCode::BadInput, "The patch mask does not fit images of " + std::to_string(size) + " pixels");
    }
    return patchMask.view({-1, 1, side, side})
      .repeat_interleave(Network::PATCH_SIDE, 2)
      .repeat_interleave(Network::PATCH_SIDE, 3);
  }

  torch::Tensor MaskedReconstructionLoss(const torch::Tensor& output, const torch::Tensor& image,
                                         const torch::Tensor& patchMask)
  {
    if (output.sizes() != image.sizes() || output.dim() != 4 || patchMask.size(0) != image.size(0))
    {
      throw Error(ErrorCode::BadInput, "Reconstruction, image and patch mask do not belong together");
    }
    const torch::Tensor mask = ExpandPatchMask(patchMask.to(output.scalar_type()), output.size(2));
    const torch::Tensor count = mask.sum() * output.size(1);
    if (count.item<double>() == 0)
    {
      throw Error(ErrorCode::BadInput, "No patch is masked: there is nothing to reconstruct");
    }
    return ((output - image).square() * mask).sum() / count;
  }
}
