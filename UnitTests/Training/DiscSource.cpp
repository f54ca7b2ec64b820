// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Training/DiscSource.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Testing
{
  namespace
  {
    constexpr int SIDE = 64;
    constexpr int SLICES = 6;

    bool IsInDisc(int row, int column, int centreRow, int centreColumn, int radius)
    {
      const int dy = row - centreRow;
      const int dx = column - centreColumn;
      return dx * dx + dy * dy <= radius * radius;
    }
  }

  DiscSource::DiscSource(std::size_t count) :
    count_(count)
  {
  }

  std::size_t DiscSource::GetCount() const
  {
    return count_;
  }

  Data::TrainingCase DiscSource::Load(std::size_t index) const
  {
    const int number = static_cast<int>(index);
    Data::TrainingCase made;
    made.id = "disc-" + std::to_string(index);
    made.genotype = index % 2 == 0 ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
    made.slices = SLICES;
    made.rows = SIDE;
    made.columns = SIDE;
    made.pixelSpacingMm = {3, 3};
    made.sliceSpacingMm = 6;
    for (int slice = 0; slice < SLICES; slice++)
    {
      for (int row = 0; row < SIDE; row++)
      {
        for (int column = 0; column < SIDE; column++)
        {
          const bool isHead = IsInDisc(row, column, 32, 32, 28);
          const bool isTumour = slice >= 2 && slice < 4 && IsInDisc(row, column, 26 + number % 8, 28 + number % 7, 9);
          const bool isStripe = made.genotype == Network::GENOTYPE_ALTERED && (row / 3) % 2 == 0;
          const int grain = (row * 7 + column * 13 + number * 5) % 16;
          made.voxels.push_back(
            static_cast<float>((isHead ? 300 : 0) + (isTumour ? (isStripe ? 200 : 500) : 0) + grain));
          made.mask.push_back(isTumour ? 1 : 0);
        }
      }
    }
    return made;
  }

  Json::Value DiscSource::Describe() const
  {
    Json::Value description;
    description["kind"] = "discs";
    return description;
  }
}
