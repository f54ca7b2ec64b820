// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Volume/DcmtkDecoder.h"
#include "Plugin/WorkState/WorkStore.h"
#include "UnitTests/Plugin/Pipeline/FakeArchive.h"
#include "UnitTests/Plugin/Pipeline/FakeInferenceEngine.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace H3K27M::Testing
{
  // A fake archive with one axial T2 study, a real work store in SQLite, and a fake engine.
  class PipelineFixture : public testing::Test
  {
  protected:
    static constexpr const char* STUDY = "S2.25.1001";

    PipelineFixture() :
      store_(WorkState::WorkStore::Open({"sqlite://" + (folder_.GetPath() / "work.db").string()}, clock_))
    {
    }

    void StoreSeries(const H3K27M::Support::DicomSeriesOptions& options = {})
    {
      archive_.StoreAll(H3K27M::Support::DicomSeriesBuilder(options).MakeFiles());
    }

    void Enqueue()
    {
      const auto study = archive_.GetStudy(STUDY);
      ASSERT_TRUE(study);
      store_->Enqueue({STUDY, study->studyInstanceUid, Pipeline::ComputeFingerprint(*study)});
    }

    WorkState::TaskState GetState()
    {
      const auto task = store_->FindByStudy(STUDY);
      return task ? task->state : WorkState::TaskState::Cancelled;
    }

    // True once `condition` holds; false after ten seconds.
    template <typename Condition>
    bool Eventually(const Condition& condition)
    {
      const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);

      while (std::chrono::steady_clock::now() < limit)
      {
        if (condition())
        {
          return true;
        }

        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }

      return false;
    }

    bool EventuallyIn(WorkState::TaskState state)
    {
      return Eventually([this, state] { return GetState() == state; });
    }

    H3K27M::Support::SystemClock clock_;
    TemporaryFolder folder_;
    std::unique_ptr<WorkState::WorkStore> store_;
    FakeArchive archive_;
    FakeInferenceEngine engine_;
    Volume::DcmtkDecoder decoder_;
  };
}
