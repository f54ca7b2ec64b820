// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Training/SmallStudy.h"

#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Protocol/JsonText.h"

#include <fstream>

namespace H3K27M::Testing
{
  std::unique_ptr<TemporaryFolder> SmallStudy::folder_;

  void SmallStudy::SetUpTestSuite()
  {
    folder_ = std::make_unique<TemporaryFolder>();
    Phantom::PhantomDatasetOptions options;
    options.folder = GetDataset();
    options.count = 8;
    options.tumourFreeShare = 0;
    options.maximumMatrix = 64;
    Phantom::WritePhantomDataset(options, Phantom::TissueAtlas::LoadEmbedded(), [](unsigned int) {});
    std::ofstream table(options.folder / "participants.tsv");
    table << "participant_id\th3k27m_status\tsplit\tage\tsex\n";
    for (int i = 1; i <= 8; i++)
    {
      table << "sub-phantom0000000" << i << "\t" << (i % 2 == 1 ? "altered" : "wild-type") << "\t"
            << (i <= 6 ? "development" : "external") << "\t" << 5 + i << "\t" << (i % 3 == 0 ? "F" : "M") << "\n";
    }
  }

  void SmallStudy::TearDownTestSuite()
  {
    folder_.reset();
  }

  Runs::RunConfig SmallStudy::MakeConfig()
  {
    return Runs::RunConfig::Parse(Protocol::ParseJson(
      R"({"folds": 3, "network": {"input_size": 32, "width": 8}, "training": {"steps": 3, "batch": 4},
          "pretraining": {"steps": 2, "batch": 4}})"));
  }

  std::filesystem::path SmallStudy::GetDataset()
  {
    return folder_->GetPath() / "data";
  }

  std::filesystem::path SmallStudy::GetPath(const std::string& name)
  {
    return folder_->GetPath() / name;
  }

  Predict::BackendOptions SmallStudy::OnCpu()
  {
    Predict::BackendOptions options;
    options.device = Predict::DeviceChoice::Cpu;
    options.threads = 1;
    return options;
  }

  Runs::CrossValidationRequest SmallStudy::MakeRequest(const std::string& name, bool resumes)
  {
    Runs::CrossValidationRequest request;
    request.config = MakeConfig();
    request.backend = OnCpu();
    request.folder = GetPath(name);
    request.name = name;
    request.resumes = resumes;
    return request;
  }

  Json::Value SmallStudy::Run(const std::string& name, bool resumes, std::vector<std::string>* units)
  {
    Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
    return Runs::CrossValidation(data, MakeRequest(name, resumes), [units](const Json::Value& event)
    {
      if (units != nullptr && event["event"].asString() == "unit")
      {
        units->push_back(event["unit"].asString() + " " + event["state"].asString());
      }
    }).Run();
  }
}
