// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelCard.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RecordedGate.h"
#include "Training/Runs/RunFiles.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    using Evaluation::CaseOutcome;
    using testing::HasSubstr;
    using testing::Not;

    // SHA-256 of weights.
    constexpr const char* STRONG = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    constexpr const char* WEAK = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    // Models and finished runs as they stand on disk; no network takes part.
    class RecordedGateTest : public testing::Test
    {
    protected:
      RecordedGateTest()
      {
        WriteModel("strong", STRONG);
        WriteModel("weak", WEAK);
      }

      // Of 32 patients, every second one altered. Ranked rightly but for the first `wrong` altered ones, which lie
      // below all others.
      static std::vector<CaseOutcome> MakeOutcomes(int wrong)
      {
        std::vector<CaseOutcome> outcomes;
        for (int i = 0; i < 32; i++)
        {
          CaseOutcome outcome;
          outcome.id = "sub-" + std::to_string(100 + i);
          outcome.genotype = i % 2 == 1 ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
          const double shift = i % 2 == 0 ? 0.3 : i / 2 < wrong ? 0.0 : 0.6;
          outcome.probabilityAltered = 0.1 + shift + 0.002 * i;
          outcomes.push_back(outcome);
        }
        return outcomes;
      }

      static Json::Value Describe(const std::vector<CaseOutcome>& outcomes, const std::string& image)
      {
        Json::Value data;
        data["kind"] = "bids";
        for (const CaseOutcome& outcome : outcomes)
        {
          data["images"][outcome.id] = image + outcome.id;
        }
        return data;
      }

      std::filesystem::path GetPath(const std::string& name) const
      {
        return folder_.GetPath() / name;
      }

      void WriteModel(const std::string& name, const std::string& weights, const Json::Value& config = {},
                      const std::string& seen = "sub-of-development") const
      {
        Network::NetworkOptions layout;
        layout.inputSize = 32;
        layout.width = 8;
        Weights::ModelCard card(name, layout);
        Json::Value run;
        run["config"] = config;
        Json::Value data;
        data["images"][seen] = "an image";
        card.Set("weights_sha256", weights);
        card.Set("run", run);
        card.Set("training_data", data);
        std::filesystem::create_directories(GetPath(name));
        card.Save(GetPath(name) / "card.json");
      }

      // A run of either kind, whose patients' images are named `image`.
      void WriteRun(const std::string& name, const std::string& kind, const std::string& weights,
                    const std::vector<CaseOutcome>& outcomes, const std::string& image = "image of ") const
      {
        const bool isEvaluation = kind == "evaluate";
        Json::Value config;
        config["kind"] = kind;
        Json::Value manifest;
        manifest[isEvaluation ? "data" : "external"] = Describe(outcomes, image);
        Json::Value maker;
        maker["device"] = "cpu";
        maker["precision"] = "fp32";
        maker["torch"] = "2.6.0";
        Json::Value metrics(Json::objectValue);
        std::filesystem::create_directories(GetPath(name));
        if (isEvaluation)
        {
          manifest["model"]["weights_sha256"] = weights;
          metrics["measured_with"].append(maker);
        }
        else
        {
          maker["weights_sha256"] = weights;
          WriteJsonFile(GetPath(name) / MAKER_FILE, maker);
        }
        WriteJsonFile(GetPath(name) / CONFIG_FILE, config);
        WriteJsonFile(GetPath(name) / MANIFEST_FILE, manifest);
        WriteJsonFile(GetPath(name) / EXTERNAL_FILE, Evaluation::WriteOutcomes(outcomes));
        WriteJsonFile(GetPath(name) / METRICS_FILE, metrics);
      }

      Json::Value Judge(const std::string& candidate, const std::vector<std::string>& ofCandidate,
                        const std::string& baseline, const std::vector<std::string>& ofBaseline) const
      {
        RecordedModel first{GetPath(candidate), {}};
        for (const std::string& run : ofCandidate)
        {
          first.runs.push_back(GetPath(run));
        }
        RecordedModel second{GetPath(baseline), {}};
        for (const std::string& run : ofBaseline)
        {
          second.runs.push_back(GetPath(run));
        }
        return JudgeByRecords(first, second);
      }

      // Why strong cannot be held against weak.
      std::string GetObstacle() const
      {
        const Json::Value gate = Judge("strong", {"cv"}, "weak", {"evaluation"});
        EXPECT_FALSE(gate["passed"].asBool());
        EXPECT_FALSE(gate.isMember("comparison"));
        return gate["reason"].asString();
      }

      Testing::TemporaryFolder folder_;
    };

    TEST_F(RecordedGateTest, JudgesAModelOfACrossValidationAgainstOneThatWasEvaluatedLater)
    {
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      WriteRun("evaluation", "evaluate", WEAK, MakeOutcomes(8));
      const Json::Value gate = Judge("strong", {"cv"}, "weak", {"evaluation"});
      EXPECT_TRUE(gate["passed"].asBool()) << gate["reason"].asString();
      EXPECT_EQ(gate["candidate"]["weights_sha256"].asString(), STRONG);
      EXPECT_EQ(gate["baseline"]["name"].asString(), "weak");
      EXPECT_EQ(gate["baseline"]["weights_sha256"].asString(), WEAK);
      EXPECT_EQ(gate["records"]["candidate"].asString(), "cv");
      EXPECT_EQ(gate["records"]["baseline"].asString(), "evaluation");
      EXPECT_EQ(gate["cases"].asInt(), 32);
      EXPECT_DOUBLE_EQ(gate["comparison"]["difference"]["value"].asDouble(), 0.5);
      ASSERT_EQ(gate["measured_with"].size(), 1U);
      EXPECT_EQ(gate["measured_with"][0]["of"].size(), 2U);

      const Json::Value other = Judge("weak", {"evaluation"}, "strong", {"cv"});
      EXPECT_FALSE(other["passed"].asBool());
      EXPECT_TRUE(other["comparison"].isObject());
    }

    TEST_F(RecordedGateTest, TakesTheFirstRecordsThatAreOfTheSamePatients)
    {
      std::vector<CaseOutcome> others = MakeOutcomes(8);
      others.pop_back();
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      WriteRun("of-other-weights", "evaluate", STRONG, MakeOutcomes(0));
      WriteRun("of-other-patients", "evaluate", WEAK, others);
      WriteRun("first", "evaluate", WEAK, MakeOutcomes(8));
      WriteRun("second", "evaluate", WEAK, MakeOutcomes(7));
      const Json::Value gate =
        Judge("strong", {"absent", "cv"}, "weak", {"of-other-weights", "of-other-patients", "first", "second"});
      EXPECT_EQ(gate["records"]["baseline"].asString(), "first") << gate["reason"].asString();
    }

    TEST_F(RecordedGateTest, SaysWhichScoresAreNotOnRecord)
    {
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      EXPECT_THAT(GetObstacle(), HasSubstr("no finished run has the scores of external patients by weak on record"));
      WriteRun("evaluation", "evaluate", WEAK, MakeOutcomes(8));
      std::filesystem::remove(GetPath("cv") / METRICS_FILE);
      EXPECT_THAT(GetObstacle(), HasSubstr("by strong on record")) << "that run is not over";
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      std::filesystem::remove(GetPath("cv") / MAKER_FILE);
      EXPECT_THAT(GetObstacle(), HasSubstr("by strong on record")) << "nobody knows which weights it measured";
    }

    TEST_F(RecordedGateTest, ComparesNoPatientsOfOtherImagesOrAnotherTruth)
    {
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      WriteRun("evaluation", "evaluate", WEAK, MakeOutcomes(8), "later image of ");
      EXPECT_THAT(GetObstacle(), HasSubstr("(cv and evaluation: the images of sub-100 are not known to be the same)"));
      std::vector<CaseOutcome> corrected = MakeOutcomes(8);
      corrected[3].genotype = Network::GENOTYPE_WILD_TYPE;
      WriteRun("evaluation", "evaluate", WEAK, corrected);
      EXPECT_THAT(GetObstacle(), HasSubstr("the label or the mask of sub-103 is another one"));
      corrected.pop_back();
      WriteRun("evaluation", "evaluate", WEAK, corrected);
      EXPECT_THAT(GetObstacle(), HasSubstr("they are of different patients"));
    }

    TEST_F(RecordedGateTest, ComparesNoPatientWhomOneOfTheModelsHasSeen)
    {
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      WriteRun("evaluation", "evaluate", WEAK, MakeOutcomes(8));
      WriteModel("weak", WEAK, {}, "sub-0123456789abcdef");
      EXPECT_TRUE(Judge("strong", {"cv"}, "weak", {"evaluation"}).isMember("comparison")) << "somebody else";

      std::vector<CaseOutcome> strong = MakeOutcomes(0);
      std::vector<CaseOutcome> weak = MakeOutcomes(8);
      strong.front().id = weak.front().id = "sub-0123456789abcdef";
      WriteRun("cv", "cross-validate", STRONG, strong);
      WriteRun("evaluation", "evaluate", WEAK, weak);
      EXPECT_THAT(GetObstacle(), HasSubstr("was trained on images of these subjects: sub-0123456789abcdef"));
    }

    TEST_F(RecordedGateTest, HoldsToWhatTheCandidatesRunDeclared)
    {
      WriteRun("cv", "cross-validate", STRONG, MakeOutcomes(0));
      WriteRun("evaluation", "evaluate", WEAK, MakeOutcomes(8));
      Json::Value config;
      config["gate_margin"] = 0.25;
      config["gate_minimum_patients"] = 17;
      WriteModel("strong", STRONG, config);
      EXPECT_THAT(GetObstacle(), HasSubstr("16 altered and 16 wild-type, at least 17 of each"));
      config["gate_minimum_patients"] = 16;
      WriteModel("strong", STRONG, config);
      EXPECT_DOUBLE_EQ(Judge("strong", {"cv"}, "weak", {"evaluation"})["margin"].asDouble(), 0.25);

      config["control"] = "permuted";
      WriteModel("strong", STRONG, config);
      const Json::Value control = Judge("strong", {"cv"}, "weak", {"evaluation"});
      EXPECT_FALSE(control["passed"].asBool());
      EXPECT_THAT(control["reason"].asString(), HasSubstr("control with shuffled labels"));
      EXPECT_THAT(Judge("weak", {"evaluation"}, "strong", {"cv"})["reason"].asString(), Not(HasSubstr("control")));
    }
  }
}
