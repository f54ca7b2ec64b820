// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Training/Reports/AbstentionTable.h"

#include <gmock/gmock.h>

namespace H3K27M::Reports
{
  namespace
  {
    using Evaluation::CaseOutcome;
    using testing::ElementsAre;
    using testing::StartsWith;

    constexpr double THRESHOLD = 0.5;

    CaseOutcome MakeOutcome(bool isAltered, double probability, std::optional<double> typicality)
    {
      CaseOutcome outcome;
      outcome.genotype = isAltered ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
      outcome.probabilityAltered = probability;
      outcome.typicality = typicality;
      return outcome;
    }

    TEST(AbstentionTable, CountsWhoIsPassedOverAndJudgesTheOthersAlone)
    {
      // The one that is called wrongly looks unusual.
      const auto table = MakeAbstentionTable(
        "abstention", {MakeOutcome(true, 0.9, 0.5), MakeOutcome(false, 0.1, 0.6), MakeOutcome(false, 0.95, 0.015)},
        THRESHOLD);
      ASSERT_TRUE(table);
      ASSERT_EQ(6u, table->rows.size());
      EXPECT_THAT(table->rows[0], ElementsAre("0.000", "0", "0", "3", StartsWith("0.500"), StartsWith("1.000"),
                                              StartsWith("0.500"), StartsWith("0.667")));
      EXPECT_THAT(table->rows[1], ElementsAre("0.010", "0", "0", "3", StartsWith("0.500"), StartsWith("1.000"),
                                              StartsWith("0.500"), StartsWith("0.667")));
      EXPECT_THAT(table->rows[2], ElementsAre("0.020", "1", "0", "2", StartsWith("1.000"), StartsWith("1.000"),
                                              StartsWith("1.000"), StartsWith("1.000")));
    }

    TEST(AbstentionTable, StatesNothingOfNobody)
    {
      const auto table = MakeAbstentionTable("abstention", {MakeOutcome(true, 0.9, 0.005)}, THRESHOLD);
      ASSERT_TRUE(table);
      EXPECT_THAT(table->rows[0], ElementsAre("0.000", "0", "0", "1", "not defined", StartsWith("1.000"), "not defined",
                                              StartsWith("1.000")));
      EXPECT_THAT(table->rows[1],
                  ElementsAre("0.010", "1", "0", "0", "not defined", "not defined", "not defined", "not defined"));
    }

    TEST(AbstentionTable, CountsNobodyAsStatedOfWhomNothingIsSaid)
    {
      CaseOutcome silent = MakeOutcome(true, 0, 0.5);
      silent.probabilityAltered.reset();
      const auto table =
        MakeAbstentionTable("abstention", {MakeOutcome(true, 0.9, 0.005), MakeOutcome(false, 0.1, 0.6), silent}, 0.5);
      ASSERT_TRUE(table);
      EXPECT_THAT(table->columns, testing::Contains("Without an answer"));
      const std::vector<std::string>& all = table->rows[0];
      EXPECT_EQ(std::vector<std::string>(all.begin(), all.begin() + 4),
                (std::vector<std::string>{"0.000", "0", "1", "2"}));
      const std::vector<std::string>& usual = table->rows[1];
      EXPECT_EQ(std::vector<std::string>(usual.begin(), usual.begin() + 4),
                (std::vector<std::string>{"0.010", "1", "1", "1"}));
      EXPECT_THAT(usual.back(), StartsWith("0.500")) << "who is passed over is not judged, who has no answer is";
    }

    TEST(AbstentionTable, IsNotThereForAModelThatKnowsOfNoInputsOrWithoutTumours)
    {
      EXPECT_FALSE(MakeAbstentionTable("abstention", {MakeOutcome(true, 0.9, std::nullopt)}, THRESHOLD));
      CaseOutcome tumourFree = MakeOutcome(true, 0.9, 0.5);
      tumourFree.hasTumour = false;
      EXPECT_FALSE(MakeAbstentionTable("abstention", {tumourFree}, THRESHOLD));
    }
  }
}
