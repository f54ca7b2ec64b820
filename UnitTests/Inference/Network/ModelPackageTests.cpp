// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Protocol/Sha256.h"
#include "Inference/Weights/ModelPackage.h"
#include "UnitTests/Inference/Network/TinyNetwork.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <string>

namespace H3K27M
{
  namespace
  {
    using Weights::ModelPackage;
    using Weights::StoredPrecision;

    // A model that stands, and another of the same name, which takes its place or was about to.
    class RewrittenPackageTest : public ::testing::Test
    {
    protected:
      RewrittenPackageTest()
      {
        old_ = Write(model_, StoredPrecision::F32);
        new_ = Write(other_, StoredPrecision::F16);
      }

      // Returns the hash of its weights.
      std::string Write(const std::filesystem::path& model, StoredPrecision precision)
      {
        torch::manual_seed(1);
        const auto weights = Weights::TensorMap::FromModule(*Network::GenotypeNet(card_.GetNetwork()));
        return ModelPackage::Write(model, card_, weights, precision).GetWeightsSha256();
      }

      static std::string Open(const std::filesystem::path& model)
      {
        return ModelPackage::Open(model).GetCard().GetWeightsSha256();
      }

      Testing::TemporaryFolder folder_;
      std::filesystem::path model_ = folder_.GetPath() / "model";
      std::filesystem::path other_ = folder_.GetPath() / "other";
      std::filesystem::path next_ = model_ / ModelPackage::NEXT_WEIGHTS_FILE;
      Weights::ModelCard card_{"tiny", Testing::MakeTinyOptions(Network::Variant::Fusion)};
      std::string old_;
      std::string new_;
    };

    TEST_F(RewrittenPackageTest, TheOldModelStaysWhereTheNewCardCannotBeWritten)
    {
      Json::Value data;
      data["images"]["sub-1"] = std::string(Weights::ModelCard::MAX_BYTES, 'a');
      card_.Set("training_data", data);
      EXPECT_THAT(Tests::GetRefusal([this] { Write(model_, StoredPrecision::F16); }), ::testing::HasSubstr("1 MiB"));
      EXPECT_EQ(Open(model_), old_);
      EXPECT_FALSE(std::filesystem::exists(next_));
    }

    TEST_F(RewrittenPackageTest, TheOldModelIsFoundUntilTheNewCardStands)
    {
      std::filesystem::copy_file(other_ / "model.safetensors", next_);
      EXPECT_EQ(Open(model_), old_);
      EXPECT_TRUE(std::filesystem::exists(next_)) << "whoever reads takes nothing from the one who writes";
      EXPECT_EQ(Write(model_, StoredPrecision::F16), new_);
      EXPECT_EQ(Open(model_), new_);
      EXPECT_FALSE(std::filesystem::exists(next_));
    }

    TEST_F(RewrittenPackageTest, TheNewModelIsFoundOnceItsCardStands)
    {
      std::filesystem::copy_file(other_ / "model.safetensors", next_);
      std::filesystem::copy_file(other_ / "card.json", model_ / "card.json",
                                 std::filesystem::copy_options::overwrite_existing);
      EXPECT_EQ(Open(model_), new_);
      EXPECT_EQ(Protocol::Sha256::OfFile(model_ / "model.safetensors"), old_) << "whoever reads moves nothing";
      EXPECT_EQ(Protocol::Sha256::OfFile(next_), new_);
      ModelPackage::Settle(model_);
      EXPECT_EQ(Open(model_), new_);
      EXPECT_EQ(Protocol::Sha256::OfFile(model_ / "model.safetensors"), new_);
      EXPECT_FALSE(std::filesystem::exists(next_));
    }

    TEST_F(RewrittenPackageTest, WhoeverReadsMeanwhileFindsCardAndWeightsOfTheSameModel)
    {
      for (int round = 0; round < 8; round++)
      {
        const StoredPrecision precision = round % 2 == 0 ? StoredPrecision::F16 : StoredPrecision::F32;
        auto written = std::async(std::launch::async, [this, precision] { return Write(model_, precision); });
        do
        {
          const ModelPackage package = ModelPackage::Open(model_);
          const std::string& hash = package.GetCard().GetWeightsSha256();
          const torch::ScalarType type = package.GetWeights().Get("decoder.bn.bias").scalar_type();
          EXPECT_EQ(type == torch::kFloat16 ? new_ : old_, hash);
        } while (written.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
        EXPECT_EQ(precision == StoredPrecision::F16 ? new_ : old_, written.get());
      }
    }

    TEST_F(RewrittenPackageTest, AnEnsemblesMemberOfTheSameFilesStaysAsItWas)
    {
      const std::filesystem::path member = folder_.GetPath() / "ensemble" / "fold-1";
      std::filesystem::create_directories(member);
      for (const char* file : {"model.safetensors", "card.json"})
      {
        std::filesystem::create_hard_link(model_ / file, member / file);
      }
      Write(model_, StoredPrecision::F16);
      EXPECT_EQ(Open(model_), new_);
      EXPECT_EQ(Open(member), old_);
    }
  }
}
