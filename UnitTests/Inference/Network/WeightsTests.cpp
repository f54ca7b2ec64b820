// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/TranslateTorch.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Inference/Protocol/Sha256.h"
#include "Inference/Weights/WeightsImport.h"
#include "UnitTests/Inference/Network/ParityData.h"
#include "UnitTests/Inference/Network/TinyNetwork.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>
#include <functional>

namespace H3K27M
{
  namespace
  {
    using Network::Variant;
    using ::testing::HasSubstr;
    using Weights::StoredPrecision;
    using Weights::TensorMap;

    class WeightsTest : public ::testing::Test
    {
    protected:
      WeightsTest() :
        folder_(std::filesystem::temp_directory_path() / ("h3k27m-weights-" + std::to_string(getpid())))
      {
        std::filesystem::create_directories(folder_);
      }

      ~WeightsTest() override
      {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
      }

      static Network::GenotypeNet MakeNetwork(Variant variant)
      {
        Network::GenotypeNet network(Testing::MakeTinyOptions(variant));
        Testing::FillByFormula(*network);
        network->eval();
        return network;
      }

      // The message of the Error that the action throws.
      static std::string Catch(const std::function<void()>& action)
      {
        try
        {
          action();
        }
        catch (const Error& error)
        {
          return error.what();
        }
        return "no error";
      }

      // Saves the state of the variant under names changed by `rename` (empty name: left out).
      std::filesystem::path Save(const std::string& file, Variant variant,
                                 const std::function<std::string(const std::string&)>& rename) const
      {
        TensorMap renamed;
        const TensorMap state = TensorMap::FromModule(*MakeNetwork(variant));
        for (const auto& [name, tensor] : state.GetAll())
        {
          if (!rename(name).empty())
          {
            renamed.Set(rename(name), tensor);
          }
        }
        renamed.Save(folder_ / file, StoredPrecision::F32);
        return folder_ / file;
      }

      std::filesystem::path folder_;
    };

    std::string Same(const std::string& name)
    {
      return name;
    }

    TEST_F(WeightsTest, SinglePrecisionComesBackBitEqual)
    {
      const auto network = MakeNetwork(Variant::Fusion);
      TensorMap::FromModule(*network).Save(folder_ / "w.safetensors", StoredPrecision::F32);
      const TensorMap loaded = TensorMap::Load(folder_ / "w.safetensors");
      EXPECT_EQ(loaded.GetAll().size(), 263U);
      const TensorMap state = TensorMap::FromModule(*network);
      for (const auto& [name, tensor] : state.GetAll())
      {
        EXPECT_TRUE(torch::equal(loaded.Get(name), tensor)) << name;
      }
    }

    TEST_F(WeightsTest, HalfPrecisionKeepsThreeDigitsAndIntegers)
    {
      const auto network = MakeNetwork(Variant::Parallel);
      TensorMap::FromModule(*network).Save(folder_ / "w.safetensors", StoredPrecision::F16);
      const TensorMap loaded = TensorMap::Load(folder_ / "w.safetensors");
      EXPECT_EQ(loaded.Get("model.encoder.init_layer.1.num_batches_tracked").scalar_type(), torch::kInt64);
      EXPECT_EQ(loaded.Get("model.encoder.init_layer.0.weight").scalar_type(), torch::kFloat16);
      Network::GenotypeNet copy(Testing::MakeTinyOptions(Variant::Parallel));
      loaded.CopyInto(*copy);
      copy->eval();
      const torch::Tensor input = Testing::MakeTinyInput(1, 3, 32);
      EXPECT_LT(Testing::GetLargestDifference(copy(input).cls_logits, MakeNetwork(Variant::Parallel)(input).cls_logits),
                0.02);
    }

    TEST_F(WeightsTest, ValuesThatDoNotFitHalfPrecisionAreRefusedByName)
    {
      TensorMap map;
      map.Set("large", torch::full({2}, 1e6F));
      EXPECT_THAT(Catch([&] { map.Save(folder_ / "w.safetensors", StoredPrecision::F16); }), HasSubstr("large"));
    }

