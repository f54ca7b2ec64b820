// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Pipeline/IStudyWatcher.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // Shows studies to the watchers, where there are some: single ones, and in rounds what no event tells of. Of the
  // intake's thread; `serveLive` is called between two studies of a round, so that live events do not wait for its end.
  class StudyWatch
  {
  public:
    using ServeLive = std::function<void(const std::stop_token&)>;

    // The references, and the watchers, must outlive this object.
    StudyWatch(Archive::IArchive& archive, WorkState::WorkStore& store, std::vector<IStudyWatcher*> watchers,
               ServeLive serveLive);

    bool IsOn() const noexcept
    {
      return !watchers_.empty();
    }

    // What is wrong with one study and no retry mends is logged.
    void Show(const Archive::StudySnapshot& study);
    void ShowDeletedSeries(const std::string& seriesId);

    // What a watcher keeps something of: what was deleted while the plugin was down stands in no log.
    void ShowKnown(const std::stop_token& stop);

    // All studies, once for a store and its number of watchers: one that is new, or of a release that watched for less,
    // knows nothing of what stands in the archive.
    void ShowAllOnce(const std::stop_token& stop);

  private:
    static void Show(IStudyWatcher& watcher, const Archive::StudySnapshot& study);
    void ShowKnown(IStudyWatcher& watcher, const std::stop_token& stop);

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    std::vector<IStudyWatcher*> watchers_;
    ServeLive serveLive_;
  };
}
