// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Reports/LossFigure.h"
#include "Training/Runs/ModelTraining.h"
#include "UnitTests/Support/TemporaryFolder.h"
#include "UnitTests/Training/DiscSource.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace H3K27M
{
  namespace
  {
    class EqualStagesTest : public testing::Test
    {
    protected:
      // Trains through the stages and keeps the models of all but the last.
      void Train(const std::string& stages) const
      {
        Json::Value json =
          Protocol::ParseJson(R"({"network": {"input_size": 64, "width": 16}, "training": {"batch": 4}})");
        json["stages"] = stages;
        const Runs::RunConfig config = Runs::RunConfig::Parse(json);
        Predict::BackendOptions backend;
        backend.device = Predict::DeviceChoice::Cpu;
        backend.threads = 1;
        const Testing::DiscSource source(4);
        const Data::SliceDataset dataset(source, {64, 1}, [](std::size_t) {});
        const Runs::RunFolder run(folder_.GetPath() / "run", config.ToJson(), source.Describe(), false);
        const Runs::ModelTraining training{"staged", config, source.Describe(), backend, true};
        training.Run(dataset, Runs::StartingPoint::Draw(config), run, folder_.GetPath(), [](const Json::Value&) {});
      }

      std::int64_t GetInputSize(const std::string& folder) const
      {
        return Weights::ModelPackage::Open(folder_.GetPath() / folder).GetCard().GetNetwork().inputSize;
      }

      bool Has(const std::string& name) const
      {
        return std::filesystem::exists(folder_.GetPath() / name);
      }

      Testing::TemporaryFolder folder_;
    };

    TEST_F(EqualStagesTest, EachKeepsItsModel)
    {
      Train("32:1,32:2,64:1");
      EXPECT_EQ(GetInputSize("stage-1-32"), 32);
      EXPECT_EQ(GetInputSize("stage-2-32"), 32);
      EXPECT_FALSE(Has("stage-32"));
    }

    TEST_F(EqualStagesTest, StagesOfDifferentSizesAreNamedByThem)
    {
      Train("32:1,64:1");
      EXPECT_EQ(GetInputSize("stage-32"), 32);
      EXPECT_FALSE(Has("stage-1-32"));
    }

    TEST_F(EqualStagesTest, TheCurveHoldsAllOfThem)
    {
      const std::filesystem::path events = folder_.GetPath() / "events.jsonl";
      std::ofstream file(events);
      for (int i = 1; i <= 4; i++)  // two stages of twenty steps
      {
        file << R"({"event": "step", "input_size": 128, "of": 20, "of_all": 40, "step": )" << (i - 1) % 2 * 10 + 10
             << R"(, "step_in_all": )" << i * 10 << R"(, "total": )" << i << "}\n";
      }
      file.close();
      Reports::MakeLossFigure("loss", "Title", events, "total").Draw(folder_.GetPath());
      std::ifstream script(folder_.GetPath() / "loss.gp");
      const std::string text((std::istreambuf_iterator<char>(script)), std::istreambuf_iterator<char>());
      EXPECT_THAT(text, testing::HasSubstr("EOD\n10 1\n20 2\n30 3\n40 4\nEOD\n"));
    }
  }
}
