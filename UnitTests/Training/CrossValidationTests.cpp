// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Safetensors.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/PermutedLabels.h"
#include "Training/Evaluation/ModelEvaluation.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Reports/RunReport.h"
#include "Training/Runs/CrossValidation.h"
#include "Training/Runs/EncoderTraining.h"
#include "Training/Runs/ExternalEvaluation.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LeakageCheck.h"
#include "Training/Runs/LearnInputs.h"
#include "Training/Runs/PromotionGate.h"
#include "Training/Runs/RunFiles.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Training/SmallStudy.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace H3K27M
{
  namespace
  {
    using testing::HasSubstr;

    class CrossValidationTest : public Testing::SmallStudy
    {
    protected:
      // As text: numbers that were read back need not have the type that they were written from.
      static std::string RunToText(const std::string& name, bool resumes, std::vector<std::string>* units = nullptr)
      {
        return Protocol::WriteCompactJson(Run(name, resumes, units));
      }

      // A network with weights drawn at random whose card says that it has seen `data`.
      static Weights::TensorMap WriteModel(const std::string& name, const Json::Value& data)
      {
        const Network::NetworkOptions layout = MakeConfig().network;
        torch::manual_seed(3);
        const auto weights = Weights::TensorMap::FromModule(*Network::GenotypeNet(layout));
        Weights::ModelCard card(name, layout);
        card.Set("training_data", data);
        Weights::ModelPackage::Write(GetPath(name), std::move(card), weights, Weights::StoredPrecision::F32);
        return weights;
      }
    };

    TEST_F(CrossValidationTest, MeasuresEachPatientOnceByANetworkThatHasNotSeenIt)
    {
      const Json::Value metrics = Run("whole", false);
      ASSERT_EQ(metrics["folds"].size(), 3U);
      EXPECT_EQ(metrics["out_of_fold"]["cases"].asInt(), 6);
      EXPECT_EQ(metrics["external"]["cases"].asInt(), 2);
      EXPECT_TRUE(metrics["out_of_fold"]["oracle"]["auroc"].isObject());
      EXPECT_TRUE(metrics["out_of_fold"]["auroc_within_folds"].isObject()) << "each fold has both genotypes";
      EXPECT_TRUE(metrics["out_of_fold"]["oracle"]["auroc_within_folds"].isObject());
      EXPECT_FALSE(metrics["external"].isMember("auroc_within_folds")) << "one model answers";
      std::set<std::string> measured;
      for (int fold = 1; fold <= 3; fold++)
      {
        const std::filesystem::path path = GetPath("whole") / ("fold-" + std::to_string(fold));
        const Json::Value seen = Runs::ReadJsonFile(path / "card.json")["training_data"]["images"];
        EXPECT_EQ(seen.size(), 4U);
        for (const auto& outcome : Evaluation::ReadOutcomes(Runs::ReadJsonFile(path / "outcomes.json")))
        {
          EXPECT_FALSE(seen.isMember(outcome.id));
          EXPECT_TRUE(measured.insert(outcome.id).second) << outcome.id << " was measured twice";
        }
      }
      EXPECT_EQ(measured.size(), 6U);
      const std::filesystem::path first = GetPath("whole") / "fold-1";
      const Json::Value trained = Runs::ReadJsonFile(first / "card.json")["training_data"]["images"];
      const auto saliency = Protocol::SafetensorsFile::Open(first / Runs::SALIENCY_FILE);
      std::istringstream shown(saliency.GetMetadata().at(Runs::SALIENCY_PATIENTS));
      std::size_t count = 0;
      for (std::string id; std::getline(shown, id); count++)
      {
        EXPECT_TRUE(measured.contains(id)) << id;
        EXPECT_FALSE(trained.isMember(id)) << id;
      }
      EXPECT_GT(count, 0U);
      std::string wrong;
      for (const auto& outcome : Evaluation::ReadOutcomes(Runs::ReadJsonFile(first / "external.json")))
      {
        const bool isRight = Evaluation::IsCalledRightly(outcome, 0.5, &Evaluation::CaseOutcome::probabilityAltered);
        wrong += isRight ? "" : outcome.id + "\n";
      }
      ASSERT_EQ(std::filesystem::exists(first / Runs::ERROR_SLICES_FILE), !wrong.empty());
      if (!wrong.empty())
      {
        const auto errors = Protocol::SafetensorsFile::Open(first / Runs::ERROR_SLICES_FILE);
        EXPECT_EQ(errors.GetMetadata().at(Runs::SALIENCY_PATIENTS), wrong);
      }
      EXPECT_TRUE(Runs::ReadJsonFile(GetPath("whole") / "fold-1" / "feature-maps.json")["external"].isObject());
      EXPECT_EQ(Protocol::WriteCompactJson(Runs::ReadJsonFile(GetPath("whole") / "metrics.json")),
                Protocol::WriteCompactJson(metrics));
    }

    TEST_F(CrossValidationTest, DoesOnlyWhatIsLeftAndEndsEqual)
    {
      const std::string whole = RunToText("first", false);
      EXPECT_EQ(RunToText("second", false), whole);
      std::filesystem::remove(GetPath("second") / "fold-2" / "outcomes.json");
      std::vector<std::string> units;
      EXPECT_EQ(RunToText("second", true, &units), whole);
      EXPECT_EQ(units, (std::vector<std::string>{"fold-1 was finished", "fold-2 started", "fold-2 finished",
                                                 "fold-3 was finished"}));
    }

    TEST_F(CrossValidationTest, PutsFoldsTogetherThatWereRunApart)
    {
      const std::string whole = RunToText("together", false);
      for (const std::size_t fold : {2, 0})
      {
        Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
        Runs::CrossValidation(data, MakeRequest("apart", true), [](const Json::Value&) {}).RunUnit(fold);
      }
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::CrossValidation validation(data, MakeRequest("apart", true), [](const Json::Value&) {});
      try
      {
        validation.Finish();
        FAIL() << "a fold is missing";
      }
      catch (const Error& e)
      {
        EXPECT_EQ(e.GetCode(), ErrorCode::Conflict);
        EXPECT_THAT(e.what(), HasSubstr("fold-2"));
      }
      EXPECT_EQ(validation.CountUnits(), 3U);
      EXPECT_EQ(validation.GetUnitName(1), "fold-2");
      EXPECT_THROW(validation.RunUnit(3), Error) << "there are three";
      validation.RunUnit(1);
      EXPECT_EQ(Protocol::WriteCompactJson(validation.Finish()), whole);
    }

    TEST_F(CrossValidationTest, RemarksThatItsFoldsWereMeasuredOnDifferentDevices)
    {
      const Json::Value alike = Run("devices", false);
      ASSERT_EQ(alike["measured_with"].size(), 1U);
      EXPECT_EQ(alike["measured_with"][0]["device"].asString(), "cpu");
      EXPECT_EQ(alike["measured_with"][0]["precision"].asString(), "fp32") << "what `auto` stands for";
      EXPECT_EQ(alike["measured_with"][0]["of"].size(), 4U) << "three folds and the ensemble";
      EXPECT_TRUE(alike["remarks"].isArray() && alike["remarks"].empty());

      // Of a fold of an earlier release nothing is known.
      std::filesystem::remove(GetPath("devices") / "fold-3" / Runs::MAKER_FILE);
      const Json::Value unknown = Run("devices", true);
      ASSERT_EQ(unknown["measured_with"].size(), 2U);
      EXPECT_TRUE(unknown["measured_with"][1]["device"].isNull());
      EXPECT_EQ(unknown["measured_with"][1]["of"][0].asString(), "fold-3");
      EXPECT_TRUE(unknown["remarks"].empty());

      Json::Value maker = Runs::ReadJsonFile(GetPath("devices") / "fold-2" / Runs::MAKER_FILE);
      maker["device"] = "cuda:0 NVIDIA H100";
      maker["precision"] = "bf16";
      Runs::WriteJsonFile(GetPath("devices") / "fold-2" / Runs::MAKER_FILE, maker);
      const Json::Value mixed = Run("devices", true);
      ASSERT_EQ(mixed["measured_with"].size(), 3U);
      EXPECT_EQ(mixed["measured_with"][1]["precision"].asString(), "bf16");
      ASSERT_EQ(mixed["remarks"].size(), 1U);
      EXPECT_THAT(mixed["remarks"][0].asString(), HasSubstr("same device and in the same precision"));
      EXPECT_EQ(Protocol::WriteCompactJson(mixed["out_of_fold"]), Protocol::WriteCompactJson(alike["out_of_fold"]));
    }

    TEST_F(CrossValidationTest, MeasuresItsEnsembleAgainWhenItIsAnotherOne)
    {
      const std::string whole = RunToText("another", false);
      const std::filesystem::path outcomes = GetPath("another") / Runs::EXTERNAL_FILE;
      Json::Value kept = Runs::ReadJsonFile(outcomes);
      kept[0]["oracle_probability"] = 0.125;
      Runs::WriteJsonFile(outcomes, kept);
      Run("another", true);
      EXPECT_EQ(Runs::ReadJsonFile(outcomes)[0]["oracle_probability"].asDouble(), 0.125) << "nothing is measured twice";

      Json::Value maker = Runs::ReadJsonFile(GetPath("another") / Runs::MAKER_FILE);
      EXPECT_EQ(maker["weights_sha256"],
                Runs::ReadJsonFile(GetPath("another") / "model" / "card.json")["weights_sha256"]);
      maker["weights_sha256"] = "of folds that were trained anew";
      Runs::WriteJsonFile(GetPath("another") / Runs::MAKER_FILE, maker);
      EXPECT_EQ(RunToText("another", true), whole);
    }

    TEST_F(CrossValidationTest, SaysThatItBeganWithAModelOfPhantoms)
    {
      Json::Value phantoms;
      phantoms["kind"] = "phantoms";
      phantoms["first_seed"] = 1000;
      phantoms["count"] = 7;
      WriteModel("of-phantoms", phantoms);
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::CrossValidationRequest request = MakeRequest("after-phantoms", false);
      request.StartFrom(GetPath("of-phantoms"), data);
      const Json::Value metrics = Runs::CrossValidation(data, request, [](const Json::Value&) {}).Run();
      EXPECT_EQ(metrics["learned_from"]["phantoms"].asInt(), 6 + 7) << "the patients of this study are phantoms, too";
      EXPECT_EQ(metrics["learned_from"]["trained_on"],
                Runs::ReadJsonFile(GetPath("after-phantoms") / "model" / "card.json")["trained_on"]);
    }

    TEST_F(CrossValidationTest, MakesOneModelOfItsFolds)
    {
      Run("ensemble", false);
      const auto engine = Predict::LoadedEngine::Load(GetPath("ensemble") / "model", OnCpu());
      EXPECT_TRUE(engine.description.selfTest.passed);
      EXPECT_EQ(engine.description.modelCard["members"].size(), 3U);
      EXPECT_EQ(engine.description.modelCard["training_data"]["images"].size(), 6U);
      EXPECT_EQ(engine.description.modelCard["metrics"]["cases"].asInt(), 2) << "what the ensemble did on the external";
      ASSERT_EQ(engine.references.size(), 3U);
      std::size_t known = 0;
      for (const auto& reference : engine.references)
      {
        ASSERT_TRUE(reference);
        known += reference->CountPatients();
      }
      EXPECT_EQ(known, 6U) << "each patient once, held out";
      for (const Json::Value& patient : Runs::ReadJsonFile(GetPath("ensemble") / "external.json"))
      {
        EXPECT_GT(patient["typicality"].asDouble(), 0);
        EXPECT_LE(patient["typicality"].asDouble(), 1);
      }

      // A member that is not the listed one.
      std::filesystem::remove_all(GetPath("ensemble") / "model" / "fold-1");
      std::filesystem::copy(GetPath("ensemble") / "fold-2", GetPath("ensemble") / "model" / "fold-1");
      EXPECT_THROW(Predict::LoadedEngine::Load(GetPath("ensemble") / "model", OnCpu()), Error);
    }

    TEST_F(CrossValidationTest, ItsModelIsMeasuredAgainLikeAnyOtherModel)
    {
      const Json::Value whole = Run("measured", false);
      Runs::ExternalEvaluation evaluation;
      evaluation.model = GetPath("measured") / "model";
      evaluation.dataset = GetDataset();
      evaluation.backend = OnCpu();
      std::vector<int> told;
      const auto onEvent = [&told](const Json::Value& event) { told.push_back(event["step"].asInt()); };
      const Json::Value metrics = evaluation.Run(GetPath("again"), false, onEvent);
      EXPECT_EQ(Protocol::WriteCompactJson(metrics["external"]), Protocol::WriteCompactJson(whole["external"]));
      EXPECT_EQ(metrics["model"]["members"].asInt(), 3);
      EXPECT_EQ(metrics["learned_from"]["phantoms"].asInt(), 6);
      EXPECT_THAT(metrics["learned_from"]["trained_on"].asString(), HasSubstr("synthetic phantoms"));
      EXPECT_EQ(metrics["measured_with"][0]["precision"].asString(), "fp32");
      EXPECT_EQ(told, (std::vector<int>{0, 1, 2})) << "from its beginning on a run shows that it lives";
      EXPECT_THROW(evaluation.Run(GetPath("again"), false, onEvent), Error) << "nothing is overwritten";

      // Killed after the first patient, in the middle of the second one's line.
      const std::filesystem::path log = GetPath("again") / Runs::OUTCOMES_LOG;
      std::ifstream stream(log, std::ios::binary);
      std::string maker;
      std::getline(stream, maker);
      std::string first;
      std::getline(stream, first);
      std::ofstream(log, std::ios::binary) << maker << "\n" << first << "\n{\"id\":";
      std::filesystem::remove(GetPath("again") / "external.json");
      told.clear();
      EXPECT_EQ(evaluation.Run(GetPath("again"), true, onEvent), metrics);
      EXPECT_EQ(told, (std::vector<int>{1, 2}));
      told.clear();
      EXPECT_EQ(evaluation.Run(GetPath("again"), true, onEvent), metrics);
      EXPECT_EQ(told, (std::vector<int>{2})) << "nobody is computed twice";

      std::ofstream(log, std::ios::binary) << "{\"device\":\"cuda:0\"}\n" << first << "\n";
      told.clear();
      EXPECT_EQ(evaluation.Run(GetPath("again"), true, onEvent), metrics);
      EXPECT_EQ(told, (std::vector<int>{0, 1, 2})) << "what another device computed is not taken over";
      const auto report = Reports::WriteRunReport(GetPath("again"));
      EXPECT_TRUE(std::filesystem::exists(GetPath("again") / "report" / "figures" / "roc-external.svg")) << report;
      EXPECT_TRUE(std::filesystem::exists(GetPath("again") / "report" / "tables" / "abstention.csv"));
      std::ifstream flow(GetPath("again") / "report" / "tables" / "flow.csv");
      const std::string rows((std::istreambuf_iterator<char>(flow)), std::istreambuf_iterator<char>());
      EXPECT_THAT(rows, HasSubstr("external,2,1,1"));
      EXPECT_THAT(rows, testing::Not(HasSubstr("development"))) << "who was not measured is no participant";

      evaluation.split = "development";
      EXPECT_THROW(evaluation.Run(GetPath("seen"), false, onEvent), Error) << "it was trained on these";
      EXPECT_FALSE(std::filesystem::exists(GetPath("seen")));
    }

    TEST_F(CrossValidationTest, AnEvaluationGoesOnByTheRulesThatItBeganWith)
    {
      Run("ruled", false);
      const std::filesystem::path file = GetPath("ruled") / "model" / Weights::ModelPackage::CARD_FILE;
      const std::filesystem::path folder = GetPath("ruled-again");
      const Runs::ExternalEvaluation evaluation{GetPath("ruled") / "model", GetDataset(), Data::Contrast::T2w,
                                                "external", OnCpu()};
      const auto none = [](const Json::Value&) {};
      evaluation.Run(folder, false, none);
      Json::Value config = Runs::ReadJsonFile(folder / Runs::CONFIG_FILE);
      EXPECT_EQ(config["minimum_tumour_area_mm2"].asDouble(), MakeConfig().minimumAreaMm2);
      EXPECT_EQ(config["framing"].asString(), "head");
      EXPECT_NO_THROW(evaluation.Run(folder, true, none));

      const auto card = Weights::ModelCard::Load(file);
      Json::Value preprocessing = card.GetJson()["preprocessing"];
      preprocessing["framing"] = "centre-square";
      for (const auto& [field, value] : {std::pair<std::string, Json::Value>("minimum_tumour_area_mm2", 50),
                                         std::pair<std::string, Json::Value>("preprocessing", preprocessing)})
      {
        auto other = card;
        other.Set(field, value);
        other.Save(file);
        EXPECT_THROW(evaluation.Run(folder, true, none), Error) << field;
      }

      // As an earlier release began it.
      config.removeMember("minimum_tumour_area_mm2");
      config.removeMember("framing");
      Runs::WriteJsonFile(folder / Runs::CONFIG_FILE, config);
      EXPECT_NO_THROW(evaluation.Run(folder, true, none));
      EXPECT_FALSE(Runs::ReadJsonFile(folder / Runs::CONFIG_FILE).isMember("framing"));
    }

    TEST_F(CrossValidationTest, StartsFromAModelButNotFromOneThatHasSeenItsPatients)
    {
      Run("parent", false);
      const std::filesystem::path parent = GetPath("parent") / "fold-1";
      const auto start = Runs::StartingPoint::FromModel(parent, MakeConfig());
      EXPECT_EQ(start.origin["name"].asString(), "fold-1");
      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      EXPECT_THROW(Runs::RefuseSeenCases(Runs::ReadJsonFile(parent / "card.json"), data.Describe()), Error);
    }

    TEST_F(CrossValidationTest, RefusesAnotherConfigurationInTheSameFolder)
    {
      Run("taken", false);
      EXPECT_THROW(Run("taken", false), Error);
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::CrossValidationRequest request = MakeRequest("taken", true);
      request.config.training.peakRate *= 2;
      EXPECT_THROW(Runs::CrossValidation(data, request, [](const Json::Value&) {}), Error);
    }

    TEST_F(CrossValidationTest, RefusesMoreFoldsThanEachGenotypeHasPatients)
    {
      Runs::RunConfig config = MakeConfig();
      config.folds = 4;
      EXPECT_THROW(Runs::FoldedData(GetDataset(), config, 1), Error);
    }

    TEST_F(CrossValidationTest, InEachFoldACaseEitherTrainsOrIsHeldOut)
    {
      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const std::size_t count = data.GetDevelopment().GetCount();
      std::vector<std::size_t> timesHeldOut(count);
      for (std::size_t fold = 0; fold < data.CountFolds(); fold++)
      {
        const Runs::FoldSplit split = data.Split(fold);
        ASSERT_EQ(split.trains.size(), count);
        const std::set<std::size_t> heldOut(split.heldOut.begin(), split.heldOut.end());
        EXPECT_EQ(heldOut.size(), split.heldOut.size()) << "nobody twice";
        for (std::size_t i = 0; i < count; i++)
        {
          EXPECT_NE(bool{split.trains[i]}, heldOut.contains(i)) << i;
          timesHeldOut[i] += heldOut.contains(i) ? 1 : 0;
        }
        EXPECT_EQ(split.trainingData["images"].size(), count - heldOut.size());
      }
      EXPECT_EQ(timesHeldOut, std::vector<std::size_t>(count, 1)) << "no phantom is tumour-free";
      EXPECT_THROW(data.Split(data.CountFolds()), Error);
    }

    TEST_F(CrossValidationTest, AControlHasAllLabelsShuffled)
    {
      const auto bids = std::make_shared<Data::BidsFolder>(GetDataset(), Data::Contrast::T2w);
      const Data::BidsCaseSource source(bids, "development");
      bool differs = false;
      std::vector<std::size_t> groups(source.GetCount());
      for (std::size_t i = 0; i < groups.size(); i++)
      {
        groups[i] = i / 4;
      }
      for (const std::uint64_t seed : {1, 2, 3, 4, 5})
      {
        const Data::PermutedLabels permuted(source, groups, seed);
        const Data::PermutedLabels again(source, groups, seed);
        std::map<std::size_t, std::int64_t> before;  // wild types of a group
        std::map<std::size_t, std::int64_t> after;
        for (std::size_t i = 0; i < source.GetCount(); i++)
        {
          const Data::TrainingCase truth = source.Load(i);
          const Data::TrainingCase shuffled = permuted.Load(i);
          before[groups[i]] += truth.genotype;
          after[groups[i]] += shuffled.genotype;
          differs = differs || truth.genotype != shuffled.genotype;
          EXPECT_EQ(shuffled.genotype, again.Load(i).genotype);
          EXPECT_EQ(shuffled.mask, truth.mask);
        }
        EXPECT_EQ(before, after);
      }
      EXPECT_TRUE(differs);

      Runs::CrossValidationRequest request = MakeRequest("control", false);
      request.config.control = "permuted";
      Runs::FoldedData data(GetDataset(), request.config, 1);
      EXPECT_EQ(data.MakeManifest()["data"]["control"].asString(), "permuted labels");
      EXPECT_EQ(data.MakeManifest()["external"]["control"].asString(), "permuted labels");
      Runs::CrossValidation(data, request, [](const Json::Value&) {}).Run();

      const Runs::ExternalEvaluation evaluation{GetPath("control") / "model", GetDataset(), Data::Contrast::T2w,
                                                "external", OnCpu()};
      evaluation.Run(GetPath("control-again"), false, [](const Json::Value&) {});
      EXPECT_EQ(Runs::ReadJsonFile(GetPath("control-again") / "config.json")["control"].asString(), "permuted");
      std::ifstream page(Reports::WriteRunReport(GetPath("control-again")));
      const std::string text((std::istreambuf_iterator<char>(page)), std::istreambuf_iterator<char>());
      EXPECT_THAT(text, HasSubstr("these figures are against the true labels"));
    }

    TEST_F(CrossValidationTest, AControlWithAPlantedSignalTrainsAndMeasuresOnChangedImages)
    {
      Runs::RunConfig config = MakeConfig();
      config.control = "permuted";
      Runs::FoldedData shuffled(GetDataset(), config, 1);
      config.control = "planted";
      Runs::FoldedData planted(GetDataset(), config, 1);
      EXPECT_EQ(planted.MakeManifest()["data"]["control"].asString(), "planted signal");
      EXPECT_EQ(planted.MakeManifest()["external"]["control"].asString(), "planted signal");
      for (const auto& [changed, before] : {std::pair(&planted.GetDevelopment(), &shuffled.GetDevelopment()),
                                            std::pair(planted.GetExternal(), shuffled.GetExternal())})
      {
        for (std::size_t i = 0; i < changed->GetCount(); i++)
        {
          EXPECT_EQ(changed->Load(i).genotype, before->Load(i).genotype);
          EXPECT_NE(changed->Load(i).voxels, before->Load(i).voxels);
        }
      }
      const auto silent = [](const Json::Value&) {};
      EXPECT_NE(planted.GetSlices(silent).GetSlices()[planted.GetSlices(silent).ListTumourSlices().at(0)].image,
                shuffled.GetSlices(silent).GetSlices()[shuffled.GetSlices(silent).ListTumourSlices().at(0)].image)
        << "what the networks learn from";
    }

    TEST_F(CrossValidationTest, StartsFromNoModelThatHasSeenAPatientOfEitherSplit)
    {
      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      Runs::CrossValidationRequest request;
      for (const auto& [name, seen] :
           {std::pair<std::string, Json::Value>("seen-development", data.Describe()),
            std::pair<std::string, Json::Value>("seen-external", data.GetExternal()->Describe())})
      {
        WriteModel(name, seen);
        EXPECT_THROW(request.StartFrom(GetPath(name), data), Error) << name;
      }
      WriteModel("seen-nobody", Json::Value());
      request.StartFrom(GetPath("seen-nobody"), data);
      EXPECT_EQ(request.origin["name"].asString(), "seen-nobody");
      EXPECT_TRUE(request.start);
    }

    TEST_F(CrossValidationTest, KeepsTheClassLayerThatAWholeModelHasLearned)
    {
      constexpr const char* LAYER = "decoder.cls_cls.weight";
      const Runs::RunConfig config = MakeConfig();
      const torch::Tensor before = WriteModel("learned", Json::Value()).Get(LAYER);
      Runs::FoldedData data(GetDataset(), config, 1);
      const auto none = [](const Json::Value&) {};
      const auto train = [&](const std::string& name, const Runs::StartingPoint& start)
      {
        const Runs::RunFolder folder(GetPath(name) / "run", config.ToJson(), Json::Value(), false);
        const Runs::ModelTraining training{name, config, data.Describe(), OnCpu()};
        const auto card = training.Run(data.GetSlices(none), start, folder, GetPath(name), none);
        return card.GetJson()["run"]["config"]["training"]["pooled_class_layer"].asBool();
      };
      const auto learned = Runs::StartingPoint::FromModel(GetPath("learned"), config);
      EXPECT_TRUE(learned.hasLearnedClassLayer);
      EXPECT_FALSE(train("tuned", learned)) << "the card says so";
      const torch::Tensor after = Weights::ModelPackage::Open(GetPath("tuned")).GetWeights().Get(LAYER);
      EXPECT_LT((after.to(torch::kFloat32) - before).abs().max().item<double>(), 0.05);

      EXPECT_TRUE(train("pooled", Runs::StartingPoint::Draw(config)));
      EXPECT_FALSE(Runs::StartingPoint::FromModel(GetPath("pooled"), config).hasLearnedClassLayer);
    }

    TEST_F(CrossValidationTest, ACardCountsTheSecondsOfAllProcessesOfARun)
    {
      const Runs::RunConfig config = MakeConfig();
      Runs::FoldedData data(GetDataset(), config, 1);
      const auto none = [](const Json::Value&) {};
      const Runs::RunFolder folder(GetPath("timed") / "run", config.ToJson(), Json::Value(), false);
      const Runs::ModelTraining training{"timed", config, data.Describe(), OnCpu()};
      const Runs::EncoderTraining pretraining{"timed", config, data.Describe(), OnCpu()};
      const Runs::RunFolder encoderFolder(GetPath("timed-encoder") / "run", config.ToJson(), Json::Value(), false);
      const auto train = [&]
      {
        const auto card =
          training.Run(data.GetSlices(none), Runs::StartingPoint::Draw(config), folder, GetPath("timed"), none);
        return card.GetJson()["run"]["seconds"].asDouble();
      };
      const auto pretrain = [&]
      {
        const auto card = pretraining.Run(data.GetSlices(none), encoderFolder, GetPath("timed-encoder"), none);
        return card.GetJson()["run"]["seconds"].asDouble();
      };
      EXPECT_LT(train(), 5000);
      EXPECT_LT(pretrain(), 5000);
      // As if the process before had taken so long until its last checkpoint.
      for (const Runs::RunFolder* const run : {&folder, &encoderFolder})
      {
        const auto checkpoint = Trainers::Checkpoint::Load(run->GetCheckpointPath(), run->GetIdentity());
        EXPECT_GT(checkpoint.GetSeconds(), 0);
        checkpoint.Save(run->GetCheckpointPath(), 5000.25);
        EXPECT_DOUBLE_EQ(Trainers::Checkpoint::Load(run->GetCheckpointPath(), run->GetIdentity()).GetSeconds(),
                         5000.25);
      }
      EXPECT_GT(train(), 5000.25);
      EXPECT_GT(pretrain(), 5000.25);
    }

    TEST_F(CrossValidationTest, WhatAModelLearnedAsUsualIsNoFinding)
    {
      Run("usual", false);
      const Data::BidsCaseSource source(std::make_shared<Data::BidsFolder>(GetDataset(), Data::Contrast::T2w),
                                        "development");
      const std::filesystem::path fold = GetPath("usual") / "fold-1";
      const auto card =
        Runs::LearnInputsAfterwards(fold, Evaluation::EvaluateModel(source, fold, OnCpu()), source.Describe());
      EXPECT_EQ(Protocol::WriteCompactJson(card.GetJson()["input_reference_data"]),
                Protocol::WriteCompactJson(source.Describe()));
      EXPECT_EQ(Runs::ReadJsonFile(fold / "card.json")["input_reference_data"]["count"].asInt(), 6);

      const std::filesystem::path model = GetPath("usual") / "model" / Weights::ModelPackage::CARD_FILE;
      auto ensemble = Weights::ModelCard::Load(model);
      ensemble.Set("input_reference_data", Runs::FoldedData(GetDataset(), MakeConfig(), 1).GetExternal()->Describe());
      ensemble.Save(model);
      const Runs::ExternalEvaluation evaluation{GetPath("usual") / "model", GetDataset(), Data::Contrast::T2w,
                                                "external", OnCpu()};
      evaluation.Run(GetPath("usual-again"), false, [](const Json::Value&) {});
      for (const auto& outcome : Evaluation::ReadOutcomes(Runs::ReadJsonFile(GetPath("usual-again") / "external.json")))
      {
        EXPECT_FALSE(outcome.typicality) << outcome.id;
      }
    }

    TEST_F(CrossValidationTest, NothingIsMeasuredWhereTheSelfTestFails)
    {
      const Network::NetworkOptions layout = MakeConfig().network;
      const auto drawn = Weights::TensorMap::FromModule(*Network::GenotypeNet(layout));
      Weights::TensorMap weights = drawn;
      for (const auto& [name, tensor] : drawn.GetAll())
      {
        if (tensor.dim() == 4)
        {
          weights.Set(name, torch::full_like(tensor, 3e38));  // convolutions that overflow
        }
      }
      Weights::ModelPackage::Write(GetPath("overflowing"), Weights::ModelCard("overflowing", layout), weights,
                                   Weights::StoredPrecision::F32);
      const Data::BidsCaseSource source(std::make_shared<Data::BidsFolder>(GetDataset(), Data::Contrast::T2w),
                                        "external");
      try
      {
        Evaluation::EvaluateModel(source, GetPath("overflowing"), OnCpu());
        FAIL() << "its answers mean nothing";
      }
      catch (const Error& e)
      {
        EXPECT_EQ(e.GetCode(), ErrorCode::Unavailable);
        EXPECT_FALSE(e.CanRetry());
        EXPECT_THAT(e.what(), HasSubstr("differs from the model's by more than the tolerance"));
      }
    }

    TEST_F(CrossValidationTest, JudgesACandidateAgainstTheModelThatServes)
    {
      Run("candidate", false);
      Run("serving", false);
      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const auto outcomes = Evaluation::ReadOutcomes(Runs::ReadJsonFile(GetPath("candidate") / "external.json"));
      const Runs::PromotionGate gate{GetPath("serving") / "model", 0.05, 1, OnCpu()};
      const Json::Value judged = gate.Judge(data.GetExternal(), outcomes);
      EXPECT_EQ(judged["baseline"]["name"].asString(), "serving");
      EXPECT_TRUE(judged["comparison"].isObject());

      const Runs::PromotionGate strict{GetPath("serving") / "model", 0.05, 2, OnCpu()};
      const Json::Value tooFew = strict.Judge(data.GetExternal(), outcomes);
      EXPECT_FALSE(tooFew["passed"].asBool());
      EXPECT_THAT(tooFew["reason"].asString(), HasSubstr("too few external patients: 1 altered and 1 wild-type"));

      const Json::Value unjudged = gate.Judge(nullptr, {});
      EXPECT_FALSE(unjudged["passed"].asBool());
      EXPECT_THAT(unjudged["reason"].asString(), HasSubstr("no external patients"));
    }

    TEST_F(CrossValidationTest, DoesNotJudgeAgainstAModelOfAnotherContrast)
    {
      Json::Value trained;
      trained["kind"] = "bids";
      trained["contrast"] = "ceT1w";
      WriteModel("of-another-contrast", trained);
      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const Runs::PromotionGate gate{GetPath("of-another-contrast"), 0.05, 1, OnCpu()};
      const Json::Value judged = gate.Judge(data.GetExternal(), {});
      EXPECT_FALSE(judged["passed"].asBool());
      EXPECT_FALSE(judged.isMember("comparison"));
      EXPECT_THAT(judged["reason"].asString(),
                  HasSubstr("not judged: The model was trained on ceT1w, the data set is of T2w"));
    }

    TEST_F(CrossValidationTest, JudgesWhatWasPutTogetherFromUnits)
    {
      Run("before", false);
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      for (std::size_t fold = 0; fold < data.CountFolds(); fold++)
      {
        Runs::CrossValidation(data, MakeRequest("units", true), [](const Json::Value&) {}).RunUnit(fold);
      }
      auto request = MakeRequest("units", true);
      request.baseline = GetPath("before") / "model";
      const Json::Value metrics = Runs::CrossValidation(data, request, [](const Json::Value&) {}).Finish();
      EXPECT_EQ(metrics["gate"]["baseline"]["name"].asString(), "before");
      EXPECT_THAT(metrics["gate"]["reason"].asString(), HasSubstr("too few external patients"));
      EXPECT_FALSE(metrics["gate"].isMember("measured_with")) << "the baseline was not run";
      const std::string gate = Protocol::WriteCompactJson(metrics["gate"]);
      for (const char* file : {"metrics.json", "model/card.json"})
      {
        EXPECT_EQ(Protocol::WriteCompactJson(Runs::ReadJsonFile(GetPath("units") / file)["gate"]), gate) << file;
      }
    }

    TEST_F(CrossValidationTest, TheGateSaysWhatBothModelsWereMeasuredWith)
    {
      Run("first-model", false);
      auto request = MakeRequest("second-model", true);
      request.config.gateMinimumPatients = 1;
      request.baseline = GetPath("first-model") / "model";
      Runs::FoldedData data(GetDataset(), request.config, 1);
      const auto judge = [&] { return Runs::CrossValidation(data, request, [](const Json::Value&) {}).Run()["gate"]; };
      const Json::Value alike = judge();
      ASSERT_TRUE(alike["comparison"].isObject()) << alike["reason"].asString();
      ASSERT_EQ(alike["measured_with"].size(), 1U);
      EXPECT_EQ(alike["measured_with"][0]["of"][0].asString(), "candidate");
      EXPECT_EQ(alike["measured_with"][0]["of"][1].asString(), "baseline");
      EXPECT_TRUE(alike["remarks"].empty());

      Json::Value maker = Runs::ReadJsonFile(request.folder / Runs::MAKER_FILE);
      maker["device"] = "cuda:0 NVIDIA H100";
      maker["precision"] = "bf16";
      Runs::WriteJsonFile(request.folder / Runs::MAKER_FILE, maker);
      const Json::Value mixed = judge();
      EXPECT_EQ(mixed["measured_with"][0]["precision"].asString(), "bf16");
      EXPECT_EQ(mixed["measured_with"][1]["precision"].asString(), "fp32");
      ASSERT_EQ(mixed["remarks"].size(), 1U);
      EXPECT_THAT(mixed["remarks"][0].asString(), HasSubstr("same device and in the same precision"));
    }

    TEST(OutcomesJson, ComesBackUnchanged)
    {
      Evaluation::CaseOutcome outcome;
      outcome.id = "sub-1";
      outcome.genotype = 1;
      outcome.probabilityAltered = 0.25;
      outcome.dice = 0.5;
      outcome.sliceDice = {0.25, 0.75};
      outcome.sliceProbabilities = {0.125, 0.5};
      outcome.markedVolumeMm3 = 12;
      outcome.agreesWithMask = false;
      const Json::Value json = Evaluation::WriteOutcomes({outcome});
      EXPECT_TRUE(json[0]["oracle_probability"].isNull());
      EXPECT_EQ(Evaluation::WriteOutcomes(Evaluation::ReadOutcomes(json)), json);
      Json::Value earlier = json;
      earlier[0].removeMember("slice_probabilities");
      EXPECT_TRUE(Evaluation::ReadOutcomes(earlier).at(0).sliceProbabilities.empty());
      Json::Value broken = json;
      broken[0].removeMember("dice");
      EXPECT_THROW(Evaluation::ReadOutcomes(broken), Error);

      // Of a network that draws no mask.
      outcome.dice.reset();
      outcome.sliceDice.clear();
      outcome.markedVolumeMm3.reset();
      outcome.agreesWithMask.reset();
      const Json::Value maskless = Evaluation::WriteOutcomes({outcome});
      for (const char* field : {"dice", "slice_dice", "volume_mm3", "agrees_with_mask"})
      {
        EXPECT_TRUE(maskless[0].isMember(field) && maskless[0][field].isNull()) << field;
      }
      EXPECT_EQ(Evaluation::WriteOutcomes(Evaluation::ReadOutcomes(maskless)), maskless);
    }

    TEST(OutcomesJson, ASliceThatHasNoNumberIsRefusedByItsFieldsName)
    {
      Evaluation::CaseOutcome outcome;
      outcome.id = "sub-1";
      outcome.dice = 0.5;
      for (const char* field : {"slice_probabilities", "slice_dice"})
      {
        Json::Value json = Evaluation::WriteOutcomes({outcome});
        json[0][field].append("x");
        EXPECT_THAT(Tests::GetRefusal([&json] { Evaluation::ReadOutcomes(json); }), HasSubstr(field));
      }
    }
  }
}
