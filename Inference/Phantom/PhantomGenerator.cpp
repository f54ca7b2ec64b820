// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomGenerator.h"

#include "Inference/Phantom/Blend.h"
#include "Inference/Phantom/HeadModel.h"
#include "Inference/Phantom/RandomSource.h"
#include "Inference/Phantom/SamplingLattice.h"
#include "Inference/Phantom/Scanner.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Phantom/TumourModel.h"

#include <algorithm>
#include <span>

namespace H3K27M::Phantom
{
  namespace
  {
    // A slice is the mean of two planes at a quarter of its thickness above and below: partial volume at half the cost
    // that four planes would take, and indistinguishable behind the noise.
    constexpr int planes = 2;

    const NoiseField& GetNoise()
    {
      static const NoiseField noise(27);
      return noise;
    }

    // One volume in the making.
    class Painting
    {
    public:
      Painting(const TissueAtlas& atlas, const PhantomParameters& parameters) :
        parameters_(parameters),
        head_(atlas, GetNoise(), parameters.seed),
        tumour_(parameters, GetNoise(), head_.GetContrast()),
        scanner_(parameters.seed, parameters.rows, parameters.columns)
      {
        volume_.parameters = parameters;
        PlaceSlab();
      }

      PhantomVolume Run()
      {
        const std::size_t size = volume_.GetSliceSize();
        volume_.voxels.resize(size * parameters_.slices);
        volume_.mask.resize(volume_.voxels.size());
        const SamplingLattice lattice(head_, GetNoise(), parameters_.seed, GetBox());
        std::vector<float> signal(size);
        std::vector<float> inside(size);
        for (std::size_t slice = 0; slice < parameters_.slices; slice++)
        {
          std::fill(signal.begin(), signal.end(), 0.0f);
          std::fill(inside.begin(), inside.end(), 0.0f);
          for (int plane = 0; plane < planes; plane++)
          {
            const double offset = (plane == 0 ? -0.25 : 0.25) * volume_.sliceThicknessMm;
            PaintPlane(lattice, static_cast<float>(GetSliceZ(slice) + offset), signal, inside);
          }
          const auto mask = std::span(volume_.mask).subspan(slice * size, size);
          std::transform(inside.begin(), inside.end(), mask.begin(),
                         [](float value) { return static_cast<std::uint8_t>(value > 0.5f ? 1 : 0); });
          scanner_.Acquire(signal, std::span(volume_.voxels).subspan(slice * size, size), slice);
        }
        Describe();
        return std::move(volume_);
      }

    private:
      double GetSliceZ(std::size_t slice) const noexcept
      {
        return volume_.firstSlicePositionMm[2] + static_cast<double>(slice) * parameters_.sliceSpacingMm;
      }

      // The slab starts near the foramen magnum, as technicians plan it, or further down, and always holds the
      // tumour's place.
      void PlaceSlab()
      {
        RandomSource random(parameters_.seed, 0x736c6162);
        volume_.sliceThicknessMm = parameters_.sliceSpacingMm * random.Uniform(0.75, 1.0);
        const double coverage = parameters_.sliceSpacingMm * (parameters_.slices - 1);
        const Point centre = head_.ToWorld(tumour_.GetCentre());
        const double reach = tumour_.GetRadiusMm() + 4;
        double lowest = random.Chance(0.7) ? random.Uniform(-76, -54) : random.Uniform(-105, -76);
        lowest = std::min(lowest, centre.z - reach);
        lowest = std::max(lowest, centre.z + reach - coverage);
        if (coverage < 2 * reach)
        {
          lowest = centre.z - coverage / 2;
        }
        // The field of view's centre lies a little before the brain's, because the face is in it too.
        const double centreX = random.Uniform(-8, 8);
        const double centreY = 10 + random.Uniform(-9, 9);
        volume_.firstSlicePositionMm = {centreX - 0.5 * (parameters_.columns - 1) * parameters_.pixelSpacingMm,
                                        centreY - 0.5 * (parameters_.rows - 1) * parameters_.pixelSpacingMm, lowest};
      }

