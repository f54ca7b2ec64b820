// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/TissueAtlas.h"

#include "Inference/Phantom/EmbeddedAtlas.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Safetensors.h"

#include <locale>
#include <sstream>

namespace H3K27M::Phantom
{
  namespace
  {
    struct Cell
    {
      std::size_t index;  // of the lowest corner
      float wx;
      float wy;
      float wz;
    };

    // False outside the grid. The absolute value mirrors the missing half.
    template <typename Grid>
    [[gnu::always_inline]] inline bool Locate(Cell& cell, const Grid& grid, const Point& point) noexcept
    {
      const float x = ((point.x < 0 ? -point.x : point.x) - grid.originMm.x) * grid.nodesPerMm;
      const float y = (point.y - grid.originMm.y) * grid.nodesPerMm;
      const float z = (point.z - grid.originMm.z) * grid.nodesPerMm;
      if (!(y >= 0 && z >= 0 && x >= 0))
      {
        return false;
      }
      const int ix = static_cast<int>(x);
      const int iy = static_cast<int>(y);
      const int iz = static_cast<int>(z);
      if (ix + 1 >= grid.size[0] || iy + 1 >= grid.size[1] || iz + 1 >= grid.size[2])
      {
        return false;
      }
      cell.index =
        (static_cast<std::size_t>(iz) * static_cast<std::size_t>(grid.size[1]) + static_cast<std::size_t>(iy)) *
          static_cast<std::size_t>(grid.size[0]) +
        static_cast<std::size_t>(ix);
      cell.wx = x - static_cast<float>(ix);
      cell.wy = y - static_cast<float>(iy);
      cell.wz = z - static_cast<float>(iz);
      return true;
    }

    // The eight corners' offsets and weights, x fastest.
    template <typename Visit>
    void VisitCorners(const Cell& cell, const std::array<int, 3>& size, Visit visit)
    {
      const auto row = static_cast<std::size_t>(size[0]);
      const std::size_t plane = row * static_cast<std::size_t>(size[1]);
      const float low[4] = {(1 - cell.wy) * (1 - cell.wz), cell.wy * (1 - cell.wz), (1 - cell.wy) * cell.wz,
                            cell.wy * cell.wz};
      const std::size_t base[4] = {cell.index, cell.index + row, cell.index + plane, cell.index + plane + row};
      for (int i = 0; i < 4; i++)
      {
        visit(base[i], low[i] * (1 - cell.wx));
        visit(base[i] + 1, low[i] * cell.wx);
      }
    }

    const Protocol::TensorView& GetBytes(const Protocol::SafetensorsFile& file, const char* name)
    {
      const Protocol::TensorView& tensor = file.GetTensor(name);
      if (tensor.dtype != Protocol::DType::U8 || tensor.shape.size() != 3)
      {
        throw Error(ErrorCode::Corrupt, std::string("Tissue atlas: tensor '") + name + "' is not U8 [z, y, x]");
      }
      for (const std::int64_t extent : tensor.shape)
      {
        if (extent < 2 || extent > 512)
        {
          throw Error(ErrorCode::Corrupt, std::string("Tissue atlas: tensor '") + name + "' has a strange size");
        }
      }
      return tensor;
    }

    void ReadNumbers(const Protocol::SafetensorsFile& file, const std::string& key, std::span<float> numbers)
    {
      const auto found = file.GetMetadata().find(key);
      std::istringstream text(found == file.GetMetadata().end() ? std::string() : found->second);
      text.imbue(std::locale::classic());
      for (float& number : numbers)
      {
        if (!(text >> number))
        {
          throw Error(ErrorCode::Corrupt, "Tissue atlas: metadata '" + key + "' is missing or not numbers");
        }
      }
    }
  }

  std::shared_ptr<const TissueAtlas> TissueAtlas::LoadEmbedded()
  {
    const std::span<const std::byte> bytes = GetEmbeddedAtlas();
    const auto file = Protocol::SafetensorsFile::Parse(std::vector<std::byte>(bytes.begin(), bytes.end()));
    return std::shared_ptr<const TissueAtlas>(new TissueAtlas(file));
  }

  std::shared_ptr<const TissueAtlas> TissueAtlas::Load(const std::filesystem::path& path)
  {
    const auto file = Protocol::SafetensorsFile::Open(path);
    return std::shared_ptr<const TissueAtlas>(new TissueAtlas(file));
  }

  TissueAtlas::Grid TissueAtlas::ReadGrid(const Protocol::SafetensorsFile& file, const char* prefix, const char* tensor)
  {
    Grid grid;
    std::array<float, 3> origin{};
    ReadNumbers(file, std::string(prefix) + "_spacing_mm", {&grid.spacingMm, 1});
    ReadNumbers(file, std::string(prefix) + "_origin_mm", origin);
    if (!(grid.spacingMm > 0.1f && grid.spacingMm < 20))
    {
      throw Error(ErrorCode::Corrupt, std::string("Tissue atlas: strange ") + prefix + "_spacing_mm");
    }
    grid.nodesPerMm = 1 / grid.spacingMm;
    grid.originMm = {origin[0], origin[1], origin[2]};
    const auto& shape = GetBytes(file, tensor).shape;
    grid.size = {static_cast<int>(shape[2]), static_cast<int>(shape[1]), static_cast<int>(shape[0])};
    return grid;
  }

  TissueAtlas::TissueAtlas(const Protocol::SafetensorsFile& file) :
    tissueGrid_(ReadGrid(file, "tissue", "grey")),
    outsideGrid_(ReadGrid(file, "outside", "outside"))
  {
    constexpr std::array<const char*, 3> names = {"grey", "white", "fluid"};
    tissue_.resize(GetBytes(file, names[0]).data.size());
    for (std::size_t channel = 0; channel < names.size(); channel++)
    {
      const Protocol::TensorView& tensor = GetBytes(file, names[channel]);
      if (tensor.data.size() != tissue_.size())
      {
        throw Error(ErrorCode::Corrupt, "Tissue atlas: the tissue maps differ in size");
      }
      for (std::size_t i = 0; i < tissue_.size(); i++)
      {
        tissue_[i][channel] = static_cast<float>(std::to_integer<std::uint8_t>(tensor.data[i])) / 255;
      }
    }
    const Protocol::TensorView& outside = GetBytes(file, "outside");
    outside_.resize(outside.data.size());
    for (std::size_t i = 0; i < outside_.size(); i++)
    {
      outside_[i] = static_cast<float>(std::to_integer<std::uint8_t>(outside.data[i])) * 0.5f;
    }
  }

  TissueFractions TissueAtlas::GetTissue(const Point& point) const noexcept
  {
    Cell cell{};
    if (!Locate(cell, tissueGrid_, point))
    {
      return {};
    }
    std::array<float, 4> sum{};
    VisitCorners(cell, tissueGrid_.size, [this, &sum](std::size_t index, float weight)
    {
      for (std::size_t channel = 0; channel < 4; channel++)
      {
        sum[channel] += weight * tissue_[index][channel];
      }
    });
    return {sum[0], sum[1], sum[2]};
  }

  float TissueAtlas::GetOutsideMm(const Point& point) const noexcept
  {
    Cell cell{};
    if (!Locate(cell, outsideGrid_, point))
    {
      return 127.5f;
    }
    float sum = 0;
    VisitCorners(cell, outsideGrid_.size,
                 [this, &sum](std::size_t index, float weight) { sum += weight * outside_[index]; });
    return sum;
  }
}
