// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <functional>
#include <string>

namespace H3K27M::Pipeline
{
  // Makes a task of one study, as it is in the archive now: by its content, so that it is not handled twice, and not
  // before it is stable. Thread-safe.
  class StudyEnqueuer
  {
  public:
    // The references must outlive this object. `onQueued` wakes the workers.
    StudyEnqueuer(Archive::IArchive& archive, WorkState::WorkStore& store, std::chrono::seconds stableAge,
                  std::function<void()> onQueued);

    // A study that something came or went of: queued when its content is new or its results are missing; also when its
    // images are gone and it has a task still, so that a worker removes what was made of them.
    void EnqueueIfNew(const Archive::StudySnapshot& study);

    // A study of the past, at the lowest priority. Nothing when it is gone.
    void EnqueuePast(const std::string& studyId);

    // On request, without waiting for stability. Throws Error(NotFound) when it is not in the archive, Error(BadInput)
    // when it holds nothing but our own results.
    WorkState::EnqueueOutcome EnqueueNow(const std::string& studyId, WorkState::Priority priority, bool force);

  private:
    bool HasTask(const std::string& studyId);
    bool IsResultMissing(const Archive::StudySnapshot& study);
    bool IsResultMissingNow(const std::string& studyId);

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    std::chrono::seconds stableAge_;
    std::function<void()> onQueued_;
  };
}
