// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Pipeline/IStudyWatcher.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>
#include <stop_token>
#include <string>

namespace H3K27M::Pipeline
{
  // Shows studies to the watcher, where there is one: single ones, and in rounds what no event tells of. Of the
  // intake's thread; `serveLive` is called between two studies of a round, so that live events do not wait for its end.
  class StudyWatch
  {
  public:
    using ServeLive = std::function<void(const std::stop_token&)>;

    // The references, and the watcher, must outlive this object.
    StudyWatch(Archive::IArchive& archive, WorkState::WorkStore& store, IStudyWatcher* watcher, ServeLive serveLive);

    bool IsOn() const noexcept
    {
      return watcher_ != nullptr;
    }

    // What is wrong with one study and no retry mends is logged.
    void Show(const Archive::StudySnapshot& study);
    void ShowDeletedSeries(const std::string& seriesId);

    // What the watcher keeps something of: what was deleted while the plugin was down stands in no log.
    void ShowKnown(const std::stop_token& stop);

    // All studies, once for a store: one that is new, or of a release that did not watch, knows nothing of what stands
    // in the archive.
    void ShowAllOnce(const std::stop_token& stop);

  private:
    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    IStudyWatcher* watcher_;
    ServeLive serveLive_;
  };
}
