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

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

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

    // As far as triage looks at it: an object of the reviews' series number in which the UID stands.
    void StoreReviewOf(const std::string& uid)
    {
      H3K27M::Support::DicomSeriesOptions review;
      review.seriesInstanceUid = "2.25.3000." + std::to_string(++reviews_);
      review.slices = 1;
      review.edit = [&uid](DcmDataset& dataset, std::size_t)
      {
        dataset.putAndInsertString(DCM_Modality, "SR");
        dataset.putAndInsertString(DCM_Manufacturer, "Orthanc-H3K27M");
        dataset.putAndInsertString(DCM_SeriesNumber, "9006");
        dataset.putAndInsertString(DCM_TrackingUID, uid.c_str());
      };
      StoreSeries(review);
    }

    // How many series of ours stand there, whatever people said.
    std::size_t CountResults()
    {
      return Pipeline::GetTriageResults(archive_.GetStudy(STUDY).value()).size();
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
    int reviews_ = 0;
  };
}
