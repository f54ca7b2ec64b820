// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Volume/DcmtkDecoder.h"
#include "UnitTests/Plugin/Pipeline/FakeArchive.h"
#include "UnitTests/Plugin/Pipeline/FakeInferenceEngine.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <gmock/gmock.h>

namespace H3K27M::Testing
{
  // Runs the path of one study against a fake archive and a fake engine.
  class TriageTestBase : public testing::Test
  {
  protected:
    static inline const std::string STUDY = "S2.25.1001";

    static Pipeline::TriageOptions MakeOptions()
    {
      Pipeline::TriageOptions options;
      options.softwareVersion = "0.0.0";
      options.stableAge = std::chrono::seconds(3);
      return options;
    }

    void StoreSeries(const H3K27M::Support::DicomSeriesOptions& options = {})
    {
      archive_.StoreAll(H3K27M::Support::DicomSeriesBuilder(options).MakeFiles());
    }

    Pipeline::TriageOutcome Run(const std::string& previous = {},
                                const Pipeline::TriageOptions& options = MakeOptions())
    {
      WorkState::Task task;
      task.studyId = STUDY;
      task.resultJson = previous;

      if (const auto study = archive_.GetStudy(STUDY))
      {
        task.fingerprint = Pipeline::ComputeFingerprint(*study);
      }

      return Pipeline::StudyTriage(archive_, engine_, decoder_, options).Run(task, cancellation_);
    }

    FakeArchive archive_;
    FakeInferenceEngine engine_;
    Volume::DcmtkDecoder decoder_;
    Pipeline::Cancellation cancellation_;
  };
}
