// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Serve/JobQueue.h"

#include <gtest/gtest.h>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Serve;

  Job MakeJob(const std::string& id)
  {
    auto study = std::make_unique<ReceivedStudy>();
    study->id = id;
    study->request.slices = 2;
    study->request.rows = 3;
    study->request.columns = 5;
    return {id, std::move(study), ""};
  }

  TEST(JobQueue, AnAnsweredStudyFreesItsIdBeforeItsBytes)
  {
    JobQueue queue;
    queue.Push(MakeJob("a"));
    ASSERT_TRUE(queue.Pop());
    EXPECT_THROW(queue.Push(MakeJob("a")), Error);

    queue.ReleaseId();
    EXPECT_EQ(queue.GetRunning(), "");
    EXPECT_EQ(queue.GetLoad().bytes, 2u * 3u * 5u * sizeof(float));
    EXPECT_EQ(queue.GetLoad().studies, 1u);
    EXPECT_EQ(queue.Cancel("a"), JobQueue::Cancellation::Unknown);
    queue.Push(MakeJob("a"));
    EXPECT_EQ(queue.GetLoad().studies, 2u);

    queue.Done();
    EXPECT_EQ(queue.GetLoad().bytes, 2u * 3u * 5u * sizeof(float));
    EXPECT_EQ(queue.GetLoad().studies, 1u);
  }
}
