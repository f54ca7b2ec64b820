// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/InputTypicality.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

#include <limits>

namespace
{
  using namespace H3K27M;
  using Predict::JudgeInput;
  using Weights::InputReference;

  using References = std::vector<std::optional<InputReference>>;

  // Centre (1, 2), the second channel counts half; patients at 1, 2, 3 and 4.
  InputReference MakeReference()
  {
    return InputReference({1, 2}, {1, 0, 0, 0.5}, {3, 1, 4, 2});
  }

  TEST(InputReference, MeasuresInItsOwnScale)
  {
    const InputReference reference = MakeReference();
    EXPECT_DOUBLE_EQ(0, reference.Measure(std::vector<double>{1, 2}));
    EXPECT_DOUBLE_EQ(5, reference.Measure(std::vector<double>{4, 10}));
    EXPECT_EQ(4u, reference.CountAtLeast(1));
    EXPECT_EQ(1u, reference.CountAtLeast(3.5));
    EXPECT_EQ(0u, reference.CountAtLeast(5));
    EXPECT_THROW(static_cast<void>(reference.Measure(std::vector<double>{1})), Error);
  }

  TEST(InputReference, RefusesWhatDoesNotFitTogether)
  {
    constexpr float BROKEN = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(InputReference({}, {}, {1}), Error);
    EXPECT_THROW(InputReference({1, 2}, {1, 0, 0}, {1}), Error);
    EXPECT_THROW(InputReference({1}, {1}, {}), Error);
    EXPECT_THROW(InputReference({BROKEN}, {1}, {1}), Error);
    EXPECT_THROW(InputReference({1}, {BROKEN}, {1}), Error);
  }

  TEST(InputTypicality, IsTheShareOfPatientsAtLeastAsFarTheStudyItselfAmongThem)
  {
    const References references{MakeReference()};
    EXPECT_DOUBLE_EQ(1, JudgeInput(references, {{1, 2}})->share);
    EXPECT_DOUBLE_EQ(3.0 / 5, JudgeInput(references, {{3.5, 2}})->share);  // two lie at 3 and 4
    EXPECT_DOUBLE_EQ(1.0 / 5, JudgeInput(references, {{90, 2}})->share) << "never 0: a rarer one may come";
    EXPECT_EQ(4u, JudgeInput(references, {{1, 2}})->patients);
  }

  TEST(InputTypicality, OfFewPatientsNeverLiesBelowALowMinimum)
  {
    Predict::InputTypicality typicality;
    typicality.patients = 49;
    EXPECT_FALSE(typicality.CanLieBelow(0.02)) << "the least is 1 in 50";
    typicality.patients = 50;
    EXPECT_TRUE(typicality.CanLieBelow(0.02));
    EXPECT_FALSE(typicality.CanLieBelow(0));
    typicality.patients = 1;
    EXPECT_FALSE(typicality.CanLieBelow(0.5));
    EXPECT_TRUE(typicality.CanLieBelow(1));
  }

  TEST(InputTypicality, OfAnEnsembleCountsThePatientsOfAllItsNetworks)
  {
    const References references{MakeReference(), InputReference({0, 0}, {1, 0, 0, 1}, {10, 20})};
    const auto typicality = JudgeInput(references, {{3.5, 2}, {15, 0}});
    EXPECT_DOUBLE_EQ((1 + 2 + 1) / 7.0, typicality->share);
    EXPECT_EQ(6u, typicality->patients);
    EXPECT_EQ((std::vector<double>{2.5, 15}), typicality->distances);
  }

  TEST(InputTypicality, OfBrokenNumbersIsTheLeast)
  {
    const References references{MakeReference()};
    EXPECT_DOUBLE_EQ(0.2, JudgeInput(references, {{std::numeric_limits<double>::quiet_NaN(), 2}})->share);
  }

  TEST(InputTypicality, IsNotKnownWhereANetworkHasNoReference)
  {
    EXPECT_FALSE(JudgeInput({}, {{1, 2}}));
    EXPECT_FALSE(JudgeInput(References{MakeReference(), std::nullopt}, {{1, 2}, {1, 2}}));
    EXPECT_FALSE(JudgeInput(References{MakeReference()}, {}));
  }
}
