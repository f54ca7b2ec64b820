// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Safetensors.h"
#include "Inference/Weights/ModelCard.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Data/NiftiFolderSource.h"
#include "Training/Reports/RunReport.h"
#include "Training/Runs/Ablation.h"
#include "Training/Runs/EncoderTraining.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LoadSlices.h"
#include "Training/Runs/ProgressFile.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/StepSummary.h"
#include "Training/Trainers/SliceImage.h"
#include "UnitTests/Training/SmallStudy.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace H3K27M
{
  namespace
  {
    using testing::HasSubstr;
    using testing::Not;

    class AblationTest : public Testing::SmallStudy
    {
    protected:
      static Runs::AblationRequest MakeAblation(const std::string& name, const std::filesystem::path& encoder = {})
      {
        return {MakeConfig(), GetPath(name), name, encoder, OnCpu(), true};
      }

      static std::string GetOriginOfSlices(const std::filesystem::path& reconstructions)
      {
        return Protocol::SafetensorsFile::Open(reconstructions).GetMetadata().at(Runs::RECONSTRUCTED_SLICES);
      }

      static std::string ReadText(const std::filesystem::path& path)
      {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
      }
    };

    TEST_F(AblationTest, ComparesSixModelsOverTheSameFoldsAndReportsThem)
    {
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::Ablation ablation(data, MakeAblation("six"), [](const Json::Value&) {});
      EXPECT_EQ(ablation.CountUnits(), 3U + 6 * 3);
      EXPECT_EQ(ablation.GetUnitName(0), "encoder-fold-1");
      EXPECT_EQ(ablation.GetUnitName(3), "model-1/fold-1");
      EXPECT_EQ(ablation.GetUnitName(20), "model-6/fold-3");
      const Json::Value metrics = ablation.Run();
      ASSERT_EQ(metrics["models"].size(), 6U);
      EXPECT_EQ(metrics["models"][0]["variant"].asString(), "classification");
      EXPECT_FALSE(metrics["models"][0]["pretrained"].asBool());
      EXPECT_TRUE(metrics["models"][5]["pretrained"].asBool());
      ASSERT_EQ(metrics["comparisons"]["out_of_fold"].size(), 5U);
      EXPECT_TRUE(metrics["comparisons"]["out_of_fold"][0]["dice"].isNull()) << "model 1 draws no mask";
      EXPECT_TRUE(metrics["comparisons"]["external"][3]["dice"]["p_holm"].isNumeric());
      EXPECT_TRUE(metrics["comparisons"]["out_of_fold"][0]["oracle"]["mcnemar"]["p_holm"].isNumeric());
      const Json::Value& maskless = metrics["models"][0]["metrics"]["out_of_fold"];
      EXPECT_TRUE(maskless["dice"].isNull());
      EXPECT_FALSE(maskless.isMember("dice_authors"));
      EXPECT_TRUE(maskless["tumour_free"]["largest_marked_volume_mm3"].isNull());
      EXPECT_TRUE(metrics["models"][5]["metrics"]["out_of_fold"]["dice"].isObject());
      ASSERT_EQ(metrics["measured_with"].size(), 1U);
      EXPECT_EQ(metrics["measured_with"][0]["of"].size(), 6U * 4) << "of each model three folds and the ensemble";
      EXPECT_EQ(metrics["measured_with"][0]["of"][0].asString(), "model-1/fold-1");
      EXPECT_TRUE(metrics["remarks"].empty());

      // An encoder has seen its fold's training patients alone.
      for (int fold = 1; fold <= 3; fold++)
      {
        const std::string suffix = "fold-" + std::to_string(fold);
        const Json::Value encoder = Runs::ReadJsonFile(GetPath("six") / ("encoder-" + suffix) / "card.json");
        const Json::Value model = Runs::ReadJsonFile(GetPath("six") / "model-6" / suffix / "card.json");
        EXPECT_EQ(encoder["training_data"], model["training_data"]);
        EXPECT_EQ(model["run"]["from"]["weights_sha256"], encoder["weights_sha256"]);
      }

      const std::string page = ReadText(Reports::WriteRunReport(GetPath("six")));
      EXPECT_THAT(page, HasSubstr("Research use only"));
      EXPECT_THAT(page, HasSubstr("model 6: fusion, pre-trained"));
      EXPECT_THAT(page, HasSubstr("synthetic phantoms with a planted signal"));
      EXPECT_THAT(page, HasSubstr("Measured on cpu in fp32"));
      EXPECT_THAT(page, HasSubstr("data:image/svg+xml;base64,"));
      EXPECT_THAT(page, HasSubstr("they are set against the others by protocol oracle"));
      EXPECT_THAT(page, HasSubstr("take each fold's network as fixed"));
      EXPECT_THAT(page, HasSubstr("weights and card in model-6/model/"));
      EXPECT_THAT(page, HasSubstr("2 batches of 4 slices"));
      EXPECT_THAT(page, HasSubstr("Slices of patients whom the first fold holds out"));
      EXPECT_THAT(page, HasSubstr("taken evenly from the list of patients whatever the size of their tumours"));
      EXPECT_THAT(page, Not(HasSubstr("<script")));
      EXPECT_THAT(ReadText(GetPath("six") / "report" / "tables" / "models-external-automatic.csv"),
                  HasSubstr("\"model 1: classification, from scratch\""));
      EXPECT_THAT(ReadText(GetPath("six") / "report" / "tables" / "comparisons-external-oracle.csv"),
                  HasSubstr("model-1 - model-6"));
      EXPECT_THAT(ReadText(GetPath("six") / "report" / "tables" / "models-within-folds.csv"),
                  HasSubstr("\"model 6: fusion, pre-trained\""));
      EXPECT_THAT(ReadText(GetPath("six") / "report" / "tables" / "saliency-shares.csv"),
                  HasSubstr("Core,Rim,Outside"));
      EXPECT_TRUE(std::filesystem::exists(GetPath("six") / "report" / "figures" / "roc-models-external-oracle.svg"));
      EXPECT_TRUE(std::filesystem::exists(GetPath("six") / "report" / "figures" / "masks.png"));
      EXPECT_THAT(ReadText(GetPath("six") / "report" / "metrics.csv"), HasSubstr("models.6.metrics.external.auroc,"));
    }

    TEST_F(AblationTest, ShowsReconstructionsOfSlicesThatTheEncoderHasNotSeen)
    {
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const auto none = [](const Json::Value&) {};
      Runs::Ablation(data, MakeAblation("shown"), none).RunUnit(0);
      const std::filesystem::path file = GetPath("shown") / "encoder-fold-1" / Runs::RECONSTRUCTIONS_FILE;
      EXPECT_EQ(GetOriginOfSlices(file), Runs::SLICES_HELD_OUT);
      std::vector<bool> isHeldOut = data.Split(0).trains;
      isHeldOut.flip();
      const Data::SliceDataset unseen = data.GetSlices(none).Select(isHeldOut);
      const torch::Tensor shown = Weights::TensorMap::Load(file).Get("original");
      const auto slices = Trainers::PickEvenly(unseen.ListSlices(), static_cast<std::size_t>(shown.size(0)));
      EXPECT_TRUE(shown.equal(Trainers::ToIntensity(Trainers::MakeImages(unseen, slices))));
    }

    TEST_F(AblationTest, SaysWhichUnitMustBeRunBefore)
    {
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::Ablation ablation(data, MakeAblation("order"), [](const Json::Value&) {});
      try
      {
        ablation.RunUnit(6);  // model-2/fold-1
        FAIL() << "its encoder is not there";
      }
      catch (const Error& e)
      {
        EXPECT_EQ(e.GetCode(), ErrorCode::Conflict);
        EXPECT_THAT(e.what(), HasSubstr("encoder-fold-1"));
      }
      EXPECT_THROW(ablation.RunUnit(21), Error);
      EXPECT_THROW(ablation.Finish(), Error);
    }

    TEST_F(AblationTest, FreezesTheEncoderOfThoseModelsAloneThatHaveOne)
    {
      Runs::AblationRequest request = MakeAblation("frozen");
      request.config.training.freezeEncoderSteps = 2;
      Runs::FoldedData data(GetDataset(), request.config, 1);
      Runs::Ablation ablation(data, request, [](const Json::Value&) {});
      for (const std::size_t unit : {0, 3, 6})  // encoder-fold-1, model-1/fold-1, model-2/fold-1
      {
        ablation.RunUnit(unit);
      }
      const auto getFrozenSteps = [](const std::string& model)
      {
        const std::filesystem::path card = GetPath("frozen") / model / "fold-1" / "card.json";
        return Runs::ReadJsonFile(card)["run"]["config"]["training"]["freeze_encoder_steps"].asInt();
      };
      EXPECT_EQ(getFrozenSteps("model-1"), 0) << "it would be a backbone of random weights";
      EXPECT_EQ(getFrozenSteps("model-2"), 2);

      Runs::CrossValidationRequest scratch = MakeRequest("frozen-scratch", false);
      scratch.config.training.freezeEncoderSteps = 2;
      EXPECT_THROW(Runs::CrossValidation(data, scratch, [](const Json::Value&) {}), Error);
      EXPECT_FALSE(std::filesystem::exists(GetPath("frozen-scratch")));
    }

    TEST_F(AblationTest, RefusesAnEncoderThatHasSeenAPatient)
    {
      const Data::NiftiFolderSource source(GetDataset());
      EXPECT_EQ(source.GetCount(), 8U) << "masks are no volumes";
      const std::filesystem::path path = GetPath("seen");
      const Runs::EncoderTraining training{"seen", MakeConfig(), source.Describe(), OnCpu()};
      const Runs::RunFolder folder(path / "run", MakeConfig().ToJson(), training.data, false);
      training.Run(Runs::LoadSlices(source, MakeConfig(), 1, [](const Json::Value&) {}), folder, path,
                   [](const Json::Value&) {});
      EXPECT_EQ(GetOriginOfSlices(path / "reconstructions.safetensors"), Runs::SLICES_TRAINED_ON);
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      EXPECT_THROW(Runs::Ablation(data, MakeAblation("with-seen", path), [](const Json::Value&) {}), Error);
    }

    TEST_F(AblationTest, NothingIsTrainedWhoseCardCouldNotBeWritten)
    {
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::CrossValidationRequest request = MakeRequest("large", false);
      request.origin["training_data"]["images"]["sub-1"] = std::string(Weights::ModelCard::MAX_BYTES - 20000, 'a');
      EXPECT_THROW(Runs::CrossValidation(data, request, [](const Json::Value&) {}), Error) << "metrics need room, too";
      EXPECT_FALSE(std::filesystem::exists(GetPath("large")));
    }

    TEST(ProgressFile, TellsHowFarARunIsAndThatItLives)
    {
      const Testing::TemporaryFolder folder;
      {
        Runs::ProgressFile progress(folder.GetPath(), 4);
        Json::Value event;
        event["event"] = "unit";
        event["unit"] = "fold-1";
        event["state"] = "finished";
        progress.Update(event);
        event = Json::Value();
        event["event"] = "step";
        event["unit"] = "fold-2";
        event["step"] = 50;
        event["of"] = 100;
        event["total"] = 0.5;
        progress.Update(event);
      }
      const Json::Value state = Runs::ReadJsonFile(folder.GetPath() / Runs::ProgressFile::NAME);
      EXPECT_EQ(state["units_done"].asInt(), 1);
      EXPECT_EQ(state["unit"].asString(), "fold-2");
      EXPECT_DOUBLE_EQ(state["fraction"].asDouble(), 0.375);
      EXPECT_EQ(state["losses"]["total"].asDouble(), 0.5);
      EXPECT_GE(state["alive_at"].asDouble(), state["progressed_at"].asDouble());
    }

    TEST(ProgressFile, SaysThatItLivesWhereNothingCanBeReadOfAnEarlierProcess)
    {
      for (const char* const text : {"{", "7"})
      {
        const Testing::TemporaryFolder folder;
        std::ofstream(folder.GetPath() / Runs::ProgressFile::NAME) << text;
        {
          const Runs::ProgressFile progress(folder.GetPath());
        }
        const Json::Value state = Runs::ReadJsonFile(folder.GetPath() / Runs::ProgressFile::NAME);
        EXPECT_GT(state["alive_at"].asDouble(), 0) << text;
        EXPECT_EQ(state["fraction"].asDouble(), 0) << text;
      }
    }

    TEST(ProgressFile, DoesNotFallBackWhenAStageBegins)
    {
      constexpr double SECONDS_PER_STEP = 400;
      const Testing::TemporaryFolder folder;
      Runs::StepSummary summary;
      std::vector<double> fractions;
      for (const Trainers::Stage& stage : {Trainers::Stage{64, 20, 0, 30}, Trainers::Stage{128, 10, 20, 30}})
      {
        for (std::size_t i = 1; i <= stage.steps; i++)
        {
          Trainers::StepReport step;
          step.step = i;
          step.seconds = SECONDS_PER_STEP * static_cast<double>(i);
          const std::optional<Json::Value> event = summary.Add(stage, step);
          if (event)
          {
            Runs::ProgressFile(folder.GetPath(), 1).Update(*event);
            const Json::Value state = Runs::ReadJsonFile(folder.GetPath() / Runs::ProgressFile::NAME);
            fractions.push_back(state["fraction"].asDouble());
            EXPECT_EQ(state["of"].asInt(), 30);
            EXPECT_NEAR(state["seconds_left"].asDouble(),
                        SECONDS_PER_STEP * static_cast<double>(30 - stage.stepsBefore - i), SECONDS_PER_STEP / 2);
          }
        }
      }
      using testing::DoubleEq;
      EXPECT_THAT(fractions, testing::ElementsAre(DoubleEq(10.0 / 30), DoubleEq(20.0 / 30), DoubleEq(1)));
    }
  }
}