      // World is RAS, the volume LPS: x and y change sign. A margin keeps rounding inside.
      SamplingLattice::Box GetBox() const noexcept
      {
        const auto& first = volume_.firstSlicePositionMm;
        const double right = -first[0];
        const double front = -first[1];
        constexpr double margin = 1;
        const double half = volume_.sliceThicknessMm / 2;
        return {{static_cast<float>(right - (parameters_.columns - 1) * parameters_.pixelSpacingMm - margin),
                 static_cast<float>(front - (parameters_.rows - 1) * parameters_.pixelSpacingMm - margin),
                 static_cast<float>(first[2] - half - margin)},
                {static_cast<float>(right + margin), static_cast<float>(front + margin),
                 static_cast<float>(GetSliceZ(parameters_.slices - 1) + half + margin)}};
      }

      void PaintPlane(const SamplingLattice& lattice, float z, std::span<float> signal, std::span<float> inside) const
      {
        const auto right = static_cast<float>(-volume_.firstSlicePositionMm[0]);
        const auto front = static_cast<float>(-volume_.firstSlicePositionMm[1]);
        const auto spacing = static_cast<float>(parameters_.pixelSpacingMm);
        constexpr float weight = 1.0f / planes;
        std::size_t index = 0;
        SamplingLattice::Row line;
        for (unsigned int row = 0; row < parameters_.rows; row++)
        {
          lattice.Collapse(line, front - spacing * static_cast<float>(row), z);
          for (unsigned int column = 0; column < parameters_.columns; column++, index++)
          {
            const auto sample = line.Interpolate(right - spacing * static_cast<float>(column));
            if (sample.skinDepthMm > 0)
            {
              const TumourModel::Sample painted = PaintPoint(sample);
              signal[index] += weight * sample.bias * painted.signal;
              inside[index] += weight * painted.inside;
            }
          }
        }
      }

      TumourModel::Sample PaintPoint(const SamplingLattice::Sample& sample) const noexcept
      {
        if (!parameters_.hasTumour || !tumour_.Reaches(sample.atlas))
        {
          return {0, 0, head_.Paint(sample.atlas, sample.skinDepthMm).signal};
        }
        const PaintedPoint tissue = head_.Paint(tumour_.Displace(sample.atlas), sample.skinDepthMm);
        const TumourModel::Sample tumour = tumour_.Paint(sample.atlas);
        // It grows in brain, not in the cisterns round it.
        const float brain = Step(0.15f, 0.5f, tissue.brain);
        return {0, tumour.inside * brain, Mix(tissue.signal, tumour.signal, tumour.fraction * brain)};
      }

      void Describe()
      {
        volume_.echoTimeMs = scanner_.GetEchoTimeMs();
        volume_.repetitionTimeMs = scanner_.GetRepetitionTimeMs();
        if (parameters_.hasTumour)
        {
          volume_.tumourSite = tumour_.GetSite();
          const auto voxels = static_cast<double>(std::count(volume_.mask.begin(), volume_.mask.end(), 1));
          volume_.tumourVolumeMm3 =
            voxels * parameters_.pixelSpacingMm * parameters_.pixelSpacingMm * parameters_.sliceSpacingMm;
        }
      }

      PhantomParameters parameters_;
      HeadModel head_;
      TumourModel tumour_;
      Scanner scanner_;
      PhantomVolume volume_;
    };
  }

  PhantomGenerator::PhantomGenerator() :
    PhantomGenerator(TissueAtlas::LoadEmbedded())
  {
  }

  PhantomGenerator::PhantomGenerator(std::shared_ptr<const TissueAtlas> atlas) :
    atlas_(std::move(atlas))
  {
  }

  PhantomGenerator::~PhantomGenerator() = default;

  PhantomVolume PhantomGenerator::Generate(const PhantomParameters& parameters) const
  {
    parameters.Validate();
    return Painting(*atlas_, parameters).Run();
  }
}
