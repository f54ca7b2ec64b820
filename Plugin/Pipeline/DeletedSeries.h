// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // Which studies lost the series that their result was made of: it may have been another patient's. Whose a series was
  // the archive does not say once it is gone, so the tasks are asked: once for many, since most go with their study.
  // Our own results are the series of no task, so that replacing them leads to nothing. One thread.
  class DeletedSeries
  {
  public:
    // `store` must outlive this object. What is added waits so long for others.
    DeletedSeries(WorkState::WorkStore& store, std::chrono::milliseconds wait) :
      store_(store),
      wait_(wait)
    {
    }

    void Add(const std::string& seriesId);

    // The studies of what was added, once its time has come; it is forgotten then. Throws as WorkStore does, and then
    // nothing is forgotten.
    std::vector<std::string> TakeStudies();

  private:
    WorkState::WorkStore& store_;
    std::chrono::milliseconds wait_;
    std::vector<std::string> series_;
    std::chrono::steady_clock::time_point due_;
  };
}
