// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/PatientScore.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

#include <limits>

namespace
{
  using namespace H3K27M::Predict;

  SliceScore MakeScore(std::size_t slice, double probability, std::size_t altered, std::size_t wildType)
  {
    return {slice, probability, altered, wildType, static_cast<double>(altered + wildType)};
  }

  TEST(PatientScore, TakesOnlySlicesWithTumour)
  {
    const std::vector<SliceScore> scores{MakeScore(0, 0.0, 0, 0), MakeScore(1, 0.9, 150, 0), MakeScore(2, 0.6, 100, 0),
                                         MakeScore(3, 0.0, 99, 0)};
    const PatientScore patient = PatientScore::Evaluate(scores, {});
    EXPECT_EQ(patient.chosen, (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(patient.call, GenotypeCall::Altered);
    EXPECT_DOUBLE_EQ(*patient.probabilityAltered, 0.75);
    EXPECT_EQ(patient.agreesWithMask, true);
    EXPECT_TRUE(patient.reason.empty());
  }

  TEST(PatientScore, IsAlteredOnlyIfStrictlyGreater)
  {
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.5, 200, 0)}, {}).call, GenotypeCall::WildType);
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.25, 200, 0), MakeScore(1, 0.75, 200, 0)}, {}).call,
              GenotypeCall::WildType);
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.5000001, 200, 0)}, {}).call, GenotypeCall::Altered);
  }

  TEST(PatientScore, TellsWhatEachNetworkOfAnEnsembleSaysOfTheChosenSlices)
  {
    std::vector<SliceScore> scores{MakeScore(0, 0.9, 10, 0), MakeScore(1, 0.5, 200, 0), MakeScore(2, 0.6, 0, 300)};
    scores[0].memberAltered = {1, 1};  // too little tumour: not chosen
    scores[1].memberAltered = {0.2, 0.8};
    scores[2].memberAltered = {0.4, 0.8};
    const PatientScore patient = PatientScore::Evaluate(scores, {});
    ASSERT_EQ(patient.memberProbabilities.size(), 2U);
    EXPECT_NEAR(patient.memberProbabilities[0], 0.3, 1e-12);
    EXPECT_NEAR(patient.memberProbabilities[1], 0.8, 1e-12);
  }

  TEST(PatientScore, SumsSoftmaxesNotVotes)
  {
    // Two slices lean to wild type, one is sure of altered: the sum is for altered.
    const std::vector<SliceScore> scores{MakeScore(0, 0.45, 200, 0), MakeScore(1, 0.45, 200, 0),
                                         MakeScore(2, 0.99, 200, 0)};
    EXPECT_EQ(PatientScore::Evaluate(scores, {}).call, GenotypeCall::Altered);
  }

  TEST(PatientScore, SaysWhyThereIsNoGenotype)
  {
    const PatientScore none = PatientScore::Evaluate({MakeScore(0, 0.9, 10, 0)}, {});
    EXPECT_EQ(none.call, GenotypeCall::NotDetermined);
    EXPECT_FALSE(none.probabilityAltered.has_value());
    EXPECT_FALSE(none.agreesWithMask.has_value());
    EXPECT_NE(none.reason.find("tumour"), std::string::npos);
    EXPECT_NE(PatientScore::Evaluate({}, {}).reason.find("head"), std::string::npos);
  }

  TEST(PatientScore, TakesAllHeadSlicesWithoutSegmentation)
  {
    ScoreRules rules;
    rules.hasSegmentation = false;
    const PatientScore patient = PatientScore::Evaluate({MakeScore(0, 0.2, 0, 0), MakeScore(1, 0.4, 0, 0)}, rules);
    EXPECT_EQ(patient.chosen.size(), 2u);
    EXPECT_EQ(patient.call, GenotypeCall::WildType);
    EXPECT_FALSE(patient.agreesWithMask.has_value());
  }

  TEST(PatientScore, StatesDisagreementOfMaskAndHead)
  {
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.9, 50, 150)}, {}).agreesWithMask, false);
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.1, 50, 150)}, {}).agreesWithMask, true);
    EXPECT_FALSE(PatientScore::Evaluate({MakeScore(0, 0.1, 100, 100)}, {}).agreesWithMask.has_value());
    // A slice below the minimum area has no say.
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.9, 150, 0), MakeScore(1, 0.9, 0, 99)}, {}).agreesWithMask, true);
  }

  TEST(PatientScore, HoldsAPreDeclaredThreshold)
  {
    ScoreRules rules;
    rules.threshold = 0.8;
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.79, 200, 0)}, rules).call, GenotypeCall::WildType);
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.81, 200, 0)}, rules).call, GenotypeCall::Altered);
    EXPECT_NE(PatientScore::Evaluate({}, rules).logic.find("0.8"), std::string::npos);
  }

  TEST(PatientScore, EmptyMaskIsNoTumourWhateverTheMinimum)
  {
    ScoreRules rules;
    rules.minimumTumourAreaMm2 = 0;
    EXPECT_EQ(PatientScore::Evaluate({MakeScore(0, 0.9, 0, 0)}, rules).call, GenotypeCall::NotDetermined);
  }

  TEST(PatientScore, RefusesRulesOutOfRange)
  {
    for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    {
      ScoreRules rules;
      rules.threshold = bad;
      EXPECT_THROW(PatientScore::Evaluate({}, rules), H3K27M::Error);
    }
    ScoreRules rules;
    rules.minimumTumourAreaMm2 = -1;
    EXPECT_THROW(PatientScore::Evaluate({}, rules), H3K27M::Error);
  }
}
