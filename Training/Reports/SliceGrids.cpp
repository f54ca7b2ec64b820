// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/SliceGrids.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Runs/RunFiles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace H3K27M::Reports
{
  namespace
  {
    using Picture = ImageGrid::Picture;
    using Plane = torch::TensorAccessor<float, 2>;
    using Colour = std::array<double, 3>;  // 0..1

    constexpr double OVERLAY = 0.5;  // the share of the most salient place
    constexpr Colour CONTOUR{0, 1, 0};
    constexpr Colour PREDICTED{1, 0, 1};  // who takes red for green tells magenta from it
    constexpr Colour SHARED{1, 1, 0};

    void Append(Picture& picture, const Colour& colour)
    {
      for (const double channel : colour)
      {
        picture.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(channel, 0.0, 1.0) * 255)));
      }
    }

    Colour ToGrey(double value)
    {
      return {value, value, value};
    }

    // Blue, cyan, yellow, red at 0, 1/3, 2/3, 1.
    Colour ToHeat(double value)
    {
      const double third = std::clamp(value, 0.0, 1.0) * 3;
      return {third - 1, third < 1 ? third : 3 - third, third < 1 ? 1.0 : 2 - third};
    }

    Colour Mix(const Colour& below, const Colour& above, double share)
    {
      Colour mixed{};
      for (std::size_t i = 0; i < mixed.size(); i++)
      {
        mixed[i] = (1 - share) * std::clamp(below[i], 0.0, 1.0) + share * std::clamp(above[i], 0.0, 1.0);
      }
      return mixed;
    }

    // A tumour pixel one of whose neighbours is none.
    bool IsContour(const Plane& mask, std::int64_t row, std::int64_t column)
    {
      const std::int64_t last = mask.size(0) - 1;
      const auto IsTumour = [&mask, last](std::int64_t r, std::int64_t c)
      { return mask[std::clamp<std::int64_t>(r, 0, last)][std::clamp<std::int64_t>(c, 0, last)] > 0.5F; };
      return IsTumour(row, column) && !(IsTumour(row - 1, column) && IsTumour(row + 1, column) &&
                                        IsTumour(row, column - 1) && IsTumour(row, column + 1));
    }

    // `colour` is called with row and column.
    template <typename GetColour>
    Picture Paint(std::int64_t side, const GetColour& colour)
    {
      Picture picture;
      picture.reserve(static_cast<std::size_t>(side * side) * 3);
      for (std::int64_t row = 0; row < side; row++)
      {
        for (std::int64_t column = 0; column < side; column++)
        {
          Append(picture, colour(row, column));
        }
      }
      return picture;
    }

    void AddOutlines(ImageGrid& grid, const Plane& image, const Plane& reference, const Plane& prediction)
    {
      const auto Plain = [&](std::int64_t y, std::int64_t x) { return ToGrey(image[y][x]); };
      const auto Reference = [&](std::int64_t y, std::int64_t x)
      { return IsContour(reference, y, x) ? CONTOUR : ToGrey(image[y][x]); };
      const auto Both = [&](std::int64_t y, std::int64_t x)
      {
        const bool isPredicted = IsContour(prediction, y, x);
        if (IsContour(reference, y, x))
        {
          return isPredicted ? SHARED : CONTOUR;
        }
        return isPredicted ? PREDICTED : ToGrey(image[y][x]);
      };
      grid.AddRow({Paint(image.size(0), Plain), Paint(image.size(0), Reference), Paint(image.size(0), Both)});
    }

    std::optional<ImageGrid> MakeOutlines(const std::string& name, const Weights::TensorMap& tensors,
                                          const std::vector<std::size_t>& slices)
    {
      if (!tensors.Has(Runs::SALIENCY_PREDICTED))
      {
        return std::nullopt;
      }
      const auto images = tensors.Get("image").accessor<float, 3>();
      const auto references = tensors.Get("mask").accessor<float, 3>();
      const auto predictions = tensors.Get(Runs::SALIENCY_PREDICTED).accessor<float, 3>();
      ImageGrid grid(name, static_cast<std::size_t>(images.size(1)), {"image", "reference", "reference, predicted"});
      for (const std::size_t slice : slices)
      {
        const auto i = static_cast<std::int64_t>(slice);
        if (i >= images.size(0))
        {
          throw Error(ErrorCode::Corrupt, name + ": the file holds no slice " + std::to_string(slice + 1));
        }
        AddOutlines(grid, images[i], references[i], predictions[i]);
      }
      return grid;
    }
  }

  ImageGrid MakeReconstructionGrid(const std::string& name, const std::filesystem::path& file)
  {
    const auto tensors = Weights::TensorMap::Load(file);
    const torch::Tensor& original = tensors.Get("original");
    ImageGrid grid(name, static_cast<std::size_t>(original.size(1)),
                   {"original", "masked, 0.40", "reconstructed", "masked, 0.60", "reconstructed"});
    for (std::int64_t i = 0; i < original.size(0); i++)
    {
      std::vector<Picture> row;
      for (const char* part : {"original", "masked_40", "reconstructed_40", "masked_60", "reconstructed_60"})
      {
        const auto values = tensors.Get(part).accessor<float, 3>()[i];
        row.push_back(
          Paint(values.size(0), [&values](std::int64_t y, std::int64_t x) { return ToGrey(values[y][x]); }));
      }
      grid.AddRow(row);
    }
    return grid;
  }

  ImageGrid MakeSaliencyGrid(const std::string& name, const std::filesystem::path& file)
  {
    const auto tensors = Weights::TensorMap::Load(file);
    const auto images = tensors.Get("image").accessor<float, 3>();
    const auto maps = tensors.Get("saliency").accessor<float, 3>();
    const auto masks = tensors.Get("mask").accessor<float, 3>();
    ImageGrid grid(name, static_cast<std::size_t>(images.size(1)), {"image, contour", "saliency", "overlay"});
    for (std::int64_t i = 0; i < images.size(0); i++)
    {
      const auto image = images[i];
      const auto map = maps[i];
      const auto mask = masks[i];
      const auto Base = [&](std::int64_t y, std::int64_t x)
      { return IsContour(mask, y, x) ? CONTOUR : ToGrey(image[y][x]); };
      const auto Heat = [&](std::int64_t y, std::int64_t x) { return ToHeat(map[y][x]); };
      const auto Both = [&](std::int64_t y, std::int64_t x)
      { return Mix(ToGrey(image[y][x]), ToHeat(map[y][x]), OVERLAY * map[y][x]); };
      grid.AddRow({Paint(image.size(0), Base), Paint(image.size(0), Heat), Paint(image.size(0), Both)});
    }
    return grid;
  }

  std::optional<ImageGrid> MakeMaskGrid(const std::string& name, const std::filesystem::path& file)
  {
    const auto tensors = Weights::TensorMap::Load(file);
    std::vector<std::size_t> all(static_cast<std::size_t>(tensors.Get("image").size(0)));
    std::iota(all.begin(), all.end(), std::size_t{0});
    return MakeOutlines(name, tensors, all);
  }

  std::optional<ImageGrid> MakeMaskGrid(const std::string& name, const std::filesystem::path& file,
                                        const std::vector<std::size_t>& slices)
  {
    return MakeOutlines(name, Weights::TensorMap::Load(file), slices);
  }
}