    TEST_F(WeightsTest, MissingUnknownAndMisshapenTensorsAreNamed)
    {
      const auto network = MakeNetwork(Variant::Fusion);
      TensorMap map;
      const TensorMap state = TensorMap::FromModule(*network);
      for (const auto& [name, tensor] : state.GetAll())
      {
        if (name != "decoder.bn.bias")
        {
          map.Set(name, tensor);
        }
      }
      map.Set("decoder.bogus", torch::zeros({1}));
      map.Set("decoder.cls_cls.bias", torch::zeros({3}));
      map.Set("decoder.cls_cls.weight", torch::full({2, 8}, std::nanf("")));
      Network::GenotypeNet target(Testing::MakeTinyOptions(Variant::Fusion));
      const torch::Tensor before = target->named_parameters()["decoder.conv1.conv1.bias"].clone();
      const std::string message = Catch([&] { map.CopyInto(*target); });
      EXPECT_THAT(message, HasSubstr("missing: decoder.bn.bias"));
      EXPECT_THAT(message, HasSubstr("unknown: decoder.bogus"));
      EXPECT_THAT(message, HasSubstr("misshapen: decoder.cls_cls.bias"));
      EXPECT_THAT(message, HasSubstr("not finite: decoder.cls_cls.weight"));
      EXPECT_TRUE(torch::equal(before, target->named_parameters()["decoder.conv1.conv1.bias"])) << "half loaded";
    }

    TEST_F(WeightsTest, ImportMergesFilesAndFindsOutVariantAndSize)
    {
      const auto backbone = Save("backbone.safetensors", Variant::Fusion, [](const std::string& name)
      { return name.starts_with("model.") ? name : std::string(); });
      const auto decoder = Save("decoder.safetensors", Variant::Fusion, [](const std::string& name)
      { return name.starts_with("model.") ? std::string() : name; });
      const Weights::WeightsImport import({backbone, decoder});
      EXPECT_EQ(import.DetectVariant(), Variant::Fusion);
      EXPECT_EQ(import.DetectOptions(Variant::Fusion), Testing::MakeTinyOptions(Variant::Fusion));
      EXPECT_EQ(import.Select(import.DetectOptions(Variant::Fusion)).GetAll().size(), 263U);
      EXPECT_THAT(Catch([&] { Weights::WeightsImport({decoder}).DetectOptions(Variant::Fusion); }),
                  HasSubstr("model.encoder.init_layer.0.weight"));
    }

    TEST_F(WeightsTest, ImportUnderstandsTheNamesOfModelsTrainedFromScratch)
    {
      const auto file = Save("scratch.safetensors", Variant::Parallel, [](const std::string& name)
      {
        return name.starts_with("model.")        ? name.substr(6)
               : name.starts_with("classifier.") ? "cls." + name.substr(11)
                                                 : name;
      });
      const Weights::WeightsImport import({file});
      ASSERT_EQ(import.DetectVariant(), Variant::Parallel);
      Network::GenotypeNet network(Testing::MakeTinyOptions(Variant::Parallel));
      import.Select(import.DetectOptions(Variant::Parallel)).CopyInto(*network);
      network->eval();
      const torch::Tensor input = Testing::MakeTinyInput(1, 3, 32);
      EXPECT_TRUE(torch::equal(network(input).cls_logits, MakeNetwork(Variant::Parallel)(input).cls_logits));
    }

    TEST_F(WeightsTest, ImportTakesTheVariantsPartsAndLeavesTheOtherHead)
    {
      const auto parallel = Save("parallel.safetensors", Variant::Parallel, Same);
      const auto head = Save("head.safetensors", Variant::Fusion, [](const std::string& name)
      {
        const bool isHead = name.starts_with("decoder.cls_") || name.starts_with("decoder.channel_attention");
        return isHead ? name : std::string();
      });
      const Weights::WeightsImport both({parallel, head});
      EXPECT_THROW(both.DetectVariant(), Error);
      EXPECT_EQ(both.Select(Testing::MakeTinyOptions(Variant::Fusion)).GetAll().size(), 263U);
      EXPECT_EQ(both.Select(Testing::MakeTinyOptions(Variant::Parallel)).GetAll().size(), 251U);
      EXPECT_EQ(both.Select(Testing::MakeTinyOptions(Variant::Classification)).GetAll().size(), 200U);
      EXPECT_EQ(both.Select(Testing::MakeTinyOptions(Variant::MaskedAutoencoder)).GetAll().size(), 235U);
    }

