// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

#include <variant>

namespace H3K27M::Cpu
{
  // Of one of a convolution's options: the same for rows and columns.
  inline bool IsBoth(const torch::ExpandingArray<2>& pair, std::int64_t value)
  {
    return (*pair)[0] == value && (*pair)[1] == value;
  }

  // Whether the filters are 3x3, with a border of one pixel of zeros, and each output sees all inputs.
  inline bool IsThreeByThree(const torch::nn::detail::ConvNdOptions<2>& options)
  {
    const auto* const padding = std::get_if<torch::ExpandingArray<2>>(&options.padding());
    return IsBoth(options.kernel_size(), 3) && IsBoth(options.dilation(), 1) && options.groups() == 1 &&
           padding != nullptr && IsBoth(*padding, 1) &&
           std::holds_alternative<torch::enumtype::kZeros>(options.padding_mode());
  }
}
