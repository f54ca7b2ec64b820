// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "UnitTests/Plugin/WorkState/WorkStoreTestBase.h"

#include <chrono>
#include <memory>
#include <string>

namespace H3K27M::Testing
{
  // A test with an open, empty store; skipped where its database is not at hand.
  class OpenWorkStoreTest : public WorkStoreTestBase
  {
  protected:
    static constexpr std::chrono::milliseconds LEASE{60000};
    static constexpr WorkState::RetryPolicy POLICY{3, std::chrono::milliseconds(30000),
                                                   std::chrono::milliseconds(3600000)};

    void SetUp() override
    {
      WorkStoreTestBase::SetUp();

      if (!IsSkipped())
      {
        store_ = Open();
      }
    }

    WorkState::Task EnqueueAndClaim(const std::string& study)
    {
      store_->Enqueue(MakeRequest(study));
      const auto task = store_->Claim("server", LEASE);
      EXPECT_TRUE(task && task->studyId == study);
      return task.value();
    }

    std::unique_ptr<WorkState::WorkStore> store_;
  };
}
