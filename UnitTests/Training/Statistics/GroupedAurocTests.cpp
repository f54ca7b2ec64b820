// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/GroupedAuroc.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace H3K27M::Statistics
{
  namespace
  {
    constexpr std::uint64_t SEED = 1;

    TEST(GroupedAuroc, CountsThePairsOfEachGroupAndHalvesTies)
    {
      // First group: (.9,.4), (.9,.1), (.4,.1) won, (.4,.4) tied: 3.5 of 4. Second: (.2,.1), (.2,.05) won: 2 of 3.
      const ScoredPatients patients({0.9, 0.4, 0.4, 0.1, 0.2, 0.3, 0.1, 0.05},
                                    {true, true, false, false, true, false, false, false});
      const auto area = EstimateAurocWithinGroups(patients, {0, 0, 0, 0, 1, 1, 1, 1}, SEED);
      ASSERT_TRUE(area);
      EXPECT_DOUBLE_EQ(area->value, 5.5 / 7);
      EXPECT_LE(area->low, area->value);
      EXPECT_GE(area->high, area->value);
      EXPECT_LT(area->low, area->high);
      EXPECT_NE(area->method.find("within each group and class"), std::string::npos) << area->method;
      EXPECT_DOUBLE_EQ(ComputeAuroc(patients), 12.5 / 15) << "all together, pairs of different groups are ranked too";
    }

    TEST(GroupedAuroc, ANetworkOnAnotherScaleChangesNothing)
    {
      const ScoredPatients patients = Tests::SimulatePatients(7, 60, 1, 20);
      std::vector<std::size_t> groups(60, 0);
      std::fill(groups.begin() + 30, groups.end(), std::size_t{1});
      std::vector<double> scores = patients.GetScores();
      std::for_each(scores.begin() + 30, scores.end(), [](double& score) { score += 5; });
      const ScoredPatients shifted(scores, patients.GetTruth());
      EXPECT_DOUBLE_EQ(EstimateAurocWithinGroups(shifted, groups, SEED).value().value,
                       EstimateAurocWithinGroups(patients, groups, SEED).value().value);
      EXPECT_NE(ComputeAuroc(shifted), ComputeAuroc(patients));
    }

    TEST(GroupedAuroc, OneGroupIsTheAreaItself)
    {
      const ScoredPatients patients = Tests::SimulatePatients(8, 40, 1, 20);
      const auto area = EstimateAurocWithinGroups(patients, std::vector<std::size_t>(40, 3), SEED);
      ASSERT_TRUE(area);
      EXPECT_NEAR(area->value, ComputeAuroc(patients), 1e-14);
    }

    TEST(GroupedAuroc, NeedsAGroupWithBothClassesAndOneForEachPatient)
    {
      const ScoredPatients patients({0.9, 0.1}, {true, false});
      EXPECT_FALSE(EstimateAurocWithinGroups(patients, {0, 1}, SEED));
      EXPECT_THROW(EstimateAurocWithinGroups(patients, {0}, SEED), Error);
    }
  }
}
