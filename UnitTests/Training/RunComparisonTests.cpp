// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"
#include "Training/Evaluation/HeldOutEvaluation.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Reports/RunComparison.h"
#include "Training/Runs/AblationModels.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/ModelComparison.h"
#include "Training/Runs/RunFiles.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    using Evaluation::CaseOutcome;
    using testing::AllOf;
    using testing::HasSubstr;
    using testing::Not;

    // Runs as they stand on disk when they are over; no network takes part.
    class RunComparisonTest : public testing::Test
    {
    protected:
      // `spread`: how far the two genotypes' probabilities lie apart. `first`: number of the first patient.
      static std::vector<CaseOutcome> MakeOutcomes(double spread, int first = 0, std::size_t count = 8)
      {
        std::vector<CaseOutcome> outcomes;
        for (std::size_t i = 0; i < count; i++)
        {
          CaseOutcome outcome;
          outcome.id = "sub-" + std::to_string(first + static_cast<int>(i));
          outcome.genotype = i % 2 == 1 ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
          const double own = 0.5 + 0.04 * static_cast<double>(i % 5) - 0.08;
          outcome.probabilityAltered = own + (i % 2 == 1 ? spread : -spread);
          outcome.oracleProbability = own + (i % 2 == 1 ? spread : -spread) / 2;
          outcome.dice = 0.5 + 0.03 * static_cast<double>(i) + spread / 10;
          outcomes.push_back(outcome);
        }
        return outcomes;
      }

      static Json::Value DescribeImages(const std::vector<CaseOutcome>& outcomes, const std::string& hash)
      {
        Json::Value data;
        data["hash"] = hash;
        data["count"] = Json::UInt64{outcomes.size()};
        for (const CaseOutcome& outcome : outcomes)
        {
          data["images"][outcome.id] = hash + outcome.id;
        }
        return data;
      }

      static Json::Value MakeConfig(const std::string& kind)
      {
        Json::Value config;
        config["kind"] = kind;
        config["threshold"] = 0.5;
        config["control"] = "none";
        config["folds"] = 2;
        config["network"]["variant"] = "fusion";
        config["training"]["steps"] = 20;
        return config;
      }

      static Json::Value Measure(const std::vector<CaseOutcome>& outcomes)
      {
        return Evaluation::HeldOutEvaluation(outcomes).Summarise(0.5);
      }

      std::filesystem::path GetPath(const std::string& name) const
      {
        return folder_.GetPath() / name;
      }

      void WriteBasics(const std::string& name, const Json::Value& config, const Json::Value& manifest) const
      {
        std::filesystem::create_directories(GetPath(name));
        Runs::WriteJsonFile(GetPath(name) / Runs::CONFIG_FILE, config);
        Runs::WriteJsonFile(GetPath(name) / Runs::MANIFEST_FILE, manifest);
      }

      void WriteCrossValidation(const std::string& name, const Json::Value& config,
                                const std::vector<CaseOutcome>& outcomes, const std::string& hash = "data") const
      {
        Json::Value manifest;
        manifest["data"] = DescribeImages(outcomes, hash);
        WriteBasics(name, config, manifest);
        const auto half = outcomes.begin() + static_cast<std::ptrdiff_t>(outcomes.size() / 2);
        Json::Value metrics;
        metrics["external"] = Json::Value();
        metrics["out_of_fold"] = Measure(outcomes);
        for (const auto& [fold, held] : {std::pair(0, std::vector<CaseOutcome>(outcomes.begin(), half)),
                                         std::pair(1, std::vector<CaseOutcome>(half, outcomes.end()))})
        {
          const std::filesystem::path path = GetPath(name) / Runs::GetFoldName(static_cast<std::size_t>(fold));
          std::filesystem::create_directories(path);
          Runs::WriteJsonFile(path / Runs::OUTCOMES_FILE, Evaluation::WriteOutcomes(held));
          metrics["folds"].append(Json::Value(Json::objectValue));
        }
        Runs::WriteJsonFile(GetPath(name) / Runs::PATIENTS_FILE, Json::Value(Json::objectValue));
        Runs::WriteJsonFile(GetPath(name) / Runs::METRICS_FILE, metrics);
      }

      void WriteEvaluation(const std::string& name, const std::vector<CaseOutcome>& outcomes) const
      {
        Json::Value manifest;
        manifest["data"] = DescribeImages(outcomes, "data");
        WriteBasics(name, MakeConfig("evaluate"), manifest);
        Json::Value metrics;
        metrics["external"] = Measure(outcomes);
        Runs::WriteJsonFile(GetPath(name) / Runs::EXTERNAL_FILE, Evaluation::WriteOutcomes(outcomes));
        Runs::WriteJsonFile(GetPath(name) / Runs::PATIENTS_FILE, Json::Value(Json::objectValue));
        Runs::WriteJsonFile(GetPath(name) / Runs::METRICS_FILE, metrics);
      }

      Json::Value Compare(const std::string& a, const std::string& b) const
      {
        return CompareRuns(GetPath(a), GetPath(b));
      }

      static std::string JoinRemarks(const Json::Value& comparison)
      {
        std::string text;
        for (const Json::Value& remark : comparison["remarks"])
        {
          text += remark.asString() + "\n";
        }
        return text;
      }

      Testing::TemporaryFolder folder_;
    };

    TEST_F(RunComparisonTest, PairsTheDifferencesOfRunsThatMeasuredTheSamePatients)
    {
      WriteCrossValidation("weak", MakeConfig("cross-validate"), MakeOutcomes(0.01));
      WriteCrossValidation("strong", MakeConfig("cross-validate"), MakeOutcomes(0.2));
      const Json::Value comparison = Compare("strong", "weak");
      ASSERT_EQ(comparison["measured"].size(), 1U) << "nobody is external";
      const Json::Value& measured = comparison["measured"][0];
      EXPECT_EQ(measured["set"].asString(), "out_of_fold");
      EXPECT_EQ(measured["models"]["a"].asString(), "strong");
      EXPECT_EQ(measured["patients"]["common"].asInt(), 8);
      EXPECT_TRUE(measured["comparable"].asBool()) << measured["reason"].asString();
      const double a = measured["metrics"]["auroc"]["a"]["value"].asDouble();
      const double b = measured["metrics"]["auroc"]["b"]["value"].asDouble();
      EXPECT_GT(a, b);
      EXPECT_TRUE(measured["metrics"]["auroc_logit"]["a"].isObject()) << "what reports print";
      EXPECT_TRUE(measured["metrics"]["oracle"]["auroc"]["a"].isObject());
      EXPECT_TRUE(measured["metrics"]["oracle"]["accuracy"]["b"].isObject());
      const Json::Value& auroc = measured["difference"]["auroc"];
      EXPECT_DOUBLE_EQ(auroc["difference"]["value"].asDouble(), a - b);
      EXPECT_THAT(auroc["difference"]["method"].asString(), HasSubstr("DeLong, paired"));
      EXPECT_FALSE(auroc.isMember("p_holm")) << "there is no family";
      EXPECT_THAT(JoinRemarks(comparison), HasSubstr("none is adjusted"));
      EXPECT_TRUE(measured["difference"]["mcnemar"].isObject());
      EXPECT_TRUE(measured["difference"]["oracle"]["auroc"]["p"].isNumeric());
      EXPECT_GT(measured["difference"]["dice"]["difference"]["value"].asDouble(), 0);
      EXPECT_TRUE(comparison["data"]["same"].asBool());
      EXPECT_EQ(comparison["config"].size(), 0U);
      EXPECT_THAT(JoinRemarks(comparison), HasSubstr("fewer than 20 patients"));
      // The other way round, the other sign.
      EXPECT_DOUBLE_EQ(
        Compare("weak", "strong")["measured"][0]["difference"]["auroc"]["difference"]["value"].asDouble(), b - a);
    }

    TEST_F(RunComparisonTest, ListsTheKeysThatDifferAndNoOthers)
    {
      Json::Value config = MakeConfig("cross-validate");
      config["training"]["steps"] = 30;
      config["threshold"] = 0.6;
      config["stages"] = "64:10";
      WriteCrossValidation("a", MakeConfig("cross-validate"), MakeOutcomes(0.1));
      WriteCrossValidation("b", config, MakeOutcomes(0.1), "other data ");
      const Json::Value comparison = Compare("a", "b");
      ASSERT_EQ(comparison["config"].size(), 3U);
      EXPECT_EQ(comparison["config"][0]["key"].asString(), "stages");
      EXPECT_TRUE(comparison["config"][0]["a"].isNull());
      EXPECT_EQ(comparison["config"][2]["key"].asString(), "training.steps");
      EXPECT_EQ(comparison["config"][2]["b"].asInt(), 30);
      EXPECT_FALSE(comparison["data"]["same"].asBool());
      EXPECT_TRUE(comparison["measured"][0]["comparable"].asBool());
      EXPECT_TRUE(comparison["measured"][0]["difference"]["mcnemar"].isNull());
      EXPECT_THAT(JoinRemarks(comparison), AllOf(HasSubstr("thresholds differ"), HasSubstr("other images")));
      EXPECT_THAT(JoinRemarks(Compare("a", "a")), Not(HasSubstr("other images")));
    }

    TEST_F(RunComparisonTest, SaysWhyPatientsThatDifferAreNotCompared)
    {
      WriteCrossValidation("a", MakeConfig("cross-validate"), MakeOutcomes(0.1));
      WriteCrossValidation("b", MakeConfig("cross-validate"), MakeOutcomes(0.1, 2));
      const Json::Value measured = Compare("a", "b")["measured"][0];
      EXPECT_FALSE(measured["comparable"].asBool());
      EXPECT_TRUE(measured["difference"].isNull());
      EXPECT_TRUE(measured["metrics"]["auroc"]["b"].isObject()) << "each one's own figure stands there all the same";
      EXPECT_THAT(measured["reason"].asString(), HasSubstr("8 and 8, of whom 6 are the same"));

      std::vector<CaseOutcome> relabelled = MakeOutcomes(0.1);
      std::swap(relabelled[0].genotype, relabelled[1].genotype);
      WriteCrossValidation("c", MakeConfig("cross-validate"), relabelled);
      EXPECT_FALSE(Compare("a", "c")["measured"][0]["comparable"].asBool()) << "another truth";

      WriteEvaluation("d", MakeOutcomes(0.1));
      const Json::Value sets = Compare("a", "d")["measured"];
      ASSERT_EQ(sets.size(), 2U);
      EXPECT_THAT(sets[0]["reason"].asString(), HasSubstr("only run a was measured"));
      EXPECT_THAT(sets[1]["reason"].asString(), HasSubstr("only run b was measured"));
    }

    TEST_F(RunComparisonTest, PatientsOfOneGenotypeHaveCallsAndDiceButNoArea)
    {
      std::vector<CaseOutcome> weak = MakeOutcomes(0.01);
      std::vector<CaseOutcome> strong = MakeOutcomes(0.2);
      for (auto* outcomes : {&weak, &strong})
      {
        std::erase_if(*outcomes,
                      [](const CaseOutcome& outcome) { return outcome.genotype != Network::GENOTYPE_ALTERED; });
      }
      strong.back().dice = 0.9;  // differences that are all the same would have no p
      WriteEvaluation("weak", weak);
      WriteEvaluation("strong", strong);
      const Json::Value measured = Compare("strong", "weak")["measured"][0];
      EXPECT_TRUE(measured["comparable"].asBool()) << measured["reason"].asString();
      EXPECT_TRUE(measured["difference"]["auroc"].isNull());
      EXPECT_TRUE(measured["difference"]["oracle"]["auroc"].isNull());
      EXPECT_TRUE(measured["difference"]["mcnemar"].isObject());
      EXPECT_TRUE(measured["difference"]["dice"]["difference"].isObject());

      // As at the end of an ablation, when everything has been trained.
      const Json::Value models =
        Runs::CompareModels({{"model-1", false, weak}, {"model-2", true, weak}, {"model-3", true, strong}}, 0.5);
      ASSERT_EQ(models.size(), 2U);
      EXPECT_TRUE(models[0]["auroc"].isNull());
      EXPECT_TRUE(models[0]["mcnemar"]["p_holm"].isNumeric());
      EXPECT_TRUE(models[1]["dice"]["p_holm"].isNumeric());

      strong[0].genotype = Network::GENOTYPE_WILD_TYPE;
      WriteEvaluation("relabelled", strong);
      EXPECT_FALSE(Compare("relabelled", "weak")["measured"][0]["comparable"].asBool()) << "another truth";
    }

    TEST_F(RunComparisonTest, PatientsWithoutATumourAreNotCompared)
    {
      std::vector<CaseOutcome> outcomes = MakeOutcomes(0.1);
      for (CaseOutcome& outcome : outcomes)
      {
        outcome.hasTumour = false;
        outcome.dice = std::nullopt;
      }
      EXPECT_TRUE(Runs::CompareModels({{"model-1", true, outcomes}, {"model-2", true, outcomes}}, 0.5).isNull());
      WriteEvaluation("a", outcomes);
      const Json::Value measured = Compare("a", "a")["measured"][0];
      EXPECT_FALSE(measured["comparable"].asBool());
      EXPECT_TRUE(measured["difference"].isNull());
      EXPECT_EQ(measured["reason"].asString(), "none of the patients has a tumour");
    }

    TEST_F(RunComparisonTest, PairsTheModelsOfTwoAblationsAndTakesTheLastOfOne)
    {
      for (const char* name : {"six", "sixty"})
      {
        Json::Value manifest;
        manifest["data"] = DescribeImages(MakeOutcomes(0.1), "data");
        WriteBasics(name, MakeConfig("ablate"), manifest);
        for (const Runs::AblationModel& model : Runs::ABLATION_MODELS)
        {
          Json::Value config = MakeConfig("cross-validate");
          config["network"]["variant"] = std::string(Network::ToString(model.variant));
          const double spread = std::string(name) == "six" ? 0.02 : 0.04;
          WriteCrossValidation(std::string(name) + "/" + model.GetName(), config, MakeOutcomes(spread));
        }
      }
      const Json::Value both = Compare("six", "sixty");
      ASSERT_EQ(both["measured"].size(), 6U);
      EXPECT_EQ(both["measured"][1]["models"]["a"].asString(), "model-2");
      EXPECT_TRUE(both["measured"][0]["difference"]["dice"].isNull()) << "it draws no mask";
      EXPECT_TRUE(both["measured"][5]["difference"]["dice"].isObject());
      // Six p of one set: Holm multiplies the least by six.
      const Json::Value& auroc = both["measured"][0]["difference"]["auroc"];
      ASSERT_TRUE(auroc["p"].isNumeric() && auroc["p_holm"].isNumeric());
      EXPECT_LT(auroc["p"].asDouble(), 1);
      EXPECT_DOUBLE_EQ(auroc["p_holm"].asDouble(), std::min(1.0, 6 * auroc["p"].asDouble()));
      EXPECT_TRUE(both["measured"][5]["difference"]["oracle"]["mcnemar"]["p_holm"].isNumeric());
      EXPECT_THAT(JoinRemarks(both), AllOf(HasSubstr("adjusted by Holm"), Not(HasSubstr("none is adjusted"))));
      WriteCrossValidation("alone", MakeConfig("cross-validate"), MakeOutcomes(0.2));
      const Json::Value one = Compare("alone", "six");
      ASSERT_EQ(one["measured"].size(), 1U);
      EXPECT_EQ(one["measured"][0]["models"]["b"].asString(), "model-6");
      EXPECT_THAT(JoinRemarks(one), HasSubstr("its last model"));
    }

    TEST_F(RunComparisonTest, RemarksOnSlicesAndDevicesThatAreNotTheSame)
    {
      const auto setDevice = [this](const std::string& name, const std::string& device)
      {
        Json::Value maker;
        maker["device"] = device;
        maker["precision"] = "fp32";
        maker["of"].append("fold-1");
        Json::Value metrics = Runs::ReadJsonFile(GetPath(name) / Runs::METRICS_FILE);
        metrics["measured_with"] = Json::Value(Json::arrayValue);
        metrics["measured_with"].append(maker);
        Runs::WriteJsonFile(GetPath(name) / Runs::METRICS_FILE, metrics);
      };
      Json::Value maskless = MakeConfig("cross-validate");
      maskless["network"]["variant"] = "classification";
      WriteCrossValidation("masks", MakeConfig("cross-validate"), MakeOutcomes(0.1));
      WriteCrossValidation("none", maskless, MakeOutcomes(0.2));
      const auto isOfSlices = HasSubstr("one of slices and of architecture together");
      const auto isOfDevices = HasSubstr("same device and in the same precision");
      EXPECT_THAT(JoinRemarks(Compare("masks", "none")), AllOf(isOfSlices, Not(isOfDevices)))
        << "an earlier release did not write down the device";
      setDevice("masks", "cpu");
      setDevice("none", "cpu");
      EXPECT_THAT(JoinRemarks(Compare("masks", "none")), Not(isOfDevices));
      setDevice("none", "cuda:0 X");
      EXPECT_THAT(JoinRemarks(Compare("masks", "none")), isOfDevices);
      EXPECT_THAT(JoinRemarks(Compare("masks", "masks")), AllOf(Not(isOfSlices), Not(isOfDevices)));
    }

    TEST_F(RunComparisonTest, SaysWhichRunIsAControl)
    {
      Json::Value permuted = MakeConfig("cross-validate");
      permuted["control"] = "permuted";
      Json::Value planted = MakeConfig("cross-validate");
      planted["control"] = "planted";
      WriteCrossValidation("permuted", permuted, MakeOutcomes(0.1));
      WriteCrossValidation("planted", planted, MakeOutcomes(0.2));
      EXPECT_THAT(JoinRemarks(Compare("permuted", "planted")),
                  AllOf(HasSubstr("Run a is a control with shuffled labels."),
                        HasSubstr("Run b is a control with shuffled labels and a signal planted by them.")));
    }

    TEST_F(RunComparisonTest, NeedsRunsThatAreOver)
    {
      WriteCrossValidation("a", MakeConfig("cross-validate"), MakeOutcomes(0.1));
      EXPECT_THAT(Tests::GetRefusal([&] { Compare("a", "nothing"); }), HasSubstr("holds no run"));
      WriteBasics("begun", MakeConfig("cross-validate"), {});
      EXPECT_THAT(Tests::GetRefusal([&] { Compare("begun", "a"); }), HasSubstr("holds no finished run"));

      Json::Value training = MakeConfig("cross-validate");
      training.removeMember("kind");
      WriteBasics("training", training, {});
      const Json::Value comparison = Compare("training", "a");
      EXPECT_EQ(comparison["measured"].size(), 0U);
      EXPECT_TRUE(comparison["data"]["same"].isNull());
      EXPECT_THAT(JoinRemarks(comparison), HasSubstr("Run a trained a model and measured no patient"));
    }
  }
}
