// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/Augmentation.h"

#include "Inference/Preprocess/Normalisation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace H3K27M::Data
{
  namespace
  {
    constexpr double PROBABILITY = 0.5;

    // From target to source coordinates about the centre: source = a * dx + b * dy + tx, ...
    struct Transform
    {
      double a = 1, b = 0, c = 0, d = 1;
      double tx = 0, ty = 0;
      bool isIdentity = true;
    };

    double DrawPlusMinus(Phantom::RandomSource& random, double most)
    {
      return random.Uniform(-most, most);
    }

    Transform DrawTransform(const AugmentationOptions& options, Phantom::RandomSource& random, double side)
    {
      Transform transform;
      double angle = 0;
      double scale = 1;
      if (random.Chance(PROBABILITY))
      {
        transform.tx = DrawPlusMinus(random, options.shift) * side;
        transform.ty = DrawPlusMinus(random, options.shift) * side;
        scale = 1 + DrawPlusMinus(random, options.scale);
        transform.isIdentity = transform.tx == 0 && transform.ty == 0 && scale == 1;
      }
      if (random.Chance(PROBABILITY))
      {
        angle = DrawPlusMinus(random, options.rotationDegrees) * std::numbers::pi / 180;
        transform.isIdentity = transform.isIdentity && angle == 0;
      }
      const double flipX = options.flipColumns && random.Chance(PROBABILITY) ? -1 : 1;
      const double flipY = options.flipRows && random.Chance(PROBABILITY) ? -1 : 1;
      transform.isIdentity = transform.isIdentity && flipX > 0 && flipY > 0;
      transform.a = flipX * std::cos(angle) / scale;
      transform.b = -flipX * std::sin(angle) / scale;
      transform.c = flipY * std::sin(angle) / scale;
      transform.d = flipY * std::cos(angle) / scale;
      return transform;
    }

    // None of the three is negative.
    std::size_t GetIndex(int row, int column, int side)
    {
      return static_cast<std::size_t>(row) * static_cast<std::size_t>(side) + static_cast<std::size_t>(column);
    }

    float Interpolate(const std::vector<std::uint8_t>& image, int side, double x, double y)
    {
      const int x0 = static_cast<int>(std::floor(x));
      const int y0 = static_cast<int>(std::floor(y));
      const auto Get = [&image, side](int column, int row)
      {
        return column < 0 || row < 0 || column >= side || row >= side
                 ? 0.0F
                 : static_cast<float>(image[GetIndex(row, column, side)]);
      };
      const auto fx = static_cast<float>(x - x0);
      const auto fy = static_cast<float>(y - y0);
      return (Get(x0, y0) * (1 - fx) + Get(x0 + 1, y0) * fx) * (1 - fy) +
             (Get(x0, y0 + 1) * (1 - fx) + Get(x0 + 1, y0 + 1) * fx) * fy;
    }

    // Writes intensities of 0..1 and the mask.
    void Resample(const StoredSlice& slice, const Transform& transform, std::span<float> image,
                  std::span<std::uint8_t> mask)
    {
      if (transform.isIdentity)
      {
        std::transform(slice.image.begin(), slice.image.end(), image.begin(),
                       [](std::uint8_t value) { return static_cast<float>(value) / 255; });
        std::copy(slice.mask.begin(), slice.mask.end(), mask.begin());
        return;
      }
      const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(slice.image.size()))));
      const double centre = (side - 1) / 2.0;
      for (int row = 0; row < side; row++)
      {
        for (int column = 0; column < side; column++)
        {
          const double dx = column - centre;
          const double dy = row - centre;
          const double x = transform.a * dx + transform.b * dy + centre + transform.tx;
          const double y = transform.c * dx + transform.d * dy + centre + transform.ty;
          const std::size_t target = GetIndex(row, column, side);
          image[target] = Interpolate(slice.image, side, x, y) / 255;
          const int nearestX = static_cast<int>(std::floor(x + 0.5));
          const int nearestY = static_cast<int>(std::floor(y + 0.5));
          if (!slice.mask.empty() && nearestX >= 0 && nearestY >= 0 && nearestX < side && nearestY < side)
          {
            mask[target] = slice.mask[GetIndex(nearestY, nearestX, side)];
          }
        }
      }
    }

    void Blur(std::span<float> image, double share)
    {
      const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(image.size()))));
      const std::vector<float> source(image.begin(), image.end());
      const auto weight = static_cast<float>(share);
      for (std::size_t row = 1; row + 1 < side; row++)
      {
        for (std::size_t column = 1; column + 1 < side; column++)
        {
          const float* centre = source.data() + row * side + column;
          const float* above = centre - side;
          const float* below = centre + side;
          const float sum =
            above[-1] + above[0] + above[1] + centre[-1] + centre[0] + centre[1] + below[-1] + below[0] + below[1];
          image[row * side + column] = centre[0] * (1 - weight) + sum / 9 * weight;
        }
      }
    }

    void ChangeIntensities(const AugmentationOptions& options, Phantom::RandomSource& random, std::span<float> image)
    {
      const bool changesContrast = random.Chance(PROBABILITY);
      const auto factor = static_cast<float>(changesContrast ? 1 + DrawPlusMinus(random, options.contrast) : 1);
      const auto offset = static_cast<float>(changesContrast ? DrawPlusMinus(random, options.brightness) : 0);
      const float exponent = options.gamma > 0 && random.Chance(PROBABILITY)
                               ? static_cast<float>(1 + DrawPlusMinus(random, options.gamma))
                               : 1;
      if (options.blur > 0 && random.Chance(PROBABILITY))
      {
        Blur(image, random.Uniform(0, options.blur));
      }
      const auto noise =
        static_cast<float>(options.noise > 0 && random.Chance(PROBABILITY) ? random.Uniform(0, options.noise) : 0);
      for (std::size_t i = 0; i < image.size(); i += 2)
      {
        const auto deviations = noise > 0 ? random.NoisePair() : std::array<float, 2>{0, 0};
        for (std::size_t k = 0; k < 2 && i + k < image.size(); k++)
        {
          float value = image[i + k];
          value = exponent == 1 ? value : std::pow(std::max(value, 0.0F), exponent);
          // Brightness leaves the air dark, because no scanner and no normalisation lights it up.
          value = value * factor + offset * std::min(1.0F, value * 4) + noise * deviations[k];
          image[i + k] = Preprocess::Normalise(std::clamp(value, 0.0F, 1.0F));
        }
      }
    }
  }

  AugmentationOptions AugmentationOptions::Paper()
  {
    AugmentationOptions options;
    options.flipRows = true;
    return options;
  }

  AugmentationOptions AugmentationOptions::Recommended()
  {
    AugmentationOptions options;
    options.brightness = 0.1;
    options.contrast = 0.15;
    options.gamma = 0.2;
    options.noise = 0.02;
    options.blur = 0.5;
    options.scale = 0.1;
    options.rotationDegrees = 10;
    return options;
  }

  AugmentationOptions AugmentationOptions::None()
  {
    AugmentationOptions options;
    options.brightness = options.contrast = options.shift = options.scale = options.rotationDegrees = 0;
    options.flipColumns = false;
    return options;
  }

  void WriteAugmented(const StoredSlice& slice, const AugmentationOptions& options, Phantom::RandomSource& random,
                      std::span<float> image, std::span<std::uint8_t> mask)
  {
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    const double side = std::sqrt(static_cast<double>(slice.image.size()));
    Resample(slice, DrawTransform(options, random, side), image, mask);
    ChangeIntensities(options, random, image);
  }
}
