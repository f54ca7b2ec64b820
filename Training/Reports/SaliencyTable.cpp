// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/SaliencyTable.h"

#include "Inference/Network/Axes.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Reports/MetricText.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr std::int64_t CELLS = 64;  // of the decoder's depth along a side of the image

    // 1 where a pixel of the mask is so near; beyond the border there is none. [n, S, S].
    torch::Tensor Widen(const torch::Tensor& masks, std::int64_t pixels)
    {
      const std::int64_t window = 2 * pixels + 1;
      return torch::max_pool2d(masks.unsqueeze(1), {window, window}, {1, 1}, {pixels, pixels}).squeeze(1);
    }

    // Core, rim and outside: each pixel is of one of them.
    std::array<torch::Tensor, 3> DivideSlices(const torch::Tensor& masks)
    {
      const torch::Tensor tumour = masks.gt(0.5).to(torch::kFloat32);
      const std::int64_t band = std::max<std::int64_t>(1, masks.size(1) / CELLS);
      const torch::Tensor core = 1 - Widen(1 - tumour, band);
      const torch::Tensor outside = 1 - Widen(tumour, band);
      return {core, 1 - core - outside, outside};
    }

    std::string DescribeShare(const torch::Tensor& map, const torch::Tensor& part)
    {
      const double sum = map.sum(torch::kFloat64).item<double>();
      if (!(sum > 0))
      {
        return "no saliency";
      }
      const double share = (map * part).sum(torch::kFloat64).item<double>() / sum;
      const double area = part.sum(torch::kFloat64).item<double>() / static_cast<double>(part.numel());
      return FormatNumber(share) + " (" + FormatNumber(area) + ")";
    }
  }

  Table MakeSaliencyTable(const std::string& name, const std::filesystem::path& file)
  {
    const auto tensors = Weights::TensorMap::Load(file);
    const torch::Tensor& maps = tensors.Get("saliency");
    const torch::Tensor& genotypes = tensors.Get("genotype");
    const std::array<torch::Tensor, 3> parts = DivideSlices(tensors.Get("mask"));
    Table table{name,
                "Share of each slice's saliency in the tumour's core, in its rim and outside; in brackets that of the "
                "area. The figure's caption says how these patients were chosen. Rim: within 1/64 of the image's side "
                "(one pixel at least) of the hand contour, on either side",
                {"Row of the figure", "Genotype", "Core", "Rim", "Outside"},
                {},
                {}};
    for (std::int64_t i = 0; i < maps.size(0); i++)
    {
      const bool isAltered = genotypes[i].item<std::int64_t>() == Network::GENOTYPE_ALTERED;
      std::vector<std::string> row{std::to_string(i + 1), isAltered ? "altered" : "wild type"};
      for (const torch::Tensor& part : parts)
      {
        row.push_back(DescribeShare(maps[i], part[i]));
      }
      table.AddRow(std::move(row));
    }
    return table;
  }
}
