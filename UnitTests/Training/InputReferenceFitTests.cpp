// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Evaluation/InputReferenceFit.h"
#include "Training/Runs/LearnInputs.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace
{
  using namespace H3K27M;
  using Evaluation::FitInputReference;

  std::vector<double> GetRow(const torch::Tensor& rows, std::int64_t index)
  {
    const torch::Tensor row = rows[index].contiguous();
    return {row.const_data_ptr<double>(), row.const_data_ptr<double>() + row.numel()};
  }

  // sklearn.covariance.ledoit_wolf(X, assume_centered=True) of scikit-learn gives these, at a shrinkage of 0.2528.
  TEST(InputReferenceFit, ShrinksTheCovarianceAsScikitLearnDoes)
  {
    const torch::Tensor rows = torch::tensor(
      {{1.0, 2.0, 0.5}, {2.0, 4.5, -1.0}, {-1.0, -2.0, 2.0}, {0.0, -0.5, 1.0}, {-2.0, -4.0, -2.5}}, torch::kFloat64);
    const torch::Tensor expected = torch::tensor(
      {{2.37426174, 2.84023001, 0.20287357}, {2.84023001, 7.0403539, 0.2704981}, {0.20287357, 0.2704981, 2.71238436}},
      torch::kFloat64);
    const torch::Tensor seen = Evaluation::ShrinkCovariance(torch::cat({rows, rows * -0.9}));
    EXPECT_LT((seen - expected).abs().max().item<double>(), 1e-8);
  }

  // With many more studies than channels nothing is shrunk, and the distance is the Mahalanobis distance.
  TEST(InputReferenceFit, MeasuresTheMahalanobisDistance)
  {
    torch::manual_seed(1);
    const torch::Tensor mix = torch::tensor({{1.0, 0.8, 0.0}, {0.0, 2.0, 0.3}, {0.0, 0.0, 0.5}}, torch::kFloat64);
    const torch::Tensor learned = torch::randn({20000, 3}, torch::kFloat64).matmul(mix) + 7;
    const torch::Tensor heldOut = torch::randn({500, 3}, torch::kFloat64).matmul(mix) + 7;
    const auto reference = FitInputReference(learned, heldOut).value();
    const torch::Tensor far = torch::tensor({{9.0, 7.0, 7.0}, {7.0, 7.0, 9.0}}, torch::kFloat64);
    const torch::Tensor precision = torch::linalg_inv(mix.t().matmul(mix));
    for (std::int64_t i = 0; i < far.size(0); i++)
    {
      const torch::Tensor offset = far[i] - 7;
      const double expected = offset.dot(precision.matmul(offset)).sqrt().item<double>();
      EXPECT_NEAR(expected, reference.Measure(GetRow(far, i)), 0.05 * expected);
    }
    EXPECT_EQ(500u, reference.CountPatients());
    EXPECT_EQ(500u, reference.CountAtLeast(0));
  }

  // As many as a hospital has: 40 patients in 64 channels. Of those held out most lie no further than the others.
  TEST(InputReferenceFit, StandsFewerPatientsThanChannels)
  {
    torch::manual_seed(2);
    const torch::Tensor scale = torch::linspace(0.01, 10, 64, torch::kFloat64);
    const auto Draw = [&](std::int64_t count) { return torch::randn({count, 64}, torch::kFloat64) * scale; };
    const auto reference = FitInputReference(Draw(40), Draw(20)).value();
    const torch::Tensor same = Draw(200);
    std::size_t rare = 0;
    for (std::int64_t i = 0; i < same.size(0); i++)
    {
      rare += reference.CountAtLeast(reference.Measure(GetRow(same, i))) == 0 ? 1 : 0;
    }
    EXPECT_LT(rare, 30u) << "one in 21 is expected: 10";
    const torch::Tensor other = same.slice(0, 0, 5) + 3 * scale;
    for (std::int64_t i = 0; i < other.size(0); i++)
    {
      EXPECT_EQ(0u, reference.CountAtLeast(reference.Measure(GetRow(other, i))));
    }
  }

  TEST(InputReferenceFit, StandsAChannelThatNeverMoves)
  {
    torch::manual_seed(3);
    torch::Tensor learned = torch::randn({30, 4}, torch::kFloat64);
    learned.select(1, 2).zero_();
    const auto reference = FitInputReference(learned, learned.slice(0, 0, 5) + 0.1).value();
    EXPECT_TRUE(std::isfinite(reference.Measure(std::vector<double>{0, 0, 1, 0})));
    EXPECT_GT(reference.Measure(std::vector<double>{0, 0, 1, 0}), 5);
  }

  TEST(InputReferenceFit, RefusesTooFew)
  {
    EXPECT_THROW(FitInputReference(torch::zeros({1, 4}), torch::zeros({3, 4})), Error);
    EXPECT_THROW(FitInputReference(torch::zeros({5, 4}), torch::zeros({0, 4})), Error);
    EXPECT_THROW(FitInputReference(torch::zeros({5, 4}), torch::zeros({3, 5})), Error);
    EXPECT_THROW(FitInputReference(torch::tensor({{1.0, 2.0}, {3.0, 5.0}}), torch::zeros({3, 2})), Error)
      << "two of one direction";
  }

  TEST(InputReferenceFit, IsNoneWhereTheStudiesAreAllAlike)
  {
    EXPECT_FALSE(FitInputReference(torch::ones({3, 4}), torch::zeros({2, 4})));
    EXPECT_TRUE(FitInputReference(torch::eye(4).slice(0, 0, 3), torch::zeros({2, 4}))) << "three that differ";
  }

  TEST(LearnInputs, BothHalvesHaveStudiesOfEachKindThoughTheyAlternate)
  {
    std::vector<Evaluation::CaseOutcome> studies(26);
    for (std::size_t i = 0; i < studies.size(); i++)
    {
      studies[i].id = std::to_string(i);
      studies[i].genotype = i % 2 == 0 ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
      studies[i].hasTumour = i < 20;
    }
    const auto& [learned, heldOut] = Runs::DivideStudies(studies);
    for (const auto* half : {&learned, &heldOut})
    {
      const auto count = [half](bool hasTumour, std::int64_t genotype)
      {
        return std::count_if(half->begin(), half->end(), [&](const Evaluation::CaseOutcome& study)
        { return study.hasTumour == hasTumour && (!hasTumour || study.genotype == genotype); });
      };
      EXPECT_EQ(half->size(), 13U);
      EXPECT_EQ(count(true, Network::GENOTYPE_ALTERED), 5);
      EXPECT_EQ(count(true, Network::GENOTYPE_WILD_TYPE), 5);
      EXPECT_EQ(count(false, 0), 3);
    }
    const auto& [again, others] = Runs::DivideStudies(studies);
    EXPECT_TRUE(std::equal(learned.begin(), learned.end(), again.begin(), again.end(),
                           [](const auto& left, const auto& right) { return left.id == right.id; }));
  }

  TEST(LearnInputs, AfterwardsNeedsThreeStudiesToLearnFromAndTwoOthers)
  {
    const Testing::TemporaryFolder folder;
    Weights::ModelCard("alone", Network::NetworkOptions()).Save(folder.GetPath() / Weights::ModelPackage::CARD_FILE);
    std::vector<Evaluation::CaseOutcome> studies(6);
    for (std::size_t i = 0; i < 4; i++)
    {
      studies[i].signature = {static_cast<double>(i), static_cast<double>(i * i)};
    }
    const auto Refuse = [&]
    { return Tests::GetRefusal([&] { Runs::LearnInputsAfterwards(folder.GetPath(), studies, Json::Value()); }); };
    EXPECT_THAT(Refuse(), testing::HasSubstr("at least 5 studies that show a head, not 4"));
    for (Evaluation::CaseOutcome& study : studies)
    {
      study.signature = {1, 2};
    }
    EXPECT_THAT(Refuse(), testing::HasSubstr("too much alike"));
    EXPECT_FALSE(Weights::ModelCard::Load(folder.GetPath() / Weights::ModelPackage::CARD_FILE)
                   .GetJson()
                   .isMember("input_reference_data"));
  }
}
