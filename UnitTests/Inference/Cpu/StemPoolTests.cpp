// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/StemPool.h"
#include "UnitTests/Inference/Cpu/LaneTest.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <limits>

namespace H3K27M::Cpu
{
  namespace
  {
    class StemPoolTest : public Testing::LaneTest
    {
    protected:
      StemPoolTest() :
        LaneTest(19)
      {
      }
    };

    TEST_F(StemPoolTest, IsTheMaximumOfThreeByThreePixelsThatArePositive)
    {
      for (const auto& [rows, columns] : {std::pair(8, 8), std::pair(7, 10), std::pair(1, 3), std::pair(64, 2)})
      {
        const torch::Tensor map = torch::randn({3, 16, rows, columns});
        const torch::Tensor expected = torch::max_pool2d(torch::relu(map), 3, 2, 1);
        EXPECT_TRUE(torch::equal(RectifyAndPool(map), expected)) << rows << " x " << columns;
        EXPECT_TRUE(torch::equal(RectifyAndPool(map.contiguous(torch::MemoryFormat::ChannelsLast)), expected));
      }
    }

    TEST_F(StemPoolTest, KeepsWhatIsNotANumber)
    {
      torch::Tensor map = torch::randn({1, 8, 6, 6});
      map[0][2][3][3] = std::numeric_limits<float>::quiet_NaN();
      const torch::Tensor expected = torch::max_pool2d(torch::relu(map), 3, 2, 1);
      EXPECT_TRUE(torch::equal(RectifyAndPool(map).isnan(), expected.isnan()));
      EXPECT_TRUE(expected.isnan().any().item<bool>());
    }
  }
}