    TEST_F(WeightsTest, ImportRefusesUnknownMissingAndContradictingTensorsByName)
    {
      const auto extra = Save("extra.safetensors", Variant::Fusion, [](const std::string& name)
      { return name == "decoder.bn.bias" ? "decoder.bn.bogus" : name; });
      const auto options = Testing::MakeTinyOptions(Variant::Fusion);
      EXPECT_THAT(Catch([&] { Weights::WeightsImport({extra}).Select(options); }), HasSubstr("decoder.bn.bogus"));
      const auto missing = Save("missing.safetensors", Variant::Fusion, [](const std::string& name)
      { return name == "decoder.bn.bias" ? std::string() : name; });
      EXPECT_THAT(Catch([&] { Weights::WeightsImport({missing}).Select(options); }), HasSubstr("decoder.bn.bias"));

      TensorMap other;
      other.Set("decoder.bn.bias", torch::zeros({8}));
      other.Save(folder_ / "other.safetensors", StoredPrecision::F32);
      const auto whole = Save("whole.safetensors", Variant::Fusion, Same);
      EXPECT_THAT(Catch([&] { Weights::WeightsImport({whole, folder_ / "other.safetensors"}); }),
                  HasSubstr("decoder.bn.bias"));
    }

    TEST_F(WeightsTest, PackageComesBackAndNoticesChangedWeights)
    {
      const Weights::ModelCard card("tiny", Testing::MakeTinyOptions(Variant::Fusion));
      Weights::ModelPackage::Write(folder_, card, TensorMap::FromModule(*MakeNetwork(Variant::Fusion)),
                                   StoredPrecision::F32);
      const auto package = Weights::ModelPackage::Open(folder_);
      EXPECT_EQ(package.GetCard().GetName(), "tiny");
      auto network = package.MakeNetwork();
      const torch::Tensor input = Testing::MakeTinyInput(1, 3, 32);
      EXPECT_TRUE(torch::equal(network(input).cls_logits, MakeNetwork(Variant::Fusion)(input).cls_logits));

      std::fstream file(folder_ / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(-1, std::ios::end);
      file.put('\x7f');
      file.close();
      EXPECT_THAT(Catch([&] { Weights::ModelPackage::Open(folder_); }), HasSubstr("SHA-256"));
    }

    TEST_F(WeightsTest, PackageKeepsWhatTheModelKnowsOfItsInputsBesideTheWeights)
    {
      const Weights::ModelCard card("tiny", Testing::MakeTinyOptions(Variant::Fusion));
      const TensorMap weights = TensorMap::FromModule(*MakeNetwork(Variant::Fusion));
      const auto bare = Weights::ModelPackage::Write(folder_, card, weights, StoredPrecision::F16);
      EXPECT_FALSE(Weights::ModelPackage::Open(folder_).GetReference());

      const auto size = static_cast<std::size_t>(4 * card.GetNetwork().width);
      std::vector<float> whitening(size * size, 1e6F);  // beyond half precision
      const Weights::InputReference reference(std::vector<float>(size, 0.1F), whitening, {2, 1});
      const auto written = Weights::ModelPackage::Open(folder_).WriteWithReference(folder_, reference);
      EXPECT_NE(bare.GetWeightsSha256(), written.GetWeightsSha256());

      const auto package = Weights::ModelPackage::Open(folder_);
      const std::vector<double> study(size, 0.5);
      EXPECT_EQ(reference.Measure(study), package.GetReference()->Measure(study));
      EXPECT_EQ(1u, package.GetReference()->CountAtLeast(1.5));
      EXPECT_NO_THROW(package.MakeNetwork());
      EXPECT_EQ(weights.GetAll().size(), package.GetWeights().GetAll().size());
      const auto imported =
        Weights::WeightsImport({folder_ / "model.safetensors"}).Select(Testing::MakeTinyOptions(Variant::Fusion));
      EXPECT_EQ(weights.GetAll().size(), imported.GetAll().size());
    }

    TEST_F(WeightsTest, PackageRefusesAReferenceOfAnotherNetwork)
    {
      TensorMap weights = TensorMap::FromModule(*MakeNetwork(Variant::Fusion));
      Weights::InputReference({1}, {1}, {1}).AddTo(weights);
      Weights::ModelPackage::Write(folder_, Weights::ModelCard("tiny", Testing::MakeTinyOptions(Variant::Fusion)),
                                   weights, StoredPrecision::F32);
      EXPECT_THAT(Catch([&] { Weights::ModelPackage::Open(folder_); }), HasSubstr("signature"));
    }

    TEST_F(WeightsTest, PackageWithoutCardOrWeightsIsRefused)
    {
      EXPECT_THAT(Catch([&] { Weights::ModelPackage::Open(folder_ / "none"); }), HasSubstr("card.json"));
      Weights::ModelCard("tiny", Testing::MakeTinyOptions(Variant::Fusion)).Save(folder_ / "card.json");
      EXPECT_THAT(Catch([&] { Weights::ModelPackage::Open(folder_); }), HasSubstr("model.safetensors"));
    }

    TEST_F(WeightsTest, ACardThatNobodyCouldLoadIsNotWritten)
    {
      Weights::ModelCard card("tiny", Testing::MakeTinyOptions(Variant::Fusion));
      Json::Value data;
      for (int i = 0; i < 12000; ++i)
      {
        data["images"]["sub-" + std::to_string(100000 + i)] = std::string(64, 'a');
      }
      EXPECT_NO_THROW(card.CheckSize());
      EXPECT_THAT(Catch([&] { card.CheckSize(Weights::ModelCard::MAX_BYTES); }), HasSubstr("1 MiB")) << "no room";
      card.Set("training_data", data);
      EXPECT_THAT(Catch([&] { card.CheckSize(); }), HasSubstr("1 MiB"));
      EXPECT_THAT(Catch([&] { card.Save(folder_ / "card.json"); }), HasSubstr("1 MiB"));
      EXPECT_FALSE(std::filesystem::exists(folder_ / "card.json"));
    }

    // What TranslateTorch makes of what a function throws.
    template <typename Function>
    Error GetError(const Function& function)
    {
      try
      {
        Network::TranslateTorch(function);
      }
      catch (const Error& error)
      {
        return error;
      }
      return Error(ErrorCode::Internal, "nothing was thrown");
    }

    TEST(TranslateTorch, ExhaustedMemoryMayBeThereAnotherTime)
    {
#ifdef __SANITIZE_ADDRESS__
      GTEST_SKIP() << "AddressSanitizer ends a program that asks for so much";
#endif
      const Error exhausted = GetError([] { return torch::empty({std::int64_t{1} << 50}); });
      EXPECT_EQ(exhausted.GetCode(), ErrorCode::Unavailable) << exhausted.what();
      EXPECT_TRUE(exhausted.CanRetry());
    }

    TEST(TranslateTorch, AGpuThatFailedIsTold)
    {
      const auto translate = [](const char* text) { Network::TranslateTorch([text] { TORCH_CHECK(false, text); }); };
      EXPECT_THROW(translate("CUDA error: an illegal memory access was encountered"), DeviceError);

      for (const char* const ordinary : {"CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                                         "CUDA error: invalid argument", "The size of tensor a (2) must match"})
      {
        try
        {
          translate(ordinary);
          ADD_FAILURE() << "nothing was thrown";
        }
        catch (const Error& error)
        {
          EXPECT_EQ(dynamic_cast<const DeviceError*>(&error), nullptr) << ordinary;
          EXPECT_EQ(error.CanRetry(), std::string(ordinary).find("ALLOC_FAILED") != std::string::npos) << ordinary;
        }
      }
    }

    TEST(TranslateTorch, AnotherFaultIsOurs)
    {
      const Error fault = GetError([] { return torch::zeros({2}) + torch::zeros({3}); });
      EXPECT_EQ(fault.GetCode(), ErrorCode::Internal);
      EXPECT_THAT(fault.what(), HasSubstr("LibTorch: "));
      EXPECT_EQ(Network::TranslateTorch([] { return 7; }), 7);
    }

    TEST(ModelCard, NamesTheFieldThatIsWrong)
    {
      const Json::Value good = Weights::ModelCard("tiny", Testing::MakeTinyOptions(Variant::Fusion)).GetJson();
      EXPECT_NO_THROW(Weights::ModelCard::Parse(good));
      const std::vector<std::pair<std::string, Json::Value>> faults = {
        {"name", "../evil"},        {"variant", "unet"},         {"variant", 3},
        {"input_size", 100},        {"input_size", "256"},       {"width", Json::Value()},
        {"weights_sha256", "abc"},  {"threshold", 1.5},          {"minimum_tumour_area_mm2", -1},
        {"version", Json::Value()}, {"research_use_only", false}};
      for (const auto& [field, value] : faults)
      {
        Json::Value bad = good;
        bad[field] = value;
        EXPECT_THROW(Weights::ModelCard::Parse(bad), Error) << field;
      }
      EXPECT_THROW(Weights::ModelCard::Parse(Json::Value("text")), Error);
    }

    TEST(Sha256, GivesTheDigestsOfTheStandard)
    {
      EXPECT_EQ(Protocol::Sha256::OfText(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
      EXPECT_EQ(Protocol::Sha256::OfText("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      EXPECT_EQ(Protocol::Sha256::OfText("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
      EXPECT_EQ(Protocol::Sha256::OfText(std::string(1000000, 'a')),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
  }
}
