// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/BrierScore.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/Ranks.h"
#include "Training/Statistics/ScoredPatients.h"

#include <gtest/gtest.h>

#include <limits>

namespace H3K27M::Statistics
{
  namespace
  {
    TEST(ScoredPatients, RefusesScoresThatAreNoNumbersAndNamesThePatient)
    {
      for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
      {
        try
        {
          const ScoredPatients patients({0.1, bad}, {true, false});
          FAIL() << "accepted";
        }
        catch (const Error& error)
        {
          EXPECT_EQ(error.GetCode(), ErrorCode::BadInput);
          EXPECT_NE(std::string(error.what()).find("patient 1"), std::string::npos) << error.what();
        }
      }
    }

    TEST(ScoredPatients, RefusesNoPatientAndDifferentLengths)
    {
      EXPECT_THROW(ScoredPatients({}, {}), Error);
      EXPECT_THROW(ScoredPatients({0.5}, {true, false}), Error);
    }

    TEST(ScoredPatients, RefusesWhatIsNoProbabilityOnlyWhereOneIsNeeded)
    {
      const ScoredPatients logits({-3, 2}, {false, true});
      EXPECT_EQ(ComputeAuroc(logits), 1);
      EXPECT_THROW(EstimateBrierScore(logits, 1), Error);
    }

    TEST(Ranks, EqualValuesShareTheMeanOfTheirRanks)
    {
      EXPECT_EQ(ComputeMidranks({3, 1, 3, 2, 3}), (std::vector<double>{4, 1, 4, 2, 4}));
      EXPECT_EQ(ComputeMidranks({7, 7}), (std::vector<double>{1.5, 1.5}));
      EXPECT_TRUE(ComputeMidranks({}).empty());
    }
  }
}
