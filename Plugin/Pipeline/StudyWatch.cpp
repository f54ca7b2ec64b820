// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyWatch.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr const char* ALL_SHOWN = "all_studies_shown";
  }

  StudyWatch::StudyWatch(Archive::IArchive& archive, WorkState::WorkStore& store, IStudyWatcher* watcher,
                         ServeLive serveLive) :
    archive_(archive),
    store_(store),
    watcher_(watcher),
    serveLive_(std::move(serveLive))
  {
  }

  void StudyWatch::Show(const Archive::StudySnapshot& study)
  {
    if (!IsOn())
    {
      return;
    }

    try
    {
      watcher_->OnStudy(study);
    }
    catch (const Error& e)
    {
      if (e.CanRetry())
      {
        throw;
      }

      Support::Log::Warning("intake: study " + study.id + ": " + e.what());
    }
  }

  void StudyWatch::ShowDeletedSeries(const std::string& seriesId)
  {
    if (IsOn())
    {
      watcher_->OnSeriesDeleted(seriesId);
    }
  }

  void StudyWatch::ShowKnown(const std::stop_token& stop)
  {
    std::vector<std::string> page = IsOn() ? watcher_->ListStudies({}) : std::vector<std::string>();

    while (!page.empty())
    {
      for (const std::string& id : page)
      {
        if (stop.stop_requested())
        {
          return;
        }

        serveLive_(stop);

        if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(id))
        {
          Show(*study);
        }
        else
        {
          store_.Forget(id);
        }
      }

      page = watcher_->ListStudies(page.back());
    }
  }

  void StudyWatch::ShowAllOnce(const std::stop_token& stop)
  {
    if (!IsOn() || store_.GetValue(ALL_SHOWN))
    {
      return;
    }

    for (const std::string& id : archive_.ListStudies({}))
    {
      if (stop.stop_requested())
      {
        return;
      }

      serveLive_(stop);

      if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(id))
      {
        Show(*study);
      }
    }

    store_.SetValue(ALL_SHOWN, "1");
  }
}
